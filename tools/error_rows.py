"""Upstream's errors beside ours: what docs/errors.md is made from and tests go through.

Source: wire.md 6; additions-2026-11.md 1; observed.md, "Responses stream".
"""

from __future__ import annotations

from typing import Final, NamedTuple

from codex_proto.errors import (
    AccessProgramNotEnabled,
    BioPolicy,
    BodyTooLarge,
    BudgetReached,
    CodexError,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionLimitReached,
    ContentDecodingFailed,
    ContentPolicyViolation,
    ContextWindowExceeded,
    CyberPolicy,
    DecompressionBomb,
    EventTooLarge,
    FlexUnavailable,
    HeadersTooLarge,
    HttpStatusError,
    IdleTimeout,
    InferenceHookDenied,
    InternalServerError,
    InvalidAudio,
    InvalidImage,
    InvalidPrompt,
    InvalidRequest,
    InvalidUtf8,
    KeepaliveTimeout,
    LimitExceeded,
    LocalProtocolError,
    MalformedReply,
    MessageTooLarge,
    MisalignmentPolicyViolation,
    ModelNotFound,
    PolicyCapacityUnavailable,
    PreviousResponseNotFound,
    QuotaExceeded,
    RateLimitExceeded,
    RemoteProtocolError,
    ResponseCancelled,
    ResponseFailedError,
    ResponseIncompleteError,
    RetryLimit,
    ServerOverloaded,
    StreamClosedEarly,
    TimedOut,
    TooManyInformationalResponses,
    UnexpectedBinary,
    UnsupportedAccessProgram,
    UsageLimitReached,
    UsageNotIncluded,
)

__all__ = ["ERROR_ROWS", "ErrorRow"]


class ErrorRow(NamedTuple):
    """One way in which an error comes about.

    `upstream` is the variant there (a dash where there is none), `when` what the peer did, `spec`
    a section of wire.md, or of another page by its name.
    """

    upstream: str
    when: str
    error: type[CodexError]
    retryable: bool
    spec: str


def _row(
    upstream: str, when: str, error: type[CodexError], spec: str, *, retryable: bool | None = None
) -> ErrorRow:
    settled = error.retryable if retryable is None else retryable
    return ErrorRow(upstream, when, error, settled, spec)


_FAILED: Final = "`response.failed` or an `error` event, code "
_POLICY: Final = "misalignment_policy_violation"
_ADDED: Final = "additions-2026-11.md 1.1"

ERROR_ROWS: Final[tuple[ErrorRow, ...]] = (
    # what the response said
    _row(
        "ContextWindowExceeded",
        f"{_FAILED}`context_length_exceeded`",
        ContextWindowExceeded,
        "1.8",
    ),
    _row(
        "QuotaExceeded",
        f"{_FAILED}`insufficient_quota`, `credit_balance_exhausted`, "
        "`organization_spend_limit_exceeded` or `project_spend_limit_exceeded`",
        QuotaExceeded,
        "1.8",
    ),
    _row("BudgetReached", f"{_FAILED}`budget_reached`", BudgetReached, _ADDED),
    _row("UsageNotIncluded", f"{_FAILED}`usage_not_included`", UsageNotIncluded, "1.8"),
    _row("CyberPolicy", f"{_FAILED}`cyber_policy`", CyberPolicy, "1.8"),
    _row(
        "MisalignmentPolicyViolation",
        f"{_FAILED}`{_POLICY}`",
        MisalignmentPolicyViolation,
        "1.8",
    ),
    _row("BioPolicy", f"{_FAILED}`bio_policy`", BioPolicy, "1.8"),
    _row("InvalidPrompt", f"{_FAILED}`invalid_prompt`", InvalidPrompt, "1.8"),
    _row(
        "ContentPolicyViolation",
        f"{_FAILED}`content_policy_violation`",
        ContentPolicyViolation,
        _ADDED,
    ),
    _row("InferenceHookDenied", f"{_FAILED}`inference_hook_denied`", InferenceHookDenied, _ADDED),
    _row(
        "AccessProgramNotEnabled",
        f"{_FAILED}`access_program_not_enabled`",
        AccessProgramNotEnabled,
        _ADDED,
    ),
    _row(
        "UnsupportedAccessProgram",
        f"{_FAILED}`unsupported_access_program`",
        UnsupportedAccessProgram,
        _ADDED,
    ),
    _row(
        "PolicyCapacityUnavailable",
        f"{_FAILED}`policy_capacity_unavailable`",
        PolicyCapacityUnavailable,
        _ADDED,
    ),
    _row(
        "InvalidAudio",
        f"{_FAILED}`invalid_audio`, `audio_too_large`, `invalid_audio_data`, "
        "`invalid_audio_format` or `missing_audio_sample_rate`",
        InvalidAudio,
        _ADDED,
    ),
    _row("ModelNotFound", f"{_FAILED}`model_not_found`", ModelNotFound, _ADDED),
    _row("ServerOverloaded", f"{_FAILED}`server_is_overloaded`", ServerOverloaded, "1.8"),
    _row(
        "RateLimitExceeded",
        f"{_FAILED}`rate_limit_exceeded` or `slow_down`",
        RateLimitExceeded,
        "1.8",
    ),
    _row("FlexUnavailable", f"{_FAILED}`flex_unavailable`", FlexUnavailable, "1.8"),
    _row(
        "-",
        "the same, of the type `usage_limit_reached`",
        UsageLimitReached,
        "-",
    ),
    _row(
        "-",
        "the same, with a code, type or status by which the request is at fault "
        "(`invalid_request_error`, `invalid_api_key`, 400, ...)",
        InvalidRequest,
        "-",
    ),
    _row("Retryable", f"{_FAILED}any other code, or without one", ResponseFailedError, "1.8"),
    _row(
        "Stream",
        "`response.failed` without an error that can be read",
        ResponseFailedError,
        "1.8",
    ),
    _row("Stream", "`response.incomplete`", ResponseIncompleteError, "1.9"),
    _row(
        "Stream",
        "`response.incomplete`, reason `content_filter`",
        ResponseIncompleteError,
        "1.9",
        retryable=True,
    ),
    _row(
        "-",
        "`response.cancelled`, or an end whose status is `cancelled`",
        ResponseCancelled,
        "servers.md",
    ),
    # what an HTTP answer said, or a WebSocket frame in its place
    _row(
        "ServerOverloaded",
        "503 with the code `server_is_overloaded`",
        ServerOverloaded,
        "6.4, row 1",
    ),
    _row("RateLimitExceeded", "503 with the code `slow_down`", RateLimitExceeded, "6.4, row 1"),
    _row(
        "PolicyCapacityUnavailable",
        "503 with the code `policy_capacity_unavailable`",
        PolicyCapacityUnavailable,
        _ADDED,
    ),
    _row(
        "MisalignmentPolicyViolation",
        f"400 or 403 with the code `{_POLICY}`",
        MisalignmentPolicyViolation,
        "6.4, row 2",
    ),
    _row("CyberPolicy", "400 with the code `cyber_policy`", CyberPolicy, "6.4, row 3"),
    _row(
        "ContextWindowExceeded",
        "400 with the code `context_length_exceeded`",
        ContextWindowExceeded,
        _ADDED,
    ),
    _row("ModelNotFound", "400 or 404 with the code `model_not_found`", ModelNotFound, _ADDED),
    _row(
        "InferenceHookDenied",
        "403 with the code `inference_hook_denied`",
        InferenceHookDenied,
        _ADDED,
    ),
    _row(
        "UnexpectedStatus, final",
        "403 with the code `access_program_not_enabled`",
        AccessProgramNotEnabled,
        _ADDED,
    ),
    _row("InvalidImageRequest", "400 about an image that is invalid", InvalidImage, "6.4, row 4"),
    _row("InvalidRequest", "400", InvalidRequest, "6.4, row 5"),
    _row("InternalServerError", "500", InternalServerError, "6.4, row 6"),
    _row("FlexUnavailable", "429 with the code `flex_unavailable`", FlexUnavailable, "6.4, row 7"),
    _row(
        "UsageLimitReached",
        "429 of the type `usage_limit_reached`",
        UsageLimitReached,
        "6.4, row 8",
    ),
    _row(
        "UsageNotIncluded", "429 of the type `usage_not_included`", UsageNotIncluded, "6.4, row 9"
    ),
    _row(
        "QuotaExceeded",
        "429 of the type `insufficient_quota`, or with one of the quota codes, "
        "`organization_usage_limit_exceeded` too",
        QuotaExceeded,
        "6.4, row 10",
    ),
    _row("RetryLimit", "429", RetryLimit, "6.4, row 11"),
    _row(
        "-",
        "429 with a `Retry-After` in whole seconds or as a date",
        RetryLimit,
        "additions-2026-11.md 1.2",
        retryable=True,
    ),
    _row("UnexpectedStatus", "any other status", HttpStatusError, "6.4, row 12"),
    _row("Stream", "success, with a body that cannot be read", MalformedReply, "9"),
    _row(
        "Retryable",
        "an `error` frame with the code `websocket_connection_limit_reached`",
        ConnectionLimitReached,
        "2.7",
    ),
    _row(
        "Retryable",
        "an `error` frame with the code `previous_response_not_found`",
        PreviousResponseNotFound,
        "2.7",
    ),
    _row(
        "FlexUnavailable",
        "an `error` frame with the code `flex_unavailable`",
        FlexUnavailable,
        "2.7",
    ),
    # what went wrong on the way
    _row("ConnectionFailed, Network", "no connection, or it broke", ConnectionFailed, "6.2"),
    _row("Timeout, RequestTimeout", "a step took too long", TimedOut, "6.2"),
    _row("Stream", "nothing came for too long", IdleTimeout, "1.9, 2.5"),
    _row("Stream", "the body ended before the response", StreamClosedEarly, "1.9"),
    _row("Stream", "the WebSocket was closed before the response", ConnectionClosed, "2.5"),
    _row("Stream", "a binary WebSocket message", UnexpectedBinary, "2.5"),
    _row("Stream", "bytes that are no UTF-8 (`codex` view)", InvalidUtf8, "1.1"),
    _row("Network", "what HTTP or WebSocket does not allow", RemoteProtocolError, "6.2, 2.5"),
    _row("-", "compressed data that cannot be read", ContentDecodingFailed, "-"),
    _row("-", "a ping without an answer", KeepaliveTimeout, "-"),
    _row("-", "headers beyond a limit of the caller's", HeadersTooLarge, "-"),
    _row("-", "a body beyond a limit of the caller's", BodyTooLarge, "-"),
    _row("-", "a WebSocket message beyond a limit of the caller's", MessageTooLarge, "-"),
    _row("-", "a body that grows without end when decompressed", DecompressionBomb, "-"),
    _row("-", "requests ahead of their turn, beyond a limit", LimitExceeded, "-"),
    _row("-", "1xx answers without end", TooManyInformationalResponses, "-"),
    _row("-", "an event beyond a limit of the caller's", EventTooLarge, "-"),
    _row("-", "the caller's own mistake: raised", LocalProtocolError, "-"),
)
