"""Our side: one `ResponsesDecoder` over the reads, and a check of the events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.responses import CodexView, Completed, ResponsesDecoder, WireEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_proto.responses import Profile


class CheckFailedError(Exception):
    """The decoder did not report the generated stream, so its time is meaningless."""


def decode(reads: Iterable[bytes], profile: Profile = "full") -> None:
    """Decode and drop the events; this is timed."""
    decoder = ResponsesDecoder(profile=profile)
    receive_data = decoder.receive_data
    for read in reads:
        receive_data(read)
    decoder.receive_eof()


def check(reads: Iterable[bytes], events: int, unknown: int = 0) -> None:
    """Decode once, outside the timing, and compare with the generated events."""
    decoder = ResponsesDecoder(profile="full")
    seen = [event for read in reads for event in decoder.receive_data(read)]
    seen += decoder.receive_eof()
    _expect("events", len(seen), events)
    _expect("unknown events", sum(isinstance(event, UnknownEvent) for event in seen), unknown)
    _expect("malformed events", sum(isinstance(event, MalformedEvent) for event in seen), 0)
    noted = sum(bool(event.notes) for event in seen if isinstance(event, WireEvent))
    _expect("events with notes", noted, 0)
    if not isinstance(decoder.outcome, Completed):
        raise CheckFailedError(f"outcome is {decoder.outcome!r}, not Completed")


def check_codex(reads: Iterable[bytes]) -> None:
    """Check profile `codex`, which leaves out events that upstream does not have."""
    full, codex, view = ResponsesDecoder(), ResponsesDecoder("codex"), CodexView()
    for read in reads:
        expected = view.receive_events(full.receive_data(read))
        if codex.receive_data(read) != expected:
            raise CheckFailedError("the codex profile is not the view of the full one")
    if not isinstance(codex.outcome, Completed):
        raise CheckFailedError(f"outcome is {codex.outcome!r}, not Completed")


def _expect(what: str, seen: int, wanted: int) -> None:
    if seen != wanted:
        raise CheckFailedError(f"{seen} {what}, not {wanted}")
