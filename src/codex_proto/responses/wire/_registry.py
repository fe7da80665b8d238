"""Every wire type of the Responses protocol: one row each.

Decoding, the stream states, the docs and the tests all read this one table.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from codex_proto.responses.wire import (
    _hosted as wire_hosted,
)
from codex_proto.responses.wire import (
    _items as wire_items,
)
from codex_proto.responses.wire import (
    _lifecycle as wire_lifecycle,
)
from codex_proto.responses.wire import (
    _reasoning as wire_reasoning,
)
from codex_proto.responses.wire import (
    _service as wire_service,
)
from codex_proto.responses.wire import (
    _text as wire_text,
)
from codex_proto.responses.wire import (
    _tools as wire_tools,
)
from codex_proto.responses.wire._base import WireEvent

__all__ = ["ROWS", "Row"]


class Row(NamedTuple):
    """What is known of one wire type.

    `spec` says where it is described. `is_output` is whether it shows that output has begun, so
    that a retry would repeat something: all but the events about the response as a whole and
    those of the service. `codex` is what the codex view makes of it: the name of an event, of
    which it may still leave one out, or None where upstream passes over the type.
    """

    cls: type[WireEvent]
    spec: str
    is_output: bool
    codex: str | None = None

    @property
    def type(self) -> str:
        """The type as it stands in the JSON."""
        return str(self.cls.__struct_config__.tag)

    @property
    def is_delta(self) -> bool:
        """Whether it is a piece of something larger."""
        return self.type.endswith(".delta")


_PUBLIC = "OpenAI API reference, Responses"
_PUBLIC_AND_WS = "OpenAI API reference, Responses; wire.md 2.7"
_CODEX = "wire.md 2.6"
_SEEN = 'observed.md, "Public recordings"'

_SILENT: Final[dict[type[WireEvent], str]] = {
    wire_lifecycle.Created: _PUBLIC,
    wire_lifecycle.Queued: _PUBLIC,
    wire_lifecycle.InProgress: _PUBLIC,
    wire_lifecycle.Completed: _PUBLIC,
    wire_lifecycle.Failed: _PUBLIC,
    wire_lifecycle.Incomplete: _PUBLIC,
    wire_lifecycle.ErrorEvent: _PUBLIC_AND_WS,
    wire_service.CodexRateLimits: _CODEX,
    wire_service.CodexResponseMetadata: _CODEX,
    wire_service.ResponseMetadata: _CODEX,
    wire_service.WebSocketTiming: _CODEX,
    wire_service.Keepalive: _SEEN,
    wire_service.GatewayPing: _SEEN,
}

_UNSPECIFIED: Final[frozenset[type[WireEvent]]] = frozenset(
    {
        wire_reasoning.ReasoningPartAdded,
        wire_reasoning.ReasoningPartDone,
        wire_tools.ApplyPatchCallOperationDiffDelta,
        wire_tools.ApplyPatchCallOperationDiffDone,
    }
)


def _output_classes() -> list[type[WireEvent]]:
    """The classes of the families that are about output, without the bases they share.

    msgspec tags a base with its own name, which is no type of the wire.
    """
    families = (wire_items, wire_text, wire_reasoning, wire_tools, wire_hosted)
    members = [getattr(family, name) for family in families for name in family.__all__]
    return [member for member in members if member.__struct_config__.tag != member.__name__]


# What upstream has an event for: mostly under the same name (wire.md 1.5, 2.6).
_CODEX_NAMES: Final[dict[type[WireEvent], str]] = {
    wire_lifecycle.Failed: "StreamFailed",
    wire_lifecycle.Incomplete: "StreamFailed",
    wire_lifecycle.ErrorEvent: "StreamFailed",
    wire_service.CodexRateLimits: "RateLimits",
    wire_service.CodexResponseMetadata: "ModelsEtag",
    wire_service.ResponseMetadata: "ModelVerifications",
    **{
        cls: cls.__name__
        for cls in (
            wire_lifecycle.Created,
            wire_lifecycle.Completed,
            wire_items.OutputItemAdded,
            wire_items.OutputItemDone,
            wire_text.OutputTextDelta,
            wire_tools.ToolCallInputDelta,
            wire_reasoning.ReasoningSummaryPartAdded,
            wire_reasoning.ReasoningSummaryDelta,
            wire_reasoning.ReasoningSummaryDone,
            wire_reasoning.ReasoningContentDelta,
        )
    },
}

ROWS: Final[tuple[Row, ...]] = (
    *(
        Row(cls, spec, is_output=False, codex=_CODEX_NAMES.get(cls))
        for cls, spec in _SILENT.items()
    ),
    *(
        Row(
            cls,
            _SEEN if cls in _UNSPECIFIED else _PUBLIC,
            is_output=True,
            codex=_CODEX_NAMES.get(cls),
        )
        for cls in _output_classes()
    ),
)
