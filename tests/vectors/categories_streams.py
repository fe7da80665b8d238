"""Where whole streams differ from upstream's on purpose; see `categories` for the rules.

The streams of the vectors are random, and one of them may differ for several reasons at once. So a
category here says what it would take for upstream to agree: it takes out of the request what
upstream reads otherwise, or out of upstream's answer what it says otherwise. A line is explained
when the categories that cover it, each applied, make ours and upstream's answer equal; it counts
for those without which they would not be. None of them looks at our answer.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from codex_proto.rate_limits import PlanType
from codex_proto.sse import EventStreamDecoder
from tests.vectors.categories import Answer, Request, chunks_of
from tests.vectors.categories_errors import Twice, parse

__all__ = ["STREAMS", "Departure", "json_of", "messages_of"]


@dataclass(frozen=True)
class Departure:
    """One kind of intended difference."""

    name: str
    reason: str
    lines: int
    """How many streams need it, so that it cannot grow unseen."""
    events: int = 0
    """How many single messages need it."""
    request: Callable[[Request], Request] = lambda request: request
    """The request without what upstream reads otherwise."""
    answer: Callable[[Request, Answer], Answer] = lambda _, answer: answer
    """Upstream's answer without what it says otherwise."""
    is_refused_here: bool = False
    """Whether it is we who pass over the message, and upstream reads it."""


def needed(agrees: Callable[[Sequence[Departure]], bool]) -> tuple[str, ...] | None:
    """The categories without which ours and upstream's do not agree; None where all do not do."""
    if agrees(()):
        return ()
    if not agrees(STREAMS):
        return None
    kept = list(STREAMS)
    for departure in STREAMS:
        others = [other for other in kept if other is not departure]
        if agrees(others):
            kept = others
    return tuple(departure.name for departure in kept)


def count_and_print(title: str, found: Sequence[Sequence[str]]) -> dict[str, int]:
    """How many lines need each category."""
    print(f"{title}: {sum(not names for names in found)} of {len(found)} lines agree")
    counts = Counter(name for names in found for name in names)
    for name, lines in sorted(counts.items()):
        print(f"{title}: {lines:4} of {len(found)} lines: {name}")
    return dict(counts)


def messages_of(request: Request) -> list[str]:
    """The messages of a request, one after the other, whichever way they come."""
    if "text" in request:
        return [request["text"]]
    if "messages" in request:
        return [message for message in request["messages"] if isinstance(message, str)]
    decoder = EventStreamDecoder()
    return [event.data for chunk in chunks_of(request) for event in decoder.receive_data(chunk)]


def json_of(message: str) -> Any:
    """A message as JSON, what occurs twice marked as such; None if it is none."""
    return parse(message)


def _without(is_refused: Callable[[str, Any], bool]) -> Callable[[Request], Request]:
    """The request without the messages that upstream passes over."""

    def refused(message: object) -> bool:
        if not isinstance(message, str):
            return False
        event = json_of(message)
        return event is not None and is_refused(message, event)

    def transform(request: Request) -> Request:
        if not any(map(refused, messages_of(request))):
            return request
        if "text" in request:
            return {**request, "text": "null"}
        if "messages" in request:
            kept = [message for message in request["messages"] if not refused(message)]
            return {**request, "messages": kept}
        stream = b"".join(chunks_of(request))
        decoder = EventStreamDecoder()
        blocks = [
            block.raw
            for block in decoder.receive_blocks(stream)
            if block.event is None or not refused(block.event.data)
        ]
        rest = {name: value for name, value in request.items() if name != "body"}
        chunk = base64.b64encode(b"".join(blocks) + decoder.trailing_data).decode()
        return {**rest, "chunks_b64": [chunk]}

    return transform


# What upstream's one record for all events declares (wire.md 1.2), in the version that answered.
_TEXTS = ("item_id", "call_id", "delta")
_INTEGERS = ("summary_index", "content_index")
_DECLARED = {"type", "headers", "response", "item", *_TEXTS, *_INTEGERS}
# Terminal events of which upstream reads all of some part: a member twice in it is an error there.
_FAILING = ("response.failed", "response.completed", "error", "codex.rate_limits")


def _type(event: Any) -> Any:
    return event.get("type") if isinstance(event, dict) else None


def _item(event: Any) -> Any:
    return event.get("item") if isinstance(event, dict) else None


def _any(value: Any, is_odd: Callable[[Any], bool]) -> bool:
    """Whether any value in this one is odd, at any depth."""
    if is_odd(value):
        return True
    members = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(_any(member, is_odd) for member in members)


def _is_twice(value: Any) -> bool:
    return isinstance(value, Twice)


def _member_twice(message: str, event: Any) -> bool:
    if isinstance(event, Twice) and not event.twice.isdisjoint(_DECLARED | {"plan_type"}):
        return True
    if _type(event) == "error":
        return _any(event.get("error"), _is_twice)
    return _any(_item(event), _is_twice)


def _is_i64(value: Any) -> bool:
    return value is None or (type(value) is int and -(2**63) <= value < 2**63)


def _member_of_another(message: str, event: Any) -> bool:
    return isinstance(event, dict) and (
        any(not isinstance(event.get(name), str | None) for name in _TEXTS)
        or any(not _is_i64(event.get(name)) for name in _INTEGERS)
    )


def _negative_zero(message: str, event: Any) -> bool:
    return bool(_NEGATIVE_ZERO.search(message)) and (
        _type(event) not in _ITEM_EVENTS or "timeout_ms" in message
    )


_NEGATIVE_ZERO = re.compile(
    r'"(summary_index|content_index|timeout_ms|[a-z]+_tokens|resets_at)": ?-0[,}]'
)
_ITEM_EVENTS = ("response.output_item.added", "response.output_item.done")


def _number_out_of_range(message: str, event: Any) -> bool:
    found: list[float] = []

    def note(digits: str) -> float:
        found.append(float(digits))
        return found[-1]

    json.loads(message, parse_float=note)
    return any(map(math.isinf, found))


def _array_as_record(message: str, event: Any) -> bool:
    if isinstance(event, list):
        return True
    item = _item(event)
    if isinstance(item, list):
        return True
    response = event.get("response") if isinstance(event, dict) else None
    if isinstance(response, dict) and isinstance(response.get("usage"), list):
        return bool(_type(event) == "response.completed")
    content = item.get("content") if isinstance(item, dict) else None
    return isinstance(content, list) and any(isinstance(part, list) for part in content)


def _deep(message: str, event: Any) -> bool:
    brackets = re.sub(r'"(\\.|[^"\\])*"', "", message)
    return brackets.count("[") + brackets.count("{") >= 128


def _lone_surrogate(message: str, event: Any) -> bool:
    try:
        json.dumps(event, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _has_array_error(event: Any) -> bool:
    response = event.get("response")
    return isinstance(response, dict) and isinstance(response.get("error"), list)


def _without_array_items(request: Request, answer: Answer) -> Answer:
    """Without what upstream made of arrays: items, or an error."""
    events = [json_of(message) for message in messages_of(request)]
    if any(_type(event) == "response.failed" and _has_array_error(event) for event in events):
        return [{"err": {"variant": "Stream", "message": "response.failed event received"}}]
    if not any(isinstance(_item(event), list) for event in events):
        return answer
    others = [
        _item(event)
        for event in events
        if _type(event) in _ITEM_EVENTS and isinstance(_item(event), dict)
    ]
    types = {item.get("type") for item in others}
    return [
        told
        for told in answer
        if _type(_item(told.get("ok"))) is None or _type(_item(told.get("ok"))) in types
    ]


def _ghosts_are_other(request: Request, answer: Answer) -> Answer:
    told = _copy(answer)
    for event in told:
        if _type(_item(event.get("ok"))) == "ghost_snapshot":
            event["ok"] |= {"item": {"type": "other"}, "wire": {"type": "other"}}
    return told


def _ghost_without_commit(message: str, event: Any) -> bool:
    """A ghost that even April's upstream could not read."""
    item = _item(event)
    return _type(item) == "ghost_snapshot" and not _is_commit(item.get("ghost_commit"))


def _is_commit(commit: Any) -> bool:
    return (
        isinstance(commit, dict)
        and isinstance(commit.get("id"), str)
        and isinstance(commit.get("parent"), str | None)
        and all(
            isinstance(paths, list) and all(isinstance(path, str) for path in paths)
            for paths in (
                commit.get("preexisting_untracked_files", []),
                commit.get("preexisting_untracked_dirs", []),
            )
        )
    )


def _without_end_turn(request: Request, answer: Answer) -> Answer:
    told = _copy(answer)
    for event in told:
        for form in ("item", "wire"):
            item: Any = (event.get("ok") or {}).get(form)
            if _type(item) == "message":
                item.pop("end_turn", None)
    return told


def _bad_end_turn(message: str, event: Any) -> bool:
    item = _item(event)
    return _type(item) == "message" and not isinstance(item.get("end_turn"), bool | None)


def _copy(answer: Answer) -> list[dict[str, Any]]:
    copied: list[dict[str, Any]] = json.loads(json.dumps(answer))
    return copied


def _without_last_cr(request: Request) -> Request:
    if "chunks_b64" not in request and "body" not in request:
        return request
    stream = b"".join(chunks_of(request))
    if not stream.endswith(b"\r"):
        return request
    rest = {name: value for name, value in request.items() if name != "body"}
    return {**rest, "chunks_b64": [base64.b64encode(stream[:-1]).decode()]}


_PLANS = {plan.value for plan in PlanType}


def _unknown_plans(request: Request) -> Request:
    if "messages" not in request:
        return request

    def named(message: Any) -> Any:
        event: Any = json_of(message) if isinstance(message, str) else None
        if _type(event) != "codex.rate_limits" or event.get("plan_type") in {*_PLANS, None}:
            return message
        return json.dumps({**event, "plan_type": "unknown"})

    return {**request, "messages": [named(message) for message in request["messages"]]}


def _models_of_malformed(request: Request, answer: Answer) -> Answer:
    """Without the models that upstream found in deltas without a delta."""
    events = [json_of(message) for message in messages_of(request)]
    models: set[str] = set()

    def note(value: Any) -> bool:
        models.update({value} if isinstance(value, str) else ())
        return False

    for event in events:
        if str(_type(event)).endswith(".delta") and event.get("delta") is None:
            _any(event.get("headers"), note)
    return [told for told in answer if (told.get("ok") or {}).get("model") not in models]


def _codes_as_nothing(request: Request) -> Request:
    """Without errors that upstream cannot read, which is what it then sees."""
    if len(messages_of(request)) != 1 or "messages" in request or "text" in request:
        return request
    (event,) = map(json_of, messages_of(request))
    response = event.get("response") if _type(event) == "response.failed" else None
    error = response.get("error") if isinstance(response, dict) else None
    if not isinstance(error, dict) or type(error.get("code")) is not int:
        return request
    return {"body": f"data: {json.dumps({**event, 'response': {}})}\n\n"}


def _crashes(request: Request, answer: Answer) -> Answer:
    """A crash of upstream's over a delay, as what it would have said without it."""
    return [{"err": {"variant": "Retryable"}} if "panic" in told else told for told in answer]


def _fails(event: Any) -> bool:
    return _type(event) in ("response.failed", "response.incomplete") or (
        _type(event) == "response.completed" and isinstance(event.get("response"), dict)
    )


def _until_the_first_failure(request: Request) -> Request:
    """The body up to the first event that may end the response, if anything follows."""
    if "messages" in request or "text" in request:
        return request
    stream = b"".join(chunks_of(request))
    blocks = [block for block in EventStreamDecoder().receive_blocks(stream) if block.event]
    failing = [_fails(json_of(block.event.data)) for block in blocks if block.event is not None]
    if True not in failing or not (
        failing.index(True) < len(blocks) - 1 or request.get("transport_error")
    ):
        return request
    kept = b"".join(block.raw for block in blocks[: failing.index(True) + 1])
    rest = {
        name: value for name, value in request.items() if name not in ("body", "transport_error")
    }
    # Whether something later may take the place of this failure.
    replaced = any(failing[failing.index(True) + 1 :]) or request.get("transport_error", False)
    return {**rest, "chunks_b64": [base64.b64encode(kept).decode()], "replaced": replaced}


STREAMS: tuple[Departure, ...] = (
    Departure(
        "final_cr",
        "A CR as the very last byte ends its line; upstream never reads it, and loses the event.",
        lines=10,
        request=_without_last_cr,
    ),
    Departure(
        "member_twice",
        "Of two members of one name the last counts, as in every other JSON parser; upstream "
        "passes over the message.",
        lines=22,
        events=4,
        request=_without(_member_twice),
    ),
    Departure(
        "member_of_another_event",
        "Upstream reads all messages as one record with 64-bit integers, so a `call_id` of a wrong "
        "type costs even an event that has no use for it; here each type has its own members.",
        lines=31,
        events=5,
        request=_without(_member_of_another),
    ),
    Departure(
        "negative_zero",
        "`-0` is an integer here; upstream takes it for a fraction.",
        lines=7,
        events=1,
        request=_without(_negative_zero),
    ),
    Departure(
        "number_out_of_range",
        "A number beyond what a float can hold is passed over where nobody reads it; upstream "
        "refuses the message.",
        lines=5,
        request=_without(_number_out_of_range),
    ),
    Departure(
        "array_as_record",
        "Upstream reads an array by position where a record is declared; no server sends one.",
        lines=3,
        events=2,
        request=_without(_array_as_record),
        answer=_without_array_items,
        is_refused_here=True,
    ),
    Departure(
        "nesting",
        "More than 128 levels are malformed wherever they are; upstream counts one level less, and "
        "only where it has to read that far.",
        lines=0,
        events=2,
        request=_without(_deep),
        is_refused_here=True,
    ),
    Departure(
        "lone_surrogate",
        "An escaped lone surrogate is no text, wherever it is; upstream sees it only where it "
        "reads.",
        lines=0,
        events=1,
        request=_without(_lone_surrogate),
        is_refused_here=True,
    ),
    Departure(
        "ghost_snapshot_is_gone",
        "Later versions of upstream do not know this item any more.",
        lines=10,
        request=_without(_ghost_without_commit),
        answer=_ghosts_are_other,
    ),
    Departure(
        "end_turn_of_a_message_is_gone",
        "Later versions of upstream do not read it.",
        lines=2,
        request=_without(_bad_end_turn),
        answer=_without_end_turn,
    ),
    Departure(
        "plan_is_kept_by_its_name",
        "Upstream makes `unknown` of a plan that it has no name for.",
        lines=5,
        request=_unknown_plans,
    ),
    Departure(
        "number_as_code",
        "Some servers send a number for a code; upstream then reads nothing of the error.",
        lines=1,
        request=_codes_as_nothing,
    ),
    Departure(
        "delay_beyond_u64",
        "Upstream crashes at a delay of 2^64 seconds or more; a crash is no behaviour to keep.",
        lines=2,
        answer=_crashes,
    ),
    Departure(
        "malformed_event_says_nothing",
        "A delta without its delta is no event here, and nothing in it counts; upstream still "
        "reads the model in its headers.",
        lines=1,
        events=2,
        answer=_models_of_malformed,
    ),
    Departure(
        "told_at_once",
        "A failure is the outcome as soon as it is there, and nothing comes after it; upstream "
        "keeps it until the connection ends, hands on what comes before that, and may tell a later "
        "failure or success, or that of the transport, in its place.",
        lines=56,
        request=_until_the_first_failure,
    ),
)
