"""What the shipped client of November 2026 (0.171.0) did about failures, and what we do.

Each row of `codex-0.171.jsonl` is one failure that it met, with one retry of either kind allowed:
how many requests it made, whether it began the stream again, and what it said. Every row agrees, or
is a difference with a name; docs/differences.md has the same names with the reasons.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from codex_proto.errors import (
    ApiError,
    CodexError,
    FlexUnavailable,
    HttpStatusError,
    ResponseFailedError,
    RetryLimit,
)
from codex_proto.refusals import error_from_response
from codex_proto.requests import (
    GiveUp,
    ResponsesApiRequest,
    RetryAfter,
    RetryPolicy,
    RetryState,
    decide,
)
from codex_proto.responses import Completed, ResponsesDecoder, StreamFailed
from codex_proto.sessions import ResponsesSession
from tests.paths import DATA, DOCS

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS: Final[list[dict[str, Any]]] = [
    json.loads(line) for line in (DATA / "codex-0.171.jsonl").read_text("utf-8").splitlines()
]

# The names of the differences, and which rows they cover; docs/differences.md has the reasons.
BY_THE_TABLE: Final = "error_event_by_the_table"
FLAT: Final = "flat_code_counts"
MILLISECONDS: Final = "retry_after_ms"
FRAME_ENDS: Final = "error_frame_ends"
MESSAGE_SIZE: Final = "message_size_of_the_server"
DIFFERENCES: Final[dict[tuple[str, str | None], str]] = {
    **dict.fromkeys(
        [
            ("errorev", "policy_capacity_unavailable"),
            ("errorev", "cyber_policy"),
            ("errorev", "misalignment_policy_violation"),
            ("errorev", "insufficient_quota"),
            ("errorev", "server_is_overloaded"),
            ("errorev", "invalid_prompt"),
        ],
        BY_THE_TABLE,
    ),
    **dict.fromkeys(
        [
            ("errorevflat", "budget_reached"),
            ("errorevflat", "flex_unavailable"),
            ("errorevflat", "invalid_audio"),
        ],
        FLAT,
    ),
    ("http503+retry-after-ms:1500", None): MILLISECONDS,
    ("ws error without status, code websocket_message_too_large", None): FRAME_ENDS,
    ("ws 101 with x-codex-websocket-max-message-bytes: 1000", None): MESSAGE_SIZE,
}

POLICY: Final = RetryPolicy(request_max_retries=1, stream_max_retries=1)
HTTP: Final = RetryState(policy=POLICY)
SOCKET: Final = RetryState(policy=POLICY, transport="websocket")
CREATED: Final = {"type": "response.created", "response": {"id": "resp_1"}}


@dataclass(frozen=True)
class Seen:
    """What comes of one failure: requests, whether the stream began again, the first wait."""

    requests: int
    stream_retry: bool
    wait: float | None
    error: CodexError


def _play(error: CodexError, state: RetryState, *, has_response: bool = False) -> Seen:
    """A request that always fails with the same error, as the client's policy has it."""
    requests, waits, layers = 1, list[float](), set[str]()
    while True:
        if has_response:
            state = state.with_response()
        decision = decide(state, error, 0.0)
        if not isinstance(decision, RetryAfter):
            assert isinstance(decision, GiveUp) or state.transport == "websocket"
            return Seen(requests, "stream" in layers, waits[0] if waits else None, error)
        requests += 1
        waits.append(decision.delay)
        layers.add(decision.layer)
        state = decision.state


def _over_sse(*events: dict[str, Any]) -> Completed | StreamFailed:
    decoder = ResponsesDecoder()
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in (CREATED, *events))
    decoder.receive_data(body.encode())
    decoder.receive_eof()
    assert decoder.outcome is not None
    return decoder.outcome


def _failure(outcome: Completed | StreamFailed) -> Seen:
    assert isinstance(outcome, StreamFailed)
    return _play(outcome.error, HTTP, has_response=True)


def _record(row: dict[str, Any]) -> dict[str, Any]:
    found = re.search(r"MSG2?-\w+", row["message"])
    return {"type": "t", "code": row["arg"], "message": found[0] if found else f"MSG-{row['arg']}"}


def _refusal(status: int, headers: dict[str, str], record: dict[str, Any] | None) -> Seen:
    body = json.dumps({"error": record}) if record else ""
    # Seven tenths of a second after the time that the dates of a row count from.
    error = error_from_response(status, headers, body, now_unix=NOW + 0.7)
    return _play(error, HTTP)


# -- the rows that say what was sent by a name ----------------------------------------------------


def _failed(row: dict[str, Any]) -> Seen:
    error = {"code": row["arg"], "message": f"MSG-{row['arg']}"}
    return _failure(_over_sse({"type": "response.failed", "response": {"id": "r", "error": error}}))


def _incomplete(row: dict[str, Any]) -> Seen:
    details = None if row["arg"] == "None" else {"reason": row["arg"]}
    response = {"id": "r", "incomplete_details": details}
    outcome = _over_sse({"type": "response.incomplete", "response": response})
    return _failure(outcome)


def _error_event(row: dict[str, Any]) -> Seen:
    return _failure(_over_sse({"type": "error", "error": _record(row)}))


def _flat_error_event(row: dict[str, Any]) -> Seen:
    return _failure(_over_sse({**_record(row), "type": "error", "param": None}))


def _http(row: dict[str, Any]) -> Seen:
    status = int(row["case"].removeprefix("http"))
    return _refusal(status, {"x-request-id": "req_x"}, _record(row))


BY_NAME: Final[dict[str, Callable[[dict[str, Any]], Seen]]] = {
    "failed": _failed,
    "incomplete": _incomplete,
    "errorev": _error_event,
    "errorevflat": _flat_error_event,
}
NAMED: Final = [row for row in ROWS if "arg" in row and row["arg"] != "interrupted"]


def _seen(row: dict[str, Any]) -> Seen:
    return BY_NAME.get(row["case"], _http)(row)


@pytest.mark.parametrize("row", NAMED, ids=lambda row: f"{row['case']}-{row['arg']}")
def test_named_failures(row: dict[str, Any]) -> None:
    seen = _seen(row)
    agrees = (seen.requests, seen.stream_retry) == (row["requests_seen"], row["stream_retry"])
    difference = DIFFERENCES.get((row["case"], row["arg"]))
    assert agrees is (difference is None)
    if difference is not None:
        # Final here by the table of `response.failed`, and tried again there.
        assert seen == replace(seen, requests=1, stream_retry=False)
        assert (row["requests_seen"], row["stream_retry"]) == (2, True)
    if "MSG" in row["message"]:
        assert isinstance(seen.error, ApiError)
        assert _record(row)["message"] in seen.error.message
        assert seen.error.code == row["arg"]


def test_an_interrupted_response_is_complete() -> None:
    (row,) = (row for row in ROWS if row.get("arg") == "interrupted")
    response = {"id": "r", "incomplete_details": {"reason": row["arg"]}}
    outcome = _over_sse({"type": "response.incomplete", "response": response})
    assert isinstance(outcome, Completed)
    assert outcome.end_turn is False
    assert "end_turn=false" in row["note"]


# -- the rows that say it in words ----------------------------------------------------------------

NOW: Final = 1_700_000_000.0
_IN_THREE_SECONDS: Final = "Tue, 14 Nov 2023 22:13:23 GMT"


def _frame(**members: Any) -> Seen:
    decoder = ResponsesDecoder()
    decoder.receive_message(json.dumps(CREATED))
    decoder.receive_message(json.dumps({"type": "error", **members}))
    assert isinstance(decoder.outcome, StreamFailed)
    return _play(decoder.outcome.error, SOCKET)


def _timed(status: int, after: str | None = None, **record: Any) -> Seen:
    return _refusal(status, {} if after is None else {"retry-after": after}, record or None)


# For each row: how it comes about; the requests it takes, whether a stream retry, the first wait.
FINAL: Final = (1, False, None)
IN_WORDS: Final[dict[str, tuple[Callable[[], Seen], tuple[int, bool, float | None]]]] = {
    "http429+retry-after:2": (lambda: _timed(429, "2"), (2, True, 2.0)),
    "http429+retry-after:8": (lambda: _timed(429, "8"), (2, True, 8.0)),
    "http429+retry-after:0": (lambda: _timed(429, "0"), (2, True, 0.0)),
    "http429+retry-after:<http-date +3s>": (lambda: _timed(429, _IN_THREE_SECONDS), (2, True, 2.3)),
    "http429+retry-after:1.5": (lambda: _timed(429, "1.5"), FINAL),
    "http429 body 'Please try again in 2s.'": (
        lambda: _timed(429, message="Please try again in 2s."),
        FINAL,
    ),
    "http429 usage_limit_reached + retry-after": (
        lambda: _timed(429, "2", type="usage_limit_reached"),
        FINAL,
    ),
    "http429 flex_unavailable + retry-after": (
        lambda: _timed(429, "2", code="flex_unavailable"),
        FINAL,
    ),
    "http429 insufficient_quota + retry-after": (
        lambda: _timed(429, "2", code="insufficient_quota"),
        FINAL,
    ),
    # With the request budget: two requests in each of two streams.
    "http503+retry-after:2": (lambda: _timed(503, "2"), (4, True, 2.0)),
    "http500+retry-after:2": (lambda: _timed(500, "2"), (4, True, 2.0)),
    "http503 server_is_overloaded + retry-after:1": (
        lambda: _timed(503, "1", code="server_is_overloaded"),
        (2, False, 1.0),
    ),
    "http503+retry-after-ms:1500": (
        lambda: _refusal(503, {"retry-after-ms": "1500"}, None),
        (4, True, 1.5),
    ),
    "http409+retry-after:2": (lambda: _timed(409, "2"), (2, True, 2.0)),
    "http400+retry-after:1": (lambda: _timed(400, "1"), FINAL),
    "http500+x-should-retry:false": (
        lambda: _refusal(500, {"x-should-retry": "false"}, None),
        (4, True, 0.2),
    ),
    "http400+x-should-retry:true": (lambda: _refusal(400, {"x-should-retry": "true"}, None), FINAL),
    "ws error status 429 headers.retry-after 2": (
        lambda: _frame(status=429, headers={"retry-after": "2"}),
        (2, True, 2.0),
    ),
    "ws error status 429": (lambda: _frame(status=429), FINAL),
    "ws error without status, code budget_reached": (
        lambda: _frame(error={"code": "budget_reached"}),
        FINAL,
    ),
    "ws error without status, code flex_unavailable": (
        lambda: _frame(error={"code": "flex_unavailable"}),
        FINAL,
    ),
    "ws error without status, code websocket_message_too_large": (
        lambda: _frame(error={"code": "websocket_message_too_large"}),
        (2, True, 0.2),
    ),
    "ws error status 413 websocket_message_too_large": (
        lambda: _frame(status=413, error={"code": "websocket_message_too_large"}),
        (2, True, 0.2),
    ),
}
# Where upstream was seen to do it once more and the mock then gave in.
GAVE_IN: Final = 2


@pytest.mark.parametrize("case", IN_WORDS)
def test_failures_in_words(case: str) -> None:
    (row,) = (row for row in ROWS if row["case"] == case)
    make, expected = IN_WORDS[case]
    seen = make()
    assert (seen.requests, seen.stream_retry) == expected[:2]
    assert seen.wait == (None if expected[2] is None else pytest.approx(expected[2], abs=1e-6))
    difference = DIFFERENCES.get((case, None))
    waits = re.search(r"(?:after|\() ?([0-9.]+) s", row["observed"])
    if difference == FRAME_ENDS:
        assert row["observed"] == "ignored, waits"
        assert type(seen.error) is ResponseFailedError
    elif difference == MILLISECONDS:
        assert (waits and waits[1], seen.wait) == ("0.2", 1.5)
    else:
        assert (seen.requests > 1) is (row["requests_seen"] == GAVE_IN)
        assert waits is None or seen.wait == pytest.approx(float(waits[1]))
    if "stream retry" in row["observed"]:
        assert isinstance(seen.error, RetryLimit | HttpStatusError)
    if "flex_unavailable" in case:
        assert type(seen.error) is FlexUnavailable


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_bodies_are_decoded(coding: str) -> None:
    content = pytest.importorskip("codex_proto.connections.http1._content_coding")
    samples = pytest.importorskip("tests.connections.samples")
    assert any(row["case"] == f"body content-encoding {coding}" for row in ROWS)
    decoder = content.ContentDecoder((coding,), 100)
    assert b"".join(decoder.decode(samples.CODINGS[coding](samples.SSE))) == samples.SSE
    assert decoder.finish() is None


def test_a_limit_that_the_server_names_in_its_handshake_is_not_read() -> None:
    (case,) = (case for (case, _), name in DIFFERENCES.items() if name == MESSAGE_SIZE)
    (row,) = (row for row in ROWS if row["case"] == case)
    assert row["observed"] == "nothing sent on the socket, POST /responses at once"
    session = ResponsesSession()
    session.connected({"x-codex-websocket-max-message-bytes": "1000"})
    text = "x" * 2000
    assert text in session.send(ResponsesApiRequest(model="m", instructions=text)).text


# -- the collection -------------------------------------------------------------------------------


def test_every_row_is_looked_at_and_every_difference_is_one(
    record_property: Callable[[str, object], None],
) -> None:
    cases = Counter((row["case"], row.get("arg")) for row in ROWS)
    assert len(ROWS) == 134
    assert set(cases.values()) == {1}
    assert set(DIFFERENCES) <= set(cases)
    in_words = {row["case"] for row in ROWS if "arg" not in row}
    elsewhere = {f"body content-encoding {coding}" for coding in ("gzip", "zstd")}
    elsewhere |= {case for (case, _), name in DIFFERENCES.items() if name == MESSAGE_SIZE}
    assert set(IN_WORDS) | elsewhere == in_words
    counts = Counter(DIFFERENCES.values())
    for name, rows in counts.items():
        record_property(name, rows)
        print(f"0.171: {rows:4} of {len(ROWS)} rows: {name}")
    assert counts == {BY_THE_TABLE: 6, FLAT: 3, MILLISECONDS: 1, FRAME_ENDS: 1, MESSAGE_SIZE: 1}


def test_the_documentation_names_the_differences() -> None:
    page = (DOCS / "differences.md").read_text("utf-8")
    for name, rows in Counter(DIFFERENCES.values()).items():
        assert f"| `{name}` | {rows} |" in page
