"""Build exchanges for tests in one line.

Source: docs/server.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from codex_proto.responses import DecodedEvent, MalformedEvent, encode_response_event
from codex_proto_io.server._exchange import CutAfter, Exchange, Pace
from codex_proto_io.server._steps import (
    BodyStep,
    CloseStep,
    HeaderFields,
    HeadStep,
    MessageStep,
    RespondStep,
    Spoken,
    Step,
)

__all__ = ["EventLike", "refuse", "say", "stream"]

EventLike: TypeAlias = Mapping[str, Any] | DecodedEvent | bytes

_EVENT_STREAM = ("content-type", "text/event-stream")


def stream(
    *events: EventLike,
    on: str = "POST /v1/responses",
    status: int = 200,
    headers: HeaderFields = (),
    after: float | None = None,
    times: int | Literal["always"] = 1,
    cut: CutAfter | None = None,
    pace: Pace | None = None,
) -> Exchange:
    """Answer a request with an event stream.

    An event is a mapping with a `type`, an event of `codex_proto`, or bytes of the body. `after`
    is the delay before each event, in seconds. The other arguments are those of `Exchange`.

    Raises:
        ValueError: an event has no type, or HTTP does not allow the status or a field.
    """
    given = headers.items() if isinstance(headers, Mapping) else headers
    head = HeadStep(status=status, headers=(_EVENT_STREAM, *given))
    steps: list[Step] = [head, *(_body(event, after) for event in events)]
    return Exchange(on=on, steps=steps, times=times, cut=cut, pace=pace)


def refuse(
    status: int,
    message: str = "Refused by the script.",
    *,
    on: str = "*",
    type: str = "invalid_request_error",
    code: str | None = None,
    headers: HeaderFields = (),
    times: int | Literal["always"] = 1,
    **more: Any,
) -> Exchange:
    """Refuse a request or WebSocket handshake with an error in the shape of the API.

    `message`, `type` and `code` are members of the error, `more` are further ones. The other
    arguments are those of `Exchange`.

    Raises:
        ValueError: HTTP does not allow the status or a field.
    """
    error = {"message": message, "type": type, "param": None, "code": code, **more}
    step = RespondStep(status=status, headers=headers, json={"error": error})
    return Exchange(on=on, steps=(step,), times=times)


def say(
    *events: EventLike,
    on: str = "GET /v1/responses",
    message: str = "response.create",
    after: float | None = None,
    close: int | None = None,
    times: int | Literal["always"] = 1,
    cut: CutAfter | None = None,
    pace: Pace | None = None,
) -> Exchange:
    """Answer a message on a WebSocket with messages; with `close`, then close it.

    An event is a mapping, an event of `codex_proto`, or the bytes of a text message. `message` is
    the type of the message to answer, `after` the delay before each event in seconds, `close` a
    close code. The other arguments are those of `Exchange`.

    Raises:
        ValueError: `close` is not a 16-bit number, `after` is not a duration, or bytes are not
            valid UTF-8.
    """
    steps: list[Step] = [MessageStep(after=after, text=_text(event)) for event in events]
    if close is not None:
        steps.append(CloseStep(code=close))
    return Exchange(on=on, message=message, steps=steps, times=times, cut=cut, pace=pace)


def _body(event: EventLike, after: float | None) -> BodyStep:
    if isinstance(event, bytes):
        said = Spoken.of(event)
        return BodyStep(after=after, text=said.text, base64=said.base64)
    if isinstance(event, Mapping):
        return BodyStep(after=after, event=event)
    name = "message" if isinstance(event, MalformedEvent) else event.type
    return BodyStep(after=after, text=f"event: {name}\ndata: {_text(event)}\n\n")


def _text(event: EventLike) -> str:
    if isinstance(event, bytes):
        return event.decode()
    if isinstance(event, Mapping):
        return msgspec.json.encode(event).decode()
    return encode_response_event(event).decode()
