"""Where our items differ from April's upstream on purpose: each kind by name, with its reason.

As in `categories`, a category sees the request and upstream's answer and never ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["ITEMS", "VALUES", "ItemCategory"]

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class ItemCategory:
    """One kind of intended difference."""

    name: str
    reason: str
    lines: int
    """How many lines it covers, so that it cannot grow unseen."""
    covers: Callable[[Request, Answer], bool]
    """Whether a line belongs to it: request and upstream's answer."""
    expect: Callable[[Request, Answer, Answer], bool]
    """What still must hold: request, upstream's answer, our answer."""

    def __str__(self) -> str:
        return self.name


def _json(request: Request) -> Any:
    try:
        return json.loads(request["text"])
    except json.JSONDecodeError:
        return None


def _parts(item: Any) -> list[Any]:
    content = item.get("content") if isinstance(item, dict) else None
    return content if isinstance(content, list) else []


def _has_array_for_record(request: Request, upstream: Answer) -> bool:
    item = _json(request)
    return "ok" in upstream and (
        isinstance(item, list) or any(isinstance(part, list) for part in _parts(item))
    )


def _has_number_for_name(request: Request, upstream: Answer) -> bool:
    types = [part.get("type") for part in _parts(_json(request)) if isinstance(part, dict)]
    return "ok" in upstream and any(isinstance(type_, int) for type_ in types)


def _has_object_for_name(request: Request, upstream: Answer) -> bool:
    item = _json(request)
    return (
        "ok" in upstream
        and isinstance(item, dict)
        and isinstance(item.get("status"), dict)
        and isinstance(upstream["ok"].get("status"), str)
    )


def _is_ghost_snapshot(request: Request, upstream: Answer) -> bool:
    return "ok" in upstream and bool(upstream["ok"]["type"] == "ghost_snapshot")


def _has_end_turn(request: Request, upstream: Answer) -> bool:
    return upstream.get("ok", {}).get("end_turn") is not None


def _dropped(request: Request, upstream: Answer, ours: Answer) -> bool:
    return ours == {"ok": None, "wire": None}


def _other(request: Request, upstream: Answer, ours: Answer) -> bool:
    return ours == {"ok": {"type": "other"}, "wire": {"type": "other"}}


def _same_without_end_turn(request: Request, upstream: Answer, ours: Answer) -> bool:
    def without(record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in record.items() if name != "end_turn"}

    return ours == {"ok": without(upstream["ok"]), "wire": without(upstream["wire"])}


ITEMS: tuple[ItemCategory, ...] = (
    ItemCategory(
        name="array_taken_as_record",
        reason=(
            "Upstream's decoder also reads a record from an array of its members in order. No "
            "server sends that, the order changes from version to version, and an item that is no "
            "object is a `MalformedPart` here."
        ),
        lines=3,
        covers=_has_array_for_record,
        expect=_dropped,
    ),
    ItemCategory(
        name="number_taken_as_name",
        reason=(
            "Upstream's decoder also takes the place of a part's type in its own list of types "
            "for the type. The list changes from version to version; here a type is text."
        ),
        lines=1,
        covers=_has_number_for_name,
        expect=_dropped,
    ),
    ItemCategory(
        name="object_taken_as_name",
        reason=(
            "Upstream's decoder also reads a fixed word from an object with that word as its only "
            "key. Here a word is text."
        ),
        lines=1,
        covers=_has_object_for_name,
        expect=_dropped,
    ),
    ItemCategory(
        name="ghost_snapshot_is_gone",
        reason=(
            "The item left the protocol at the end of April 2026; since then upstream takes it for "
            "an unknown one, and so does the codex view. It still decodes to a `GhostSnapshot`."
        ),
        lines=7,
        covers=_is_ghost_snapshot,
        expect=_other,
    ),
    ItemCategory(
        name="end_turn_of_a_message_is_gone",
        reason=(
            "The member left the protocol in April 2026; since then upstream neither reads nor "
            "sends it. It is still there on our `Message`."
        ),
        lines=1,
        covers=_has_end_turn,
        expect=_same_without_end_turn,
    ),
)


_INTEGER = re.compile(r"-?\d+")


def _is_beyond_64_bits(request: Request, upstream: Answer) -> bool:
    text: str = request["text"]
    return _INTEGER.fullmatch(text) is not None and not -(2**63) <= int(text) < 2**64


def _is_a_rounded_float(request: Request, upstream: Answer) -> bool:
    value = _json(request)
    return isinstance(value, float) and value != upstream["ok"]


def _is_exact(request: Request, upstream: Answer, ours: Answer) -> bool:
    exact = json.loads(request["text"])
    return bool(ours["ok"] == exact and json.loads(ours["text"]) == exact)


VALUES: tuple[ItemCategory, ...] = (
    ItemCategory(
        name="large_integers_stay_exact",
        reason=(
            "Upstream makes a float of an integer that needs more than 64 bits. Here it stays the "
            "integer that was sent."
        ),
        lines=4,
        covers=_is_beyond_64_bits,
        expect=_is_exact,
    ),
    ItemCategory(
        name="floats_are_read_exactly",
        reason=(
            "Upstream's decoder is off by the last bit for some decimals. Here a decimal is the "
            "nearest float."
        ),
        lines=3,
        covers=_is_a_rounded_float,
        expect=_is_exact,
    ),
)
