"""The codes of errors that mean something of their own: one table for every way they come.

A row says what a code means and where. In `response.failed` and in an `error` event it means the
row's class; an HTTP answer must have one of the row's statuses, since gateways and earlier servers
use the same code with others. Whether the error is final is the class's to say (`retryable`). An
`error` event with a code that `ends` its stream is the last one in profile `full`; after the others
a `response.failed` says the same again.

Source: additions-2026-11.md 1.1; wire.md 1.8, 2.7 and 6.4.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from codex_proto.errors import (
    AccessProgramNotEnabled,
    ApiError,
    BioPolicy,
    BudgetReached,
    ConnectionLimitReached,
    ContentPolicyViolation,
    ContextWindowExceeded,
    CyberPolicy,
    FlexUnavailable,
    InferenceHookDenied,
    InvalidAudio,
    InvalidPrompt,
    InvalidRequest,
    MisalignmentPolicyViolation,
    ModelNotFound,
    PolicyCapacityUnavailable,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    ResponseFailedError,
    ServerOverloaded,
    UnsupportedAccessProgram,
    UsageLimitReached,
    UsageNotIncluded,
)

__all__ = ["CODES", "ENDING_CODES", "FAILED_CODES", "CodeRow"]


class CodeRow(NamedTuple):
    """What one code means: a class, and the HTTP statuses with which it does.

    `ends` is whether an `error` event with it ends an SSE stream at once in profile `full`,
    `in_events` whether the code means its class in `response.failed` and in `error` events,
    `in_frames` whether an `error` frame of a WebSocket needs no status with it in either profile.
    """

    code: str
    error: type[ApiError]
    statuses: frozenset[int] = frozenset()
    ends: bool = False
    in_events: bool = True
    in_frames: bool = False


def _row(
    code: str,
    error: type[ApiError],
    *statuses: int,
    ends: bool = False,
    in_events: bool = True,
    in_frames: bool = False,
) -> CodeRow:
    return CodeRow(code, error, frozenset(statuses), ends, in_events, in_frames)


CODES: Final = (
    _row("budget_reached", BudgetReached, 400, ends=True),
    _row("flex_unavailable", FlexUnavailable, 429, in_frames=True, ends=True),
    _row("invalid_audio", InvalidAudio, 400, ends=True),
    _row("audio_too_large", InvalidAudio, 400, ends=True),
    _row("invalid_audio_data", InvalidAudio, 400, ends=True),
    _row("invalid_audio_format", InvalidAudio, 400, ends=True),
    _row("missing_audio_sample_rate", InvalidAudio, 400, ends=True),
    _row("context_length_exceeded", ContextWindowExceeded, 400, ends=True),
    _row("model_not_found", ModelNotFound, 400, 404, ends=True),
    _row("content_policy_violation", ContentPolicyViolation, 400, ends=True),
    _row("inference_hook_denied", InferenceHookDenied, 403, ends=True),
    _row("access_program_not_enabled", AccessProgramNotEnabled, 403, ends=True),
    _row("unsupported_access_program", UnsupportedAccessProgram, ends=True),
    _row("policy_capacity_unavailable", PolicyCapacityUnavailable, 503, ends=True),
    _row("misalignment_policy_violation", MisalignmentPolicyViolation, 400, 403, ends=True),
    _row("bio_policy", BioPolicy, 400, ends=True),
    _row("invalid_prompt", InvalidPrompt, 400, ends=True),
    _row("cyber_policy", CyberPolicy, 400, ends=True),
    _row("insufficient_quota", QuotaExceeded, 429),
    _row("credit_balance_exhausted", QuotaExceeded, 429),
    _row("organization_spend_limit_exceeded", QuotaExceeded, 429),
    _row("project_spend_limit_exceeded", QuotaExceeded, 429),
    _row("organization_usage_limit_exceeded", QuotaExceeded, 429, in_events=False),
    _row("usage_not_included", UsageNotIncluded),
    _row("server_is_overloaded", ServerOverloaded, 503),
    _row("slow_down", RateLimitExceeded, 503),
    _row("rate_limit_exceeded", RateLimitExceeded),
    # About the connection and what is kept on it: frames of a WebSocket only.
    _row(
        "websocket_connection_limit_reached",
        ConnectionLimitReached,
        in_events=False,
        in_frames=True,
    ),
    _row("previous_response_not_found", PreviousResponseNotFound, in_events=False, in_frames=True),
    # Known, and no class of its own: the newest client tries again.
    _row("server_error", ResponseFailedError),
    _row("data_residency_mismatch", ResponseFailedError),
    _row("vector_store_timeout", ResponseFailedError),
    _row("invalid_image", ResponseFailedError),
    _row("image_content_policy_violation", ResponseFailedError),
    _row("workspace_access_denied", ResponseFailedError),
    _row("websocket_message_too_large", ResponseFailedError),
)

FAILED_CODES: Final = {row.code: row.error for row in CODES if row.in_events}
ENDING_CODES: Final = frozenset(row.code for row in CODES if row.ends)
FRAME_CODES: Final = {row.code: row.error for row in CODES if row.in_frames}
_HTTP_CODES: Final = {(row.code, status): row.error for row in CODES for status in row.statuses}

# What other servers put into a stream, or into an answer with a good status, and the table lacks:
# types and codes by which the request itself is at fault.
_AT_FAULT: Final = (
    "authentication_error",
    "bad_request",
    "bad_request_error",
    "badrequesterror",
    "billing_error",
    "invalid_api_key",
    "invalid_request",
    "invalid_request_error",
    "not_found_error",
    "permission_denied",
    "permission_error",
    "request_too_large",
    "unauthorized",
)
_WORDS: Final[dict[str, type[ApiError]]] = {
    **dict.fromkeys(_AT_FAULT, InvalidRequest),
    "usage_limit_reached": UsageLimitReached,
    "rate_limit_error": RateLimitExceeded,
    "too_many_requests": RateLimitExceeded,
}
# A number is the HTTP status that the server would have answered with. These may pass: a time-out,
# a conflict, a request that was too early, and whatever is the server's own fault.
_PASSING: Final = frozenset({408, 409, 425, *range(500, 600)})


def http_class(status: int, code: str | None) -> type[ApiError] | None:
    """Return the class that a code has with that HTTP status, None where it has none."""
    return _HTTP_CODES.get((code or "", status))


def event_class(*names: str | None) -> type[ApiError]:
    """Return the class of an error that came inside of a stream.

    `names` are its code, its type and its status. The first counts of which anything is known, by
    the table or as the words and numbers of other servers; otherwise it is a `ResponseFailedError`.
    """
    return next(filter(None, map(_class_of_name, names)), ResponseFailedError)


def _class_of_name(name: str | None) -> type[ApiError] | None:
    if name is None:
        return None
    return FAILED_CODES.get(name) or _WORDS.get(name.lower()) or _class_of_number(name)


def _class_of_number(name: str) -> type[ApiError] | None:
    if len(name) != 3 or not name.isascii() or not name.isdigit():
        return None
    status = int(name)
    if status == 429:
        return RateLimitExceeded
    if status in _PASSING:
        return ResponseFailedError
    return InvalidRequest if 400 <= status <= 499 else None
