"""Reads records as a version of the protocol does, by a table of policies.

Source: wire.md 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from msgspec import UNSET, Struct

from codex_proto.versions._policies import Member, Policy
from codex_proto.versions._wire_version import WireVersion

__all__ = ["DropsRecord", "PolicyReader"]


class DropsRecord(Exception):
    """Upstream cannot read this, and drops the whole record."""


class _Step(NamedTuple):
    """A member as one version reads it."""

    name: str
    may_be_null: bool
    is_required: bool
    default: Any
    is_read: Callable[[Any], bool] | None
    has_parts: bool
    member: Member


_Plans = Mapping[type[Any], tuple[_Step, ...]]
_NO_DEFAULT: Final = object()


class PolicyReader:
    """Reads records: what a version has of them, and whether it can read them at all.

    Args:
        policies: the row of each class.
        other_part: what stands for a part of an unknown type, where one is taken.
    """

    def __init__(self, policies: Mapping[type[Any], Policy], other_part: object) -> None:
        self._plans: dict[WireVersion, _Plans] = {
            version: {
                cls: _steps(policy, version)
                for cls, policy in policies.items()
                if version in policy.known
            }
            for version in WireVersion
        }
        self._other_part = other_part

    def read(self, record: Struct, version: WireVersion) -> dict[str, Any] | None:
        """Return the members that a version has of a record; `None` if it knows no such type.

        Raises:
            DropsRecord: the version cannot read it.
        """
        plans = self._plans[version]
        steps = plans.get(type(record))
        return None if steps is None else self._members(record, steps, plans)

    def _members(self, record: Struct, steps: tuple[_Step, ...], plans: _Plans) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, may_be_null, is_required, default, is_read, has_parts, member in steps:
            value = getattr(record, name)
            if default is not _NO_DEFAULT:
                if value is None:
                    raise DropsRecord
                members[name] = default if value is UNSET else value
            elif value is UNSET or (value is None and not may_be_null):
                if is_required:
                    raise DropsRecord
            elif is_read is not None and not is_read(value):
                raise DropsRecord
            elif not has_parts:
                members[name] = value
            elif isinstance(value, str):
                if not member.may_be_text:
                    raise DropsRecord
                members[name] = value
            else:
                members[name] = self._part(value, member, plans)
        return members

    def _part(self, part: Any, member: Member, plans: _Plans) -> Any:
        cls = part.__class__
        if issubclass(cls, tuple):
            return tuple([self._part(each, member, plans) for each in part])
        if cls in member.parts:
            steps = plans.get(cls)
            if steps is not None:
                return cls(**self._members(part, steps, plans))
        if member.unknown_parts:
            return self._other_part
        raise DropsRecord


def _steps(policy: Policy, version: WireVersion) -> tuple[_Step, ...]:
    return tuple(
        _Step(
            member.name,
            member.may_be_null,
            version in member.required,
            member.default.get(version, _NO_DEFAULT),
            member.is_read,
            bool(member.parts),
            member,
        )
        for member in policy.members
        if version in member.read
    )
