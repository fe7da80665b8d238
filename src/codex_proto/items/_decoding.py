"""The items of a response's output and of a request's input, decoded.

An item is decoded straight into the class its `type` names. Only where that does not work is it
looked at a second time, slowly:

- an unknown type makes an `UnknownItem`, a part of an unknown type an `UnknownPart`, both with
  all of their JSON (upstream drops the item, or forgets what is in it);
- a wrong type in a member that upstream reads makes a `MalformedPart`, since upstream drops such
  an item too; in any other member it is reported in the item's `notes`;
- an item without a `type` that looks like a message or a reference is one, as on the public API,
  and its notes say so.

Encoding is in `_encoding`, the view that upstream has of an item in `_codex`.

Source: wire.md 3; OpenAI API reference, Responses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias, Union

import msgspec
from msgspec import Raw

from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedPart,
    decode_loosely,
    decode_record,
    is_too_deep,
    split_members,
)
from codex_proto.items._base import ResponseItem
from codex_proto.items._calls import (
    CustomToolCall,
    FileSearchCall,
    FunctionCall,
    ImageGenerationCall,
    LocalShellCall,
    McpApprovalRequest,
    McpCall,
    McpListTools,
    MultiAgentCall,
    ToolSearchCall,
    WebSearchCall,
)
from codex_proto.items._control import (
    AdditionalTools,
    AgentMessage,
    Compaction,
    CompactionSummary,
    CompactionTrigger,
    ConfigurationUpdate,
    ContextCompaction,
    GhostSnapshot,
    ItemReference,
)
from codex_proto.items._hosted import (
    ApplyPatchCall,
    CodeInterpreterCall,
    ComputerCall,
    Program,
    ShellCall,
)
from codex_proto.items._messages import ContentPart, Message
from codex_proto.items._outputs import (
    ApplyPatchCallOutput,
    ComputerCallOutput,
    CustomToolCallOutput,
    FunctionCallOutput,
    LocalShellCallOutput,
    McpApprovalResponse,
    MultiAgentCallOutput,
    ProgramOutput,
    ShellCallOutput,
    ToolSearchOutput,
)
from codex_proto.items._policies import is_declared
from codex_proto.items._reasoning import Reasoning
from codex_proto.items._unknown import UnknownItem

__all__ = [
    "ITEM_CLASSES",
    "Item",
    "KnownItem",
    "decode_content_part",
    "decode_item",
    "decode_items",
]

KnownItem: TypeAlias = (
    Message
    | Reasoning
    | FunctionCall
    | FunctionCallOutput
    | CustomToolCall
    | CustomToolCallOutput
    | LocalShellCall
    | LocalShellCallOutput
    | ToolSearchCall
    | ToolSearchOutput
    | WebSearchCall
    | FileSearchCall
    | ImageGenerationCall
    | CodeInterpreterCall
    | ComputerCall
    | ComputerCallOutput
    | ShellCall
    | ShellCallOutput
    | ApplyPatchCall
    | ApplyPatchCallOutput
    | McpCall
    | McpListTools
    | McpApprovalRequest
    | McpApprovalResponse
    | Program
    | ProgramOutput
    | MultiAgentCall
    | MultiAgentCallOutput
    | Compaction
    | CompactionSummary
    | ContextCompaction
    | CompactionTrigger
    | AdditionalTools
    | AgentMessage
    | GhostSnapshot
    | ConfigurationUpdate
    | ItemReference
)

Item: TypeAlias = KnownItem | UnknownItem | MalformedPart

ITEM_CLASSES: Final[dict[str, type[ResponseItem]]] = {
    str(cls.__struct_config__.tag): cls for cls in KnownItem.__args__
}
"""The class of each wire type."""


@cache
def _decoder() -> Callable[[bytes], KnownItem]:
    # Made when the first item is asked for: importing should not cost those who ask for none.
    union: Any = Union[tuple(ITEM_CLASSES.values())]  # noqa: UP007 - built from a table
    return msgspec.json.Decoder[KnownItem](union).decode


_decode_text: Final = msgspec.json.Decoder(str).decode
_decode_elements: Final = msgspec.json.Decoder(list[Raw] | None).decode


def decode_item(field: str, raw: bytes | Raw, *, max_depth: int = DEFAULT_MAX_DEPTH) -> Item:
    """Decode one item; a `MalformedPart` where upstream could not read it either.

    `field` is the name that a `MalformedPart` bears, `max_depth` how many levels are read. Bytes
    never raise.
    """
    content = bytes(raw)
    try:
        return _check(field, content, max_depth) or _decoder()(content)
    except DECODE_ERRORS:
        return _decode_irregular(field, content)


def decode_items(
    field: str, raw: bytes | Raw, *, max_depth: int = DEFAULT_MAX_DEPTH
) -> tuple[Item, ...] | MalformedPart:
    """Decode a list of items, each for itself; null is an empty list."""
    content = bytes(raw)
    malformed = _check(field, content, max_depth)
    if malformed is not None:
        return malformed
    try:
        elements = _decode_elements(content)
    except DECODE_ERRORS as error:
        return _malformed(field, str(error), content)
    return tuple(decode_item(field, element) for element in elements or ())


def decode_content_part(field: str, raw: bytes | Raw) -> ContentPart | MalformedPart:
    """Decode one content part, as `response.content_part.added` carries it."""
    content = bytes(raw)
    malformed = _check(field, content, DEFAULT_MAX_DEPTH)
    if malformed is not None:
        return malformed
    try:
        part: ContentPart = decode_loosely(ContentPart, content, is_declared)
    except DECODE_ERRORS as error:
        return _malformed(field, str(error), content)
    return part


def _check(field: str, content: bytes, max_depth: int) -> MalformedPart | None:
    # msgspec looks at neither in members that it skips.
    if not content.isascii():
        try:
            str(content, "utf-8")
        except UnicodeDecodeError as error:
            reason = f"invalid UTF-8 at byte {error.start}: {error.reason}"
            return _malformed(field, reason, content)
    if is_too_deep(content, max_depth):
        return _malformed(field, f"nested more than {max_depth} levels deep", content)
    return None


def _malformed(field: str, reason: str, raw: bytes) -> MalformedPart:
    return MalformedPart(field=field, reason=reason, raw=raw)


def _decode_irregular(field: str, content: bytes) -> Item:
    try:
        members = split_members(content)
        type_ = _type_of(members)
        cls = ITEM_CLASSES.get(type_)
        if cls is None:
            return UnknownItem(type_, content)
        item: KnownItem = decode_record(cls, members, is_declared, *_type_notes(members))
    except DECODE_ERRORS as error:
        return _malformed(field, str(error), content)
    return item


def _type_of(members: dict[str, Raw]) -> str:
    """The type an item says it has, or the one that the public API takes it for."""
    if not _type_notes(members):
        return _decode_text(members["type"])
    if "role" in members and "content" in members:
        return "message"
    if members.keys() - {"type", "agent"} == {"id"}:
        return "item_reference"
    raise msgspec.ValidationError("Object missing required field `type`")


def _type_notes(members: dict[str, Raw]) -> tuple[MalformedPart, ...]:
    if "type" not in members:
        return (_malformed("type", "missing, and taken from the other members", b""),)
    raw = bytes(members["type"])
    if raw == b"null":
        return (_malformed("type", "null, and taken from the other members", raw),)
    return ()
