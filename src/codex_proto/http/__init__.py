"""Headers, requests and answers of HTTP as values.

An `HttpRequest` has checked its URL and headers. `Headers` compares names without regard to case,
and keeps the order and spelling of the wire. Source: RFC 9110, RFC 9112.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.http._dates import *
    from codex_proto.http._headers import *
    from codex_proto.http._request import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_dates": "unix_from_date unix_from_iso",
            "_headers": "Headers HeadersLike headers_from_json is_header_name",
            "_request": (
                "HttpRequest HttpResponse UrlParts caller_headers is_header_value legal_headers "
                "split_url written_headers"
            ),
        },
    )
# isort: on
# -- end of what is written
