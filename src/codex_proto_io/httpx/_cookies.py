"""The cookie policy of our HTTP client: it keeps cookies of OpenAI's content network only.

Source: wire.md 7.6.
"""

from __future__ import annotations

import urllib.request
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

__all__ = ["cookie_jar"]

_NAMES: Final = frozenset(
    {
        "__cf_bm",
        "__cflb",
        "__cfruid",
        "__cfseq",
        "__cfwaitingroom",
        "_cfuvid",
        "cf_clearance",
        "cf_ob_info",
        "cf_use_ob",
    }
)
_PREFIX: Final = "cf_chl_"
_HOSTS: Final = frozenset({"chatgpt.com", "chat.openai.com", "chatgpt-staging.com"})
_WITH_SUBDOMAINS: Final = (".chatgpt.com", ".chatgpt-staging.com")


class _Policy(DefaultCookiePolicy):
    def set_ok(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        """Return whether to keep a cookie."""
        # httpx has a policy of its own for sending, which goes by the attributes of the cookie.
        cookie.secure = True
        return _is_known(cookie, request) and super().set_ok(cookie, request)


def cookie_jar() -> CookieJar:
    """Return an empty jar with that policy."""
    return CookieJar(policy=_Policy())


def _is_known(cookie: Cookie, request: urllib.request.Request) -> bool:
    parts = urlsplit(request.full_url)
    host = (parts.hostname or "").lower()
    is_host = host in _HOSTS or host.endswith(_WITH_SUBDOMAINS)
    is_name = cookie.name in _NAMES or cookie.name.startswith(_PREFIX)
    return parts.scheme == "https" and is_host and is_name
