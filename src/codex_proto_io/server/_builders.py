"""Exchanges for tests, in one line each.

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
    is the seconds before each of them. The rest is as of `Exchange`.

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
    """Refuse a request (a WebSocket's handshake as well) in the API's own way.

    `message`, `type` and `code` are the error's, `more` are further members of it. The rest is as
    of `Exchange`.

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
    """Answer a message on a WebSocket with messages, and close it where there is a code.

    An event is a mapping, an event of `codex_proto`, or the bytes of a text message. `message` is
    the type of what is answered, `after` the seconds before each event, `close` a close code. The
    rest is as of `Exchange`.

    Raises:
        ValueError: `close` is no number of 16 bits, `after` is no duration, or bytes are no UTF-8.
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
