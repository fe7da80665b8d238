"""Makes docs/events.md from the registries: `python -m tools.events_doc`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from codex_proto import realtime, responses
from codex_proto._wire import NOTES_KEY
from codex_proto.realtime.wire._base import RealtimeWireEvent
from codex_proto.responses.wire._base import WireEvent
from tools.classes import members, summary
from tools.faces import ROOT

if TYPE_CHECKING:
    from msgspec import Struct

__all__ = ["DOC", "render"]

DOC: Final = ROOT / "docs" / "events.md"

_HEAD: Final = """# Events

Made from the classes by `python -m tools.events_doc`; a test compares them.

Every event class has a wire type of its own; the decoder chooses it by the `type` of the message. A
member that is absent is `msgspec.UNSET`, `null` is `None`. A member whose attribute has a raw form is
decoded when it is asked for, and is a `MalformedPart` if it cannot be. A wrong type in a member that
costs no event leaves it at its default, and `event.notes` has what came. "Codex view" is the event that
profile `codex` makes of it.

What is not known is an `UnknownEvent(type, raw)`, what is not an event a `MalformedEvent(reason, raw)`.
"""


def render() -> str:
    """Return the whole page."""
    parts = [_HEAD, "## Responses: events of the wire", "", _shared(WireEvent), ""]
    for row in responses.ROWS:
        facts = ["output" if row.is_output else "no output", f"source: {row.spec}"]
        if row.codex:
            facts.insert(1, f"codex view: `{row.codex}`")
        parts += _event(row.type, row.cls, facts, WireEvent)
    parts += ["## Responses: derived events", "", _DERIVED, ""]
    for cls in (*get_args(responses.DerivedEvent), responses.StreamFailed):
        parts += _class(cls)
    parts += ["## Realtime: events of the wire", "", _shared(RealtimeWireEvent), ""]
    for realtime_row in realtime.ROWS:
        versions = "version " + " and ".join(v[1:] for v in realtime_row.versions)
        facts = [versions, f"source: {realtime_row.spec}"]
        parts += _event(realtime_row.type, realtime_row.cls, facts, RealtimeWireEvent)
    parts += ["## Realtime: events of profile `codex`", "", _CODEX, ""]
    for cls in _codex_events():
        parts += _class(cls)
    return "\n".join(parts).rstrip() + "\n"


_DERIVED: Final = "Headers and metadata carry them; `StreamFailed` is the outcome of a response that did not complete."
_CODEX: Final = "What upstream makes of the messages, whichever version the session speaks."


def _shared(base: type[Struct]) -> str:
    names = [f"`{name}`" for name in base.__struct_encode_fields__ if name != NOTES_KEY]
    return f"All of them may have {', '.join(names)}."


def _event(type_: str, cls: type[Struct], facts: list[str], base: type[Struct]) -> list[str]:
    table = members(cls, base.__struct_fields__)
    lines = [f"### `{type_}`", "", f"`{cls.__name__}` ({'; '.join(facts)}). {summary(cls)}", ""]
    return [*lines, *table, ""] if table else lines


def _class(cls: Any) -> list[str]:
    table = members(cls)
    lines = [f"### `{cls.__name__}`", "", summary(cls), ""]
    return [*lines, *table, ""] if table else lines


def _codex_events() -> list[Any]:
    return sorted(
        {cls for cls in get_args(realtime.RealtimeEvent) if isinstance(cls, type)},
        key=lambda cls: str(cls.__name__),
    )


if __name__ == "__main__":
    DOC.write_text(render(), encoding="utf-8")
