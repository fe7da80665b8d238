"""Texts that must not be printed: keys, tokens, assertions.

Source: docs/architecture.md, "Secrets".
"""

from __future__ import annotations

from typing import Any, NoReturn, final

from codex_proto.errors import LocalProtocolError

__all__ = ["Secret"]

_SHOWN = "[secret]"


@final
class Secret:
    """A text that only `reveal()` gives; printed, formatted or shown it is `[secret]`.

    Two are equal when their texts are. It cannot be pickled, since a pickle ends up on a disk or
    in a pipe: send the text itself where it has to go.

    Raises:
        LocalProtocolError: `value` is no text, or empty.
    """

    __slots__ = ("_value",)

    _value: str

    def __init__(self, value: str) -> None:
        if not isinstance(value, str) or not value:
            raise LocalProtocolError("value: a secret must be text that is not empty")
        object.__setattr__(self, "_value", value)

    @classmethod
    def of(cls, value: str | Secret) -> Secret:
        """Return `value` itself where it already is a secret, a new one otherwise."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({_SHOWN})"

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Secret is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Secret is immutable: {name} cannot be deleted")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")
