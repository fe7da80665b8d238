"""Errors in upstream's words: its variants, its fields, its way to write a delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from codex_proto.errors import (
    ApiError,
    BioPolicy,
    CodexError,
    ConnectionLimitReached,
    HttpStatusError,
    InvalidImage,
    InvalidPrompt,
    InvalidRequest,
    PreviousResponseNotFound,
    RateLimitExceeded,
    ResponseFailedError,
    RetryLimit,
    UsageLimitReached,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codex_proto.rate_limits import RateLimitSnapshot

__all__ = ["http_words", "stream_words", "upstream_http_words", "upstream_stream_words"]

# Where our class has another name than upstream's variant.
VARIANTS: dict[type[CodexError], str] = {
    HttpStatusError: "UnexpectedStatus",
    InvalidImage: "InvalidImageRequest",
}
# Classes that April does not have yet, and what such an error was then.
LATER_CLASSES: dict[type[CodexError], str] = {
    BioPolicy: "InvalidRequest",
    InvalidPrompt: "InvalidRequest",
}
# Later than April; no header tells them (wire.md 5.1).
LATER_MEMBERS = ("individual_limit", "spend_control_reached")


def upstream_http_words(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Upstream's answer without what it says of itself and not of the peer."""
    transport, codex = answer["err"], dict(answer["codex"])
    # `info` is the class again, in the words of another protocol.
    del codex["info"]
    if codex["variant"] == "UnexpectedStatus":
        codex["display"] = " ".join(codex["display"].split())
    else:
        # Long sentences are upstream's own.
        del codex["display"]
    sent = ("status", "url", "headers", "body")
    return codex | {f"sent_{name}": transport.get(name) for name in sent}


def http_words(error: CodexError) -> dict[str, Any]:
    """Our error of an HTTP answer in upstream's words."""
    assert isinstance(error, ApiError)
    found: dict[str, Any] = {
        "variant": _april_class(error) or VARIANTS.get(type(error), type(error).__name__),
        "retryable": error.retryable,
        "http_status": error.status if isinstance(error, HttpStatusError | RetryLimit) else None,
        "sent_status": error.status,
        "sent_url": error.url,
        "sent_headers": _grouped(error.headers),
        "sent_body": error.body,
    }
    match error:
        case HttpStatusError():
            found |= {
                "status": error.status,
                "body": error.body or "",
                "url": error.url,
                "cf_ray": error.cf_ray,
                "request_id": error.request_id,
                "identity_authorization_error": error.identity_authorization_error,
                "identity_error_code": error.identity_error_code,
                "display": " ".join(error.message.split()),
            }
        case RetryLimit():
            found |= {"status": error.status, "request_id": error.request_id or error.cf_ray}
        case InvalidRequest():
            found["message"] = error.body or ""
        case UsageLimitReached():
            found |= {
                "plan_type": error.plan_type,
                "resets_at": error.retry_at,
                "rate_limits": _plain(error.rate_limits),
                "promo_message": error.promo_message,
            }
    return found


def _april_class(error: CodexError) -> str | None:
    """What April called an error that has another class since; None where it has not."""
    if isinstance(error, RateLimitExceeded) and error.code == "slow_down":
        return "ServerOverloaded"
    return LATER_CLASSES.get(type(error))


def _grouped(headers: tuple[tuple[str, str], ...] | None) -> list[list[str]] | None:
    """The fields as upstream's library keeps them: all of one name together."""
    if headers is None:
        return None
    names = list(dict.fromkeys(name for name, _ in headers))
    return [list(field) for field in sorted(headers, key=lambda field: names.index(field[0]))]


def _plain(snapshot: RateLimitSnapshot | None) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(snapshot)
    for name in LATER_MEMBERS:
        assert plain.pop(name) is None
    return plain


# What upstream has one variant for.
_RETRYABLE = (
    ConnectionLimitReached,
    PreviousResponseNotFound,
    RateLimitExceeded,
    ResponseFailedError,
)
# A delay of upstream's is in whole nanoseconds.
_NANOSECOND = 1e-9
NOTHING_TOLD = "response.failed event received"


def upstream_stream_words(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Upstream's error of a stream."""
    error = dict(answer["err"])
    del error["display"]
    delay = error.pop("delay", None)
    if delay is not None:
        error["delay"] = delay["secs"] + delay["nanos"] * _NANOSECOND
    return error | {"retryable": answer["codex"]["retryable"]}


def stream_words(error: CodexError) -> dict[str, Any]:
    """Our error of a stream in upstream's words."""
    april = _april_class(error)
    words: dict[str, Any] = {
        "variant": april or type(error).__name__,
        "retryable": error.retryable,
    }
    if april is None and isinstance(error, _RETRYABLE):
        nothing = error.message == NOTHING_TOLD and error.code is None
        words |= {"variant": "Stream" if nothing else "Retryable", "message": error.message}
        if error.retry_after is not None:
            words["delay"] = error.retry_after
    elif isinstance(error, InvalidRequest):
        words["message"] = error.message
    return words
