"""Where our errors differ from upstream's on purpose; see `categories` for the rules.

`ERRORS` is about HTTP answers, `FAILED` about `response.failed`, `FRAMES` about the `error` frames
of a WebSocket.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.vectors.categories import Category, chunks_of

if TYPE_CHECKING:
    from tests.vectors.categories import Answer, Request

__all__ = ["ERRORS", "FAILURES", "Twice", "has_twice", "variant"]


class Twice(dict[str, Any]):
    """A JSON object in which members occur twice, and their names."""

    twice: frozenset[str] = frozenset()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    marked = Twice(members)
    marked.twice = frozenset(name for name in members if names.count(name) > 1)
    return marked


def parse(text: str) -> Any:
    """The JSON of a text, objects with a member twice marked as such; None if it is none."""
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except ValueError:
        return None


def has_twice(value: Any) -> bool:
    """Whether a member occurs twice, at any depth."""
    if isinstance(value, dict):
        return isinstance(value, Twice) or any(map(has_twice, value.values()))
    return isinstance(value, list) and any(map(has_twice, value))


def variant(answer: Answer) -> str:
    """The name of upstream's higher error."""
    name: str = answer[0]["codex"]["variant"]
    return name


def _is_no_http(request: Request, answer: Answer) -> bool:
    return "kind" in request


def _body(request: Request) -> Any:
    return parse(request.get("body") or "")


def _error(request: Request) -> Any:
    body = _body(request)
    return body.get("error") if isinstance(body, dict) else None


def _error_twice(request: Request, answer: Answer) -> bool:
    error = _error(request)
    return (
        isinstance(error, Twice)
        and variant(answer) == "RetryLimit"
        and error.get("type") == "usage_limit_reached"
        and isinstance(error.get("plan_type"), str | None)
    )


def _plan_is_no_text(request: Request, answer: Answer) -> bool:
    error = _error(request)
    return (
        isinstance(error, dict)
        and variant(answer) == "RetryLimit"
        and error.get("type") == "usage_limit_reached"
        and not isinstance(error.get("plan_type"), str | None)
    )


def _is_array(request: Request, answer: Answer) -> bool:
    return isinstance(_body(request), list) and variant(answer) != "RetryLimit"


def _education(request: Request, answer: Answer) -> bool:
    return variant(answer) == "UsageLimitReached" and answer[0]["codex"]["plan_type"] == "education"


def _slow_down(request: Request, answer: Answer) -> bool:
    error = _error(request)
    return variant(answer) == "ServerOverloaded" and bool(error["code"] == "slow_down")


def _used_up_with_success(request: Request, answer: Answer) -> bool:
    error = _error(request)
    return (
        request.get("status") == 200
        and isinstance(error, dict)
        and error.get("type") == "usage_limit_reached"
    )


def _cloudflare(request: Request, answer: Answer) -> bool:
    display: str = answer[0]["codex"]["display"]
    return display.startswith("Access blocked by Cloudflare")


def _differs_in(*names: str) -> Any:
    """Nothing but these fields may differ, and the first has to."""

    def expect(request: Request, upstream: Answer, ours: Answer) -> bool:
        def rest(answer: Answer) -> dict[str, Any]:
            return {name: value for name, value in answer[0].items() if name not in names}

        return rest(upstream) == rest(ours) and upstream[0][names[0]] != ours[0][names[0]]

    return expect


def _is(name: str) -> Any:
    def expect(request: Request, upstream: Answer, ours: Answer) -> bool:
        return bool(ours[0]["variant"] == name)

    return expect


ERRORS: tuple[Category, ...] = (
    Category(
        name="not_an_http_answer",
        reason="Upstream's own failures (a request it could not build, its retries used up): no "
        "peer said anything that could be mapped.",
        lines=2,
        covers=_is_no_http,
        expect=lambda request, upstream, ours: not ours,
    ),
    Category(
        name="member_twice",
        reason="Of two members of one name the last counts, as in every other JSON parser; "
        "upstream takes the whole record for unreadable.",
        lines=1,
        covers=_error_twice,
        expect=_is("UsageLimitReached"),
    ),
    Category(
        name="wrong_member_beside_the_type",
        reason="A plan that is not text does not hide that the usage limit is reached; upstream "
        "then reads nothing of the error.",
        lines=1,
        covers=_plan_is_no_text,
        expect=_is("UsageLimitReached"),
    ),
    Category(
        name="array_as_record",
        reason="Upstream reads an array by position where a record is declared; no server sends "
        "one.",
        lines=1,
        covers=_is_array,
        expect=_is("RetryLimit"),
    ),
    Category(
        name="plan_education",
        reason="Later versions read `education` as the plan `edu`.",
        lines=1,
        covers=_education,
        expect=_differs_in("plan_type"),
    ),
    Category(
        name="slow_down_is_retryable",
        reason="Later versions of the real client try again after `slow_down`.",
        lines=1,
        covers=_slow_down,
        expect=_differs_in("retryable"),
    ),
    Category(
        name="used_up_with_success",
        reason="An answer with a good status whose body says that the allowance is used up is as "
        "final as one with 429.",
        lines=1,
        covers=_used_up_with_success,
        expect=_is("UsageLimitReached"),
    ),
    Category(
        name="cloudflare_notice",
        reason="The same is said in a sentence of our own.",
        lines=1,
        covers=_cloudflare,
        expect=_differs_in("display"),
    ),
)

# -- failures in streams --------------------------------------------------------------------------


def _text(request: Request) -> str:
    if "messages" in request:
        return "\n".join(m for m in request["messages"] if isinstance(m, str))
    return b"".join(chunks_of(request)).decode("utf-8", "replace")


def _told(answer: Answer) -> str:
    message: str = answer[-1]["err"].get("message", "-")
    return message


def _response(request: Request) -> Any:
    """The response of the one event of a stream that is no more than that."""
    event = parse(_text(request).removeprefix("data: "))
    return event.get("response") if isinstance(event, dict) else None


def _payload(request: Request) -> Any:
    response = _response(request)
    return response.get("error") if isinstance(response, dict) else None


def _number_as_code(request: Request, answer: Answer) -> bool:
    error = _payload(request)
    return isinstance(error, dict) and isinstance(error.get("code"), int)


def _payload_is_array(request: Request, answer: Answer) -> bool:
    return isinstance(_payload(request), list)


def _slow_down_failed(request: Request, answer: Answer) -> bool:
    failed = [line for line in _text(request).split("\n") if "response.failed" in line]
    overloaded: bool = answer[-1]["codex"]["variant"] == "ServerOverloaded"
    return overloaded and '"slow_down"' in failed[-1]


def _without_words(request: Request, answer: Answer) -> bool:
    return _told(answer) == "" or _told(answer).startswith("Responses websocket connection limit")


def _number_spelling(request: Request, answer: Answer) -> bool:
    headers = answer[-1]["err"].get("headers") or []
    return any(value in ("1.5", "1e+22") for _, value in headers)


def _delay_in_other_words(request: Request, answer: Answer) -> bool:
    told = answer[-1]["err"]
    message = told.get("message") or ""
    others = ("again in 2 minutes", "again in 5 minutes", "try  again in 5s")
    # No other code has a delay.
    failed = [line for line in _text(request).split("\n") if "response.failed" in line]
    is_paced = bool(failed) and '"rate_limit_exceeded"' in failed[-1]
    return told["variant"] == "Retryable" and is_paced and any(map(message.__contains__, others))


def _has_delay(request: Request, upstream: Answer, ours: Answer) -> bool:
    return upstream[0] == {name: value for name, value in ours[0].items() if name != "delay"}


FAILURES: tuple[Category, ...] = (
    Category(
        name="number_as_code",
        reason="Some servers send a number for a code; upstream then reads nothing of the error.",
        lines=1,
        covers=_number_as_code,
        expect=lambda request, upstream, ours: ours[0]["message"] == "m",
    ),
    Category(
        name="array_as_record",
        reason="Upstream reads an array by position where a record is declared; no server sends "
        "one.",
        lines=1,
        covers=_payload_is_array,
        expect=_is("Stream"),
    ),
    Category(
        name="slow_down_is_retryable",
        reason="Later versions of the real client try again after `slow_down`.",
        lines=1,
        covers=_slow_down_failed,
        expect=_differs_in("retryable"),
    ),
    Category(
        name="delay_in_other_words",
        reason="Upstream reads a delay in seconds and milliseconds, after exactly `try again in`; "
        "other servers write `5 minutes`, `1m2s`, `retry after 26 seconds`.",
        lines=3,
        covers=_delay_in_other_words,
        expect=_has_delay,
    ),
    Category(
        name="without_words",
        reason="An error that says nothing is told in a sentence of our own.",
        lines=4,
        covers=_without_words,
        expect=_differs_in("message"),
    ),
    Category(
        name="number_spelling",
        reason="A number in the headers of a frame keeps its spelling; upstream lost it in April "
        "and kept it later.",
        lines=11,
        covers=_number_spelling,
        expect=_differs_in("sent_headers"),
    ),
)
