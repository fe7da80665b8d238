"""What all errors share: they are values first and exceptions second.

Source: docs/architecture.md, "Errors".
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from codex_proto._hashing import hash_members

__all__ = ["CodexError", "EventTooLarge", "LimitExceeded", "LocalProtocolError"]


class CodexError(Exception):
    """The root of the tree: catch this to catch all that this library says.

    Attributes:
        message: one clear sentence; also what `str()` gives.
        retry_after: seconds the peer asked to wait, or None.
        retry_at: unix time that the peer named for the next try, or None.
        retryable: whether the same request may succeed later, by the nature of the error alone.
            Whether a retry is wise (output may have begun) is not this value's to say.

    Two errors are equal when their class and all their attributes are.
    """

    retryable: bool = False
    # The constructor's keyword arguments in the order they are shown. A subclass appends its own.
    fields: ClassVar[tuple[str, ...]] = ("message", "retry_after")

    message: str
    retry_after: float | None
    retry_at: float | None = None

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
        return hash_members(type(self), self._state())

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

    def __replace__(self, **changes: Any) -> Self:
        own = dict(zip(self.fields, self._state(), strict=True))
        return type(self)(**{**own, **changes})


def _rebuild(cls: type[CodexError], state: dict[str, Any]) -> CodexError:
    return cls(**state)


class LocalProtocolError(CodexError):
    """The caller did something the protocol or this library's contract does not allow.

    The message names the argument or the state. This is the only error that is raised at the
    caller; it never says anything about the peer.
    """


class LimitExceeded(CodexError):
    """The peer sent more than a limit allows; the subclasses say of what.

    `limit_name` is the argument that sets the limit, `limit` its value (bytes, where the class
    does not say otherwise).
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


class EventTooLarge(LimitExceeded):
    """The peer sent an event, or a line of one, beyond a limit that the caller can set.

    `limit_name` is the argument that sets the limit, `limit` its value in bytes. The stream cannot
    be read any further.
    """
