"""Everything that can go wrong, as values first and exceptions second.

A failure of the peer is a value: it travels inside an event (`StreamFailed.error`), compares equal
to another of the same content, can be hashed, pickled, and raised if the caller likes. Only the
caller's own mistakes are raised here, and always as `LocalProtocolError`.

Source: DESIGN section 8; wire.md 6.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "CodexError",
    "ConnectionClosed",
    "ConnectionFailed",
    "EventTooLarge",
    "IdleTimeout",
    "LocalProtocolError",
    "ResponseFailedError",
    "ResponseIncompleteError",
    "StreamClosedEarly",
    "TimedOut",
    "UnexpectedBinary",
]


class CodexError(Exception):
    """The root of the tree: catch this to catch all that this library says.

    Attributes:
        message: one clear sentence; also what `str()` gives.
        retry_after: seconds the peer asked to wait, or None.
        retryable: whether the same request may succeed later, by the nature of the error alone.
            Whether a retry is wise (output may have begun) is not this value's to say.

    Two errors are equal when their class and all their attributes are.
    """

    retryable: ClassVar[bool] = False
    # The constructor's keyword arguments in the order they are shown. A subclass appends its own.
    fields: ClassVar[tuple[str, ...]] = ("message", "retry_after")

    message: str
    retry_after: float | None

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data: `kind` (class name), `message`, `retryable`, the rest.

        Attributes that are None are left out; bytes stay bytes.
        """
        plain: dict[str, Any] = {
            "kind": type(self).__name__,
            "message": self.message,
            "retryable": self.retryable,
        }
        for name in self.fields:
            value = getattr(self, name)
            if value is not None:
                plain[name] = value
        return plain

    def _state(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._state() == other._state()

    def __hash__(self) -> int:
        return hash((type(self), self._state()))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={value!r}"
            for name, value in zip(self.fields, self._state(), strict=True)
            if value is not None
        )
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions rebuild from `args` by default, which knows nothing of keyword arguments.
        return (_rebuild, (type(self), dict(zip(self.fields, self._state(), strict=True))))


def _rebuild(cls: type[CodexError], state: dict[str, Any]) -> CodexError:
    return cls(**state)


class LocalProtocolError(CodexError):
    """The caller did something the protocol or this library's contract does not allow.

    The message names the argument or the state. This is the only error that is raised at the
    caller; it never says anything about the peer.
    """


class EventTooLarge(CodexError):
    """The peer sent an event, or a line of one, beyond a limit that the caller can set.

    `limit_name` is the argument that sets the limit, `limit` its value in bytes. The stream cannot
    be read any further.
    """

    fields = (*CodexError.fields, "limit_name", "limit")

    def __init__(
        self,
        message: str | None = None,
        *,
        limit_name: str,
        limit: int,
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            message = f"The peer sent more than {limit} bytes, the limit that {limit_name} sets."
        super().__init__(message, retry_after=retry_after)
        self.limit_name = limit_name
        self.limit = limit


class ResponseFailedError(CodexError):
    """The server ended the response with an error (`response.failed`, or an `error` event).

    `code` is the server's error code where it gave one, `response_id` the response it belongs to,
    `status` the HTTP status that a WebSocket error frame carried.
    """

    retryable = True
    fields = (*CodexError.fields, "code", "response_id", "status")

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        response_id: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.code = code
        self.response_id = response_id
        self.status = status


class ResponseIncompleteError(CodexError):
    """The server stopped before the response was whole (`response.incomplete`).

    `reason` is the server's word, such as `max_output_tokens`, or `unknown`; `token_usage` is what
    the stopped response cost, where the server said so.
    """

    fields = (*CodexError.fields, "reason", "response_id", "token_usage")

    def __init__(
        self,
        message: str | None = None,
        *,
        reason: str,
        response_id: str | None = None,
        token_usage: Any = None,
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            message = f"Incomplete response returned, reason: {reason}"
        super().__init__(message, retry_after=retry_after)
        self.reason = reason
        self.response_id = response_id
        self.token_usage = token_usage


class StreamClosedEarly(CodexError):
    """The stream ended before any event that ends a response.

    Attributes:
        last_event_type: wire type of the last event that was seen, or None when there was none.
        response_id: id of the response, where an event had told it.
        output_started: whether output had begun, which makes a blind retry repeat it.
        leftover: bytes of the unfinished last block (at most `LEFTOVER_SHOWN` of them), such as
            the HTML page of a gateway that answered in the server's place.
    """

    retryable = True
    fields = (
        *CodexError.fields,
        "last_event_type",
        "response_id",
        "output_started",
        "leftover",
    )

    def __init__(
        self,
        message: str | None = None,
        *,
        last_event_type: str | None = None,
        response_id: str | None = None,
        output_started: bool = False,
        leftover: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            seen = f"after {last_event_type}" if last_event_type else "without a single event"
            message = f"The stream closed before response.completed, {seen}."
        super().__init__(message, retry_after=retry_after)
        self.last_event_type = last_event_type
        self.response_id = response_id
        self.output_started = output_started
        self.leftover = leftover


class ConnectionClosed(StreamClosedEarly):
    """The WebSocket was closed before any event that ends a response.

    `close_code` and `close_reason` are those of the close frame, None where there was none.
    """

    fields = (*StreamClosedEarly.fields, "close_code", "close_reason")

    def __init__(
        self,
        message: str | None = None,
        *,
        close_code: int | None = None,
        close_reason: str | None = None,
        last_event_type: str | None = None,
        response_id: str | None = None,
        output_started: bool = False,
        leftover: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        if message is None:
            code = "" if close_code is None else f" with code {close_code}"
            message = f"The WebSocket was closed{code} before response.completed."
        super().__init__(
            message,
            last_event_type=last_event_type,
            response_id=response_id,
            output_started=output_started,
            leftover=leftover,
            retry_after=retry_after,
        )
        self.close_code = close_code
        self.close_reason = close_reason


class UnexpectedBinary(CodexError):
    """The peer sent a binary WebSocket message, where the protocol only has text."""

    retryable = True

    def __init__(
        self,
        message: str = "The server sent a binary WebSocket message; only text is expected.",
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after)


class ConnectionFailed(CodexError):
    """The connection could not be made, or broke. The driver says so with this value."""

    retryable = True


class TimedOut(CodexError):
    """A step did not finish in its time, as the caller's clock says."""

    retryable = True


class IdleTimeout(TimedOut):
    """Nothing arrived for longer than the stream may be silent, as the caller's clock says."""
