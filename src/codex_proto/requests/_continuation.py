"""When a request may go on from the response before it, and send only what is new.

A server that keeps the last response of a WebSocket needs no input that it has seen. It has seen
the input of the last request and the items of its response; if a new request is the same in all
else, and its input begins with those, the rest will do.

Source: wire.md 2.8.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from codex_proto.items import Item, ResponseItem, UnknownItem, codex_item
from codex_proto.requests._encoding import encode_request
from codex_proto.requests._responses import ResponsesApiRequest
from codex_proto.versions import WireVersion

__all__ = ["Continuation", "Increment"]


class Increment(NamedTuple):
    """What is to be sent instead of a whole request."""

    previous_response_id: str
    input: tuple[Item, ...]


class _Request(NamedTuple):
    rest: bytes
    input: tuple[Item, ...]


class _Response(NamedTuple):
    id: str
    items: tuple[Item, ...]


class Continuation:
    """Remembers the last request and response of one connection.

    Ask `take_increment(request)` before each request, tell each end by `receive_completed`. A new
    connection has to begin with a new one, or with `forget()`.
    """

    def __init__(self, version: WireVersion) -> None:
        self._version = version
        self.forget()

    def forget(self) -> None:
        """Forget everything: the next request is sent whole."""
        self._request: _Request | None = None
        self._response: _Response | None = None

    @property
    def has_request(self) -> bool:
        """Whether a request was sent since the beginning."""
        return self._request is not None

    def take_increment(self, request: ResponsesApiRequest) -> Increment | None:
        """Return what to send of the request, None where it has to be sent whole.

        The request is remembered as the last one, and the last response is used up, whatever the
        answer is: it is sent before the request is sent.
        """
        before, response = self._request, self._response
        self._request = _Request(self._rest(request), request.items)
        self._response = None
        if before is None or response is None or not response.id:
            return None
        seen = (*before.input, *response.items)
        if before.rest != self._request.rest or len(seen) > len(request.items):
            return None
        # The same objects, mostly: callers append to the list they have.
        for old, new in zip(seen, request.items, strict=False):
            if old is not new and self._compared(old) != self._compared(new):
                return None
        return Increment(response.id, request.items[len(seen) :])

    def receive_completed(self, response_id: str | None, items: tuple[Item, ...]) -> None:
        """Take the end of the response: its id, and the items that were done, in their order."""
        self._response = _Response(response_id or "", items)

    def _rest(self, request: ResponsesApiRequest) -> bytes:
        """Everything but the input, in a form that is equal where the meaning is."""
        if self._version is WireVersion.V2026_05:
            without = msgspec.structs.replace(request, input=())
        else:
            # It changes with every request, and says nothing to the model.
            without = msgspec.structs.replace(
                request, input=(), client_metadata=UNSET, stream_options=UNSET
            )
        plain = msgspec.json.decode(encode_request(without, self._version))
        return msgspec.json.encode(plain, order="deterministic")

    def _compared(self, item: Item) -> Any:
        """An item as it counts here: as upstream reads it, without passthrough metadata."""
        read = codex_item(item, self._version) if isinstance(item, ResponseItem) else None
        compared = item if read is None or isinstance(read, UnknownItem) else read
        if isinstance(compared, ResponseItem):
            return msgspec.structs.replace(compared, passthrough=UNSET)
        return compared
