"""Errors are values: equal, hashable, picklable, and told in one sentence."""

from __future__ import annotations

import contextlib
import copy
import inspect
import pickle
import sys
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from codex_proto import errors
from codex_proto.errors import (
    ApiError,
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    HttpStatusError,
    IdleTimeout,
    LimitExceeded,
    LocalProtocolError,
    RetryLimit,
    StreamClosedEarly,
    TimedOut,
)
from codex_proto.rate_limits import RateLimitSnapshot
from codex_proto.responses import ResponsesDecoder, TokenUsage, decode_response_event
from codex_proto.sse import EventStreamDecoder, EventStreamEncoder, ServerSentEvent
from tools.error_rows import ERROR_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable


def _tree(cls: type[CodexError]) -> list[type[CodexError]]:
    return [cls, *(found for sub in cls.__subclasses__() for found in _tree(sub))]


CLASSES: Final = [cls for cls in _tree(CodexError) if cls.__module__.startswith("codex_proto")]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)

# Two values for every attribute that any error has. A new attribute needs a line here.
_USAGE: Final = TokenUsage(input_tokens=1, output_tokens=2, total_tokens=3)
SAMPLES: Final[dict[str, tuple[Any, Any]]] = {
    "message": ("It went wrong.", "It went wrong in another way."),
    "retry_after": (1.5, 2.0),
    "limit_name": ("max_line_size", "max_event_size"),
    "limit": (10, 20),
    "code": ("server_error", "rate_limit_exceeded"),
    "response_id": ("resp_1", "resp_2"),
    "status": (429, 503),
    "reason": ("max_output_tokens", "content_filter"),
    "token_usage": (_USAGE, TokenUsage(input_tokens=9, output_tokens=2, total_tokens=11)),
    "last_event_type": ("response.created", "error"),
    "output_started": (True, False),
    "leftover": (b"<html>", b"\xff"),
    "unread": (b"oops", b""),
    "close_code": (1006, 1011),
    "close_reason": ("gone", ""),
    "error_type": ("invalid_request_error", "server_error"),
    "param": ("input", "model"),
    "retry_at": (1_700_000_000.0, 1_800_000_000.0),
    "request_id": ("req_1", "req_2"),
    "cf_ray": ("ray_1", "ray_2"),
    "url": ("https://example.com/v1/responses", "https://example.com/v1/models"),
    "headers": ((("retry-after", "5"),), ()),
    "body": ("{}", "<html>"),
    "rate_limits": (RateLimitSnapshot(limit_id="codex"), RateLimitSnapshot(limit_id="other")),
    "identity_authorization_error": ("bad_token", "no_token"),
    "identity_error_code": ("token_expired", "token_revoked"),
    "plan_type": ("plus", "pro"),
    "promo_message": ("Buy.", "Sell."),
    "rate_limit_reached_type": ("rate_limit_reached", "other"),
    "misalignment": ({"error_type": "other"}, {"steer": {"message": "m"}}),
    "server_set_time": (False, True),
}

# By the nature of the error: whether the same request may succeed another time.
RETRYABLE: Final[dict[type[CodexError], bool]] = {
    CodexError: False,
    ApiError: False,
    **{
        row.error: row.retryable
        for row in ERROR_ROWS
        if "`Retry-After`" not in row.when and "`content_filter`" not in row.when
    },
}


def _make(cls: type[CodexError], **changed: Any) -> CodexError:
    """An error with every attribute set."""
    return cls(**{name: SAMPLES[name][0] for name in cls.fields} | changed)


def _parameters(cls: type[CodexError], *, required: bool) -> set[str]:
    parameters = list(inspect.signature(cls).parameters.values())
    return {p.name for p in parameters if not required or p.default is p.empty}


@every_class
def test_the_tree_is_public(cls: type[CodexError]) -> None:
    assert getattr(errors, cls.__name__) is cls
    assert cls.__name__ in vars(errors)["__all__"]
    assert cls.__doc__


@every_class
def test_retryable_is_settled(cls: type[CodexError]) -> None:
    assert _make(cls).retryable is RETRYABLE[cls]


@every_class
def test_what_is_shown_is_what_can_be_given(cls: type[CodexError]) -> None:
    assert set(cls.fields) == _parameters(cls, required=False)
    assert cls.fields[:2] == ("message", "retry_after")
    error = _make(cls)
    for name in cls.fields:
        assert getattr(error, name) == SAMPLES[name][0]


@every_class
def test_equal_when_all_attributes_are(cls: type[CodexError]) -> None:
    error, same = _make(cls), _make(cls)
    assert error == same
    assert hash(error) == hash(same)
    assert len({error, same}) == 1
    for name in cls.fields:
        other = _make(cls, **{name: SAMPLES[name][1]})
        assert error != other
        assert len({error, other}) == 2


@every_class
def test_not_equal_to_anything_of_another_class(cls: type[CodexError]) -> None:
    error = _make(cls)
    for other in CLASSES:
        if other is not cls:
            assert error != _make(other)
    assert error != error.message
    assert error != error.as_dict()
    assert error != Exception(error.message)


def test_classes_with_the_same_attributes_differ() -> None:
    assert TimedOut("x") != IdleTimeout("x")
    assert IdleTimeout("x") != TimedOut("x")
    assert len({TimedOut("x"), IdleTimeout("x"), CodexError("x")}) == 3


@every_class
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_and_back_it_is_equal(cls: type[CodexError], protocol: int) -> None:
    error = _make(cls)
    _is_a_copy(pickle.loads(pickle.dumps(error, protocol)), error)


@every_class
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_is_equal(
    cls: type[CodexError], duplicate: Callable[[CodexError], CodexError]
) -> None:
    _is_a_copy(duplicate(_make(cls)), _make(cls))
    sparse = cls(**{name: SAMPLES[name][0] for name in _parameters(cls, required=True)})
    _is_a_copy(duplicate(sparse), sparse)


def _is_a_copy(found: CodexError, original: CodexError) -> None:
    assert found is not original
    assert type(found) is type(original)
    assert found == original
    assert (str(found), repr(found)) == (str(original), repr(original))
    assert found.args == original.args


@every_class
def test_repr_is_what_makes_an_equal_one(cls: type[CodexError]) -> None:
    for error in (_make(cls), _make(cls, retry_after=None)):
        names = {each: getattr(errors, each) for each in vars(errors)["__all__"]}
        names |= {"TokenUsage": TokenUsage, "RateLimitSnapshot": RateLimitSnapshot}
        assert eval(repr(error), names) == error
    assert "retry_after" not in repr(_make(cls, retry_after=None))


@every_class
def test_as_dict_is_the_whole_error(cls: type[CodexError]) -> None:
    plain = _make(cls).as_dict()
    assert list(plain)[:3] == ["kind", "message", "retryable"]
    assert (plain.pop("kind"), plain.pop("retryable")) == (cls.__name__, RETRYABLE[cls])
    assert plain == {name: SAMPLES[name][0] for name in cls.fields}
    absent = [name for name in cls.fields if name not in _parameters(cls, required=True)]
    if "message" in absent:
        absent.remove("message")
    for name in absent:
        if inspect.signature(cls).parameters[name].default is None:
            assert name not in _make(cls, **{name: None}).as_dict()


@every_class
def test_str_is_the_message_and_one_sentence(cls: type[CodexError]) -> None:
    assert str(_make(cls)) == SAMPLES["message"][0]
    if "message" not in _parameters(cls, required=True):
        required = {name: SAMPLES[name][0] for name in _parameters(cls, required=True)}
        told = str(cls(**required))
        assert told
        assert told == cls(**required).message
        assert "\n" not in told
        assert all(str(value) in told for value in required.values())


@every_class
def test_it_is_raised_and_caught_like_any_exception(cls: type[CodexError]) -> None:
    error = _make(cls)
    with pytest.raises(CodexError) as raised:
        raise error
    assert raised.value is error
    # Having been raised leaves no trace in the value.
    assert error == _make(cls)
    assert hash(error) == hash(_make(cls))


@every_class
def test_no_attribute_can_be_set_or_deleted(cls: type[CodexError]) -> None:
    error = _make(cls)
    for name in (*cls.fields, "retryable", "args", "anything"):
        with pytest.raises(AttributeError, match=name):
            setattr(error, name, SAMPLES["status"][0])
        with pytest.raises(AttributeError, match=name):
            delattr(error, name)
    assert error == _make(cls)


def test_python_sets_what_it_sets_on_every_exception() -> None:
    cause, error = TimedOut("late"), ConnectionFailed("gone")
    error.add_note("On the way.")
    with pytest.raises(ConnectionFailed), contextlib.ExitStack():
        raise error from cause
    assert error.__cause__ is cause
    assert error.__traceback__ is not None
    assert error.__notes__ == ["On the way."]
    del error.__notes__
    error.__traceback__ = error.__context__ = error.__cause__ = None
    error.__suppress_context__ = False
    assert error == ConnectionFailed("gone")


@every_class
def test_another_error_differs_where_it_is_asked_to(cls: type[CodexError]) -> None:
    error = _make(cls)
    assert error.replace() == error
    for name in cls.fields:
        value = SAMPLES[name][1]
        assert error.replace(**{name: value}) == _make(cls, **{name: value})
    assert error == _make(cls)
    with pytest.raises(TypeError, match="colour"):
        error.replace(colour="red")
    if sys.version_info >= (3, 13):
        assert copy.replace(error, retry_after=9.0) == error.replace(retry_after=9.0)


def test_what_an_error_is_by_nature_follows_what_is_replaced() -> None:
    assert RetryLimit().replace(server_set_time=True).retryable
    assert not RetryLimit(server_set_time=True).replace(server_set_time=False).retryable
    assert HttpStatusError().replace(url="https://u:p@h/?key=x").url == "https://h/?key=[redacted]"


def test_type_checkers_know_the_one_constructor() -> None:
    # An ignore that is not needed is an error of mypy.
    with pytest.raises(TypeError, match="statuses"):
        HttpStatusError("m", statuses=500)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        HttpStatusError("m", 500)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="limit_name, limit"):
        LimitExceeded("m")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="message"):
        TimedOut()  # type: ignore[call-arg]
    HttpStatusError(status="500")  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        HttpStatusError().status = 500  # type: ignore[misc]
    match HttpStatusError("m", status=500):
        case HttpStatusError(message, status=status):
            assert (message, status) == ("m", 500)


def test_an_end_without_any_event_says_so_and_any_other_names_the_last_one() -> None:
    assert "response.created" in str(StreamClosedEarly(last_event_type="response.created"))
    assert "without a single event" in str(StreamClosedEarly())
    assert "1011" in str(ConnectionClosed(close_code=1011))


# -- the caller's own mistakes ------------------------------------------------------------------


def _ended(decoder: ResponsesDecoder | EventStreamDecoder) -> Any:
    decoder.receive_eof()
    return decoder


def _fed_data() -> ResponsesDecoder:
    decoder = ResponsesDecoder()
    decoder.receive_data(b"data: {}\n\n")
    return decoder


def _in_a_block() -> ResponsesDecoder:
    decoder = _fed_data()
    decoder.receive_data(b"data: {")
    return decoder


def _fed_message() -> ResponsesDecoder:
    decoder = ResponsesDecoder()
    decoder.receive_message(b"{}")
    return decoder


def _closed() -> ResponsesDecoder:
    decoder = _fed_message()
    decoder.receive_close(1000)
    return decoder


def _broken() -> ResponsesDecoder:
    decoder = ResponsesDecoder()
    decoder.receive_error(TimedOut("late"))
    return decoder


# A value of a type that no argument has.
WRONG: Final = cast("Any", 5)
TEXT: Final = cast("Any", "text")

# What was wrong (an argument, or the method that may not be called now), and the mistake.
MISTAKES: Final[list[tuple[str, str, Callable[[], object]]]] = [
    ("max_line_size", "zero", lambda: EventStreamDecoder(max_line_size=0)),
    ("max_line_size", "negative", lambda: EventStreamDecoder(max_line_size=-1)),
    ("max_event_size", "zero", lambda: EventStreamDecoder(max_event_size=0)),
    ("data", "number, framing", lambda: EventStreamDecoder().receive_data(WRONG)),
    ("data", "text, framing", lambda: EventStreamDecoder().receive_data(TEXT)),
    ("data", "text, blocks", lambda: EventStreamDecoder().receive_blocks(TEXT)),
    ("receive_data", "ended", lambda: _ended(EventStreamDecoder()).receive_data(b"")),
    ("receive_blocks", "ended", lambda: _ended(EventStreamDecoder()).receive_blocks(b"")),
    ("data", "surrogate", lambda: ServerSentEvent(data="\udc00")),
    ("event", "empty", lambda: EventStreamEncoder().encode(ServerSentEvent(""))),
    ("event", "line end", lambda: EventStreamEncoder().encode(ServerSentEvent("a\r"))),
    ("event", "surrogate", lambda: EventStreamEncoder().encode(ServerSentEvent("\ud800"))),
    ("id", "line end", lambda: EventStreamEncoder().encode(ServerSentEvent(id="a\n"))),
    ("id", "NUL", lambda: EventStreamEncoder().encode(ServerSentEvent(id="\0"))),
    ("id", "surrogate", lambda: EventStreamEncoder().encode(ServerSentEvent(id="\ud800"))),
    ("retry", "negative", lambda: EventStreamEncoder().encode(ServerSentEvent(retry=-1))),
    ("text", "line end", lambda: EventStreamEncoder().encode_comment("a\nb")),
    ("text", "surrogate", lambda: EventStreamEncoder().encode_comment("\ud800")),
    ("message", "number", lambda: decode_response_event(WRONG)),
    ("message", "None", lambda: decode_response_event(cast("Any", None))),
    ("profile", "unheard of", lambda: ResponsesDecoder(profile=cast("Any", "small"))),
    ("max_depth", "zero, decoder", lambda: ResponsesDecoder(max_depth=0)),
    ("max_line_size", "zero, decoder", lambda: ResponsesDecoder(max_line_size=0)),
    ("max_event_size", "zero, decoder", lambda: ResponsesDecoder(max_event_size=0)),
    ("data", "text, decoder", lambda: ResponsesDecoder().receive_data(TEXT)),
    ("data", "number, decoder", lambda: ResponsesDecoder().receive_data(WRONG)),
    ("data", "text, decoder blocks", lambda: ResponsesDecoder().receive_blocks(TEXT)),
    ("data", "text, going on with a block", lambda: _in_a_block().receive_data(TEXT)),
    ("data", "number, going on with a block", lambda: _in_a_block().receive_data(WRONG)),
    ("data", "text, after a block", lambda: _fed_data().receive_data(TEXT)),
    ("message", "number, decoder", lambda: ResponsesDecoder().receive_message(WRONG)),
    ("error", "text", lambda: ResponsesDecoder().receive_error(TEXT)),
    ("error", "ValueError", lambda: ResponsesDecoder().receive_error(cast("Any", ValueError()))),
    ("receive_data", "ended, decoder", lambda: _ended(ResponsesDecoder()).receive_data(b"")),
    ("receive_blocks", "ended, decoder", lambda: _ended(ResponsesDecoder()).receive_blocks(b"")),
    ("receive_message", "ended", lambda: _ended(ResponsesDecoder()).receive_message("")),
    ("receive_binary", "ended", lambda: _ended(ResponsesDecoder()).receive_binary()),
    ("receive_close", "ended", lambda: _ended(ResponsesDecoder()).receive_close()),
    ("receive_message", "closed", lambda: _closed().receive_message("")),
    ("receive_close", "closed twice", lambda: _closed().receive_close()),
    ("receive_data", "broken", lambda: _broken().receive_data(b"")),
    ("receive_message", "after data", lambda: _fed_data().receive_message("")),
    ("receive_binary", "after data", lambda: _fed_data().receive_binary()),
    ("receive_close", "after data", lambda: _fed_data().receive_close()),
    ("receive_data", "after messages", lambda: _fed_message().receive_data(b"")),
    ("receive_blocks", "after messages", lambda: _fed_message().receive_blocks(b"")),
]


@pytest.mark.parametrize(
    ("name", "mistake"),
    [(name, mistake) for name, _, mistake in MISTAKES],
    ids=[f"{name}-{what}" for name, what, _ in MISTAKES],
)
def test_a_mistake_of_the_caller_is_told_by_name(name: str, mistake: Callable[[], object]) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        mistake()
    assert raised.value.message.startswith(f"{name}: ")
    assert len(raised.value.message) > len(f"{name}: ")


def test_a_mistake_leaves_the_decoder_as_it_was() -> None:
    decoder = _fed_data()
    with pytest.raises(LocalProtocolError):
        decoder.receive_message("{}")
    with pytest.raises(LocalProtocolError):
        decoder.receive_close()
    with pytest.raises(LocalProtocolError):
        decoder.receive_error(TEXT)
    assert decoder.outcome is None
    (event,) = decoder.receive_data(b'data: {"type":"ping"}\n\n')
    assert event == decode_response_event(b'{"type":"ping"}')
