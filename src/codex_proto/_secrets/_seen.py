"""Removes secrets from recordings before they are written.

The values of secret header fields and parameters are replaced. In bodies and messages each secret
is masked with asterisks, one for each byte, so that lengths and chunk boundaries stay.

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
    """The known secrets: those that requests have sent, and text that looks like a secret.

    Call `learn` with each request before its exchange is masked. Write nothing that was masked once
    `is_complete` is false.
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
        """Add the secrets that a body or message names as such."""
        for start, end in find_members(body):
            self._add_json(body[start:end])

    @property
    def is_complete(self) -> bool:
        """Whether all secrets are known: false after more than `MAX_SECRETS`."""
        return self._is_complete

    @staticmethod
    def is_secret_header(name: str, value: str) -> bool:
        """Return whether the value of a field is known only to client and server."""
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
        """Return path and query with the values of harmless parameters only."""
        return self.text(redact_url(target))

    def text(self, text: str) -> str:
        """Return text without secrets."""
        return self.mask(redact_text(text).encode()).decode(errors="replace")

    def mask(self, data: bytes) -> bytes:
        """Return bytes with every secret masked; their number stays the same."""
        return cover(data, (*self._known.find(data), *find_for_recording(data)))

    # -- internals ---------------------------------------------------------------------------------

    def _learn_header(self, name: str, value: str) -> None:
        self._add(value)
        if name in ("cookie", "set-cookie"):
            # The other parts of `set-cookie` are attributes such as path and lifetime.
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
        """Add the text between the quotes of a JSON string, escaped and unescaped."""
        value = escaped.decode(errors="replace")
        # At most twice: a string in JSON may contain JSON.
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
            # A string in JSON may contain JSON.
            forms.add(_escaped(escaped))
        for form in forms:
            self._known.add(form.encode(errors="replace"))


def _escaped(text: str) -> str:
    """Return text in the form of a JSON string, without the quotes."""
    return msgspec.json.encode(text).decode()[1:-1]


def _parameters(target: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in target.partition("?")[2].split("&"))
    return [(name, value) for name, _, value in pairs if name]
