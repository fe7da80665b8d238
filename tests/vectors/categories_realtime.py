"""Where realtime events differ from upstream's on purpose: `docs/differences.md` as predicates.

As in `categories`: a category sees the messages and upstream's answers and never ours.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from tests.vectors.categories import Answer, Category, Request

__all__ = ["REALTIME", "REALTIME_CAPTURES"]

_NUMBER: Final = re.compile(r"(?<![\w.+\-\"])-?\d+(?:\.\d+)?[eE]\+?(\d{3,})")
_MINUS_ZERO: Final = object()
_SHAPE: Final = ("sample_rate", "channels", "num_channels", "samples_per_channel")


def _overflows(message: str) -> bool:
    """Whether a number of the JSON is beyond every double."""
    return any(int(match[1]) > 308 for match in _NUMBER.finditer(message))


def _is_dropped_for_a_number(message: str, answer: Any) -> bool:
    return answer is None and _overflows(message) and _is_json(message)


def _is_json(message: str) -> bool:
    try:
        json.loads(message)
    except ValueError:
        return False
    return True


def _covers_overflow(request: Request, upstream: Answer) -> bool:
    return any(
        _is_dropped_for_a_number(message, answer)
        and '"type":' in message
        and _would_be_an_event(message, request["parser"])
        for message, answer in zip(request["messages"], upstream, strict=True)
    )


def _would_be_an_event(message: str, parser: str) -> bool:
    """Whether upstream's table has the type and its required member is text (wire.md 8.5)."""
    event = json.loads(message)
    if not isinstance(event, dict):
        return False
    type_ = event.get("type")
    required = _REQUIRED[parser].get(type_) if isinstance(type_, str) else None
    return required is not None and all(isinstance(event.get(name), str) for name in required)


# Of the types that occur with such a number.
_SHARED: Final[dict[str, tuple[str, ...]]] = {
    "response.output_audio_transcript.done": ("transcript",),
    "response.output_text.delta": ("delta",),
    "conversation.item.done": (),
}
_REQUIRED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "v1": _SHARED,
    "v2": {
        **_SHARED,
        "response.audio.delta": ("delta",),
        "response.output_audio.delta": ("delta",),
        "response.done": (),
    },
}


def _members(message: str) -> dict[str, Any]:
    """The members of a message, with the integer -0 told apart."""
    members: dict[str, Any] = json.loads(
        message, parse_int=lambda digits: _MINUS_ZERO if digits == "-0" else int(digits)
    )
    return members


def _has_minus_zero(request: Request, upstream: Answer) -> bool:
    return any(
        isinstance(answer, dict)
        and "AudioOut" in answer["ok"]
        and any(_MINUS_ZERO is _members(message).get(name) for name in _SHAPE)
        for message, answer in zip(request["messages"], upstream, strict=True)
    )


def _more_events_and_the_same(request: Request, upstream: Answer, ours: Answer) -> bool:
    """What upstream delivers is delivered, and what is more comes from such a message."""
    return all(
        _is_dropped_for_a_number(message, theirs) or mine == theirs
        for message, theirs, mine in zip(request["messages"], upstream, ours, strict=True)
    )


def _same_but_for_zeros(request: Request, upstream: Answer, ours: Answer) -> bool:
    return [_without_zeros(each) for each in ours] == [_without_zeros(each) for each in upstream]


def _without_zeros(answer: Any) -> Any:
    if not answer or "AudioOut" not in answer["ok"]:
        return answer
    frame = answer["ok"]["AudioOut"]
    # Absent counts as 1 for channels; upstream takes -0 for absent, we take it for 0.
    channels = frame["num_channels"] or 1
    rest = {name: value for name, value in frame.items() if name != "num_channels" and value != 0}
    return {"num_channels": channels, **rest}


REALTIME: tuple[Category, ...] = (
    Category(
        name="number_beyond_doubles",
        reason=(
            "A number such as 1e400, in a member that nobody reads, makes upstream pass the whole "
            "message over. JSON has no such bound, and a wrong minor member costs no event."
        ),
        lines=8,
        covers=_covers_overflow,
        expect=_more_events_and_the_same,
    ),
    Category(
        name="minus_zero",
        reason=(
            "Upstream reads -0 as a fraction, which does not fit where a whole number is wanted. "
            "It is the integer 0."
        ),
        lines=2,
        covers=_has_minus_zero,
        expect=_same_but_for_zeros,
    ),
)
REALTIME_CAPTURES: tuple[Category, ...] = ()
