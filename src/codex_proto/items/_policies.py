"""What each version of the protocol reads and writes of an item: one table, no branches.

A row (`Policy`) is a class of items or parts, its members are in the order they are written in.
`encode_item` walks the table to write an item as a version sends it, `codex_item` walks it to see
an item as a version reads it. A class without a row is unknown to upstream.

Source: wire.md 3.1 to 3.5 and 3.7, 4.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from codex_proto.items._base import PassthroughMetadata, ResponseItem
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
from codex_proto.versions import WireVersion

__all__ = ["POLICIES", "Member", "Policy", "is_declared"]

Versions = frozenset[WireVersion]

_BOTH: Final[Versions] = frozenset(WireVersion)
_MAY: Final[Versions] = frozenset({WireVersion.V2026_05})
_AUGUST: Final[Versions] = frozenset({WireVersion.V2026_08})
_NEITHER: Final[Versions] = frozenset()


def _always(value: Any) -> bool:  # noqa: ARG001 - the shape of a test that everything passes
    return True


class Member(Struct, frozen=True, gc=False):
    """What becomes of one member of a record."""

    name: str
    """The attribute; its name on the wire is the class's business."""
    read: Versions = _BOTH
    """The versions that know the member."""
    written: Versions = _BOTH
    """The versions that send it."""
    required: Versions = _NEITHER
    """The versions that drop the item when the member is missing or null."""
    null_when_absent: bool = False
    """Whether null is sent in the place of nothing; otherwise the key is left out."""
    may_be_null: bool = False
    """Whether null is a value like any other (JSON of any kind)."""
    is_sent: Callable[[Any], bool] = _always
    """Whether a value that is there is sent."""
    is_read: Callable[[Any], bool] = _always
    """Whether upstream takes a value; otherwise it drops the item."""
    parts: tuple[type[Struct], ...] = ()
    """The records that upstream takes here, in a list or alone."""
    may_be_text: bool = False
    """Whether text may stand in the place of the list."""
    unknown_parts: bool = False
    """Whether a part of an unknown type is taken, as `{"type": "other"}`."""
    default_in_may: str | None = None
    """What May 2026 takes for a missing member (which must not be null then)."""
    first_party: bool = False
    """Whether only OpenAI's own servers are sent it."""


class Policy(Struct, frozen=True, gc=False):
    """How the versions of the protocol read and write one class of items or parts."""

    members: tuple[Member, ...]
    known: Versions = _BOTH
    """The versions that know the type; for the others it is a type like any unknown one."""
    written_as: str | None = None
    """The type that is written, where it is not the class's own."""
    azure_id: bool = False
    """Whether May 2026 puts the id at the end for Azure (wire.md 4.4)."""


def _needed(name: str, **more: Any) -> Member:
    return Member(name, required=_BOTH, **more)


def _one_of(*values: str) -> Callable[[Any], bool]:
    return frozenset(values).__contains__


def _is_u64(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 2**64


def _has_reasoning_text(content: Any) -> bool:
    return any(isinstance(part, ReasoningText) for part in content)


# In May an id stays in memory; in August it goes out, if it is of the form that servers take.
_ID = Member("id", written=_AUGUST, is_sent=is_sendable_id)
_NEW_ID = Member("id", read=_AUGUST, written=_AUGUST, is_sent=is_sendable_id)
_PASSTHROUGH = Member(
    "passthrough",
    read=_AUGUST,
    written=_AUGUST,
    parts=(PassthroughMetadata,),
    first_party=True,
)
_OUTPUT = _needed(
    "output", parts=(InputText, InputImage, InputAudio, EncryptedContent), may_be_text=True
)
_CALL_ID_OR_NULL = Member("call_id", null_when_absent=True)

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
    InputAudio: Policy((_needed("audio_url"),), known=_AUGUST),
    EncryptedContent: Policy((_needed("encrypted_content"),), known=_AUGUST),
    LocalShellExec: Policy(
        (
            _needed("command"),
            Member("timeout_ms", null_when_absent=True, is_read=_is_u64),
            Member("working_directory", null_when_absent=True),
            Member("env", null_when_absent=True),
            Member("user", null_when_absent=True),
        )
    ),
    SearchAction: Policy((Member("query"), Member("queries"))),
    OpenPageAction: Policy((Member("url"),)),
    FindInPageAction: Policy((Member("url"), Member("pattern"))),
    PassthroughMetadata: Policy(
        (
            Member("turn_id"),
            Member("create_time"),
            Member("executed_tool_calls", read=_NEITHER),
        ),
        known=_AUGUST,
    ),
    GhostCommit: Policy(
        (
            _needed("id"),
            Member("parent", null_when_absent=True),
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
        azure_id=True,
    ),
    Reasoning: Policy(
        (
            Member("id", written=_AUGUST, is_sent=is_sendable_id, default_in_may=""),
            _needed("summary", parts=(SummaryText,)),
            Member(
                "content",
                null_when_absent=True,
                is_sent=_has_reasoning_text,
                parts=(ReasoningText, Text),
            ),
            Member("encrypted_content", null_when_absent=True),
            _PASSTHROUGH,
        ),
        azure_id=True,
    ),
    LocalShellCall: Policy(
        (
            _ID,
            _CALL_ID_OR_NULL,
            _needed("status", is_read=_one_of("completed", "in_progress", "incomplete")),
            _needed("action", parts=(LocalShellExec,)),
            _PASSTHROUGH,
        ),
        azure_id=True,
    ),
    FunctionCall: Policy(
        (
            _ID,
            _needed("name"),
            Member("namespace"),
            _needed("arguments"),
            Member("encrypted_function_args", read=_AUGUST, written=_AUGUST, first_party=True),
            _needed("call_id"),
            _PASSTHROUGH,
        ),
        azure_id=True,
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
        azure_id=True,
    ),
    FunctionCallOutput: Policy(
        (
            _NEW_ID,
            Member("call_id", required=_MAY),
            Member("name", read=_AUGUST, written=_AUGUST),
            Member("namespace", read=_AUGUST, written=_AUGUST),
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
            Member("namespace", read=_AUGUST, written=_AUGUST),
            _needed("input"),
            _PASSTHROUGH,
        ),
        azure_id=True,
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
        azure_id=True,
    ),
    ImageGenerationCall: Policy(
        (
            # The one id that was always sent, whatever its form; in August it is like the others.
            Member("id", written=_MAY, required=_MAY),
            Member("id", read=_AUGUST, written=_AUGUST, is_sent=is_sendable_id),
            _needed("status"),
            Member("revised_prompt"),
            _needed("result"),
            _PASSTHROUGH,
        )
    ),
    Compaction: Policy(_COMPACTION),
    CompactionSummary: Policy(_COMPACTION, written_as="compaction"),
    ContextCompaction: Policy((_NEW_ID, Member("encrypted_content"), _PASSTHROUGH)),
    CompactionTrigger: Policy((), known=_AUGUST),
    AdditionalTools: Policy((_NEW_ID, _needed("role"), _needed("tools")), known=_AUGUST),
    AgentMessage: Policy(
        (
            _NEW_ID,
            _needed("author"),
            _needed("recipient"),
            _needed("content", parts=(InputText, EncryptedContent)),
            _PASSTHROUGH,
        ),
        known=_AUGUST,
    ),
    # April 2026 read it, and what it could not read it dropped; later versions have no such type.
    GhostSnapshot: Policy((_needed("ghost_commit", parts=(GhostCommit,)),), known=_NEITHER),
}

POLICIES: Final[dict[type[Struct], Policy]] = {**_PARTS, **_ITEMS}
"""The row of each class of items and parts that upstream knows."""

_DECLARED: Final = frozenset(
    (cls, member.name) for cls, policy in POLICIES.items() for member in policy.members
)


def is_declared(cls: type[Struct], name: str) -> bool:
    """Whether upstream's record has the member, so that it drops the item when it is wrong."""
    return (cls, name) in _DECLARED


def policy_of(item: ResponseItem, version: WireVersion) -> Policy | None:
    """The row of an item, None where the version does not know its type."""
    policy = POLICIES.get(type(item))
    return policy if policy is not None and version in policy.known else None
