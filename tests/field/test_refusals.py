"""Refusals and rate limits as people met them at other servers: what they expected to be told."""

from __future__ import annotations

import json
from typing import Any, Final

from codex_proto.errors import ApiError
from codex_proto.rate_limits import ApiRateLimit, api_rate_limits
from codex_proto.refusals import error_from_response
from tests.paths import ROOT

DATA: Final = ROOT / "tests" / "field" / "data"


def answer(case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / case / "answer.json").read_text("utf-8"))
    return loaded


def error(case: str) -> ApiError:
    """Return the error of a case; its body, where it is a record, as JSON on the wire."""
    found = answer(case)
    body = found["body"] if isinstance(found["body"], str) else json.dumps(found["body"])
    as_text = error_from_response(found["status"], found["headers"], body)
    assert error_from_response(found["status"], found["headers"], body.encode()) == as_text
    return as_text


def test_azure_please_retry_after() -> None:
    found = error("responses-39-azure-please-retry-after")
    assert found.retry_after == 26.0
    assert (found.status, found.code) == (429, "429")


def test_xai_code_and_error() -> None:
    found = error("responses-41-xai-code-and-error")
    assert (found.message, found.code) == ("Incorrect API key provided", "invalid-argument")


def test_error_body_is_sse() -> None:
    found = error("responses-43-error-body-is-sse")
    assert (found.message, found.code) == ("too long", "context_length_exceeded")
    assert found.error_type == "invalid_request_error"


def test_error_body_bom() -> None:
    found = error("responses-44-error-body-bom")
    assert (found.message, found.code) == ("boom", "x")


def test_ratelimit_epoch() -> None:
    found = answer("responses-45-ratelimit-epoch")
    limits = api_rate_limits(found["headers"])
    assert limits.requests == ApiRateLimit(limit=20, remaining=0, reset_at=1_705_312_200.0)
    limits = api_rate_limits(found["headers"], now_unix=1_705_312_170.0)
    assert limits.requests.reset == 30.0
    assert error("responses-45-ratelimit-epoch").message == "slow down"
