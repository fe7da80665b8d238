"""Records with a wrong member, and streams that end as no specification says, from the field.

Fourteen inputs rebuilt from public reports (`data/<case>/expected.md` says where), then variants
of each kind. Each is fed whole, byte by byte and as blocks, and must give the same events.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from codex_proto import MalformedEvent, UnknownEvent
from codex_proto.errors import (
    ConnectionClosed,
    InvalidRequest,
    QuotaExceeded,
    ResponseCancelled,
    ResponseFailedError,
    ResponseIncompleteError,
    StreamClosedEarly,
)
from codex_proto.responses import (
    Completed,
    FinalResponse,
    Incomplete,
    InProgress,
    LifecycleEvent,
    Queued,
    ResponseBuilder,
    ResponsesDecoder,
    StreamFailed,
    TokenUsage,
    WireEvent,
    iter_response_events,
)
from tests.io.client.driving import KINDS, Driven
from tests.io.client.scripted import refuse, serving
from tests.paths import ROOT

if TYPE_CHECKING:
    from codex_proto.errors import CodexError
    from codex_proto.responses import ResponseEvent

DATA: Final = ROOT / "tests" / "field" / "data"

CREATED: Final[dict[str, Any]] = {
    "type": "response.created",
    "response": {"id": "resp_1", "output": []},
}
DELTA: Final = {"type": "response.output_text.delta", "item_id": "m", "delta": "Hello"}
COMPLETED: Final = {"type": "response.completed", "response": {"id": "resp_1"}}
MESSAGE: Final[dict[str, Any]] = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
}
USAGE: Final = TokenUsage(input_tokens=3, output_tokens=2, total_tokens=5)


class Read(NamedTuple):
    """What a body comes to."""

    events: list[ResponseEvent]
    final: FinalResponse
    decoder: ResponsesDecoder
    at_once: bool

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]

    @property
    def error(self) -> Any:
        """The error of the outcome."""
        assert isinstance(self.final.outcome, StreamFailed)
        return self.final.outcome.error

    @property
    def notes(self) -> list[str]:
        """The reasons of the notes of all events."""
        noted = [event for event in self.events if isinstance(event, WireEvent | UnknownEvent)]
        return [note.reason for event in noted for note in event.notes]


def read(body: bytes, headers: dict[str, str] | None = None) -> Read:
    """Decode a body in several ways that must not differ."""
    runs: list[list[ResponseEvent]] = []
    for size in (max(1, len(body)), 1, 7):
        decoder = ResponsesDecoder()
        events = decoder.receive_headers(headers or {})
        for start in range(0, len(body), size):
            events += decoder.receive_data(body[start : start + size])
        at_once = decoder.outcome is not None
        runs.append(events + decoder.receive_eof())
    by_blocks = ResponsesDecoder()
    blocks = by_blocks.receive_blocks(body)
    runs.append([e for block in blocks for e in block.events] + by_blocks.receive_eof())
    assert b"".join(block.raw for block in blocks) + by_blocks.trailing_data == body
    runs.append(list(iter_response_events([body], headers=headers or {})))
    assert all(run == runs[0] for run in runs)
    builder = ResponseBuilder()
    builder.receive_events(runs[0])
    final = builder.build()
    assert final.outcome == decoder.outcome == by_blocks.outcome
    return Read(runs[0], final, decoder, at_once)


def case(name: str) -> Read:
    folder = next(DATA.glob(f"responses-{name}-*"))
    if (folder / "input.sse").exists():
        return read((folder / "input.sse").read_bytes())
    answer = json.loads((folder / "answer.json").read_bytes())
    body = answer["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return read(text.encode(), answer["headers"])


def body_of(*parts: object) -> bytes:
    """Blocks of events; bytes stand as they are."""
    return b"".join(
        part if isinstance(part, bytes) else b"data: " + json.dumps(part).encode() + b"\n\n"
        for part in parts
    )


def block(event: str, data: object) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data)
    return f"event: {event}\ndata: {text}\n\n".encode()


def end(type_: str, **response: Any) -> dict[str, Any]:
    return {"type": f"response.{type_}", "response": {"id": "resp_1", **response}}


def requests_made(
    body: bytes, *headers: tuple[str, str], kind: str = "sync-raw"
) -> tuple[CodexError, int]:
    with serving(refuse(200, body, headers)) as server:
        with Driven(kind, server.base_url) as driven:
            found = driven.tell()
        assert found.error is not None
        return found.error, len(server.requests)


# -- the cases ------------------------------------------------------------------------------------


def test_11_usage_in_the_names_of_chat_completions() -> None:
    found = case("11")
    assert found.final.is_complete
    assert found.final.output_text == "Hello"
    assert found.final.token_usage == USAGE
    response = found.final.response
    assert response is not None
    assert (response.status, response.model) == ("completed", "m")
    assert response.usage
    assert response.usage.notes


def test_12_a_date_and_a_text_for_numbers() -> None:
    found = case("12")
    assert found.final.is_complete
    assert found.final.output_text == "Hello"
    assert found.final.token_usage == USAGE
    response = found.final.response
    assert response is not None
    assert [note.field for note in response.notes] == ["created_at", "temperature"]


def test_19_an_error_without_a_type() -> None:
    found = case("19")
    assert "Invalid JSON payload received." in str(found.error)
    assert found.error.code == "bad_request"
    assert not found.error.retryable
    assert found.error.response_id == "resp_1"
    assert found.names == ["Created", "ErrorEvent", "StreamFailed"]
    body = (DATA / "responses-19-untyped-error-frame" / "input.sse").read_bytes()
    assert requests_made(body, ("content-type", "text/event-stream"))[1] == 1


def test_21_the_type_on_the_event_line() -> None:
    found = case("21")
    assert found.names == ["OutputTextDelta", "Completed"]
    assert found.final.is_complete
    assert found.final.output_text == "hi"
    assert len(found.notes) == 2
    assert "`event` line" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("22", "Refused by the content filter"),
        ("23", "terminated"),
        ("24", "engine out of memory"),
        ("47", "Refused by the content filter"),
    ],
)
def test_what_the_server_said_is_in_the_outcome(name: str, words: str) -> None:
    assert words in str(case(name).error)


def test_24_text_that_is_no_event_stays_one() -> None:
    found = case("24")
    assert isinstance(found.events[1], MalformedEvent)
    assert isinstance(found.error, StreamClosedEarly)
    assert found.error.unread == b"error: engine out of memory"


def test_30_done() -> None:
    found = case("30")
    assert found.final.is_complete
    assert found.final.output_text == "Hello"
    assert found.final.token_usage == USAGE
    assert found.at_once


def test_32_completed_is_incomplete() -> None:
    found = case("32")
    assert found.names == ["Created", "OutputTextDelta", "Incomplete", "StreamFailed"]
    assert not found.final.is_complete
    assert found.error == ResponseIncompleteError(
        reason="max_output_tokens", response_id="resp_1", token_usage=USAGE
    )
    assert found.final.output_text == "Hel"
    assert found.at_once


def test_34_a_json_error_with_a_good_status() -> None:
    found = case("34")
    assert type(found.error) is InvalidRequest
    assert str(found.error) == "Invalid API key"
    assert found.error.code == "invalid_api_key"
    assert not found.error.retryable


@pytest.mark.parametrize("kind", KINDS)
def test_34_it_is_asked_once(kind: str) -> None:
    body = b'{"error": {"message": "Invalid API key", "code": "invalid_api_key"}}'
    error, requests = requests_made(body, ("content-type", "application/json"), kind=kind)
    assert (str(error), requests) == ("Invalid API key", 1)


def test_36_no_content_type() -> None:
    found = case("36")
    assert found.final.is_complete
    assert found.final.output_text == "Hello"


def test_49_keep_alives() -> None:
    found = case("49")
    assert found.names == ["Created", "OutputTextDelta", "Completed"]
    assert found.decoder.keepalives == 3
    assert found.decoder.comments_received == 1


def test_52_usage_without_details() -> None:
    found = case("52")
    assert found.final.is_complete
    assert found.final.token_usage == USAGE


# -- the outcome follows the status ---------------------------------------------------------------

QUOTA: Final = {"code": "insufficient_quota", "message": "Used up."}
CUT: Final = {"reason": "max_output_tokens"}
ENDINGS: Final[list[tuple[dict[str, Any], str, type[CodexError] | None]]] = [
    (end("completed", status="completed"), "Completed", None),
    (end("completed"), "Completed", None),
    (end("completed", status=5), "Completed", None),
    (end("completed", status="completed", error=None, incomplete_details=None), "Completed", None),
    (end("completed", status="failed", error=QUOTA), "Failed", QuotaExceeded),
    (end("completed", status="failed"), "Failed", ResponseFailedError),
    (end("completed", error=QUOTA), "Failed", QuotaExceeded),
    (end("completed", status="incomplete"), "Incomplete", ResponseIncompleteError),
    (end("completed", incomplete_details=CUT), "Incomplete", ResponseIncompleteError),
    (end("completed", status="cancelled"), "Incomplete", ResponseCancelled),
    (end("incomplete", status="failed", error=QUOTA), "Failed", QuotaExceeded),
    (end("incomplete", status="cancelled"), "Incomplete", ResponseCancelled),
    (end("failed", status="cancelled", error=None), "Incomplete", ResponseCancelled),
    (end("failed", status="cancelled", error=QUOTA), "Failed", QuotaExceeded),
    (end("done", status="completed"), "Completed", None),
    (end("done"), "Completed", None),
    (end("done", status="failed", error=QUOTA), "Failed", QuotaExceeded),
    (end("done", error=QUOTA), "Failed", QuotaExceeded),
    (end("done", status="incomplete"), "Incomplete", ResponseIncompleteError),
    (end("done", status="cancelled"), "Incomplete", ResponseCancelled),
    (end("cancelled", status="cancelled"), "Incomplete", ResponseCancelled),
    (end("cancelled"), "Incomplete", ResponseCancelled),
    ({"type": "response.cancelled"}, "Incomplete", ResponseCancelled),
    ({"type": "response.canceled", "response_id": "resp_1"}, "Incomplete", ResponseCancelled),
    (end("error", error=QUOTA), "Failed", QuotaExceeded),
    ({"type": "response.error", "error": QUOTA}, "Failed", QuotaExceeded),
    ({"type": "response.error", **QUOTA}, "Failed", QuotaExceeded),
    ({"type": "response.error", "error": "Used up."}, "Failed", ResponseFailedError),
]


@pytest.mark.parametrize(("sent", "event", "error"), ENDINGS, ids=lambda value: str(value)[:90])
def test_the_outcome_follows_the_status(
    sent: dict[str, Any], event: str, error: type[CodexError] | None
) -> None:
    found = read(body_of(CREATED, DELTA, sent, DELTA))
    assert found.at_once
    assert found.names[2] == event
    assert found.decoder.events_discarded == 1
    assert found.final.output_text == "Hello"
    if error is None:
        assert found.final.is_complete
    else:
        failure = found.error
        assert failure.response_id in ("resp_1", None)
        assert type(failure) is error
    # On a WebSocket nobody has to wait for the end.
    decoder = ResponsesDecoder()
    for message in (CREATED, DELTA, sent):
        decoder.receive_message(json.dumps(message))
    assert decoder.outcome == found.final.outcome


def test_a_response_that_was_interrupted_is_complete_under_any_name() -> None:
    details = {"reason": "interrupted"}
    for name in ("completed", "incomplete", "done"):
        sent = end(name, status="incomplete", incomplete_details=details)
        found = read(body_of(CREATED, sent))
        assert isinstance(found.final.outcome, Completed)
        assert found.final.outcome.end_turn is False


@pytest.mark.parametrize(
    "sent",
    [
        end("queued", status="queued"),
        end("in_progress", status="in_progress"),
        {"type": "response.done"},
        {"type": "response.done", "response": None},
        {"type": "response.new_thing", "response": {"status": "failed"}},
    ],
)
def test_what_ends_nothing(sent: dict[str, Any]) -> None:
    assert read(body_of(CREATED, sent, COMPLETED)).final.is_complete


def test_an_event_that_was_read_as_another_is_written_as_it_came() -> None:
    decoder = ResponsesDecoder()
    (event, _) = decoder.receive_message(json.dumps(end("done", status="incomplete")))
    assert isinstance(event, Incomplete)
    (note,) = event.notes
    assert (note.field, note.raw) == ("type", b'"response.done"')


# -- errors without a type ------------------------------------------------------------------------

UNTYPED: Final[list[tuple[bytes, str, str | None, bool]]] = [
    (body_of({"error": {"message": "Boom.", "code": "x"}}), "Boom.", "x", True),
    (body_of({"error": {"message": "Boom.", "code": 400}}), "Boom.", "400", False),
    (body_of({"error": {"message": "Boom.", "code": 503}}), "Boom.", "503", True),
    (body_of({"error": "Boom."}), "Boom.", None, True),
    (body_of({"type": None, "error": {"message": "Boom."}}), "Boom.", None, True),
    (body_of({"error": QUOTA}), "Used up.", "insufficient_quota", False),
    (block("error", {"error": {"message": "Boom.", "code": "x"}}), "Boom.", "x", True),
    (block("error", {"message": "Boom.", "code": "x"}), "Boom.", "x", True),
    (block("error", {"detail": "Boom."}), "Boom.", None, True),
    (block("error", {"error": "Boom."}), "Boom.", None, True),
    (block("error", "Boom."), "Boom.", None, True),
    (block("error", '"Boom."'), "Boom.", None, True),
    (block("error", 'Boom: {"a": [1}'), 'Boom: {"a": [1}', None, True),
    (
        body_of({"object": "error", "message": "Boom.", "type": "BadRequestError", "code": 400}),
        "Boom.",
        "400",
        False,
    ),
    (
        body_of({"type": "invalid_request_error", "message": "Boom.", "code": None}),
        "Boom.",
        None,
        False,
    ),
    (block("error", {"type": "odd", "message": "Boom.", "code": "x"}), "Boom.", "x", True),
    (block("error", {"type": "odd", "error": {"message": "Boom."}}), "Boom.", None, True),
    (body_of({"id": "c", "choices": [], "error": {"message": "Boom."}}), "Boom.", None, True),
    (b'{"error": {"message": "Boom."}}\n\n', "Boom.", None, True),
    (b'{"error": {"message": "Boom."}}\n', "Boom.", None, True),
    (b'{"error": {"message": "Boom."}}', "Boom.", None, True),
    (b'{"error": {"message": "Boom."}}\r\n\r\n', "Boom.", None, True),
    (b'{\n  "error": {\n    "message": "Boom: no"\n  }\n}\n\n', "Boom: no", None, True),
    (b'data: error: {"message": "Boom."}\n\n', "Boom.", None, True),
    (b'data: data: {"error": {"message": "Boom."}}\n\n', "Boom.", None, True),
]


@pytest.mark.parametrize(("sent", "words", "code", "retryable"), UNTYPED, ids=repr)
@pytest.mark.parametrize("before", [[], [CREATED], [CREATED, DELTA]], ids=len)
@pytest.mark.parametrize("after", [b"", b"data: [DONE]\n\n"], ids=["", "done"])
def test_an_error_without_a_type_says_what_it_says(
    sent: bytes, words: str, code: str | None, retryable: bool, before: list[object], after: bytes
) -> None:
    found = read(body_of(*before, sent, b"" if not sent.endswith(b"\n\n") else after))
    assert found.names == [*("Created", "OutputTextDelta")[: len(before)], *ENDS_IN_ERROR]
    assert str(found.error) == words
    assert found.error.code == code
    assert found.error.retryable is retryable
    assert found.error.response_id == ("resp_1" if before else None)
    assert len(found.notes) in (1, 2)


ENDS_IN_ERROR: Final = ("ErrorEvent", "StreamFailed")


def test_an_error_without_a_type_ends_a_response_on_a_websocket_at_once() -> None:
    for sent in ({"error": {"message": "Boom."}}, {"error": "Boom."}):
        decoder = ResponsesDecoder()
        decoder.receive_message(json.dumps(CREATED))
        events = decoder.receive_message(json.dumps(sent))
        assert [type(event).__name__ for event in events] == ["ErrorEvent", "StreamFailed"]
        assert str(events[-1].error) == "Boom."  # type: ignore[union-attr]


def test_a_success_after_an_error_without_a_type_is_one() -> None:
    assert read(body_of(CREATED, {"error": {"message": "m"}}, COMPLETED)).final.is_complete


@pytest.mark.parametrize(
    "sent",
    [
        {"message": "not marked as an error"},
        {"id": "c", "object": "chat.completion.chunk", "choices": []},
        {"error": None, "id": 5},
        {},
        [],
        [1],
        5,
        "text",
    ],
)
def test_what_nothing_says_to_be_an_error_stays_malformed(sent: object) -> None:
    found = read(body_of(CREATED, sent))
    assert isinstance(found.events[1], MalformedEvent)
    assert isinstance(found.error, StreamClosedEarly)
    assert json.dumps(sent) in str(found.error)


# -- the last thing that could not be read ---------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"data: error: engine died\n\n",
        b"data: error: engine died",
        b"error: engine died\n\n",
        b"engine died\n\n: comment\n\n",
        b"engine died",
        b'data: {"message": "engine died"}\n\n',
        b'{"error": {"message": "engine died',
        b'data: {"type": "odd", "error": {"message": "engine died"}}\n\n',
    ],
)
def test_the_end_quotes_what_could_not_be_read(sent: bytes) -> None:
    found = read(body_of(CREATED, sent))
    assert isinstance(found.error, StreamClosedEarly)
    assert "engine died" in str(found.error)
    assert found.error.last_event_type in ("response.created", "odd")


def test_a_quote_is_short_and_shows_no_key() -> None:
    key = "sk-proj-" + "a1B2" * 12
    long = body_of(CREATED, b"data: " + b"x" * 10_000 + b"\n\n")
    assert len(str(read(long).error)) < 500
    assert key not in str(read(body_of(CREATED, f"data: bad key {key}\n\n".encode())).error)


def test_a_close_quotes_what_could_not_be_read() -> None:
    decoder = ResponsesDecoder()
    decoder.receive_message("engine died")
    decoder.receive_close(1011, "")
    assert isinstance(decoder.outcome, StreamFailed)
    assert isinstance(decoder.outcome.error, ConnectionClosed)
    assert "engine died" in str(decoder.outcome.error)


# -- a body that is no event stream ----------------------------------------------------------------

WHOLE: Final = {"id": "resp_1", "object": "response", "model": "m", "output": [MESSAGE]}
BOM: Final = b"\xef\xbb\xbf"


def layouts(value: object) -> list[bytes]:
    text = json.dumps(value).encode()
    pretty = json.dumps(value, indent=2).encode()
    return [
        text,
        text + b"\n",
        BOM + text,
        pretty,
        BOM + pretty.replace(b"\n", b"\r\n"),
        b"\n\n" + pretty + b"\n\n",
        pretty.replace(b"\n", b"\n\n"),
    ]


@pytest.mark.parametrize("place", range(len(layouts({}))))
@pytest.mark.parametrize(
    ("sent", "words", "code"),
    [
        (
            {"error": {"message": "No key.", "code": "invalid_api_key"}},
            "No key.",
            "invalid_api_key",
        ),
        ({"error": {"message": "No key.", "type": "authentication_error"}}, "No key.", None),
        ([{"error": {"message": "No key.", "code": 401}}], "No key.", "401"),
        ({"message": "No key.", "code": "unauthorized"}, "No key.", "unauthorized"),
        ({"success": False, "error": {"message": "No key.", "code": 400}}, "No key.", "400"),
    ],
    ids=repr,
)
def test_a_json_error_is_the_error(place: int, sent: object, words: str, code: str | None) -> None:
    found = read(layouts(sent)[place])
    # What its blank lines cut it into was seen before.
    assert found.names[-2:] == ["ErrorEvent", "StreamFailed"]
    assert set(found.names[:-2]) <= {"MalformedEvent"}
    assert (str(found.error), found.error.code) == (words, code)
    assert not found.error.retryable


@pytest.mark.parametrize("sent", [{"detail": "Not signed in."}, {"error": "Not signed in."}])
def test_a_json_error_without_a_code_keeps_its_words(sent: object) -> None:
    assert str(read(json.dumps(sent).encode()).error) == "Not signed in."


@pytest.mark.parametrize("place", range(len(layouts({})) - 1))
def test_a_whole_response_is_the_response(place: int) -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    found = read(layouts({**WHOLE, "status": "completed", "usage": usage})[place])
    assert found.names == ["Created", "OutputItemDone", "Completed"]
    assert found.final.is_complete
    assert found.final.response_id == "resp_1"
    assert found.final.output_text == "Hello"
    assert found.final.token_usage == USAGE
    assert found.notes


def test_a_whole_response_ends_as_its_status_says() -> None:
    def error(**members: Any) -> Any:
        return read(json.dumps({**WHOLE, **members}).encode()).error

    assert error(status="failed", error=QUOTA) == QuotaExceeded(
        "Used up.", code="insufficient_quota", response_id="resp_1"
    )
    assert error(status="incomplete", incomplete_details=CUT) == ResponseIncompleteError(
        reason="max_output_tokens", response_id="resp_1"
    )
    assert error(status="cancelled") == ResponseCancelled(response_id="resp_1")
    assert read(json.dumps(WHOLE).encode()).final.is_complete
    assert isinstance(error(error=QUOTA), QuotaExceeded)


@pytest.mark.parametrize(("status", "event"), [("queued", Queued), ("in_progress", InProgress)])
def test_a_whole_response_that_goes_on_elsewhere_is_closed_early(
    status: str, event: type[LifecycleEvent]
) -> None:
    found = read(json.dumps({**WHOLE, "status": status}).encode())
    assert isinstance(found.events[0], event)
    assert isinstance(found.error, StreamClosedEarly)
    assert found.error.response_id == "resp_1"
    assert found.error.last_event_type == f"response.{status}"
    assert status in str(found.error)


def test_a_page_is_quoted_by_its_title() -> None:
    page = b"<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n\n<body>\n</body></html>"
    for body in (page, BOM + page, page.replace(b"\n", b"\r\n"), b"\n" + page):
        found = read(body, {"content-type": "text/html"})
        assert found.names == ["StreamFailed"]
        assert "Sign in" in str(found.error)
        assert b"<title>" in found.error.leftover


def test_a_text_is_quoted() -> None:
    text = b"upstream connect error or disconnect/reset before headers\n\nreset reason: timeout\n"
    assert "upstream connect error" in str(read(text).error)


def test_a_json_document_of_another_api_is_quoted() -> None:
    found = read(b'{"id":"c","object":"chat.completion","choices":[]}')
    assert found.names == ["StreamFailed"]
    assert "chat.completion" in str(found.error)


@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/plain", ""])
def test_a_stream_is_one_whatever_its_content_type(kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    for body in (body_of(CREATED, DELTA, COMPLETED), BOM + body_of(CREATED, DELTA, COMPLETED)):
        assert read(body, headers).final.output_text == "Hello"


# -- types and names in other places ---------------------------------------------------------------


def test_the_type_on_the_event_line_of_an_end() -> None:
    failed = {"response": {"id": "r", "error": QUOTA}}
    found = read(
        block("response.created", {"response": {"id": "r"}}) + block("response.failed", failed)
    )
    assert found.names == ["Created", "Failed", "StreamFailed"]
    assert type(found.error) is QuotaExceeded
    whole = {"id": "r", "object": "response", "status": "completed", "output": [MESSAGE]}
    assert read(block("response.completed", whole)).final.output_text == "Hello"


def test_a_type_that_is_there_is_the_type() -> None:
    found = read(block("response.failed", DELTA) + body_of(COMPLETED))
    assert found.names == ["OutputTextDelta", "Completed"]
    assert not found.notes
    found = read(block("response.output_text.delta", {"delta": 5}) + body_of(COMPLETED))
    assert found.names == ["MalformedEvent", "Completed"]


@pytest.mark.parametrize(
    "sent",
    [
        "data: {}\ndata: {}\n\n",
        "data: {}{}\n\n",
        "data: {} {}\n\n",
        "data: {}\n{}\n\n",
        "{}\n{}\n\n",
        "event: message\ndata: {}\nevent: message\ndata: {}\n\n",
        "data: {}\ndata: {}\ndata: [DONE]\n\n",
    ],
)
def test_two_events_in_one_block(sent: str) -> None:
    first, second = json.dumps(DELTA), json.dumps(COMPLETED)
    found = read(body_of(CREATED, sent.replace("{}", first, 1).replace("{}", second, 1).encode()))
    assert found.names == ["Created", "OutputTextDelta", "Completed"]
    assert found.final.output_text == "Hello"
    assert len(found.notes) == 2
    assert found.decoder.done_markers == sent.count("DONE")


def test_so_many_documents_in_one_block_are_no_mistake() -> None:
    found = read(b"data: " + b"{}" * 5_000 + b"\n\n")
    assert found.names == ["MalformedEvent", "StreamFailed"]


def test_lines_of_json_are_a_stream_when_it_ends() -> None:
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in (CREATED, DELTA, COMPLETED))
    assert read(lines).final.output_text == "Hello"


@pytest.mark.parametrize(
    "sent",
    [
        b"data:\n\n",
        b"data\n\n",
        b"data: \n\n",
        b"event: ping\ndata: {}\n\n",
        b"event: ping\ndata:\n\n",
        b"event: ping\ndata: 2026-05-04\n\n",
        b"event: keepalive\ndata: {}\n\n",
        b"event: heartbeat\ndata: {}\n\n",
    ],
)
def test_keep_alives_are_counted(sent: bytes) -> None:
    found = read(body_of(sent, CREATED, sent, DELTA, sent, COMPLETED))
    assert found.names == ["Created", "OutputTextDelta", "Completed"]
    assert found.decoder.keepalives == 3
    found = read(body_of(CREATED, sent))
    assert str(found.error) == str(StreamClosedEarly(last_event_type="response.created"))


# -- profile codex ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        body_of(CREATED, {"error": {"message": "Boom."}}),
        body_of(CREATED, b'{"error": {"message": "Boom."}}\n\n'),
        block("response.completed", {"response": {"id": "r"}}),
        body_of(CREATED, end("done", status="completed")),
        body_of(CREATED, end("cancelled")),
        json.dumps({**WHOLE, "status": "completed"}).encode(),
        b'{"error": {"message": "Boom."}}',
    ],
)
def test_profile_codex_reads_none_of_it(body: bytes) -> None:
    decoder = ResponsesDecoder("codex")
    before = decoder.receive_data(body)
    assert not [event for event in before if isinstance(event, Completed | StreamFailed)]
    (outcome,) = decoder.receive_eof()
    assert isinstance(outcome, StreamFailed)
    assert isinstance(outcome.error, StreamClosedEarly)
    assert not outcome.error.unread


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
def test_completed_is_completed_in_profile_codex(status: str) -> None:
    decoder = ResponsesDecoder("codex")
    decoder.receive_data(body_of(CREATED, end("completed", status=status)))
    assert isinstance(decoder.outcome, Completed)
