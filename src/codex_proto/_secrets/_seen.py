"""Takes secrets out of what is recorded, before it is written.

Header fields and parameters lose their values. In bodies and messages every secret is covered with
asterisks, one for each of its bytes, so that lengths and chunk boundaries stay.

Source: docs/architecture.md, "Secrets".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import msgspec

from codex_proto._json import DECODE_ERRORS
from codex_proto._secrets._known import MIN_LENGTH, KnownSecrets
from codex_proto._secrets._names import (
    is_account_header,
    is_harmless_parameter,
    is_secret_header,
    is_secret_subprotocol,
)
from codex_proto._secrets._redaction import redact_text, redact_url
from codex_proto._secrets._shapes import REDACTED, find_for_recording, find_members
from codex_proto._secrets._spans import cover

__all__ = ["MAX_SECRETS", "Secrets"]

MAX_SECRETS: Final = 16 * 1024

_SUBPROTOCOLS: Final = "sec-websocket-protocol"


class Secrets:
    """What is secret, as far as it is known: what requests have sent, and what looks like it.

    Call `learn` with each request before anything of its exchange is masked, and mask nothing more
    once it is not `is_complete`.
    """

    def __init__(self) -> None:
        self._known = KnownSecrets()
        self._is_complete = True

    def learn(
        self, headers: Iterable[tuple[str, str]], target: str = "/", body: bytes = b""
    ) -> None:
        """Take note of the secrets that a request sends, or an answer sets."""
        for name, value in headers:
            if self.is_secret_header(name, value):
                self._learn_header(name, value)
        for name, value in _parameters(target):
            if not is_harmless_parameter(name):
                self._add(value)
        self.learn_body(body)

    def learn_body(self, body: bytes) -> None:
        """Take note of the secrets that a body or message names as such."""
        for start, end in find_members(body):
            self._add_json(body[start:end])

    @property
    def is_complete(self) -> bool:
        """Whether all of them are known; not when there were more than `MAX_SECRETS`."""
        return self._is_complete

    @staticmethod
    def is_secret_header(name: str, value: str) -> bool:
        """Whether only the two sides should know the value of a field."""
        if name == _SUBPROTOCOLS:
            return is_secret_subprotocol(value)
        return is_secret_header(name) or is_account_header(name)

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
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
        return cover(data, (*self._known.find(data), *find_for_recording(data)))

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
            except DECODE_ERRORS:
                return

    def _add(self, value: str) -> None:
        if len(value) < MIN_LENGTH or value == REDACTED:
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
            self._known.add(form.encode(errors="replace"))


def _escaped(text: str) -> str:
    """Text as JSON has it between its quotes."""
    return msgspec.json.encode(text).decode()[1:-1]


def _parameters(target: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in target.partition("?")[2].split("&"))
    return [(name, value) for name, _, value in pairs if name]
