"""From an HTTP answer that is no success to the error that it means.

Neither of Responses nor of Realtime: both can be refused, and are in the same words.

Source: wire.md 6.4 to 6.6, the order of its rows included; additions-2026-11.md 1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TypedDict

from codex_proto._secrets import redact_url
from codex_proto.errors import (
    ApiError,
    FlexUnavailable,
    HttpStatusError,
    InternalServerError,
    InvalidImage,
    InvalidRequest,
    LocalProtocolError,
    MisalignmentPolicyViolation,
    QuotaExceeded,
    RetryLimit,
    UsageLimitReached,
    UsageNotIncluded,
    status_text,
)
from codex_proto.http import Headers, HeadersLike
from codex_proto.rate_limits import (
    RateLimitSnapshot,
    plan_type,
    promo_message,
    rate_limit_reached_type,
    rate_limits_from_headers,
    usage_limit_from_headers,
)
from codex_proto.refusals._body import (
    BodyDetails,
    body_text,
    read_body,
    read_identity_code,
)
from codex_proto.refusals._codes import event_class, http_class
from codex_proto.refusals._delays import (
    has_retry_after,
    retry_after_from_headers,
    retry_at_from_headers,
    server_time,
)
from codex_proto.refusals._misalignment import read_misalignment
from codex_proto.refusals._words import delay_from_text

__all__ = ["error_from_response"]

_BAD_IMAGE: Final = "The image data you provided does not represent a valid image"

_NO_CREDITS: Final = "The workspace has no credits left"
_USED_UP: Final = "The workspace's usage limit is reached"
_BY_REACHED_TYPE: Final = {
    "workspace_owner_credits_depleted": f"{_NO_CREDITS}; add some to go on.",
    "workspace_member_credits_depleted": f"{_NO_CREDITS}; ask its owner to add some.",
    "workspace_owner_usage_limit_reached": f"{_USED_UP}; raise it to go on.",
    "workspace_member_usage_limit_reached": f"{_USED_UP}; ask its owner to raise it.",
}


class _Details(TypedDict):
    """What every error of an HTTP answer carries."""

    code: str | None
    status: int
    error_type: str | None
    param: str | None
    retry_after: float | None
    retry_at: float | None
    request_id: str | None
    cf_ray: str | None
    url: str | None
    headers: tuple[tuple[str, str], ...] | None
    body: str | None
    rate_limits: RateLimitSnapshot | None


def error_from_response(
    status: int,
    headers: HeadersLike | None = None,
    body: bytes | bytearray | memoryview | str | None = None,
    url: str | None = None,
    *,
    now_unix: float | None = None,
) -> ApiError:
    """Return the error that an HTTP answer means, for any status that the caller takes as one.

    `headers` and `body` are None where there are none to be had. `now_unix` (unix seconds) serves
    to read a `Retry-After` that is a date, where the answer has no `Date` of its own. Whatever the
    server sent, this does not raise (wire.md 6.4).

    Raises:
        LocalProtocolError: an argument is of a wrong type.
    """
    _check(status, body)
    fields = Headers() if headers is None else Headers.of(headers)
    text = body_text(body)
    read = read_body(body)
    details = _Details(
        code=read.code or _aws_code(fields),
        status=status,
        error_type=read.error_type,
        param=read.param,
        retry_after=retry_after_from_headers(fields, now_unix),
        retry_at=retry_at_from_headers(fields),
        request_id=fields.get_text("x-request-id") or fields.get_text("x-oai-request-id"),
        cf_ray=fields.get_text("cf-ray"),
        url=None if url is None else str(url),
        headers=None if headers is None else tuple(fields),
        body=text,
        rate_limits=_snapshot(fields),
    )
    _add_times(details, read, fields, now_unix)
    if status == 429:
        return _too_many(read, fields, details)
    plain = _class_of(status, read, text)
    if plain is UsageLimitReached:
        return _usage_limit(read, fields, details)
    if plain is MisalignmentPolicyViolation:
        misalignment = read_misalignment(text)
        return MisalignmentPolicyViolation(read.shown, **details, misalignment=misalignment)
    if plain is not None:
        return plain(read.shown, **details)
    return HttpStatusError(
        _status_message(status, read, details, fields),
        **details,
        identity_authorization_error=fields.get_text("x-openai-authorization-error"),
        identity_error_code=read_identity_code(fields.get_text("x-error-json")),
    )


def _check(status: object, body: object) -> None:
    if not isinstance(status, int):
        raise LocalProtocolError(f"status: must be a number, not {type(status).__name__}")
    if body is not None and not isinstance(body, bytes | bytearray | memoryview | str):
        raise LocalProtocolError(f"body: must be bytes or text, not {type(body).__name__}")


def _class_of(status: int, read: BodyDetails, text: str | None) -> type[ApiError] | None:
    """The class of a status and code (wire.md 6.4, rows 1 to 6); None for all the others."""
    meant = http_class(status, read.code)
    if meant is not None:
        return meant
    match status:
        case _ if 200 <= status <= 299:
            return _class_in_success(read)
        case 400:
            return InvalidImage if _BAD_IMAGE in (text or "") else InvalidRequest
        case 500:
            return InternalServerError
        case _:
            return None


def _class_in_success(read: BodyDetails) -> type[ApiError] | None:
    """The class of an error in place of a response: what it would be in a stream, if final."""
    meant = event_class(read.code, read.error_type)
    return None if meant.retryable else meant


def _too_many(read: BodyDetails, fields: Headers, details: _Details) -> ApiError:
    """The error of a 429 (wire.md 6.4, rows 7 to 11)."""
    meant = http_class(429, read.code)
    if meant is FlexUnavailable:
        return FlexUnavailable(read.shown, **details)
    if read.error_type == "usage_limit_reached":
        return _usage_limit(read, fields, details)
    if read.error_type == "usage_not_included":
        return UsageNotIncluded(read.message or "", **details)
    if read.error_type == "insufficient_quota" or meant is QuotaExceeded:
        return QuotaExceeded(read.message or "", **details)
    return RetryLimit(read.shown, **details, server_set_time=has_retry_after(fields))


def _usage_limit(read: BodyDetails, fields: Headers, details: _Details) -> UsageLimitReached:
    if details["headers"] is not None:
        # As upstream: wherever there are headers at all, there is a snapshot.
        details["rate_limits"] = usage_limit_from_headers(fields)
    plan = None if read.plan_type is None else str(plan_type(read.plan_type, aliases=True))
    reached = rate_limit_reached_type(fields)
    promo = promo_message(fields)
    return UsageLimitReached(
        _usage_message(details, plan, promo, None if reached is None else str(reached)),
        **details,
        plan_type=plan,
        promo_message=promo,
        rate_limit_reached_type=None if reached is None else str(reached),
    )


def _add_times(
    details: _Details, read: BodyDetails, fields: Headers, now_unix: float | None
) -> None:
    """Add the delay and the time that the body names; those of the headers come first."""
    if read.moment.at is not None:
        details["retry_at"] = read.moment.at
    if details["retry_after"] is None:
        now = server_time(fields)
        delay = read.moment.delay_from(now_unix if now is None else now)
        # A 400 is no matter of time, and may quote what it was sent.
        words = read.shown if details["status"] != 400 else ""
        details["retry_after"] = delay_from_text(words) if delay is None else delay


def _aws_code(fields: Headers) -> str | None:
    """Return the code in the header of AWS: `ThrottlingException:http://...`, or the name alone."""
    return (fields.get_text("x-amzn-errortype") or "").partition(":")[0].strip() or None


def _snapshot(fields: Headers) -> RateLimitSnapshot | None:
    """The limit that the headers are about, if they tell anything of one."""
    if not any(snapshot.has_data for snapshot in rate_limits_from_headers(fields)):
        return None
    snapshot = usage_limit_from_headers(fields)
    return snapshot if snapshot.has_data else None


# -- sentences ----------------------------------------------------------------------------------


def _status_message(status: int, read: BodyDetails, details: _Details, fields: Headers) -> str:
    """What upstream prints, too: a program may look for its parts (wire.md 6.5)."""
    body = details["body"] or ""
    if status == 403 and "Cloudflare" in body and "blocked" in body:
        message = f"Cloudflare blocked the request, perhaps for its region: {status_text(status)}"
    else:
        message = f"unexpected status {status_text(status)}: {read.shown or 'Unknown error'}"
    url = details["url"]
    for label, value in (
        ("url", None if url is None else redact_url(url)),
        ("cf-ray", details["cf_ray"]),
        ("request id", details["request_id"]),
        ("auth error", fields.get_text("x-openai-authorization-error")),
        ("auth error code", read_identity_code(fields.get_text("x-error-json"))),
    ):
        if value is not None:
            message += f", {label}: {value}"
    return message


def _usage_message(
    details: _Details, plan: str | None, promo: str | None, reached: str | None
) -> str:
    fixed = _BY_REACHED_TYPE.get(reached or "")
    if fixed is not None:
        return fixed
    snapshot = details["rate_limits"]
    name = (snapshot.limit_name or "").strip() if snapshot is not None else ""
    limit = (
        f"The usage limit for {name}" if name.lower() not in {"", "codex"} else "The usage limit"
    )
    of_plan = f" of the plan {plan}" if plan else ""
    hint = f" {promo}" if promo else ""
    return f"{limit}{of_plan} is reached; {_when(details['retry_at'])}.{hint}"


def _when(resets_at: float | None) -> str:
    """A time zone of the reader's is not known here: UTC says so."""
    try:
        date = None if resets_at is None else datetime.fromtimestamp(resets_at, UTC)
    except (OverflowError, ValueError, OSError):
        date = None
    return "try again later" if date is None else f"try again at {date:%Y-%m-%d %H:%M} UTC"
