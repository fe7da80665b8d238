"""Which piece of an item each event carries: the table that the drafts are made by.

Source: OpenAI API reference, Responses; wire.md 1.5.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from codex_proto._wire import MalformedPart
from codex_proto.items import (
    ContentPart,
    OutputText,
    ReasoningText,
    Refusal,
    SummaryText,
    decode_content_part,
)
from codex_proto.responses.wire import (
    CodeInterpreterCallCodeDelta,
    CodeInterpreterCallCodeDone,
    ContentPartAdded,
    ContentPartDone,
    FunctionCallArgumentsDelta,
    FunctionCallArgumentsDone,
    ImageGenerationCallPartialImage,
    McpCallArgumentsDelta,
    McpCallArgumentsDone,
    OutputItemAdded,
    OutputItemDone,
    OutputTextDelta,
    OutputTextDone,
    ReasoningContentDelta,
    ReasoningContentDone,
    ReasoningPartAdded,
    ReasoningPartDone,
    ReasoningSummaryDelta,
    ReasoningSummaryDone,
    ReasoningSummaryPartAdded,
    ReasoningSummaryPartDone,
    RefusalDelta,
    RefusalDone,
    ToolCallInputDelta,
    ToolCallInputDone,
    WireEvent,
)

__all__ = [
    "ARGUMENTS",
    "CODE",
    "DRAFTED",
    "IMAGE",
    "INPUT",
    "PARTS",
    "PIECES",
    "REASONING",
    "REFUSAL",
    "SUMMARY",
    "TEXT",
    "Piece",
    "PieceKind",
    "part_piece",
]

# Where in an item a piece belongs: the member, or the kind of part in a list.
TEXT: Final = "text"
REFUSAL: Final = "refusal"
SUMMARY: Final = "summary"
REASONING: Final = "reasoning"
ARGUMENTS: Final = "arguments"
INPUT: Final = "input"
CODE: Final = "code"
IMAGE: Final = "result"


class PieceKind(NamedTuple):
    """What an event carries.

    `item_type` is the type of the items that have such a piece, `member` where in the item it
    belongs, `index_name` the attribute that says at which place there, `text` the attribute with
    the piece, and `is_all` whether that is all of the member (or all so far).
    """

    item_type: str
    member: str
    index_name: str | None
    text: str
    is_all: bool


class Piece(NamedTuple):
    """A piece of text for `member` at `place`; `part` is the whole part where it came as one."""

    member: str
    place: int
    text: str
    is_all: bool
    part: ContentPart | None = None


PIECES: Final[dict[type[WireEvent], PieceKind]] = {
    OutputTextDelta: PieceKind("message", TEXT, "content_index", "delta", False),
    OutputTextDone: PieceKind("message", TEXT, "content_index", "text", True),
    RefusalDelta: PieceKind("message", REFUSAL, "content_index", "delta", False),
    RefusalDone: PieceKind("message", REFUSAL, "content_index", "refusal", True),
    ReasoningSummaryDelta: PieceKind("reasoning", SUMMARY, "summary_index", "delta", False),
    ReasoningSummaryDone: PieceKind("reasoning", SUMMARY, "summary_index", "text", True),
    ReasoningContentDelta: PieceKind("reasoning", REASONING, "content_index", "delta", False),
    ReasoningContentDone: PieceKind("reasoning", REASONING, "content_index", "text", True),
    FunctionCallArgumentsDelta: PieceKind("function_call", ARGUMENTS, None, "delta", False),
    FunctionCallArgumentsDone: PieceKind("function_call", ARGUMENTS, None, "arguments", True),
    McpCallArgumentsDelta: PieceKind("mcp_call", ARGUMENTS, None, "delta", False),
    McpCallArgumentsDone: PieceKind("mcp_call", ARGUMENTS, None, "arguments", True),
    ToolCallInputDelta: PieceKind("custom_tool_call", INPUT, None, "delta", False),
    ToolCallInputDone: PieceKind("custom_tool_call", INPUT, None, "input", True),
    CodeInterpreterCallCodeDelta: PieceKind("code_interpreter_call", CODE, None, "delta", False),
    CodeInterpreterCallCodeDone: PieceKind("code_interpreter_call", CODE, None, "code", True),
    ImageGenerationCallPartialImage: PieceKind(
        "image_generation_call", IMAGE, None, "partial_image_b64", True
    ),
}

# Events that carry a part of a list: which list, and what says where in it.
_PART_EVENTS: Final[dict[type[WireEvent], str]] = {
    ContentPartAdded: "content_index",
    ContentPartDone: "content_index",
    ReasoningPartAdded: "content_index",
    ReasoningPartDone: "content_index",
    ReasoningSummaryPartAdded: "summary_index",
    ReasoningSummaryPartDone: "summary_index",
}

# The parts that a member consists of, the type of their items, and where their text is.
PARTS: Final[dict[type, tuple[str, str, str]]] = {
    OutputText: ("message", TEXT, "text"),
    Refusal: ("message", REFUSAL, "refusal"),
    SummaryText: ("reasoning", SUMMARY, "text"),
    ReasoningText: ("reasoning", REASONING, "text"),
}

DRAFTED: Final = frozenset({OutputItemAdded, OutputItemDone, *PIECES, *_PART_EVENTS})
"""The events that carry an item, or a piece of one."""


def part_piece(event: WireEvent) -> tuple[str, Piece] | None:
    """Return the type of the item and the piece that an event about a whole part carries.

    None for a part without text that is known here: it comes with the item.
    """
    raw = getattr(event, "raw_part", None)
    if not raw:
        return None
    part = decode_content_part("part", raw)
    if isinstance(part, MalformedPart) or type(part) not in PARTS:
        return None
    item_type, member, attribute = PARTS[type(part)]
    index = getattr(event, _PART_EVENTS[type(event)])
    text = getattr(part, attribute)
    return item_type, Piece(member, index if isinstance(index, int) else 0, text, True, part)
