"""The feeds: limits, and what is said at the end."""

from __future__ import annotations

import pytest

from codex_proto.responses import Completed, Created, StreamFailed
from codex_proto.sse import EventStreamDecoder
from codex_proto_io.cli import _feeds as feeds
from codex_proto_io.cli._feeds import (
    EventStreamFailed,
    EventStreamFeed,
    MessagesFeed,
    ResponsesFeed,
)
from codex_proto_io.cli._lines import MessageLines
from codex_proto_io.cli._misuse import Misuse
from tests.io.cli.cli_runner import COMPLETED, CREATED, message, sse


def test_event_stream_failure_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "EventStreamDecoder", lambda: EventStreamDecoder(max_line_size=8))
    feed = EventStreamFeed()
    events = [*feed.receive_data(b"data: 1\n\ndata: 12345"), *feed.receive_data(b"6\n\n")]
    events += feed.receive_eof()
    assert [type(event).__name__ for event in events] == ["ServerSentEvent", "EventStreamFailed"]
    assert isinstance(events[-1], EventStreamFailed)
    assert feed.problem() == str(events[-1].error)


def test_a_line_beyond_the_limit_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MessageLines", lambda: MessageLines(1000))
    feed = MessagesFeed("full", None)
    events: list[object] = []
    for _ in range(10):
        events += feed.receive_data(b"x" * 400)
    assert len(events) == 1
    events += feed.receive_data(b"\n" + CREATED + b"\n" + COMPLETED + b"\n")
    assert [type(event) for event in events[1:]] == [Created, Completed]
    assert feed.problem() is None


def test_remarks() -> None:
    feed = ResponsesFeed("full", None)
    later = message("keepalive")
    feed.receive_data(b": alive\n\n" + sse(CREATED, COMPLETED, b"[DONE]", later, later))
    feed.receive_eof()
    assert feed.remarks() == [
        "1 comment",
        "1 [DONE] marker",
        "2 events after the outcome, not shown",
    ]


def test_the_second_half_of_a_line_end_is_not_left_over() -> None:
    feed = EventStreamFeed()
    feed.receive_data(b"data: x\r\n\r\n")
    feed.receive_eof()
    assert feed.remarks() == []
    assert feed.problem() is None


def test_profile_and_headers_are_handed_on() -> None:
    headers = [("openai-model", "m"), ("x-codex-primary-used-percent", "5")]
    expected = ["ServerModel", "RateLimits"]
    feed = feeds.make_feed("responses", "codex", headers)
    names = [type(event).__name__ for event in feed.receive_data(sse(CREATED))]
    # InProgress and the like are nothing of the codex profile.
    assert names == [*expected, "Created"]
    feed = feeds.make_feed("responses", "full", headers)
    names = [type(event).__name__ for event in feed.receive_eof()]
    assert names == [*expected, "StreamFailed"]
    # The handshake of a WebSocket tells no limits.
    feed = feeds.make_feed("responses-ws", "codex", headers)
    names = [type(event).__name__ for event in feed.receive_eof()]
    assert names == ["ServerModel", "StreamFailed"]


def test_a_profile_that_the_decoder_refuses_is_misuse() -> None:
    with pytest.raises(Misuse, match="--profile nonsense"):
        feeds.make_feed("responses", "nonsense", None)


def test_outcomes_are_collected() -> None:
    feed = ResponsesFeed("full", None)
    feed.receive_data(sse(CREATED))
    (failed,) = feed.receive_eof()
    assert isinstance(failed, StreamFailed)
    assert (feed.outcomes.completed, feed.outcomes.failed) == (0, 1)
    assert feed.outcomes.last is failed
