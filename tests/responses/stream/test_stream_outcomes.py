"""How responses end: the decisions about outcomes, one by one, as examples.

Each row of a table is a stream that a server could send, and all that must come of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pytest

from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.errors import (
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionLimitReached,
    ContextWindowExceeded,
    EventTooLarge,
    IdleTimeout,
    LocalProtocolError,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    ResponseIncompleteError,
    StreamClosedEarly,
    TimedOut,
    UnexpectedBinary,
)
from codex_proto.refusals import error_from_response
from codex_proto.responses import (
    Completed,
    Created,
    ErrorEvent,
    Failed,
    GatewayPing,
    Incomplete,
    InProgress,
    Keepalive,
    OutputItemDone,
    OutputTextDelta,
    Queued,
    ResponseEvent,
    ResponsesDecoder,
    ResponseStreamState,
    StreamFailed,
    TokenUsage,
    WireEvent,
    decode_response_event,
)

Json: TypeAlias = dict[str, Any]

# -- messages that servers send -----------------------------------------------------------------


def _response(type_: str, **members: Any) -> Json:
    return {"type": f"response.{type_}", "response": {"id": "resp_1", **members}}


def _error(**members: Any) -> Json:
    return {"type": "error", **members}


CREATED: Final = _response("created")
QUEUED: Final = _response("queued")
IN_PROGRESS: Final = _response("in_progress")
COMPLETED: Final = _response("completed")
FAILED: Final = _response("failed", error={"code": "server_error", "message": "Sorry."})
INCOMPLETE: Final = _response("incomplete", incomplete_details={"reason": "max_output_tokens"})
INTERRUPTED: Final = _response("incomplete", incomplete_details={"reason": "interrupted"})
DELTA: Final = {"type": "response.output_text.delta", "delta": "Hello"}
ITEM: Final = {"type": "response.output_item.done", "item": {"type": "message", "id": "m"}}
KEEPALIVE: Final = {"type": "keepalive"}
PING: Final = {"type": "ping"}
NEWS: Final = {"type": "response.news"}
NONSENSE: Final = {"no": "type"}
ERROR: Final = _error(code="rate_limit_exceeded", message="Slow down.")
USAGE: Final = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}

TOLD: Final = RateLimitExceeded("Slow down.", code="rate_limit_exceeded", response_id="resp_1")
TOO_LONG: Final = _error(error={"code": "context_length_exceeded", "message": "Long."})
LONG: Final = ContextWindowExceeded("Long.", code="context_length_exceeded", response_id="resp_1")
FAILURE: Final = ResponseFailedError("Sorry.", code="server_error", response_id="resp_1")
LIMIT: Final = ResponseIncompleteError(reason="max_output_tokens", response_id="resp_1")


def _early(last: str | None = None, **known: Any) -> StreamClosedEarly:
    return StreamClosedEarly(last_event_type=last, **known)


def _block(message: Json | str) -> bytes:
    data = message if isinstance(message, str) else json.dumps(message)
    return f"data: {data}\n\n".encode()


def _stream(messages: list[Json | str]) -> bytes:
    return b"".join(map(_block, messages))


def _is_open(decoder: ResponsesDecoder) -> bool:
    return decoder.outcome is None


# -- the table ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A stream, and what comes of it. `outcome` None: the completed event that was sent."""

    name: str
    sent: list[Json]
    handed_out: list[type[ResponseEvent]]
    outcome: CodexError | None = None
    discarded: int = 0
    # Whether the outcome is there before the end of the stream is.
    at_once: bool = True

    def __str__(self) -> str:
        return self.name


COMMON: Final = [
    Row("completed", [CREATED, DELTA, COMPLETED], [Created, OutputTextDelta, Completed]),
    Row("completed and nothing else", [COMPLETED], [Completed]),
    Row(
        "every state on the way",
        [QUEUED, IN_PROGRESS, CREATED, KEEPALIVE, PING, NEWS, COMPLETED],
        [Queued, InProgress, Created, Keepalive, GatewayPing, UnknownEvent, Completed],
    ),
    Row("failed", [CREATED, FAILED], [Created, Failed, StreamFailed], FAILURE),
    Row("incomplete", [CREATED, INCOMPLETE], [Created, Incomplete, StreamFailed], LIMIT),
    Row(
        "incomplete for no reason",
        [_response("incomplete")],
        [Incomplete, StreamFailed],
        ResponseIncompleteError(reason="unknown", response_id="resp_1"),
    ),
    Row(
        "incomplete, at a cost",
        [_response("incomplete", incomplete_details={"reason": "content_filter"}, usage=USAGE)],
        [Incomplete, StreamFailed],
        ResponseIncompleteError(
            reason="content_filter",
            response_id="resp_1",
            token_usage=TokenUsage(input_tokens=5, output_tokens=7, total_tokens=12),
        ),
    ),
    Row(
        "incomplete, at a cost that is no cost",
        [_response("incomplete", usage={"input_tokens": "many"})],
        [Incomplete, StreamFailed],
        ResponseIncompleteError(reason="unknown", response_id="resp_1"),
    ),
    Row(
        "failed without an error",
        [_response("failed", error=None)],
        [Failed, StreamFailed],
        ResponseFailedError("response.failed event received", response_id="resp_1"),
    ),
    Row(
        "failed with a text for an error",
        [_response("failed", error="oops")],
        [Failed, StreamFailed],
        ResponseFailedError("oops", response_id="resp_1"),
    ),
    Row(
        "failed with an error beside the response",
        [{**_response("failed"), "error": {"code": "insufficient_quota", "message": "Spent."}}],
        [Failed, StreamFailed],
        QuotaExceeded("Spent.", code="insufficient_quota", response_id="resp_1"),
    ),
    Row(
        "failed with a number for a code",
        [_response("failed", error={"code": 503, "message": "Sorry."})],
        [Failed, StreamFailed],
        ResponseFailedError("Sorry.", code="503", response_id="resp_1"),
    ),
    Row(
        "failed without an id",
        [{"type": "response.failed", "response": {"id": 5, "error": {"message": "Sorry."}}}],
        [Failed, StreamFailed],
        ResponseFailedError("Sorry."),
    ),
    Row("nothing at all", [], [StreamFailed], _early(), at_once=False),
    Row(
        "an end before any output",
        [CREATED, IN_PROGRESS],
        [Created, InProgress, StreamFailed],
        _early("response.in_progress", response_id="resp_1"),
        at_once=False,
    ),
    Row(
        "an end after some output",
        [CREATED, DELTA, KEEPALIVE],
        [Created, OutputTextDelta, Keepalive, StreamFailed],
        _early("keepalive", response_id="resp_1", output_started=True),
        at_once=False,
    ),
    Row(
        "an end after a finished item",
        [ITEM],
        [OutputItemDone, StreamFailed],
        _early("response.output_item.done", output_started=True),
        at_once=False,
    ),
    Row(
        "an end after what is no output that we know of",
        [NEWS],
        [UnknownEvent, StreamFailed],
        _early("response.news"),
        at_once=False,
    ),
    Row(
        "an end after what is no event",
        [CREATED, NONSENSE],
        [Created, MalformedEvent, StreamFailed],
        _early("response.created", response_id="resp_1", unread=b'{"no": "type"}'),
        at_once=False,
    ),
    Row(
        "an id that only the second event tells",
        [{"type": "response.created", "response": {}}, IN_PROGRESS],
        [Created, InProgress, StreamFailed],
        _early("response.in_progress", response_id="resp_1"),
        at_once=False,
    ),
    Row(
        "a terminal event without a response is no terminal event",
        [CREATED, {"type": "response.completed", "response": None}],
        [Created, MalformedEvent, StreamFailed],
        _early(
            "response.created",
            response_id="resp_1",
            unread=b'{"type": "response.completed", "response": null}',
        ),
        at_once=False,
    ),
    Row(
        "a terminal event whose response is no object is one all the same",
        [{"type": "response.completed", "response": []}],
        [Completed],
    ),
    Row(
        "what follows the outcome is counted",
        [CREATED, COMPLETED, DELTA, KEEPALIVE, PING, NONSENSE, FAILED, DELTA],
        [Created, Completed],
        discarded=6,
    ),
    Row(
        "what follows a failure is counted",
        [FAILED, COMPLETED, DELTA],
        [Failed, StreamFailed],
        FAILURE,
        discarded=2,
    ),
]

_WS_FULL: Final = "Responses websocket connection limit reached (60 minutes)."

SSE_ONLY: Final = [
    Row(
        "an error and then a failure: the failure is the reason",
        [CREATED, ERROR, FAILED],
        [Created, ErrorEvent, Failed, StreamFailed],
        FAILURE,
    ),
    Row(
        "an error and then success: it was none",
        [CREATED, ERROR, DELTA, COMPLETED],
        [Created, ErrorEvent, OutputTextDelta, Completed],
    ),
    Row(
        "an error and then the end: the error is the reason",
        [CREATED, ERROR],
        [Created, ErrorEvent, StreamFailed],
        TOLD,
        at_once=False,
    ),
    Row(
        "an error, more output, and then the end",
        [CREATED, ERROR, DELTA],
        [Created, ErrorEvent, OutputTextDelta, StreamFailed],
        TOLD,
        at_once=False,
    ),
    Row(
        "two errors: the last one is the reason",
        [CREATED, _error(message="First."), ERROR],
        [Created, ErrorEvent, ErrorEvent, StreamFailed],
        TOLD,
        at_once=False,
    ),
    Row(
        "an error before anything else has no response to belong to",
        [ERROR, CREATED],
        [ErrorEvent, Created, StreamFailed],
        RateLimitExceeded("Slow down.", code="rate_limit_exceeded"),
        at_once=False,
    ),
    Row(
        "a nested error",
        [_error(error={"code": "c", "message": "Nested."}, code="flat", message="Flat.")],
        [ErrorEvent, StreamFailed],
        ResponseFailedError("Nested.", code="c"),
        at_once=False,
    ),
    Row(
        "an error that says nothing",
        [_error()],
        [ErrorEvent, StreamFailed],
        ResponseFailedError(),
        at_once=False,
    ),
    Row(
        "an error with a final code is the end: nested",
        [CREATED, TOO_LONG, DELTA],
        [Created, ErrorEvent, StreamFailed],
        LONG,
        discarded=1,
    ),
    Row(
        "an error with a final code is the end: flat",
        [CREATED, _error(code="context_length_exceeded", message="Long."), COMPLETED],
        [Created, ErrorEvent, StreamFailed],
        LONG,
        discarded=1,
    ),
    Row(
        "an error with a final code and nothing after it",
        [CREATED, TOO_LONG],
        [Created, ErrorEvent, StreamFailed],
        LONG,
    ),
    Row(
        "an error with a status is one among others",
        [CREATED, {**ERROR, "status": 429}, COMPLETED],
        [Created, ErrorEvent, Completed],
    ),
    Row(
        "an error with a status and then the end",
        [CREATED, {**ERROR, "status_code": 429}],
        [Created, ErrorEvent, StreamFailed],
        TOLD.replace(status=429),
        at_once=False,
    ),
    Row(
        "the limit of a connection means nothing",
        [_error(error={"code": "websocket_connection_limit_reached"}), COMPLETED],
        [ErrorEvent, Completed],
    ),
    Row(
        "another response is not begun",
        [COMPLETED, CREATED, DELTA, COMPLETED],
        [Completed],
        discarded=3,
    ),
]

REFUSED: Final = _error(
    error={"code": "c", "message": "No."}, status_code=400, headers={"a": "False"}
)


def _refusal(
    frame: dict[str, Any],
    status: int,
    *,
    headers: dict[str, str] | None = None,
    response_id: str | None = None,
) -> CodexError:
    """What the same answer makes over HTTP; the frame is its body."""
    body = json.dumps(frame)
    return error_from_response(status, headers, body).replace(response_id=response_id)


INSIDE: Final[Json] = {"error": {"message": "Slow down.", "headers": {"retry-after": 2}}}

NO_REFUSALS: Final[tuple[Any, ...]] = (
    *(200, 204, 299, 99, 1000, 0, -1, 10**30),
    *(None, "x", 429.5, True, []),
)

WEBSOCKET_ONLY: Final = [
    *(
        Row(
            f"a refusal ends the response at once: status {status}",
            [CREATED, {**ERROR, "status": status}, DELTA],
            [Created, ErrorEvent, StreamFailed],
            _refusal({**ERROR, "status": status}, status, response_id="resp_1"),
            discarded=1,
        )
        for status in (100, 199, 300, 400, 429, 503, 999)
    ),
    *(
        Row(
            f"an error without a status that refuses is the end, too: status {status}",
            [CREATED, {**ERROR, "status": status}, COMPLETED],
            [Created, ErrorEvent, StreamFailed],
            TOLD,
            discarded=1,
        )
        for status in NO_REFUSALS
    ),
    Row(
        "a refusal under its other name",
        [REFUSED],
        [ErrorEvent, StreamFailed],
        _refusal(REFUSED, 400, headers={"a": "False"}),
    ),
    *(
        Row(
            f"the status in another form: {members}",
            [CREATED, {**ERROR, **members}],
            [Created, ErrorEvent, StreamFailed],
            _refusal({**ERROR, **members}, 429, response_id="resp_1"),
        )
        for members in (
            {"status": "429"},
            {"status_code": "429"},
            {"status": 429.0},
            {"status": 429, "status_code": 429},
            {"status": None, "status_code": 429},
        )
    ),
    *(
        Row(
            f"headers inside of the error: status {place}",
            [CREATED, _error(**{**INSIDE, **place})],
            [Created, ErrorEvent, StreamFailed],
            _refusal(
                _error(**{**INSIDE, **place}),
                429,
                headers={"retry-after": "2"},
                response_id="resp_1",
            ),
        )
        for place in (
            {"status": 429},
            {"error": {"status": 429, "headers": {"retry-after": 2}}},
        )
    ),
    Row(
        "an error that says nothing, and then silence",
        [CREATED, _error()],
        [Created, ErrorEvent, StreamFailed],
        ResponseFailedError(response_id="resp_1"),
    ),
    Row(
        "an error before anything else",
        [TOO_LONG],
        [ErrorEvent, StreamFailed],
        LONG.replace(response_id=None),
    ),
    Row(
        "an error of a type that may pass",
        [CREATED, _error(error={"code": "server_error", "message": "Sorry."}), DELTA],
        [Created, ErrorEvent, StreamFailed],
        FAILURE,
        discarded=1,
    ),
    Row(
        "the limit of the connection, with a status or without",
        [_error(error={"code": "websocket_connection_limit_reached", "message": _WS_FULL}), DELTA],
        [ErrorEvent, StreamFailed],
        ConnectionLimitReached(_WS_FULL, code="websocket_connection_limit_reached"),
        discarded=1,
    ),
]


@dataclass
class Seen:
    """What a decoder handed out, and when."""

    decoder: ResponsesDecoder
    before_the_end: list[ResponseEvent] = field(default_factory=list)
    at_the_end: list[ResponseEvent] = field(default_factory=list)


def _over_sse(sent: list[Json]) -> Seen:
    seen = Seen(ResponsesDecoder())
    seen.before_the_end = seen.decoder.receive_data(_stream([*sent]))
    seen.at_the_end = seen.decoder.receive_eof()
    return seen


def _over_sse_block_by_block(sent: list[Json]) -> Seen:
    """As servers flush, and as the fast path likes it best."""
    seen = Seen(ResponsesDecoder())
    for message in sent:
        seen.before_the_end += seen.decoder.receive_data(_block(message))
    seen.at_the_end = seen.decoder.receive_eof()
    return seen


def _over_websocket(sent: list[Json]) -> Seen:
    seen = Seen(ResponsesDecoder())
    for message in sent:
        seen.before_the_end += seen.decoder.receive_message(json.dumps(message))
    seen.at_the_end = seen.decoder.receive_eof()
    return seen


def _is_as_told(row: Row, seen: Seen) -> None:
    events = seen.before_the_end + seen.at_the_end
    assert [type(event) for event in events] == row.handed_out
    outcome = seen.decoder.outcome
    assert outcome is events[-1]
    assert [event for event in events if isinstance(event, Completed | StreamFailed)] == [outcome]
    if row.outcome is None:
        assert isinstance(outcome, Completed)
    else:
        assert isinstance(outcome, StreamFailed)
        assert outcome.error == row.outcome
        if outcome.ended_by is not None:
            # The server had told it before, and then the stream just ended.
            assert isinstance(outcome.error, ResponseFailedError | RateLimitExceeded)
            assert isinstance(outcome.ended_by, StreamClosedEarly)
            assert not row.at_once
    assert seen.decoder.events_discarded == row.discarded
    assert bool(seen.at_the_end) != row.at_once
    assert seen.decoder.receive_eof() == []


@pytest.mark.parametrize("row", [*COMMON, *SSE_ONLY], ids=str)
def test_sse(row: Row) -> None:
    _is_as_told(row, _over_sse(row.sent))
    _is_as_told(row, _over_sse_block_by_block(row.sent))


@pytest.mark.parametrize("row", [*COMMON, *WEBSOCKET_ONLY], ids=str)
def test_websocket(row: Row) -> None:
    _is_as_told(row, _over_websocket(row.sent))


@pytest.mark.parametrize("row", [*COMMON, *SSE_ONLY], ids=str)
def test_the_outcome_comes_with_the_bytes_that_settle_it(row: Row) -> None:
    """Not when the peer hangs up, and not with a later read."""
    decoder = ResponsesDecoder()
    settled: list[int] = []
    for number, message in enumerate(row.sent):
        decoder.receive_data(_block(message))
        if decoder.outcome is not None:
            settled.append(number)
    expected = len(row.sent) - row.discarded - 1 if row.at_once else len(row.sent)
    assert settled[:1] == [expected][: row.at_once]


# -- the tables are whole -----------------------------------------------------------------------


def test_every_row_is_a_stream_of_its_own() -> None:
    for rows in ([*COMMON, *SSE_ONLY], [*COMMON, *WEBSOCKET_ONLY]):
        sent = [json.dumps(row.sent) for row in rows]
        assert len(set(sent)) == len(sent)
        assert len({row.name for row in rows}) == len(rows)


# -- interrupted --------------------------------------------------------------------------------


@pytest.mark.parametrize("receive", [_over_sse, _over_websocket], ids=["sse", "websocket"])
def test_what_the_caller_interrupted_is_complete_as_far_as_it_goes(receive: Any) -> None:
    interrupted = {**INTERRUPTED, "sequence_number": 9}
    interrupted["response"] = {**INTERRUPTED["response"], "usage": USAGE, "end_turn": True}
    seen = receive([CREATED, DELTA, interrupted])
    created, delta, incomplete, outcome = seen.before_the_end
    assert [type(created), type(delta), type(incomplete)] == [Created, OutputTextDelta, Incomplete]
    assert isinstance(outcome, Completed)
    assert outcome.end_turn is False
    assert outcome.response_id == "resp_1"
    assert outcome.token_usage == TokenUsage(input_tokens=5, output_tokens=7, total_tokens=12)
    assert outcome.sequence_number == 9
    # All of the response is there, but for the turn.
    assert json.loads(bytes(outcome.raw_response)) == interrupted["response"] | {"end_turn": False}
    assert seen.at_the_end == []
    assert seen.decoder.outcome is outcome


# -- [DONE] -------------------------------------------------------------------------------------


def test_done_is_a_marker_and_no_event() -> None:
    decoder = ResponsesDecoder()
    stream = _stream(["[DONE]", CREATED, "[DONE]", COMPLETED, "[DONE]", "[DONE]"])
    assert [type(event) for event in decoder.receive_data(stream)] == [Created, Completed]
    assert decoder.done_markers == 4
    assert decoder.events_discarded == 0


def test_done_alone_is_no_completion() -> None:
    decoder = ResponsesDecoder()
    assert decoder.receive_data(_stream([CREATED, DELTA, "[DONE]"]))
    assert _is_open(decoder)
    error = _early("response.output_text.delta", response_id="resp_1", output_started=True)
    assert decoder.receive_eof() == [StreamFailed(error)]


@pytest.mark.parametrize("almost", ["[DONE] ", " [DONE]", "[done]", '"[DONE]"', "[DONE]\ndata: "])
def test_what_is_almost_done_is_malformed(almost: str) -> None:
    decoder = ResponsesDecoder()
    (event,) = decoder.receive_data(_block(almost))
    assert isinstance(event, MalformedEvent)
    assert decoder.done_markers == 0


def test_done_is_no_marker_of_a_websocket() -> None:
    (event,) = ResponsesDecoder().receive_message("[DONE]")
    assert isinstance(event, MalformedEvent)


# -- the end of a body --------------------------------------------------------------------------

UNFINISHED: Final = [b"", b"\n", b"\r", b"\r\n"]


@pytest.mark.parametrize("end", UNFINISHED)
@pytest.mark.parametrize("before", [[], [CREATED, DELTA]], ids=["first", "later"])
def test_an_unfinished_last_block_is_decoded_when_it_is_whole(
    before: list[Json | str], end: bytes
) -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_stream(before) + _block(COMPLETED)[:-2] + end)
    assert _is_open(decoder)
    (outcome,) = decoder.receive_eof()
    assert isinstance(outcome, Completed)
    assert decoder.outcome is outcome
    assert outcome.response_id == "resp_1"
    (note,) = outcome.notes
    assert note.field == ""
    assert "blank line" in note.reason


def test_an_unfinished_failure_fails_the_stream() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_block(FAILED)[:-2])
    failed, outcome = decoder.receive_eof()
    assert isinstance(failed, Failed)
    assert outcome == StreamFailed(FAILURE)


def test_an_unfinished_event_that_is_no_end_comes_before_the_early_end() -> None:
    for message, type_ in ((DELTA, OutputTextDelta), (NEWS, UnknownEvent)):
        decoder = ResponsesDecoder()
        decoder.receive_data(_block(message)[:-1])
        event, outcome = decoder.receive_eof()
        assert type(event) is type_
        assert isinstance(event, WireEvent | UnknownEvent)
        assert [note.field for note in event.notes] == [""]
        error = _early(
            message["type"], output_started=message is DELTA, leftover=_block(message)[:-1]
        )
        assert outcome == StreamFailed(error)


def test_an_unfinished_block_keeps_the_notes_it_has() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_block({**DELTA, "sequence_number": "x"})[:-2])
    event, _ = decoder.receive_eof()
    assert isinstance(event, OutputTextDelta)
    assert [note.field for note in event.notes] == ["sequence_number", ""]


@pytest.mark.parametrize(
    "rest",
    [
        _block(COMPLETED)[:-3],
        b"data: [DONE]",
        b"data: {",
        b"data:",
        b"data",
        b": comment",
        b"event: response.completed",
        b"<html><body>502 Bad Gateway</body></html>",
        _block(COMPLETED)[:-2] + b"\ndata: x",
    ],
)
def test_an_unfinished_last_block_that_is_not_whole_is_left_over(rest: bytes) -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_stream([CREATED]) + rest)
    error = _early("response.created", response_id="resp_1", leftover=rest)
    assert decoder.receive_eof() == [StreamFailed(error)]
    assert decoder.trailing_data == rest
    assert decoder.done_markers == 0


def test_after_the_outcome_an_unfinished_block_is_nothing() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_block(COMPLETED) + _block(FAILED)[:-2])
    assert decoder.receive_eof() == []
    assert isinstance(decoder.outcome, Completed)
    assert decoder.trailing_data == _block(FAILED)[:-2]


def test_of_a_long_rest_only_the_beginning_is_carried_around() -> None:
    decoder = ResponsesDecoder()
    page = b"<html>" + b"x" * 100_000
    decoder.receive_data(page)
    (outcome,) = decoder.receive_eof()
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, StreamClosedEarly)
    assert outcome.error.leftover == page[:4096]
    assert decoder.trailing_data == page


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"], ids=["crlf", "cr", "lf"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_the_end_of_the_last_block_is_not_left_over(end: bytes, size: int) -> None:
    """Be it one byte or two: the LF of a CR LF is no beginning of another block."""
    stream = _stream([CREATED, DELTA]).replace(b"\n", end)
    decoder = ResponsesDecoder()
    for start in range(0, len(stream), size):
        decoder.receive_data(stream[start : start + size])
    (outcome,) = decoder.receive_eof()
    error = _early("response.output_text.delta", response_id="resp_1", output_started=True)
    assert outcome == StreamFailed(error)


def test_eof_may_be_said_twice() -> None:
    decoder = ResponsesDecoder()
    assert decoder.receive_eof() == [StreamFailed(_early())]
    assert decoder.receive_eof() == []
    assert decoder.outcome == StreamFailed(_early())


@pytest.mark.parametrize("size", [50, 200, *range(500, 1_200, 70), 3_000, 100_000])
def test_the_last_event_is_the_last_one_of_the_last_read(size: int) -> None:
    """Many at once, of several types, and nobody looked at each of them."""
    arguments = {"type": "response.function_call_arguments.delta", "delta": "{}"}
    stream = _stream([CREATED, *[DELTA] * 30, *[arguments, DELTA] * 20, arguments])
    decoder = ResponsesDecoder()
    for start in range(0, len(stream), size):
        decoder.receive_data(stream[start : start + size])
    error = _early(arguments["type"], response_id="resp_1", output_started=True)
    assert decoder.receive_eof() == [StreamFailed(error)]


# -- other ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, 1000, 1011, 3000])
@pytest.mark.parametrize("reason", [None, "", "gone"])
def test_a_close_is_told_with_all_that_was_seen(code: int | None, reason: str | None) -> None:
    decoder = ResponsesDecoder()
    for message in (CREATED, DELTA):
        decoder.receive_message(json.dumps(message))
    error = ConnectionClosed(
        close_code=code,
        close_reason=reason,
        last_event_type="response.output_text.delta",
        response_id="resp_1",
        output_started=True,
    )
    assert decoder.receive_close(code, reason) == [StreamFailed(error)]
    assert isinstance(error, StreamClosedEarly)
    assert decoder.outcome == StreamFailed(error)
    assert decoder.receive_eof() == []


def test_a_close_before_anything_is_an_early_end_too() -> None:
    error = ConnectionClosed(close_code=1006)
    assert ResponsesDecoder().receive_close(1006) == [StreamFailed(error)]


def test_a_close_after_an_error_has_nothing_to_add() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_message(json.dumps(CREATED))
    assert decoder.receive_message(json.dumps(ERROR))[-1] == StreamFailed(TOLD)
    assert decoder.receive_close(1000, "bye") == []


@pytest.mark.parametrize("error", [ERROR, TOO_LONG, _error(code="budget_reached")])
def test_an_error_ends_nothing_more_in_profile_codex_than_upstream(error: Json) -> None:
    decoder = ResponsesDecoder("codex")
    decoder.receive_message(json.dumps(CREATED))
    assert decoder.receive_message(json.dumps(error)) == []
    (outcome,) = decoder.receive_close(1000, "bye")
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, ConnectionClosed)
    decoder = ResponsesDecoder("codex")
    assert len(decoder.receive_data(_stream([CREATED, error, COMPLETED]))) == 2
    assert isinstance(decoder.outcome, Completed)
    decoder = ResponsesDecoder("codex")
    decoder.receive_data(_stream([CREATED, error]))
    assert decoder.receive_eof() == [StreamFailed(_early("error", response_id="resp_1"))]


def test_a_close_after_the_outcome_is_nothing() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_message(json.dumps(COMPLETED))
    assert decoder.receive_close(1000) == []
    assert isinstance(decoder.outcome, Completed)


def test_a_binary_message_ends_the_response() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_message(json.dumps(CREATED))
    assert decoder.receive_binary() == [StreamFailed(UnexpectedBinary())]
    assert decoder.receive_binary() == []
    # But not the connection.
    assert [type(e) for e in decoder.receive_message(json.dumps(CREATED))] == [Created]
    assert _is_open(decoder)


ERRORS: Final = [ConnectionFailed("Reset."), TimedOut("Late."), IdleTimeout("Silent.")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("receive", ["data", "message", "nothing"])
def test_an_error_of_the_transport_is_the_outcome(error: CodexError, receive: str) -> None:
    decoder = ResponsesDecoder()
    if receive == "data":
        decoder.receive_data(_stream([CREATED, DELTA]) + _block(COMPLETED)[:-2])
    elif receive == "message":
        decoder.receive_message(json.dumps(CREATED))
    assert decoder.receive_error(error) == [StreamFailed(error)]
    assert decoder.outcome == StreamFailed(error)
    # The end that follows has no say any more, and neither has another error.
    assert decoder.receive_eof() == []
    assert decoder.receive_error(ConnectionFailed("Again.")) == []
    assert decoder.outcome == StreamFailed(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_that_the_server_told_is_the_better_reason(error: CodexError) -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_stream([CREATED, ERROR, DELTA]))
    assert decoder.receive_error(error) == [StreamFailed(TOLD, ended_by=error)]


def test_an_error_of_the_transport_after_the_outcome_is_nothing() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_data(_block(COMPLETED))
    assert decoder.receive_error(ConnectionFailed("Reset.")) == []
    assert isinstance(decoder.outcome, Completed)


# -- one connection, many responses -------------------------------------------------------------


def test_a_connection_goes_on_after_an_outcome() -> None:
    decoder = ResponsesDecoder()

    def receive(*messages: Json) -> list[type[ResponseEvent]]:
        return [type(e) for m in messages for e in decoder.receive_message(json.dumps(m))]

    def outcome() -> ResponseEvent | None:
        return decoder.outcome

    assert receive(CREATED, DELTA, COMPLETED) == [Created, OutputTextDelta, Completed]
    # Between two responses there is nothing that belongs to one.
    assert receive(KEEPALIVE, DELTA, COMPLETED, NONSENSE, ERROR) == []
    assert decoder.events_discarded == 5
    assert isinstance(outcome(), Completed)

    second = {"type": "response.created", "response": {"id": "resp_2"}}
    assert receive(second) == [Created]
    assert _is_open(decoder)
    assert receive({**ERROR, "status": 400}) == [ErrorEvent, StreamFailed]
    assert receive(CREATED, INCOMPLETE) == [Created, Incomplete, StreamFailed]
    assert outcome() == StreamFailed(LIMIT)
    assert decoder.events_discarded == 5


def test_nothing_of_a_response_is_remembered_in_the_next() -> None:
    decoder = ResponsesDecoder()
    for message in (CREATED, DELTA, ERROR, COMPLETED):
        decoder.receive_message(json.dumps(message))
    decoder.receive_message('{"type":"response.created","response":{}}')
    error = _early("response.created")
    assert decoder.receive_eof() == [StreamFailed(error)]


# -- limits -------------------------------------------------------------------------------------


def _sized(size: int, type_: str = "response.output_text.delta") -> str:
    message = f'{{"type":"{type_}","delta":"d","response":{{}},"x":""}}'
    return message[:-2] + "x" * (size - len(message)) + message[-2:]


def test_a_message_may_be_as_large_as_the_limit() -> None:
    error = EventTooLarge(limit_name="max_event_size", limit=500)
    for message in (_sized(500), _sized(500).encode(), bytearray(_sized(500).encode())):
        (event,) = ResponsesDecoder(max_event_size=500).receive_message(message)
        assert isinstance(event, OutputTextDelta)
    for message in (_sized(501), _sized(501).encode(), bytearray(_sized(501).encode())):
        decoder = ResponsesDecoder(max_event_size=500)
        assert decoder.receive_message(message) == [StreamFailed(error)]
        assert decoder.outcome == StreamFailed(error)


def test_the_size_of_a_message_is_that_of_its_bytes() -> None:
    text = _sized(500).replace("xx", "é")
    assert len(text) < 490 < 500 == len(text.encode())
    assert len(ResponsesDecoder(max_event_size=500).receive_message(text)) == 1
    for message in (text, text.encode()):
        (event,) = ResponsesDecoder(max_event_size=499).receive_message(message)
        assert isinstance(event, StreamFailed)


def test_a_message_that_is_too_large_ends_the_response_and_not_the_connection() -> None:
    decoder = ResponsesDecoder(max_event_size=500)
    decoder.receive_message(json.dumps(CREATED))
    decoder.receive_message(json.dumps(DELTA))
    assert [type(e) for e in decoder.receive_message(_sized(501))] == [StreamFailed]
    assert decoder.receive_message(json.dumps(DELTA)) == []
    assert [type(e) for e in decoder.receive_message(json.dumps(CREATED))] == [Created]


def test_a_message_that_is_too_large_after_the_outcome_is_counted() -> None:
    decoder = ResponsesDecoder(max_event_size=500)
    decoder.receive_message(json.dumps(COMPLETED))
    assert decoder.receive_message(_sized(501)) == []
    assert decoder.events_discarded == 1


def test_a_limit_is_told_at_once_and_after_all_that_came_before() -> None:
    decoder = ResponsesDecoder(max_event_size=500)
    before = decoder.receive_data(_stream([CREATED, DELTA]) + b"data: ")
    assert [type(event) for event in before] == [Created, OutputTextDelta]
    error = EventTooLarge(limit_name="max_event_size", limit=500)
    assert decoder.receive_data(b"x" * 495) == [StreamFailed(error)]
    assert decoder.receive_data(b"\n\n" + _block(COMPLETED)) == []
    assert decoder.receive_eof() == []
    assert decoder.outcome == StreamFailed(error)


def test_a_limit_after_an_error_was_told_has_that_reason() -> None:
    decoder = ResponsesDecoder(max_line_size=500)
    *_, outcome = decoder.receive_data(_stream([CREATED, ERROR]) + b"x" * 501)
    limit = EventTooLarge(limit_name="max_line_size", limit=500)
    assert outcome == StreamFailed(TOLD, ended_by=limit)


def test_a_limit_after_the_outcome_changes_nothing() -> None:
    decoder = ResponsesDecoder(max_line_size=500)
    (outcome,) = decoder.receive_data(_block(COMPLETED) + b"x" * 501)
    assert isinstance(outcome, Completed)
    assert decoder.outcome is outcome
    assert decoder.receive_eof() == []


# -- ways of feeding ----------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["data", "blocks"])
@pytest.mark.parametrize("then", ["receive_message", "receive_binary", "receive_close"])
def test_a_body_is_no_websocket(first: str, then: str) -> None:
    decoder = ResponsesDecoder()
    feed = decoder.receive_data if first == "data" else decoder.receive_blocks
    feed(_block(CREATED))
    with pytest.raises(LocalProtocolError, match=f"^{then}: .*sse"):
        getattr(decoder, then)(*([json.dumps(DELTA)] if then == "receive_message" else []))
    assert [type(event) for event in decoder.receive_data(_block(DELTA))] == [OutputTextDelta]


@pytest.mark.parametrize("first", ["message", "binary"])
@pytest.mark.parametrize("then", ["receive_data", "receive_blocks"])
def test_a_websocket_is_no_body(first: str, then: str) -> None:
    decoder = ResponsesDecoder()
    if first == "message":
        decoder.receive_message(json.dumps(CREATED))
    else:
        decoder.receive_binary()
    with pytest.raises(LocalProtocolError, match=f"^{then}: .*websocket"):
        getattr(decoder, then)(_block(DELTA))


@pytest.mark.parametrize("end", ["eof", "error"])
@pytest.mark.parametrize("then", ["receive_data", "receive_blocks", "receive_message"])
def test_nothing_comes_after_the_end(end: str, then: str) -> None:
    decoder = ResponsesDecoder()
    if end == "eof":
        decoder.receive_eof()
    else:
        decoder.receive_error(TimedOut("Late."))
    with pytest.raises(LocalProtocolError, match=f"^{then}: .*end"):
        getattr(decoder, then)(b"")


def test_a_body_may_be_read_in_blocks_by_turns() -> None:
    decoder = ResponsesDecoder()
    stream = _stream([CREATED, DELTA, COMPLETED])
    events = decoder.receive_data(stream[:10])
    blocks = decoder.receive_blocks(stream[10:150])
    events += [event for block in blocks for event in block.events]
    events += decoder.receive_data(stream[150:])
    assert [type(event) for event in events] == [Created, OutputTextDelta, Completed]


def test_a_failure_that_belongs_to_no_block_comes_with_empty_bytes() -> None:
    decoder = ResponsesDecoder(max_line_size=100)
    first, last = decoder.receive_blocks(_block(DELTA) + b"x" * 200)
    assert first.raw == _block(DELTA)
    assert [type(event) for event in first.events] == [OutputTextDelta]
    error = EventTooLarge(limit_name="max_line_size", limit=100)
    assert last == (b"", [StreamFailed(error)])
    assert decoder.receive_blocks(b"x") == []


# -- the state alone ----------------------------------------------------------------------------


def test_the_state_can_be_fed_without_a_decoder() -> None:
    """For those who have a WebSocket library and decode each message themselves."""
    state = ResponseStreamState("websocket")
    events = [decode_response_event(json.dumps(message)) for message in (CREATED, DELTA)]
    assert state.receive_events(events) == events
    assert (state.outcome, state.response_id, state.output_started) == (None, "resp_1", True)
    assert state.last_event_type == "response.output_text.delta"
    error = state.closed_early(b"rest")
    assert state.receive_end(error) == [StreamFailed(error)]
    assert error.leftover == b"rest"
    assert state.receive_end(error) == []
