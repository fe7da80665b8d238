"""Items that are neither said nor called: compaction, tools in the input, snapshots, references.

Source: wire.md 3.2; OpenAI API reference, Responses.
"""

from typing import Any

from msgspec import UNSET

from codex_proto._wire import Noted, Opt
from codex_proto.items._base import ResponseItem
from codex_proto.items._messages import ContentPart

__all__ = [
    "AdditionalTools",
    "AgentMessage",
    "Compaction",
    "CompactionSummary",
    "CompactionTrigger",
    "ConfigurationUpdate",
    "ContextCompaction",
    "GhostCommit",
    "GhostSnapshot",
    "ItemReference",
]


class Compaction(ResponseItem, frozen=True, kw_only=True, gc=False, tag="compaction"):
    """A conversation so far, in a form that only the server can read."""

    encrypted_content: str


class CompactionSummary(Compaction, frozen=True, kw_only=True, gc=False, tag="compaction_summary"):
    """A `Compaction` under its other name, which is read but never sent."""


class ContextCompaction(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="context_compaction"
):
    """A compacted context; without `encrypted_content` it asks for one."""

    encrypted_content: Opt[str] = UNSET


class CompactionTrigger(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="compaction_trigger"
):
    """Asks the server to compact the conversation: the last item of a request's input."""


class AdditionalTools(ResponseItem, frozen=True, kw_only=True, gc=False, tag="additional_tools"):
    """Definitions of tools as an item of the input, as JSON."""

    role: str
    tools: tuple[Any, ...]


class AgentMessage(ResponseItem, frozen=True, kw_only=True, gc=False, tag="agent_message"):
    """What one agent says to another."""

    author: str
    recipient: str
    content: tuple[ContentPart, ...]


class GhostCommit(Noted, frozen=True, kw_only=True, gc=False):
    """A commit that holds the state of a working tree, and what was untracked before it."""

    id: str
    preexisting_untracked_files: tuple[str, ...]
    preexisting_untracked_dirs: tuple[str, ...]
    parent: Opt[str] = UNSET


class GhostSnapshot(ResponseItem, frozen=True, kw_only=True, gc=False, tag="ghost_snapshot"):
    """The state of a working tree, until April 2026; later versions do not know it."""

    ghost_commit: GhostCommit


class ConfigurationUpdate(
    ResponseItem, frozen=True, kw_only=True, gc=False, tag="configuration_update"
):
    """Changes how the model goes on, such as its reasoning effort (late 2026; JSON as it came)."""

    reasoning: Any = UNSET


class ItemReference(ResponseItem, frozen=True, kw_only=True, gc=False, tag="item_reference"):
    """Stands for the item of that `id`, which the server has kept."""
