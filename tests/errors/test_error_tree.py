"""The tree as a whole: values, sentences, secrets, and the table that the documentation is from."""

from __future__ import annotations

import inspect
import pickle
from typing import Any, Final

import pytest

from codex_proto import errors
from codex_proto._secrets import REDACTED, redact_text, redact_url
from codex_proto.errors import (
    ApiError,
    CodexError,
    HttpStatusError,
    IdleTimeout,
    InternalServerError,
    InvalidRequest,
    MisalignmentPolicyViolation,
    RateLimitExceeded,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    TimedOut,
)
from codex_proto.rate_limits import RateLimitSnapshot, RateLimitWindow
from tools.error_rows import ERROR_ROWS
from tools.errors_doc import DOC, render

CLASSES: Final[list[type[CodexError]]] = [
    cls
    for name in vars(errors)["__all__"]
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, CodexError)
]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)

# Two values for the attributes that are no text; a text has two of its own.
_SNAPSHOT: Final = RateLimitSnapshot(limit_id="codex", primary=RateLimitWindow(used_percent=100.0))
SAMPLES: Final[dict[str, tuple[Any, Any]]] = {
    "retry_after": (1.5, 2.0),
    "retry_at": (1_700_000_000.0, 1_800_000_000.0),
    "limit": (10, 20),
    "status": (429, 503),
    "headers": ((("retry-after", "5"),), (("retry-after", "6"),)),
    "rate_limits": (_SNAPSHOT, RateLimitSnapshot(limit_id="other")),
    "token_usage": ("a", "b"),
    "output_started": (True, False),
    "leftover": (b"<html>", b"\xff"),
    "close_code": (1006, 1011),
    "misalignment": ({"error_type": "other"}, {"steer": {"message": "m"}}),
    "server_set_time": (False, True),
}


def _sample(name: str, which: int = 0) -> Any:
    return SAMPLES.get(name, (f"some {name}", f"other {name}"))[which]


def _make(cls: type[CodexError], **changed: Any) -> CodexError:
    return cls(**{name: _sample(name) for name in cls.fields} | changed)


def _required(cls: type[CodexError]) -> dict[str, Any]:
    parameters = inspect.signature(cls).parameters.values()
    return {p.name: _sample(p.name) for p in parameters if p.default is p.empty}


def _tree(cls: type[CodexError]) -> set[type[CodexError]]:
    return {cls}.union(*(_tree(sub) for sub in cls.__subclasses__()))


def test_all_classes_are_public() -> None:
    ours = {cls for cls in _tree(CodexError) if cls.__module__.startswith("codex_proto.")}
    assert ours == set(CLASSES)
    assert vars(errors)["__all__"] == sorted(vars(errors)["__all__"])


@every_class
def test_what_is_shown_is_what_can_be_given(cls: type[CodexError]) -> None:
    assert set(cls.fields) == set(inspect.signature(cls).parameters)
    assert len(set(cls.fields)) == len(cls.fields)
    error = _make(cls)
    assert {name: getattr(error, name) for name in cls.fields} == {
        name: _sample(name) for name in cls.fields
    }


@every_class
def test_equal_when_all_attributes_are(cls: type[CodexError]) -> None:
    error, same = _make(cls), _make(cls)
    assert error == same
    assert hash(error) == hash(same)
    for name in cls.fields:
        other = _make(cls, **{name: _sample(name, 1)})
        assert error != other
    assert all(error != _make(other) for other in CLASSES if other is not cls)


@every_class
def test_pickled_and_back_it_is_equal(cls: type[CodexError]) -> None:
    for error in (_make(cls), cls(**_required(cls))):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            copy = pickle.loads(pickle.dumps(error, protocol))
            assert type(copy) is cls
            assert copy == error
            assert (str(copy), repr(copy), copy.args) == (str(error), repr(error), error.args)
            assert copy.retryable is error.retryable


@every_class
def test_as_dict_and_repr_are_the_whole_error(cls: type[CodexError]) -> None:
    error = _make(cls)
    plain = error.as_dict()
    assert list(plain)[:3] == ["kind", "message", "retryable"]
    assert (plain.pop("kind"), plain.pop("retryable")) == (cls.__name__, error.retryable)
    assert plain == {name: _sample(name) for name in cls.fields}
    for name in cls.fields:
        assert f"{name}={_sample(name)!r}" in repr(error)
    assert "retry_after" not in cls(**_required(cls)).as_dict()


@every_class
def test_it_can_be_told_in_one_sentence(cls: type[CodexError]) -> None:
    error = cls(**_required(cls))
    assert str(error) == error.message
    assert str(error).strip()
    assert "\n" not in str(error)
    assert str(_make(cls)) == "some message"


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if issubclass(cls, ApiError)])
def test_what_a_server_leaves_out_has_a_sentence_of_its_own(cls: type[ApiError]) -> None:
    assert str(cls("")) == str(cls()) == cls.default_message
    assert cls.default_message.endswith(".")


def test_a_base_catches_what_is_below_it() -> None:
    with pytest.raises(InvalidRequest):
        raise errors.InvalidImage
    with pytest.raises(ApiError):
        raise HttpStatusError(status=404)
    assert TimedOut("x") != IdleTimeout("x")


def test_a_429_is_retryable_exactly_where_the_server_set_a_time_by_its_header() -> None:
    assert not RetryLimit(retry_after=2.0).retryable
    assert RetryLimit(server_set_time=True).retryable
    assert pickle.loads(pickle.dumps(RetryLimit(server_set_time=True))).retryable


def test_no_secret_in_a_record_of_misalignment_is_shown() -> None:
    told = {"detailed_explanation": f"sent {SECRET} on", "steer": {"message": [SECRET, 5, None]}}
    error = MisalignmentPolicyViolation(misalignment=told)
    assert SECRET not in _shown(error)
    assert error.misalignment == {
        "detailed_explanation": f"sent {REDACTED} on",
        "steer": {"message": [REDACTED, 5, None]},
    }
    assert error.replace(code="c").misalignment == error.misalignment
    assert SECRET in told["detailed_explanation"]


@pytest.mark.parametrize(
    ("reason", "retryable"),
    [("content_filter", True), ("max_output_tokens", False), ("unknown", False), ("", False)],
)
def test_a_filter_may_let_the_next_one_pass_and_a_limit_stays(reason: str, retryable: bool) -> None:
    error = ResponseIncompleteError(reason=reason)
    assert error.retryable is retryable
    assert pickle.loads(pickle.dumps(error)).retryable is retryable


def test_retry_at_can_be_asked_of_any_error() -> None:
    assert TimedOut("x").retry_at is None
    assert RateLimitExceeded(retry_at=5.0).retry_at == 5.0
    assert errors.UsageLimitReached(retry_at=5.0).resets_at == 5.0


# -- secrets --------------------------------------------------------------------------------------

SECRET: Final = "sk-proj-Zz0123456789abcdefghij"
SECRET_FIELDS: Final = (
    "Authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Api-Key",
    "api-key",
    "Ocp-Apim-Subscription-Key",
    "X-Amz-Security-Token",
    "x_auth_token",
    "X-Client-Secret",
    "X-Goog-IAP-JWT-Assertion",
)
OPAQUE: Final = "hunter2hunter"


def _shown(error: CodexError) -> str:
    return f"{error}|{error!r}|{error.as_dict()}|{error.args}|{pickle.dumps(error)!r}"


@pytest.mark.parametrize("name", SECRET_FIELDS)
def test_no_secret_of_a_header_is_shown(name: str) -> None:
    error = InternalServerError(headers=((name, OPAQUE), ("x-request-id", "req_1")))
    assert OPAQUE not in _shown(error)
    assert error.headers == ((name, REDACTED), ("x-request-id", "req_1"))


def test_a_secret_in_any_header_is_seen_by_its_form() -> None:
    fields = (("x-debug", f"key={SECRET}"), ("location", f"https://u:{OPAQUE}@h/p?sig={OPAQUE}"))
    shown = _shown(InternalServerError(headers=fields))
    assert SECRET not in shown
    assert OPAQUE not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/v1/responses", "https://h/v1/responses"),
        ("https://h/v1?api-version=2024-02-01", "https://h/v1?api-version=2024-02-01"),
        (f"https://h/v1?api_key={OPAQUE}&model=m", f"https://h/v1?api_key={REDACTED}&model=m"),
        (f"https://h/v1?{OPAQUE}", f"https://h/v1?{REDACTED}"),
        (f"https://h/v1?a={OPAQUE}&b=&c", f"https://h/v1?a={REDACTED}&b=&{REDACTED}"),
        (f"https://me:{OPAQUE}@h:8/v1#{OPAQUE}", "https://h:8/v1"),
        (f"wss://{OPAQUE}@h?model={SECRET}", f"wss://h?model={REDACTED}"),
        (f"/v1/x?token={OPAQUE}", f"/v1/x?token={REDACTED}"),
        ("", ""),
    ],
)
def test_no_secret_of_a_url_is_shown(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert redact_url(shown) == shown
    error = HttpStatusError(url=url)
    assert error.url == shown
    assert OPAQUE not in _shown(error)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {}",
        "cookie={}; a=b",
        '{{"headers": {{"authorization": "{}", "x": 1}}}}',
        "access_token={}&x=1",
        '"api_key": "{}"',
        "OPENAI_API_KEY={}",
        "client_secret: {}",
        "Incorrect API key provided: {}. Find yours at https://example.com.",
        "X-Api-Key: {}\r\nHost: h",
        "s3_secret={}",
        "a_b_c_d_e_f_token={}",
    ],
)
def test_no_secret_of_a_text_is_shown(text: str) -> None:
    for secret in (OPAQUE, SECRET):
        told = text.format(secret)
        error = HttpStatusError(told, body=told)
        assert secret not in _shown(error)
        assert redact_text(error.message) == error.message
        # What stands around it stays.
        assert len(error.message) > len(told) - len(secret) - len("Bearer ") - len("; a=b")


# -- the table ------------------------------------------------------------------------------------


def test_the_table_knows_every_class_that_can_be_told() -> None:
    assert {row.error for row in ERROR_ROWS} == set(CLASSES) - {CodexError, ApiError}
    for row in ERROR_ROWS:
        if "`Retry-After`" not in row.when and "`content_filter`" not in row.when:
            assert row.retryable is row.error.retryable
    assert len({row.when for row in ERROR_ROWS}) == len(ERROR_ROWS)


def test_the_documentation_is_up_to_date() -> None:
    assert DOC.read_text("utf-8") == render(), "run: python tools/errors_doc.py"


def test_existing_ways_to_make_them_stay() -> None:
    error = ResponseFailedError("m", code="c", response_id="r", status=500, retry_after=1.0)
    assert list(error.as_dict())[3:] == ["retry_after", "code", "response_id", "status"]
