"""The header fields that open a realtime session.

Source: wire.md 8.2; observed.md, "Realtime".
"""

from __future__ import annotations

import re
from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike
from codex_proto.realtime.wire import RealtimeVersion
from codex_proto.realtime.wire._arguments import as_wire_version
from codex_proto.realtime.wire._versions import check_version
from codex_proto.versions import WireVersion

__all__ = ["handshake_headers"]

# What HTTP allows in a field's value, without blanks at the ends.
_VALUE: Final = re.compile(r"[!-~](?:[\t -~]*[!-~])?")


def handshake_headers(
    version: RealtimeVersion,
    *,
    session_id: str | None = None,
    thread_id: str | None = None,
    originator: str | None = None,
    provider: HeadersLike = (),
    extra: HeadersLike = (),
    defaults: HeadersLike = (),
    wire: WireVersion = WireVersion.V2026_08,
) -> Headers:
    """Return the fields of the request that opens the WebSocket, or that creates a call.

    `extra` (such as `authorization`, which the caller adds) takes precedence over `provider`, and
    `defaults` (such as `user-agent`) are used for names that both lack. `session_id` is sent as
    `x-session-id`; since August also as `session-id`, together with `thread-id`, `originator` and,
    for version 1, `openai-alpha`. The caller's own fields of these names take precedence, except
    for `x-session-id`.

    Raises:
        LocalProtocolError: a header field cannot hold an id or the originator.
    """
    own: dict[str, str] = {}
    check_version(version)
    ids = {"session_id": session_id, "thread_id": thread_id, "originator": originator}
    if as_wire_version("wire", wire) is WireVersion.V2026_08:
        if version == "v1":
            own["openai-alpha"] = "quicksilver=v1"
        own |= _checked(ids)
    fixed = {f"x-{name}": value for name, value in _checked({"session_id": session_id}).items()}
    fields: dict[str, tuple[str, ...]] = {}
    for layer in (Headers.of(provider), Headers(own), Headers.of(extra), Headers(fixed)):
        fields |= {name: layer.get_all(name) for name in layer.names()}
    rest = Headers.of(defaults)
    fields = {name: rest.get_all(name) for name in rest.names()} | fields
    return Headers([(name, value) for name, values in fields.items() for value in values])


def _checked(values: dict[str, str | None]) -> dict[str, str]:
    """Return the arguments as fields: the name of a field has hyphens."""
    for argument, value in values.items():
        if value is not None and not (isinstance(value, str) and _VALUE.fullmatch(value)):
            raise LocalProtocolError(f"{argument}: must be printable ASCII, and not blank")
    return {name.replace("_", "-"): value for name, value in values.items() if value is not None}
