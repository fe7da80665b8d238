"""The names of what is secret, of whose account it is, and of what is harmless.

One table for each place where a name can stand. Names in text and in JSON are lowercase here and
match in any case.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "LINE_NAMES",
    "MEMBER_ENDINGS",
    "MEMBER_LAST_WORDS",
    "MEMBER_NAMES",
    "VALUE_ENDINGS",
    "VALUE_LAST_WORDS",
    "is_account_header",
    "is_harmless_parameter",
    "is_secret_header",
    "is_secret_subprotocol",
    "is_url_header",
]

# -- header fields --------------------------------------------------------------------------------

# A field with such a word in its name is secret,
_SECRET_WORDS: Final = (
    "assertion",
    "auth",
    "cookie",
    "credential",
    "jwt",
    "key",
    "passw",
    "secret",
    "signature",
    "token",
)
# except these (regular expressions), which say nothing secret.
_HARMLESS_HEADERS: Final = "|".join(
    (
        "x-ratelimit-.*",
        ".*-error",
        "www-authenticate",
        ".*allow-.*",
        ".*expose-.*",
        "sec-websocket-accept",
    )
)
# Whose account it is. Errors show these, since they are needed there; recordings do not.
_ACCOUNT_WORDS: Final = (
    "account",
    "device",
    "installation",
    "organization",
    "project",
    "tenant",
    "user-id",
    "userid",
)
_URL_HEADERS: Final = frozenset({"content-location", "link", "location", "referer", "refresh"})


def is_secret_header(name: str) -> bool:
    """Return whether only the two sides should know the value of a field of this name."""
    spelt = _spelt(name)
    return _has(_SECRET_WORDS, spelt) and not re.fullmatch(_HARMLESS_HEADERS, spelt)


def is_account_header(name: str) -> bool:
    """Return whether the value of a field of this name says whose account it is."""
    return _has(_ACCOUNT_WORDS, _spelt(name))


def is_url_header(name: str) -> bool:
    """Return whether the value of a field of this name is a URL, or has one in it."""
    return _spelt(name) in _URL_HEADERS


def _spelt(name: str) -> str:
    return name.lower().replace("_", "-")


def _has(words: tuple[str, ...], name: str) -> bool:
    return any(word in name for word in words)


# Browsers, which cannot set header fields, put their key into a subprotocol of such a name.
_SUBPROTOCOL_WORDS: Final = ("key", "secret", "token")


def is_secret_subprotocol(value: str) -> bool:
    """Return whether a key stands in the value of `sec-websocket-protocol`."""
    return _has(_SUBPROTOCOL_WORDS, value.lower())


# -- parameters of a URL --------------------------------------------------------------------------

# All others are secret: a name that is not known may be a key's.
_HARMLESS_PARAMETERS: Final = frozenset(
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


def is_harmless_parameter(name: str) -> bool:
    """Return whether everybody may know the value of a URL's parameter of this name."""
    return name.lower() in _HARMLESS_PARAMETERS


# -- `name=value` and `"name": "value"` in a text -------------------------------------------------

# The secret goes on to the end of the line, or of the quoted string.
LINE_NAMES: Final = ("authorization", "cookie")
# The secret ends where a word ends. Other words may stand before the name, as in `my_secret`.
VALUE_ENDINGS: Final = ("apikey", "password", "secret")
# Such a name only behind another word: a `token` may be a piece of text.
VALUE_LAST_WORDS: Final = ("key", "token")

# -- members of JSON ------------------------------------------------------------------------------

# Whole names.
MEMBER_NAMES: Final = (
    "authorization",
    "cookie",
    "email",
    "organization",
    "safety_identifier",
)
# How names end, with other words before it or without.
MEMBER_ENDINGS: Final = (
    "api_key",
    "apikey",
    "assertion",
    "credential",
    "credentials",
    "jwt",
    "password",
    "secret",
    *(
        f"{whose}{mark}id"
        for whose in (
            "account",
            "device",
            "installation",
            "org",
            "organization",
            "project",
            "user",
        )
        for mark in ("_", "-", "")
    ),
)
# Such an ending only behind another word: a `token` may be a piece of text, as it is in log
# probabilities.
MEMBER_LAST_WORDS: Final = ("_token",)
