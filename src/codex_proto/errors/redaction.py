"""Keeps credentials out of errors: what an error holds is logged, mailed and pasted.

Headers and query parameters are judged by name, and parameters are kept only where the name is
known to be harmless. Texts of the server's are searched for what looks like a credential, since
gateways like to answer with the request that they did not like. Each function leaves alone what it
has been through before, so that an error that is rebuilt stays equal.

Source: DESIGN section 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

__all__ = ["REDACTED", "redact_headers", "redact_text", "redact_url"]

REDACTED: Final = "[redacted]"

_SECRET_HEADER: Final = re.compile(
    r"auth|cookie|token|secret|key|passw|credential|signature|assertion|jwt"
)
# Names with such a word in them that say nothing secret.
_PLAIN_HEADER: Final = re.compile(
    r"x-ratelimit-.*|.*-error|www-authenticate|.*allow-.*|.*expose-.*|sec-websocket-accept"
)
_URL_HEADERS: Final = frozenset({"location", "content-location", "referer", "refresh", "link"})

_PLAIN_PARAMETERS: Final = frozenset(
    {
        "after",
        "api-version",
        "architecture",
        "before",
        "call_id",
        "client_version",
        "include",
        "intent",
        "limit",
        "model",
        "order",
        "starting_after",
        "stream",
    }
)

_Replacement: TypeAlias = str | Callable[[re.Match[str]], str]
_VALUE_FOLLOWS: Final = r"[\"']?[ \t]*[:=](?![ \t]*[\"']?\[redacted\])[ \t]*[\"']?"
_CREDENTIALS: Final[tuple[tuple[re.Pattern[str], _Replacement], ...]] = (
    # `Authorization: ...`, as it is echoed: up to the end of the line or of the quoted string.
    (
        re.compile(
            rf"(\b(?:authorization|cookie){_VALUE_FOLLOWS})[^\r\n\"'<>]+",
            re.IGNORECASE | re.ASCII,
        ),
        rf"\1{REDACTED}",
    ),
    # `api_key=...`, `"access_token": "..."`
    (
        re.compile(
            r"((?:(?<![a-z0-9])(?:api[_-]?key|secret|password)|(?<=[_-])(?:key|token))"
            rf"{_VALUE_FOLLOWS})[^\s\"'&,;{{}}<>\[\]]+",
            re.IGNORECASE | re.ASCII,
        ),
        rf"\1{REDACTED}",
    ),
    # What a server says of a key that it does not take.
    (
        re.compile(
            r"(key provided:[ \t]*)(?!\[redacted\])[^\s\"']+?(?=\.?(?:[\s\"']|\Z))",
            re.IGNORECASE | re.ASCII,
        ),
        rf"\1{REDACTED}",
    ),
    (
        re.compile(
            r"\b(Bearer|AgentAssertion)[ \t]+(?=[^\s\"']*\d)[\w.~+/=-]{8,}",
            re.IGNORECASE | re.ASCII,
        ),
        rf"\1 {REDACTED}",
    ),
    # Keys by their prefix.
    (re.compile(r"\b(?:sk|rk|ek|pk|sess)[-_][\w-]{12,}", re.ASCII), REDACTED),
    # JSON web tokens. What only begins like one is matched too, and kept: the search goes on behind
    # it, and does not read `eyJ-eyJ-...` again from each `eyJ`.
    (
        re.compile(r"\beyJ(?:[\w-]{8,}+(?P<rest>\.[\w-]{8,}(?:\.[\w-]*)?)?|[\w-]*+)", re.ASCII),
        lambda match: REDACTED if match["rest"] else match[0],
    ),
)


def redact_text(text: str) -> str:
    """Return the text with everything replaced that looks like a credential."""
    for pattern, replacement in _CREDENTIALS:
        text = pattern.sub(replacement, text)
    return text


def redact_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the fields with the values replaced that only the two sides should know."""
    return tuple((name, _header_value(name, value)) for name, value in headers)


def _header_value(name: str, value: str) -> str:
    plain = name.lower().replace("_", "-")
    if _SECRET_HEADER.search(plain) and not _PLAIN_HEADER.fullmatch(plain):
        return REDACTED
    if plain in _URL_HEADERS:
        return redact_url(value)
    return redact_text(value)


def redact_url(url: str) -> str:
    """Return the URL without user, password and fragment, and with harmless parameters only.

    A parameter that is left out keeps its name.
    """
    address, question, query = url.partition("#")[0].partition("?")
    scheme, slashes, rest = address.partition("//")
    if slashes:
        host, slash, path = rest.partition("/")
        rest = f"{host.rpartition('@')[2]}{slash}{path}"
    # Piece by piece: nothing that is replaced can reach over a mark and move the others.
    pieces = f"{scheme}{slashes}{rest}".split("/")
    parameters = "&".join(_parameter(part) for part in query.split("&"))
    return f"{'/'.join(map(redact_text, pieces))}{question}{parameters}"


def _parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    if not equals:
        return REDACTED if part else part
    plain = redact_text(value) if name.lower() in _PLAIN_PARAMETERS else REDACTED
    return f"{redact_text(name)}={plain if value else value}"
