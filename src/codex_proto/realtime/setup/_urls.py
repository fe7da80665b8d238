"""The URL of a realtime session's WebSocket.

Source: wire.md 8.1 and 8.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from codex_proto.errors import LocalProtocolError
from codex_proto.http import split_url
from codex_proto.realtime.wire import RealtimeVersion
from codex_proto.realtime.wire._arguments import as_text
from codex_proto.realtime.wire._versions import check_version

__all__ = ["Params", "encode_form", "realtime_url", "sideband_url"]

Params: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
"""Query parameters: a mapping, or pairs where the order matters or a name comes twice."""

_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_INTENT: Final = ("intent", "quicksilver")
# What the WHATWG's urlencoded serializer does not escape; Python's keeps `~` and escapes `*`.
_ENCODED: Final = re.compile(rb"[^*\-.0-9A-Z_a-z]")


def realtime_url(
    base_url: str,
    version: RealtimeVersion,
    *,
    model: str | None = None,
    params: Params = (),
) -> str:
    """Return the URL of a session's WebSocket.

    `base_url` is the provider's, such as `https://api.openai.com/v1`: http becomes ws, the path is
    completed to `.../realtime`, and its own query stays first. Version 1 adds
    `intent=quicksilver`; then come `model`, and the provider's `params` without `intent`, and
    without `model` where a model is given.

    Next: open the WebSocket there with the fields of `handshake_headers`, without extensions.

    Raises:
        LocalProtocolError: `base_url` is not a URL that `HttpRequest` accepts, or an argument is
            not text.
    """
    return _url(base_url, version, model, params, ())


def sideband_url(
    base_url: str, version: RealtimeVersion, *, call_id: str, params: Params = ()
) -> str:
    """Return the URL of the WebSocket that joins a call in progress.

    As `realtime_url`, without a model, and with `call_id` (from `read_call_reply`) at the
    end. Since August Codex joins at `https://api.openai.com/v1` without `params` for every
    provider; before that at the provider.

    Raises:
        LocalProtocolError: as `realtime_url`, and for an empty `call_id`.
    """
    if not as_text("call_id", call_id):
        raise LocalProtocolError("call_id: must not be empty")
    return _url(base_url, version, None, params, (("call_id", call_id),))


def encode_form(pairs: Iterable[tuple[str, str]]) -> str:
    """Return pairs as `application/x-www-form-urlencoded`, by the WHATWG's URL standard."""
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in pairs)


def _url(
    base_url: str,
    version: RealtimeVersion,
    model: str | None,
    params: Params,
    last: tuple[tuple[str, str], ...],
) -> str:
    check_version(version)
    # The fragment is dropped: it is never sent, and a WebSocket's URL may not have one.
    parts = split_url("base_url", as_text("base_url", base_url).partition("#")[0])
    pairs: list[tuple[str, str]] = [_INTENT] if version == "v1" else []
    if model is not None:
        pairs.append(("model", as_text("model", model)))
    settled = {"intent"} if model is None else {"intent", "model"}
    pairs += [pair for pair in _pairs(params) if pair[0] not in settled]
    pairs += last
    added = encode_form(pairs)
    query = "&".join(part for part in (parts.query.removeprefix("?"), added) if part)
    address = f"{_SCHEMES[parts.scheme]}://{parts.authority}{_path(parts.path)}"
    return f"{address}?{query}" if query else address


def _path(path: str) -> str:
    if path == "/":
        return "/v1/realtime"
    if path.endswith("/realtime/"):
        return path.removesuffix("/")
    if path.endswith("/v1"):
        return f"{path}/realtime"
    if path.endswith("/v1/"):
        return f"{path}realtime"
    return path


def _pairs(params: Params) -> list[tuple[str, str]]:
    given: Any = params
    pairs: Iterable[tuple[Any, Any]] = given.items() if hasattr(given, "items") else given
    try:
        return [(as_text("params", name), as_text("params", value)) for name, value in pairs]
    except (TypeError, ValueError):
        raise LocalProtocolError("params: must be a mapping, or pairs of name and value") from None


def _quote(text: str) -> str:
    return _ENCODED.sub(_escape, text.encode()).decode("ascii")


def _escape(match: re.Match[bytes]) -> bytes:
    byte = match[0]
    return b"+" if byte == b" " else b"%%%02X" % byte[0]
