"""What each version of the protocol sends of a request: one table, no branches.

A row (`Policy`) is a class of bodies or records, its members are in the order they are sent in.
Items have a table of their own (`codex_proto.items`).

Source: wire.md 4.1 to 4.3, 4.9 and 4.10.
"""

from __future__ import annotations

from typing import Any, Final

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
from codex_proto.versions import EVERY_VERSION, MAY, SINCE_AUGUST, Member, Policy, in_versions

__all__ = ["POLICIES"]


def _is_a_summary(value: Any) -> bool:
    return bool(value != "none")


def _effort(value: Any) -> Any:
    return "max" if value == "ultra" else value


def _says_something(value: Any) -> bool:
    return bool(value.verbosity or value.format or value.extra_body)


def _members_in_order(*names: str | Member) -> tuple[Member, ...]:
    return tuple(name if isinstance(name, Member) else Member(name) for name in names)


_INSTRUCTIONS: Final = Member("instructions", is_sent=bool)
_TOOLS: Final = Member("tools", when_absent=in_versions(MAY, ()))
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
    Member("reasoning", when_absent=in_versions(EVERY_VERSION, None)),
    "store",
    "stream",
    Member("stream_options", written=SINCE_AUGUST),
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
            Member("service_tier", written=SINCE_AUGUST),
            Member("prompt_cache_key", written=SINCE_AUGUST),
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
            Member("context", written=SINCE_AUGUST),
        )
    ),
    TextControls: Policy(_members_in_order("verbosity", "format")),
    TextFormat: Policy(_members_in_order("type", "strict", "schema", "name")),
    StreamOptions: Policy(_members_in_order("reasoning_summary_delivery")),
}
"""The row of each class."""
