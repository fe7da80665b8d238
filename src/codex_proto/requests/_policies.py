"""What each version of the protocol sends of a request: one table, no branches.

A row (`Policy`) is a class of bodies or records, its members are in the order they are sent in.
A class is sent by walking its row; items have a table of their own (`responses.item_policies`).

Source: wire.md 4.1 to 4.3, 4.9 and 4.10.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from codex_proto.requests._body import Body
from codex_proto.requests._compaction import CompactionInput
from codex_proto.requests._controls import (
    ReasoningControls,
    StreamOptions,
    TextControls,
    TextFormat,
)
from codex_proto.requests._memories import MemorySummarizeInput, RawMemory, RawMemoryMetadata
from codex_proto.requests._responses import ResponseCreateWsRequest, ResponsesApiRequest
from codex_proto.versions import WireVersion

__all__ = ["POLICIES", "SKIP", "Member", "Policy"]

_BOTH: Final = frozenset(WireVersion)
_MAY: Final = frozenset({WireVersion.V2026_05})
_AUGUST: Final = frozenset({WireVersion.V2026_08})

SKIP: Final = object()
"""In the place of a value: the key is left out."""


def _always(value: Any) -> bool:  # noqa: ARG001 - the shape of a test that everything passes
    return True


def _as_it_is(value: Any) -> Any:
    return value


def _skip(version: WireVersion) -> Any:  # noqa: ARG001 - the same in all versions
    return SKIP


def _null(version: WireVersion) -> Any:  # noqa: ARG001 - the same in all versions
    return None


def _list_in_may(version: WireVersion) -> Any:
    return () if version in _MAY else SKIP


class Member(Struct, frozen=True):
    """What becomes of one member of a body."""

    name: str
    """The attribute; its name on the wire is the class's business."""
    written: frozenset[WireVersion] = _BOTH
    """The versions that send it."""
    when_absent: Callable[[WireVersion], Any] = _skip
    """What is sent in the place of nothing (and of null)."""
    is_sent: Callable[[Any], bool] = _always
    """Whether a value that is there is sent."""
    sent_as: Callable[[Any], Any] = _as_it_is
    """What is sent for a value."""


class Policy(Struct, frozen=True):
    """How the versions of the protocol send one class of bodies."""

    members: tuple[Member, ...]


def _is_a_summary(value: Any) -> bool:
    return bool(value != "none")


def _effort(value: Any) -> Any:
    return "max" if value == "ultra" else value


def _says_something(value: Any) -> bool:
    return bool(value.verbosity or value.format or value.extra_body)


def _members_in_order(*names: str | Member) -> tuple[Member, ...]:
    return tuple(name if isinstance(name, Member) else Member(name) for name in names)


_INSTRUCTIONS: Final = Member("instructions", is_sent=bool)
_TOOLS: Final = Member("tools", when_absent=_list_in_may)
_TEXT: Final = Member("text", is_sent=_says_something)
# The public API has them, and no version of Codex sends them.
_PUBLIC: Final = (
    "max_output_tokens",
    "max_tool_calls",
    "temperature",
    "top_p",
    "truncation",
    "metadata",
)

_RESPONSES: Final = _members_in_order(
    "model",
    _INSTRUCTIONS,
    "previous_response_id",
    "input",
    _TOOLS,
    "tool_choice",
    "parallel_tool_calls",
    Member("reasoning", when_absent=_null),
    "store",
    "stream",
    Member("stream_options", written=_AUGUST),
    "include",
    "service_tier",
    "prompt_cache_key",
    _TEXT,
    "generate",
    "client_metadata",
    *_PUBLIC,
)

POLICIES: Final[dict[type[Body], Policy]] = {
    ResponsesApiRequest: Policy(
        tuple(member for member in _RESPONSES if member.name != "generate")
    ),
    ResponseCreateWsRequest: Policy(_RESPONSES),
    CompactionInput: Policy(
        _members_in_order(
            "model",
            "input",
            _INSTRUCTIONS,
            _TOOLS,
            "parallel_tool_calls",
            "reasoning",
            Member("service_tier", written=_AUGUST),
            Member("prompt_cache_key", written=_AUGUST),
            _TEXT,
            "previous_response_id",
        )
    ),
    MemorySummarizeInput: Policy(_members_in_order("model", "raw_memories", "reasoning")),
    RawMemory: Policy(_members_in_order("id", "metadata", "items")),
    RawMemoryMetadata: Policy(_members_in_order("source_path")),
    ReasoningControls: Policy(
        _members_in_order(
            Member("effort", sent_as=_effort),
            Member("summary", is_sent=_is_a_summary),
            Member("context", written=_AUGUST),
        )
    ),
    TextControls: Policy(_members_in_order("verbosity", "format")),
    TextFormat: Policy(_members_in_order("type", "strict", "schema", "name")),
    StreamOptions: Policy(_members_in_order("reasoning_summary_delivery")),
}
"""The row of each class."""
