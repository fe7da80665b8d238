"""Checks of arguments."""

from __future__ import annotations

from typing import Any

from codex_proto.errors import LocalProtocolError
from codex_proto.versions import WireVersion

__all__ = ["as_text", "as_wire_version", "name_of"]


def as_wire_version(argument: str, wire: Any) -> WireVersion:
    """Return `wire` if it is a `WireVersion`.

    Raises:
        LocalProtocolError: it is not one.
    """
    if isinstance(wire, WireVersion):
        return wire
    raise LocalProtocolError(f"{argument}: must be a WireVersion, not {name_of(wire)}")


def as_text(argument: str, text: Any) -> str:
    """Return `text` if it is text that can be sent.

    Raises:
        LocalProtocolError: it is not text, or has a lone surrogate.
    """
    if not isinstance(text, str):
        raise LocalProtocolError(f"{argument}: must be text, not {name_of(text)}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(
            f"{argument}: has a lone surrogate at character {error.start}"
        ) from error
    return text


def name_of(value: object) -> str:
    """Return the name of a value's type, for messages."""
    return type(value).__name__
