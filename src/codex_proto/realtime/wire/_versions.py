"""The versions of the realtime protocol that upstream speaks.

Source: wire.md 8.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from codex_proto.errors import LocalProtocolError

__all__ = ["RealtimeVersion"]

RealtimeVersion: TypeAlias = Literal["v1", "v2"]
"""`v2` is the public Realtime API, `v1` the older protocol with `intent=quicksilver`."""


def check_version(version: object) -> None:
    """Raise `LocalProtocolError` unless this is a version.

    Raises:
        LocalProtocolError: it is not one of `RealtimeVersion`.
    """
    if version not in get_args(RealtimeVersion):
        raise LocalProtocolError(f"version: must be 'v1' or 'v2', not {version!r}")
