"""The two views of the wire events of a realtime session: all of them, or those of upstream.

Both are pure projections of what `decode_realtime_event` returns; neither decodes a message.

Source: wire.md 8.5; docs/architecture.md, "Views" and "Realtime".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from codex_proto.realtime.stream._events import (
    HandoffRequested,
    NoopRequested,
    RealtimeError,
    RealtimeEvent,
)
from codex_proto.realtime.stream._view_tables import CARRIERS, TABLES, read_error
from codex_proto.realtime.wire import DecodedRealtimeEvent, RealtimeErrorEvent, RealtimeVersion
from codex_proto.realtime.wire._registry import SCALAR_CLASSES
from codex_proto.realtime.wire._versions import check_version

__all__ = ["CodexRealtimeView", "FullRealtimeView"]

Give: TypeAlias = Callable[[Any], Any]


class CodexRealtimeView:
    """Returns the events of upstream, and nothing else (profile `codex`).

    Feed it wire events with `receive_event`. Events that upstream ignores are counted in
    `left_out`.

    Args:
        version: the version of the protocol that is spoken.

    Raises:
        LocalProtocolError: `version` is not a version.
    """

    direct: Final[frozenset[type]] = frozenset()
    """Classes whose events are returned unchanged."""

    def __init__(self, version: RealtimeVersion) -> None:
        check_version(version)
        self._table: Mapping[type, Any] = {
            **TABLES[version],
            RealtimeErrorEvent: self._receive_error,
        }
        self.gives: Final[Mapping[type, Give]] = {
            cls: give for cls, give in TABLES[version].items() if cls in SCALAR_CLASSES
        }
        self._failure: RealtimeError | None = None
        self._left_out: Counter[str] = Counter()

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many events of each class were left out, by the name of the class."""
        return MappingProxyType(self._left_out)

    @property
    def failure(self) -> RealtimeError | None:
        """The first error that the server sent; upstream ends the conversation on it."""
        return self._failure

    def receive_event(self, event: DecodedRealtimeEvent) -> list[RealtimeEvent]:
        """Return upstream's event, or an empty list if upstream ignores this one."""
        project = self._table.get(type(event))
        projected: RealtimeEvent | None = None if project is None else project(event)
        if projected is None:
            self._left_out[type(event).__name__] += 1
            return []
        return [projected]

    def _receive_error(self, event: RealtimeErrorEvent) -> RealtimeError | None:
        error = read_error(event)
        self._failure = self._failure or error
        return error


class FullRealtimeView:
    """Returns every wire event, and a handoff or a silence after the one that carries it.

    Args:
        version: the version of the protocol that is spoken.

    Raises:
        LocalProtocolError: `version` is not a version.
    """

    direct: Final[frozenset[type]] = SCALAR_CLASSES
    """Classes whose events are returned unchanged."""
    gives: Final[Mapping[type, Give]] = MappingProxyType({})
    """Classes whose events one function always converts."""

    def __init__(self, version: RealtimeVersion) -> None:
        check_version(version)
        self._carriers: Mapping[type, Any] = CARRIERS[version]

    def receive_event(
        self, event: DecodedRealtimeEvent
    ) -> list[DecodedRealtimeEvent | HandoffRequested | NoopRequested]:
        """Return the event, followed by what it carries."""
        read = self._carriers.get(type(event))
        if read is None:
            return [event]
        carried: HandoffRequested | NoopRequested | None = read(event)
        return [event] if carried is None else [event, carried]
