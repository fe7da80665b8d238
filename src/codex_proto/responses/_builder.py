"""From events to the response they amount to: items, text, usage and outcome.

Source: wire.md 1.5, 1.7, 1.11; observed.md, "Public recordings" (the Codex backend leaves the
terminal output empty, and the items are in the events before it).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from codex_proto.errors import LocalProtocolError
from codex_proto.items import Item, Message
from codex_proto.rate_limits import RateLimitSnapshot, merge_rate_limits
from codex_proto.responses._drafts import DRAFTED, ItemDraft
from codex_proto.responses.stream import (
    ModelsEtag,
    Outcome,
    RateLimits,
    ResponseEvent,
    ServerModel,
    StreamFailed,
)
from codex_proto.responses.wire import (
    Completed,
    Created,
    LifecycleEvent,
    Response,
    TokenUsage,
    WireEvent,
)

__all__ = ["DEFAULT_MAX_TEXT_SIZE", "FinalResponse", "ResponseBuilder"]

DEFAULT_MAX_TEXT_SIZE: Final = 64 * 1024 * 1024
"""Characters of text that a builder keeps of unfinished items."""


class FinalResponse(Struct, frozen=True, kw_only=True):
    """What a stream of events amounts to.

    `items` is the output in its order; an item that the server did not finish is there as far as
    it came. `outcome` is None while the response is open. `response` is the last response object
    that an event carried, decoded (or None, or it is malformed). `rate_limits`
    has one snapshot for each limit that was reported.
    """

    response_id: str | None = None
    server_model: str | None = None
    models_etag: str | None = None
    items: tuple[Item, ...] = ()
    token_usage: TokenUsage | None = None
    end_turn: bool | None = None
    rate_limits: tuple[RateLimitSnapshot, ...] = ()
    response: Response | None = None
    outcome: Outcome | None = None
    text_left_out: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the response completed."""
        return isinstance(self.outcome, Completed)

    @property
    def output_text(self) -> str:
        """The text of all messages, joined without anything between them."""
        return "".join(item.text for item in self.items if isinstance(item, Message))


class ResponseBuilder:
    """Collects the events of one response; ask `build` at any time, also after it broke off.

    Feed it what a `ResponsesDecoder` of either profile gives. The items come from their
    `OutputItemDone`; those without one from what was announced of them first and their deltas.
    Where the last event carries a list of items, that is the output.

    Args:
        max_text_size: characters of text to keep of items that are not whole. What is beyond it
            is left out and counted in `text_left_out`.

    Raises:
        LocalProtocolError: `max_text_size` is negative.
    """

    def __init__(self, *, max_text_size: int = DEFAULT_MAX_TEXT_SIZE) -> None:
        if max_text_size < 0:
            raise LocalProtocolError(f"max_text_size: must not be negative, not {max_text_size}")
        self._max_text_size = max_text_size
        self._server_model: str | None = None
        self._models_etag: str | None = None
        self._rate_limits: dict[str | None, RateLimitSnapshot] = {}
        self._begin()

    def _begin(self) -> None:
        self._drafts: dict[int | str, ItemDraft] = {}
        self._last_key: int | str = 0
        self._text_size = 0
        self._text_left_out = 0
        self._last: LifecycleEvent | None = None
        self._outcome: Outcome | None = None

    def receive_events(self, events: Iterable[ResponseEvent]) -> None:
        """Take several events, as decoders give them."""
        for event in events:
            if type(event) in DRAFTED:
                self._receive_piece(event)  # type: ignore[arg-type] # as DRAFTED says
            else:
                self.receive_event(event)

    def receive_event(self, event: ResponseEvent) -> None:
        """Take the next event. A `Created` after an outcome begins another response."""
        if type(event) in DRAFTED:
            self._receive_piece(event)  # type: ignore[arg-type] # as DRAFTED says
            return
        match event:
            case StreamFailed():
                self._outcome = event
            case LifecycleEvent():
                if isinstance(event, Created) and self._outcome is not None:
                    self._begin()
                self._last = event
                if isinstance(event, Completed):
                    self._outcome = event
            case ServerModel(model=model):
                self._server_model = model
            case ModelsEtag(etag=etag):
                self._models_etag = etag
            case RateLimits(snapshot=snapshot):
                before = self._rate_limits.get(snapshot.limit_id)
                self._rate_limits[snapshot.limit_id] = merge_rate_limits(before, snapshot)
            case _:
                pass

    @property
    def items(self) -> tuple[Item, ...]:
        """The output so far, from the events about its items alone."""
        drafts = sorted(self._drafts.items(), key=lambda draft: _place(draft[0]))
        items = (draft.item() for _, draft in drafts)
        return tuple(item for item in items if item is not None)

    def build(self) -> FinalResponse:
        """Return what the events so far amount to."""
        last = self._last
        response = last.response if last is not None else None
        whole = response if isinstance(response, Response) else None
        told = whole.output if whole is not None else ()
        usage = last.token_usage if last is not None else None
        return FinalResponse(
            response_id=last.response_id if last is not None else None,
            server_model=self._server_model,
            models_etag=self._models_etag,
            items=told if isinstance(told, tuple) and told else self.items,
            token_usage=usage if isinstance(usage, TokenUsage) else None,
            end_turn=last.end_turn if isinstance(last, Completed) else None,
            rate_limits=tuple(self._rate_limits.values()),
            response=whole,
            outcome=self._outcome,
            text_left_out=self._text_left_out,
        )

    def _receive_piece(self, event: WireEvent) -> None:
        key = self._key(event)
        draft = self._drafts.get(key)
        if draft is None:
            draft = self._drafts[key] = ItemDraft()
        self._last_key = key
        piece = getattr(event, "delta", None)
        if isinstance(piece, str) and self._text_size + len(piece) > self._max_text_size:
            self._text_left_out += 0 if draft.is_whole else len(piece)
            return
        self._text_size += draft.receive_event(event)

    def _key(self, event: WireEvent) -> int | str:
        """Which item an event is about: by its place, which all servers keep, or by its id."""
        place = getattr(event, "output_index", None)
        if isinstance(place, int):
            return place
        item_id = getattr(event, "item_id", None)
        return item_id if isinstance(item_id, str) else self._last_key


def _place(key: int | str) -> tuple[int, int]:
    """Items without a place come last, in the order in which they were reported."""
    return (0, key) if isinstance(key, int) else (1, 0)
