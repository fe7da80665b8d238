"""Functions that build the messages of a client, named after their purpose.

Source: wire.md 8.4; observed.md, "Realtime".
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.stream import AudioFrame
from codex_proto.realtime.wire import (
    ConversationHandoffAppend,
    ConversationItemCreate,
    ConversationItemTruncate,
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCommit,
    RealtimeVersion,
    ResponseCancel,
    ResponseCreate,
    SessionUpdate,
)
from codex_proto.realtime.wire._arguments import as_text, as_wire_version, name_of
from codex_proto.realtime.wire._versions import check_version
from codex_proto.versions import WireVersion

__all__ = [
    "FINAL_MESSAGE_PREFIX",
    "append_audio",
    "cancel_response",
    "clear_audio",
    "commit_audio",
    "create_item",
    "create_response",
    "function_output",
    "handoff_append",
    "text_item",
    "truncate_audio",
    "update_session",
]

FINAL_MESSAGE_PREFIX: Final = '"Agent Final Message":\n\n'
"""What precedes the agent's final answer in version 1, quotes included."""

_ROLES: Final = frozenset({"user", "assistant", "developer", "system"})


def append_audio(
    audio: bytes | bytearray | memoryview | str | AudioFrame,
) -> InputAudioBufferAppend:
    """Return the message that appends audio: PCM as bytes, as base64 text, or as a frame.

    Raises:
        LocalProtocolError: it is of another type, or its text is not base64.
    """
    if isinstance(audio, AudioFrame):
        audio = audio.data
    if isinstance(audio, str):
        try:
            binascii.a2b_base64(audio, strict_mode=True)
        except ValueError as error:
            raise LocalProtocolError(f"audio: is not base64 text: {error}") from error
        return InputAudioBufferAppend(audio=audio)
    if isinstance(audio, bytes | bytearray | memoryview):
        encoded = binascii.b2a_base64(audio, newline=False).decode("ascii")
        return InputAudioBufferAppend(audio=encoded)
    raise LocalProtocolError(f"audio: must be bytes, text or a frame, not {name_of(audio)}")


def clear_audio() -> InputAudioBufferClear:
    """Return the message that discards the audio appended since the last commit."""
    return InputAudioBufferClear()


def commit_audio() -> InputAudioBufferCommit:
    """Return the message that ends the user's turn, if the server does not detect turns."""
    return InputAudioBufferCommit()


def text_item(
    text: str,
    *,
    role: str = "user",
    version: RealtimeVersion = "v2",
    wire: WireVersion = WireVersion.V2026_08,
) -> ConversationItemCreate:
    """Return the message that adds text, as `user`, `developer`, `system` or `assistant`.

    In May version 1 had parts of type `text`. It causes no response: see `create_response`.

    Raises:
        LocalProtocolError: the role is another, or the text has a lone surrogate.
    """
    if role not in _ROLES:
        raise LocalProtocolError(f"role: must be one of {sorted(_ROLES)}, not {role!r}")
    check_version(version)
    in_may = as_wire_version("wire", wire) is WireVersion.V2026_05
    if version == "v1" and in_may:
        part = "text"
    else:
        part = "output_text" if role == "assistant" else "input_text"
    content = [{"type": part, "text": as_text("text", text)}]
    return create_item({"type": "message", "role": role, "content": content})


def function_output(call_id: str, output: str) -> ConversationItemCreate:
    """Return the message that answers a function call, such as a handoff of version 2.

    Raises:
        LocalProtocolError: an argument is not text, or has a lone surrogate.
    """
    return create_item(
        {
            "type": "function_call_output",
            "call_id": as_text("call_id", call_id),
            "output": as_text("output", output),
        }
    )


def handoff_append(handoff_id: str, text: str, *, final: bool = True) -> ConversationHandoffAppend:
    """Return the agent's answer to a handoff of version 1; `final` puts its heading before it.

    Raises:
        LocalProtocolError: an argument is not text, or has a lone surrogate.
    """
    heading = FINAL_MESSAGE_PREFIX if final else ""
    return ConversationHandoffAppend(
        handoff_id=as_text("handoff_id", handoff_id), output_text=heading + as_text("text", text)
    )


def create_item(
    item: Mapping[str, Any] | msgspec.Struct, *, previous_item_id: str | None = None
) -> ConversationItemCreate:
    """Return the message that adds an item after `previous_item_id`, or at the end.

    Raises:
        LocalProtocolError: the item cannot be written as JSON.
    """
    raw = _json("item", item)
    if previous_item_id is None:
        return ConversationItemCreate(raw_item=raw)
    return ConversationItemCreate(raw_item=raw, previous_item_id=previous_item_id)


def create_response(response: Mapping[str, Any] | None = None) -> ResponseCreate:
    """Return the message that makes the model respond; `response` overrides the session.

    Raises:
        LocalProtocolError: `response` cannot be written as JSON.
    """
    return (
        ResponseCreate()
        if response is None
        else (ResponseCreate(raw_response=_json("response", response)))
    )


def cancel_response(response_id: str | None = None) -> ResponseCancel:
    """Return the message that stops a response; without an id, the one in progress."""
    return ResponseCancel() if response_id is None else ResponseCancel(response_id=response_id)


def truncate_audio(
    item_id: str, audio_end_ms: int, *, content_index: int = 0
) -> ConversationItemTruncate:
    """Return the message that removes the part of the model's item that was not heard.

    `audio_end_ms` is how much was heard, in milliseconds.

    Raises:
        LocalProtocolError: `audio_end_ms` is negative.
    """
    if audio_end_ms < 0:
        raise LocalProtocolError(f"audio_end_ms: must not be negative, as {audio_end_ms} is")
    return ConversationItemTruncate(
        item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms
    )


def update_session(session: Mapping[str, Any]) -> SessionUpdate:
    """Return a `session.update` with any session; `session_update` builds that of Codex.

    Raises:
        LocalProtocolError: the session cannot be written as JSON.
    """
    return SessionUpdate(raw_session=_json("session", session))


def _json(argument: str, value: Any) -> Raw:
    try:
        return Raw(msgspec.json.encode(value))
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise LocalProtocolError(f"{argument}: cannot be written as JSON: {error}") from error
