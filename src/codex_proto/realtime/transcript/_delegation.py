"""The envelope that carries a handoff to the agent, as text inside a user's message.

The envelope is upstream's, byte for byte. Text inside it cannot break out: `&`, `<` and `>` are
escaped, and so are lone surrogates, which UTF-8 cannot encode.

Source: wire.md 8.8; observed.md, "Realtime" (the envelope of two shipped versions).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypedDict

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.stream import HandoffRequested, TranscriptEntry
from codex_proto.realtime.wire._discreet import Discreet
from codex_proto.realtime.wire._text import ELLIPSIS, end_of, size_of, start_of

__all__ = [
    "DEFAULT_MAX_FIELD_SIZE",
    "TAIL_INSTRUCTION",
    "TAIL_SOURCE",
    "Delegation",
    "DelegationContent",
    "DelegationItem",
    "delegation_from_handoff",
    "delegation_from_tail",
    "delegation_item",
    "is_delegation",
    "parse_delegation",
]

DEFAULT_MAX_FIELD_SIZE: Final = 4096
"""Bytes of one field of the envelope, escaped (wire.md 8.8)."""

TAIL_SOURCE: Final = "transcript_tail_flush"
TAIL_INSTRUCTION: Final = (
    "The realtime session is over. This is what was said after the last request; "
    "take it as context, and act only on what is still open in it."
)


class DelegationContent(TypedDict):
    """The one part of the message: `type` is `input_text`."""

    type: str
    text: str


class DelegationItem(TypedDict):
    """A message item of a Responses request: `type` is `message`, `role` is `user`."""

    type: str
    role: str
    content: list[DelegationContent]


class Delegation(Discreet, frozen=True, gc=False):
    """The contents of an envelope, unescaped.

    `input` is the request as text, `transcript_delta` the transcript since the last request (lines
    of `role: text`), `source` the origin of the envelope if it is not a handoff.
    """

    hidden = frozenset({"input", "transcript_delta"})

    input: str
    transcript_delta: str | None = None
    source: str | None = None


def delegation_from_handoff(
    handoff: HandoffRequested, *, max_field_size: int | None = DEFAULT_MAX_FIELD_SIZE
) -> str | None:
    """Return the envelope that carries a handoff to the agent, or None if it would be empty.

    Pass the handoff that a `TranscriptAccumulator` returned, so that it has the transcript. If the
    handoff has no text, the transcript is the request. `max_field_size` is how many bytes the
    request and the transcript may each take (escaped); the request then keeps its start and the
    transcript its end, with `…` at the cut. None, as in versions before August 2026, sets no limit.
    Next: `delegation_item`, or send it as a user's text.

    Raises:
        LocalProtocolError: `max_field_size` is negative.
    """
    delta = _lines(handoff.active_transcript or ())
    request = handoff.input_transcript or delta
    if request is None:
        return None
    return _envelope(Delegation(request, delta), max_field_size)


def delegation_from_tail(
    tail: Iterable[TranscriptEntry],
    *,
    instruction: str = TAIL_INSTRUCTION,
    max_field_size: int | None = DEFAULT_MAX_FIELD_SIZE,
) -> str | None:
    """Return the envelope with the end of a session's transcript, or None without a tail.

    `tail` is what `TranscriptAccumulator.take_tail` returned, `instruction` tells the agent how to
    use it. `max_field_size` is as in `delegation_from_handoff`.

    Raises:
        LocalProtocolError: `max_field_size` is negative.
    """
    delta = _lines(tail)
    if delta is None:
        return None
    return _envelope(Delegation(instruction, delta, TAIL_SOURCE), max_field_size)


def delegation_item(
    handoff: HandoffRequested, *, max_field_size: int | None = DEFAULT_MAX_FIELD_SIZE
) -> DelegationItem | None:
    """Return the message item that carries a handoff into a turn, or None if it would be empty.

    It is JSON as Python values: put it into the `input` of a Responses request as it is, or decode
    it with `codex_proto.items.decode_item`.

    Raises:
        LocalProtocolError: `max_field_size` is negative.
    """
    text = delegation_from_handoff(handoff, max_field_size=max_field_size)
    if text is None:
        return None
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def parse_delegation(text: str) -> Delegation | None:
    """Return the contents of an envelope, or None for any text that is not exactly an envelope.

    The inverse of the functions that build one, except for text that a limit has cut off.
    """
    match = _ENVELOPE.fullmatch(text)
    if match is None:
        return None
    source, request, delta = match.groups()
    delegation = Delegation(
        _unescape(request),
        None if delta is None else _unescape(delta),
        None if source is None else _unescape(source),
    )
    return delegation if _render(delegation) == text else None


def is_delegation(text: str) -> bool:
    """Whether a text is an envelope, which is for the agent and should not be shown."""
    return parse_delegation(text) is not None


# -- writing ------------------------------------------------------------------------------------


def _lines(entries: Iterable[TranscriptEntry]) -> str | None:
    return "\n".join(f"{entry.role}: {entry.text}" for entry in entries) or None


def _envelope(delegation: Delegation, max_field_size: int | None) -> str:
    if max_field_size is not None and max_field_size < 0:
        raise LocalProtocolError(f"max_field_size: must not be negative, not {max_field_size}")
    return _render(delegation, max_field_size)


def _render(delegation: Delegation, max_field_size: int | None = None) -> str:
    lines = ["<realtime_delegation>"]
    if delegation.source is not None:
        lines.append(f"  <source>{_escape(delegation.source)}</source>")
    request = _cut_end(_escape(delegation.input), max_field_size)
    lines.append(f"  <input>{request}</input>")
    if delegation.transcript_delta is not None:
        delta = _cut_start(_escape(delegation.transcript_delta), max_field_size)
        lines.append(f"  <transcript_delta>{delta}</transcript_delta>")
    lines.append("</realtime_delegation>")
    return "\n".join(lines)


def _cut_end(escaped: str, size: int | None) -> str:
    if size is None or size_of(escaped) <= size:
        return escaped
    kept = start_of(escaped, size - size_of(ELLIPSIS))
    # Do not keep half an entity.
    return _BEGUN_ENTITY.sub("", kept) + ELLIPSIS


def _cut_start(escaped: str, size: int | None) -> str:
    if size is None or size_of(escaped) <= size:
        return escaped
    kept = end_of(escaped, size - size_of(ELLIPSIS))
    begun = _BEGUN_ENTITY.search(escaped[: len(escaped) - len(kept)])
    return ELLIPSIS + (kept if begun is None else kept[kept.index(";") + 1 :])


# -- escaping -----------------------------------------------------------------------------------

_ENTITY: Final = re.compile(r"&(?:(amp)|(lt)|(gt)|#x(d[89a-f][0-9a-f]{2}));")
_BEGUN_ENTITY: Final = re.compile(r"&[^;]*\Z")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FIELD: Final = r"([^<>]*)"
_ENVELOPE: Final = re.compile(
    "<realtime_delegation>\n"
    f"(?:  <source>{_FIELD}</source>\n)?"
    f"  <input>{_FIELD}</input>\n"
    f"(?:  <transcript_delta>{_FIELD}</transcript_delta>\n)?"
    "</realtime_delegation>"
)
_CHARACTERS: Final = ("&", "<", ">")


def _escape(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if text.isascii():
        return escaped
    return _SURROGATE.sub(lambda match: f"&#x{ord(match[0]):x};", escaped)


def _unescape(escaped: str) -> str:
    return _ENTITY.sub(_character, escaped)


def _character(match: re.Match[str]) -> str:
    number = match[4]
    return chr(int(number, 16)) if number else _CHARACTERS[(match.lastindex or 1) - 1]
