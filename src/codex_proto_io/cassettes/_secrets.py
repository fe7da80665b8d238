"""Takes secrets out of what is recorded, before it is written.

Header fields and parameters lose their values. In bodies and messages every secret is covered with
asterisks, one for each of its bytes, so that lengths and chunk boundaries stay.

Source: DESIGN sections 7 and 8.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import msgspec

from codex_proto._secrets import REDACTED, redact_headers, redact_text, redact_url
from codex_proto.http import Headers

__all__ = ["MAX_SECRETS", "Secrets"]

# Shorter ones are too likely to be something else, such as a word.
_MIN_LENGTH: Final = 6
MAX_SECRETS: Final = 16 * 1024

_SUBPROTOCOLS: Final = "sec-websocket-protocol"
# Whose account it is; redaction of errors leaves these alone, since they are needed there.
_ACCOUNT_HEADER: Final = re.compile(
    r".*(?:account|organization|project|installation|device|user-?id|tenant).*"
)
_PLAIN_PARAMETERS: Final = frozenset(
    {
        "after", "api-version", "architecture", "before", "call_id", "client_version", "include",
        "intent", "limit", "model", "order", "starting_after", "stream",
    }
)  # fmt: skip

# The names of members of JSON; `token` alone is the name of a piece of text in log probabilities.
_MEMBER: Final = (
    rb"(?:[\w-]+[_-])?(?:api_?key|credentials?|jwt|assertion|password|secret)|[\w-]+_token|"
    rb"authorization|cookie|email|organization|safety_identifier|"
    rb"(?:[\w-]+[_-])?(?:account|device|installation|org|organization|project|user)[_-]?id"
)
_IN_JSON: Final = (
    re.compile(rb'"(?:%b)"\s*:\s*"((?:[^"\\]|\\.)+)"' % _MEMBER, re.IGNORECASE),
    # JSON that is a text inside of JSON.
    re.compile(rb'\\"(?:%b)\\"\s*:\s*\\"((?:[^"\\]|\\\\.)+)\\"' % _MEMBER, re.IGNORECASE),
)
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\b(?:sk|rk|ek|pk|sess)[-_][\w-]{12,}",
        rb"\beyJ[\w-]{8,4000}\.[\w-]{8,}(?:\.[\w-]*)?",
        rb"(?<=Bearer )[\w.~+/=-]{8,}",
        rb"\b(?:org|proj|user|acct)[-_][A-Za-z0-9]{8,}",
        rb"(?<=a=ice-pwd:)[^\s\\]+",
        rb"(?<=a=ice-ufrag:)[^\s\\]+",
    )
)


class Secrets:
    """What is secret, as far as it is known: what requests have sent, and what looks like it.

    Call `learn` with each request before anything of its exchange is masked, and mask nothing more
    once it is not `is_complete`.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}
        self._is_complete = True

    def learn(self, headers: Headers, target: str = "/", body: bytes = b"") -> None:
        """Take note of the secrets that a request sends, or an answer sets."""
        for name, value in headers:
            if self.is_secret_header(name, value):
                self._learn_header(name, value)
        for name, value in _parameters(target):
            if name.lower() not in _PLAIN_PARAMETERS:
                self._add(value)
        self.learn_body(body)

    def learn_body(self, body: bytes) -> None:
        """Take note of the secrets that a body or message names as such."""
        for pattern in _IN_JSON:
            for match in pattern.finditer(body):
                self._add_json(match.group(1))

    @property
    def is_complete(self) -> bool:
        """Whether all of them are known; not when there were more than `MAX_SECRETS`."""
        return self._is_complete

    @staticmethod
    def is_secret_header(name: str, value: str) -> bool:
        """Whether only the two sides should know the value of a field."""
        if _ACCOUNT_HEADER.fullmatch(name):
            return True
        if name == _SUBPROTOCOLS:
            # Browsers, which cannot set header fields, say their key here.
            return bool(re.search("key|token|secret", value, re.IGNORECASE))
        return redact_headers(((name, ""),))[0][1] == REDACTED

    def headers(self, headers: Headers) -> tuple[tuple[str, str], ...]:
        """Return fields with the values of secret ones replaced, and the others masked."""
        return tuple(
            (name, REDACTED if self.is_secret_header(name, value) else self.text(value))
            for name, value in headers
        )

    def target(self, target: str) -> str:
        """Return path and query with harmless parameters only."""
        return self.text(redact_url(target))

    def text(self, text: str) -> str:
        """Return text without secrets."""
        return self.mask(redact_text(text).encode()).decode(errors="replace")

    def mask(self, data: bytes) -> bytes:
        """Return bytes with every secret covered; they are as many as before."""
        covered = bytearray(data)
        for secret in self._known:
            start = data.find(secret)
            while start >= 0:
                _cover(covered, start, start + len(secret))
                start = data.find(secret, start + 1)
        for pattern in _PATTERNS:
            for match in pattern.finditer(data):
                _cover(covered, *match.span())
        for pattern in _IN_JSON:
            for match in pattern.finditer(data):
                _cover(covered, *match.span(1))
        return bytes(covered)

    # -- inside ---------------------------------------------------------------------------------

    def _learn_header(self, name: str, value: str) -> None:
        self._add(value)
        if name in ("cookie", "set-cookie"):
            # Of a cookie that is set, the rest is where and how long.
            parts = value.split(";")[: None if name == "cookie" else 1]
            for part in parts:
                self._add(part.partition("=")[2].strip())
        elif name == _SUBPROTOCOLS:
            for protocol in value.split(","):
                self._add(protocol.partition(".")[2].strip())
        else:
            scheme, _, rest = value.partition(" ")
            self._add(rest.strip())
            if scheme.lower() == "basic":
                self._learn_basic(rest.strip())

    def _learn_basic(self, blob: str) -> None:
        try:
            pair = base64.b64decode(blob, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            return
        self._add(pair)
        self._add(pair.partition(":")[2])

    def _add_json(self, escaped: bytes) -> None:
        """Add what stands between the quotes of JSON, and what that stands for."""
        value = escaped.decode(errors="replace")
        # Twice at most: a text inside of JSON may be JSON.
        for _ in range(3):
            self._add(value)
            try:
                value = msgspec.json.decode(f'"{value}"', type=str)
            except (msgspec.MsgspecError, UnicodeError):
                return

    def _add(self, value: str) -> None:
        if len(value) < _MIN_LENGTH or value == REDACTED:
            return
        if len(self._known) >= MAX_SECRETS:
            self._is_complete = False
            return
        plain = {value, unquote(value), unquote_plus(value)}
        forms = set(plain)
        for each in plain:
            escaped = _escaped(each)
            forms |= {quote(each), quote(each, safe=""), quote_plus(each), escaped}
            # JSON may be a text inside of JSON.
            forms.add(_escaped(escaped))
        for form in forms:
            if len(form) >= _MIN_LENGTH:
                self._known.setdefault(form.encode(errors="replace"))


def _escaped(text: str) -> str:
    """Text as JSON has it between its quotes."""
    return msgspec.json.encode(text).decode()[1:-1]


def _cover(data: bytearray, start: int, end: int) -> None:
    data[start:end] = b"*" * (end - start)


def _parameters(target: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in target.partition("?")[2].split("&"))
    return [(name, value) for name, _, value in pairs if name]
