"""What all errors share: they are values first and exceptions second.

Source: docs/architecture.md, "Errors".
"""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import Any, ClassVar, Final, Literal, Self, dataclass_transform

from codex_proto._hashing import hash_members
from codex_proto._secrets import redact_text

__all__ = ["CodexError", "EventTooLarge", "LimitExceeded", "LocalProtocolError"]

# What Python and its library put on an exception that is raised, chained or annotated.
_SET_BY_PYTHON: Final = frozenset(
    {"__cause__", "__context__", "__notes__", "__suppress_context__", "__traceback__"}
)


def positional(*, kw_only: Literal[False], default: Any = ...) -> Any:
    """Declare the attribute that may be given without its name, for type checkers."""
    del kw_only
    return default


class _Signature:
    """Shows `inspect` and `help` what each class takes, although one constructor serves all."""

    def __get__(self, error: object, cls: type[_Immutable]) -> Signature:
        kinds = {"message": Parameter.POSITIONAL_OR_KEYWORD}
        defaults = {name: getattr(cls, name, Parameter.empty) for name in cls.fields}
        return Signature(
            [
                Parameter(
                    name,
                    kinds.get(name, Parameter.KEYWORD_ONLY),
                    default=Parameter.empty if default is ... else default,
                )
                for name, default in defaults.items()
            ]
        )


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(positional,))
class _Immutable(Exception):
    """An exception that is a value of its attributes: the annotations of its class and its bases.

    Each annotation is a keyword argument of the constructor; what stands behind it is its default,
    and without one it has to be given.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    default_message: ClassVar[str] = ""
    _defaults: ClassVar[dict[str, Any]] = {}
    __match_args__ = ("message",)
    __signature__ = _Signature()

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        names = dict.fromkeys([*cls.fields, *own])
        cls._defaults = {name: getattr(cls, name, ...) for name in names}
        cls.fields = tuple(names)

    def __init__(self, message: Any = ..., **given: Any) -> None:
        if message is not ...:
            given["message"] = message
        values = self._defaults | given
        if len(values) > len(self._defaults):
            names = ", ".join(given.keys() - self._defaults.keys())
            raise TypeError(f"{type(self).__name__} has no such attribute: {names}")
        missing = [name for name, value in values.items() if value is ...]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")
        self._settle(values)
        super().__init__(values["message"])
        self.__dict__.update(values)

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        """Complete the attributes before they are fixed; classes add what depends on them."""
        message = values["message"] or cls.default_message.format_map(values)
        values["message"] = cls._redacted(message)

    @staticmethod
    def _redacted(text: str) -> str:
        return redact_text(text)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _SET_BY_PYTHON:
            raise AttributeError(f"{name}: an error cannot be changed; replace() makes another")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name not in _SET_BY_PYTHON:
            raise AttributeError(f"{name}: an error cannot be changed")
        super().__delattr__(name)

    def replace(self, **changes: Any) -> Self:
        """Return an error of the same class that differs in these attributes."""
        return type(self)(**{**self._values(), **changes})

    # `copy.replace` of Python 3.13 asks for it by this name.
    __replace__ = replace

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.fields}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash_members(type(self), self._values().values())

    def __repr__(self) -> str:
        shown = [
            f"{name}={self._shown(value)!r}"
            for name, value in self._values().items()
            if value is not None
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def _shown(cls, value: Any) -> Any:
        # Before `repr`, whose escapes (a line feed is an `n`) would hide where a key begins.
        if isinstance(value, str):
            return cls._redacted(value)
        if isinstance(value, bytes):
            return cls._redacted(value.decode("latin-1")).encode("latin-1")
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions rebuild from `args` by default, which knows nothing of keyword arguments.
        return (_rebuild, (type(self), self._values()))


def _rebuild(cls: type[_Immutable], values: dict[str, Any]) -> _Immutable:
    return cls(**values)


class CodexError(_Immutable):
    """The root of the tree: catch this to catch all that this library says.

    Attributes:
        message: one clear sentence; also what `str()` gives.
        retry_after: seconds the peer asked to wait, or None.
        retry_at: unix time (seconds) that the peer named for the next try, or None.
        retryable: whether the same request may succeed later, by the nature of the error alone.
            Whether a retry is wise (output may have begun) is not this value's to say.

    Two errors are equal when their class and all their attributes are. No attribute can be set:
    `replace` makes another error.
    """

    retryable: ClassVar[bool] = False

    message: str = positional(kw_only=False)
    retry_after: float | None = None
    retry_at: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data: `kind` (class name), `message`, `retryable`, the rest.

        Attributes that are None are left out; bytes stay bytes.
        """
        plain: dict[str, Any] = {
            "kind": type(self).__name__,
            "message": self.message,
            "retryable": self.retryable,
        }
        plain.update((name, value) for name, value in self._values().items() if value is not None)
        return plain


class LocalProtocolError(CodexError):
    """The caller did something the protocol or this library's contract does not allow.

    The message names the argument or the state. This is the only error that is raised at the
    caller; it never says anything about the peer.
    """

    @staticmethod
    def _redacted(text: str) -> str:
        # Written by this library, and it begins with the argument's name: in "api_key: must be
        # text" nothing is secret, and what follows the name must stay.
        return text


class LimitExceeded(CodexError):
    """The peer sent more than a limit allows; the subclasses say of what.

    `limit_name` is the argument that sets the limit, `limit` its value (bytes, where the class
    does not say otherwise).
    """

    default_message = "The peer sent more than {limit} bytes, the limit that {limit_name} sets."

    message: str = positional(kw_only=False, default="")
    limit_name: str
    limit: int


class EventTooLarge(LimitExceeded):
    """The peer sent an event, or a line of one, beyond a limit that the caller can set.

    `limit_name` is the argument that sets the limit, `limit` its value in bytes. The stream cannot
    be read any further.
    """
