"""Reads what a server says about a failure into the error that it means.

`error_from_response` takes an HTTP answer, the rest a record inside an event; the delay that the
server asks for is read from headers or from its words. Source: wire.md 1.8, 2.7 and 6.
"""

# Not in the face: _body, _embedded, _shapes.
# Also in the face: read_body of codex_proto.refusals._body.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.refusals._answers import *
    from codex_proto.refusals._codes import *
    from codex_proto.refusals._delays import *
    from codex_proto.refusals._misalignment import *
    from codex_proto.refusals._records import *
    from codex_proto.refusals._words import *
    from codex_proto.refusals._body import read_body as read_body
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_answers": "error_from_response",
            "_codes": "CODES CodeRow ENDING_CODES FAILED_CODES",
            "_delays": "finite retry_after_from_headers unix_time",
            "_misalignment": "misalignment_record read_misalignment",
            "_records": "ErrorRecord error_from_any_frame error_from_frame error_from_record",
            "_words": "delay_from_text",
            "codex_proto.refusals._body": "read_body",
        },
    )
# isort: on
# -- end of what is written
