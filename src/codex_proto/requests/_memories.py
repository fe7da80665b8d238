"""The request that has the server summarise earlier sessions, and what comes back.

Source: wire.md 4.10 and 9.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, Struct

from codex_proto._wire import Opt
from codex_proto.requests._body import Body, record
from codex_proto.requests._checks import (
    Check,
    Unfit,
    is_list,
    json_list,
    kind_of,
    optional,
    text,
    word,
)
from codex_proto.requests._controls import ReasoningControls

__all__ = ["MemorySummarizeInput", "MemorySummarizeOutput", "RawMemory", "RawMemoryMetadata"]


class RawMemoryMetadata(Body, frozen=True, kw_only=True):
    """Where a memory comes from: the path of the session's file."""

    checks: ClassVar[Mapping[str, Check]] = {"source_path": text}

    source_path: str


class RawMemory(Body, frozen=True, kw_only=True):
    """One session to be summarised: `items` is JSON of any kind, in order."""

    checks: ClassVar[Mapping[str, Check]] = {
        "id": text,
        "metadata": record(RawMemoryMetadata),
        "items": json_list,
    }

    id: str
    metadata: RawMemoryMetadata
    items: Sequence[Any]


def _memories(value: Any) -> tuple[RawMemory, ...]:
    if not is_list(value):
        raise Unfit(f"must be a list of RawMemory, not {kind_of(value)}")
    check = record(RawMemory)
    return tuple(check(each) for each in value)


class MemorySummarizeInput(Body, frozen=True, kw_only=True):
    """The body of `POST /memories/trace_summarize`.

    `raw_memories` are called `traces` on the wire.

    Next: `memories_request` makes the HTTP request.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        "model": word,
        "raw_memories": _memories,
        "reasoning": optional(record(ReasoningControls)),
    }

    model: str
    raw_memories: Sequence[RawMemory] = msgspec.field(name="traces")
    reasoning: Opt[ReasoningControls] = UNSET


class MemorySummarizeOutput(Struct, frozen=True, kw_only=True):
    """What became of one memory: the summary of the session, and what to remember of it.

    An older server calls `trace_summary` `raw_memory`.
    """

    trace_summary: str
    memory_summary: str
