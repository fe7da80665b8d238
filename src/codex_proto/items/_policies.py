"""What each version of the protocol reads and writes of an item: one table, no branches.

A row (`Policy`) is a class of items or parts, its members are in the order they are written in.
`encode_item` writes an item by it as a version sends it, `codex_item` sees an item by it as a
version reads it. A class without a row is unknown to upstream.

Source: wire.md 3.1 to 3.5 and 3.7, 4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from codex_proto.items._base import PassthroughMetadata
from codex_proto.items._calls import (
    CustomToolCall,
    FindInPageAction,
    FunctionCall,
    ImageGenerationCall,
    LocalShellCall,
    LocalShellExec,
    OpenPageAction,
    SearchAction,
    ToolSearchCall,
    WebSearchCall,
)
from codex_proto.items._control import (
    AdditionalTools,
    AgentMessage,
    Compaction,
    CompactionSummary,
    CompactionTrigger,
    ContextCompaction,
    GhostCommit,
    GhostSnapshot,
)
from codex_proto.items._ids import is_sendable_id
from codex_proto.items._messages import (
    EncryptedContent,
    InputAudio,
    InputImage,
    InputText,
    Message,
    OutputText,
    ReasoningText,
    SummaryText,
    Text,
)
from codex_proto.items._outputs import CustomToolCallOutput, FunctionCallOutput, ToolSearchOutput
from codex_proto.items._reasoning import Reasoning
from codex_proto.versions import (
    EVERY_VERSION,
    MAY,
    NO_VERSION,
    SINCE_AUGUST,
    Member,
    Policy,
    in_versions,
)

__all__ = ["POLICIES", "is_declared"]


_NULL: Final = in_versions(EVERY_VERSION, None)


def _needed(name: str, **more: Any) -> Member:
    return Member(name, required=EVERY_VERSION, **more)


def _one_of(*values: str) -> Callable[[Any], bool]:
    return frozenset(values).__contains__


def _is_u64(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 2**64


def _has_reasoning_text(content: Any) -> bool:
    return any(isinstance(part, ReasoningText) for part in content)


# In May an id stays in memory; in August it goes out, if it is of the form that servers take.
_ID = Member("id", written=SINCE_AUGUST, is_sent=is_sendable_id)
_NEW_ID = Member("id", read=SINCE_AUGUST, written=SINCE_AUGUST, is_sent=is_sendable_id)
_PASSTHROUGH = Member(
    "passthrough",
    read=SINCE_AUGUST,
    written=SINCE_AUGUST,
    parts=(PassthroughMetadata,),
    first_party=True,
)
_OUTPUT = _needed(
    "output", parts=(InputText, InputImage, InputAudio, EncryptedContent), may_be_text=True
)
_CALL_ID_OR_NULL = Member("call_id", when_absent=_NULL)

_PARTS: Final[dict[type[Struct], Policy]] = {
    InputText: Policy((_needed("text"),)),
    OutputText: Policy((_needed("text"),)),
    Text: Policy((_needed("text"),)),
    SummaryText: Policy((_needed("text"),)),
    ReasoningText: Policy((_needed("text"),)),
    InputImage: Policy(
        (
            _needed("image_url"),
            Member("detail", is_read=_one_of("auto", "low", "high", "original")),
        )
    ),
    InputAudio: Policy((_needed("audio_url"),), known=SINCE_AUGUST),
    EncryptedContent: Policy((_needed("encrypted_content"),), known=SINCE_AUGUST),
    LocalShellExec: Policy(
        (
            _needed("command"),
            Member("timeout_ms", when_absent=_NULL, is_read=_is_u64),
            Member("working_directory", when_absent=_NULL),
            Member("env", when_absent=_NULL),
            Member("user", when_absent=_NULL),
        )
    ),
    SearchAction: Policy((Member("query"), Member("queries"))),
    OpenPageAction: Policy((Member("url"),)),
    FindInPageAction: Policy((Member("url"), Member("pattern"))),
    PassthroughMetadata: Policy(
        (
            Member("turn_id"),
            Member("create_time"),
            Member("executed_tool_calls", read=NO_VERSION),
        ),
        known=SINCE_AUGUST,
    ),
    GhostCommit: Policy(
        (
            _needed("id"),
            Member("parent", when_absent=_NULL),
            _needed("preexisting_untracked_files"),
            _needed("preexisting_untracked_dirs"),
        )
    ),
}

_COMPACTION = (_NEW_ID, _needed("encrypted_content"), _PASSTHROUGH)

_ITEMS: Final[dict[type[Struct], Policy]] = {
    Message: Policy(
        (
            _ID,
            _needed("role"),
            _needed("content", parts=(InputText, InputImage, OutputText, InputAudio)),
            Member("phase", is_read=_one_of("commentary", "final_answer")),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    Reasoning: Policy(
        (
            Member(
                "id", written=SINCE_AUGUST, is_sent=is_sendable_id, default=in_versions(MAY, "")
            ),
            _needed("summary", parts=(SummaryText,)),
            Member(
                "content",
                when_absent=_NULL,
                is_sent=_has_reasoning_text,
                parts=(ReasoningText, Text),
            ),
            Member("encrypted_content", when_absent=_NULL),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    LocalShellCall: Policy(
        (
            _ID,
            _CALL_ID_OR_NULL,
            _needed("status", is_read=_one_of("completed", "in_progress", "incomplete")),
            _needed("action", parts=(LocalShellExec,)),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    FunctionCall: Policy(
        (
            _ID,
            _needed("name"),
            Member("namespace"),
            _needed("arguments"),
            Member(
                "encrypted_function_args", read=SINCE_AUGUST, written=SINCE_AUGUST, first_party=True
            ),
            _needed("call_id"),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    ToolSearchCall: Policy(
        (
            _ID,
            _CALL_ID_OR_NULL,
            Member("status"),
            _needed("execution"),
            _needed("arguments", may_be_null=True),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    FunctionCallOutput: Policy(
        (
            _NEW_ID,
            Member("call_id", required=MAY),
            Member("name", read=SINCE_AUGUST, written=SINCE_AUGUST),
            Member("namespace", read=SINCE_AUGUST, written=SINCE_AUGUST),
            _OUTPUT,
            _PASSTHROUGH,
        )
    ),
    CustomToolCall: Policy(
        (
            _ID,
            Member("status"),
            _needed("call_id"),
            _needed("name"),
            Member("namespace", read=SINCE_AUGUST, written=SINCE_AUGUST),
            _needed("input"),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    CustomToolCallOutput: Policy(
        (_NEW_ID, _needed("call_id"), Member("name"), _OUTPUT, _PASSTHROUGH)
    ),
    ToolSearchOutput: Policy(
        (
            _NEW_ID,
            _CALL_ID_OR_NULL,
            _needed("status"),
            _needed("execution"),
            _needed("tools"),
            _PASSTHROUGH,
        )
    ),
    WebSearchCall: Policy(
        (
            _ID,
            Member("status"),
            Member(
                "action",
                parts=(SearchAction, OpenPageAction, FindInPageAction),
                unknown_parts=True,
            ),
            _PASSTHROUGH,
        ),
        azure_id=MAY,
    ),
    ImageGenerationCall: Policy(
        (
            # The one id that was always sent, whatever its form; in August it is like the others.
            Member("id", written=MAY, required=MAY),
            Member("id", read=SINCE_AUGUST, written=SINCE_AUGUST, is_sent=is_sendable_id),
            _needed("status"),
            Member("revised_prompt"),
            _needed("result"),
            _PASSTHROUGH,
        )
    ),
    Compaction: Policy(_COMPACTION),
    CompactionSummary: Policy(_COMPACTION, written_as="compaction"),
    ContextCompaction: Policy((_NEW_ID, Member("encrypted_content"), _PASSTHROUGH)),
    CompactionTrigger: Policy((), known=SINCE_AUGUST),
    AdditionalTools: Policy((_NEW_ID, _needed("role"), _needed("tools")), known=SINCE_AUGUST),
    AgentMessage: Policy(
        (
            _NEW_ID,
            _needed("author"),
            _needed("recipient"),
            _needed("content", parts=(InputText, EncryptedContent)),
            _PASSTHROUGH,
        ),
        known=SINCE_AUGUST,
    ),
    # April 2026 read it, and what it could not read it dropped; later versions have no such type.
    GhostSnapshot: Policy((_needed("ghost_commit", parts=(GhostCommit,)),), known=NO_VERSION),
}

POLICIES: Final[dict[type[Struct], Policy]] = {**_PARTS, **_ITEMS}
"""The row of each class of items and parts that upstream knows."""

_DECLARED: Final = frozenset(
    (cls, member.name) for cls, policy in POLICIES.items() for member in policy.members
)


def is_declared(cls: type[Struct], name: str) -> bool:
    """Whether upstream's record has the member, so that it drops the item when it is wrong."""
    return (cls, name) in _DECLARED
