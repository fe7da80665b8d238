"""Values whose `repr` does not show the transcript.

The transcript of a session is context for the agent, never for display (docs/architecture.md,
"Realtime").
"""

from typing import ClassVar

from msgspec import UNSET, Raw

from codex_proto._secrets import redact_text
from codex_proto._wire import Value, brief

__all__ = ["Discreet"]


class Discreet(Value, frozen=True, gc=False):
    """A value whose `repr` shows only the size of its `hidden` members."""

    hidden: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{name}={_size(value) if name in self.hidden else brief(value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not UNSET
        )
        return redact_text(f"{type(self).__name__}({', '.join(shown)})")


def _size(value: object) -> str:
    match value:
        case str():
            return f"<{len(value)} characters>"
        case Raw() | bytes():
            return f"<{len(bytes(value))} bytes>"
        case _:
            return repr(value)
