"""Writes records as a version of the protocol sends them, by a table of policies.

Source: wire.md 0.1, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import NoneType
from typing import Any, Final, NamedTuple, TypeAlias

from msgspec import UNSET, Struct

from codex_proto.versions._policies import Member, Policy
from codex_proto.versions._wire_version import WireVersion

__all__ = ["PolicyWriter", "Target"]


class Target(NamedTuple):
    """Whom records are written for."""

    version: WireVersion
    first_party: bool = True
    """Whether it is one of OpenAI's own servers."""
    azure_ids: bool = False
    """Whether it is Azure and stores responses, so that it wants ids (wire.md 4.4)."""


WriteOther: TypeAlias = Callable[[Any, Target], Any]


class _Step(NamedTuple):
    """A member as one target is sent it."""

    name: str
    wire_name: str
    may_be_null: bool
    when_absent: Any
    is_sent: Callable[[Any], bool] | None
    sent_as: Callable[[Any], Any] | None


class _Plan(NamedTuple):
    """A record as one target is sent it."""

    head: dict[str, Any]
    steps: tuple[_Step, ...]


_LEFT_OUT: Final = object()
# JSON as it stands: nothing to look for inside.
_SCALARS: Final = frozenset({str, bool, int, float, NoneType})


class PolicyWriter:
    """Writes records as members by their wire names, for an encoder of JSON.

    Args:
        policies: the row of each class.
        write_other: what stands for a value of a class that has no row, or none that the version
            knows; the value itself where it is plain JSON.
        extra: the attribute of a record that has more members for it, which follow the others.
    """

    def __init__(
        self,
        policies: Mapping[type[Any], Policy],
        write_other: WriteOther,
        *,
        extra: str | None = None,
    ) -> None:
        self._policies = policies
        self._write_other = write_other
        self._extra = extra
        self._for = cache(self._make)

    def write(self, record: Struct, target: Target) -> Any:
        """Return what stands for a record as that target is sent it."""
        return self._for(target).value(record)

    def _make(self, target: Target) -> _TargetWriter:
        plans = {
            cls: _plan(cls, policy, target)
            for cls, policy in self._policies.items()
            if target.version in policy.known
        }
        return _TargetWriter(target, plans, self._write_other, self._extra)


class _TargetWriter:
    """Writes records for one target: what the versions differ in is settled in its plans."""

    def __init__(
        self,
        target: Target,
        plans: Mapping[type[Any], _Plan],
        write_other: WriteOther,
        extra: str | None,
    ) -> None:
        self._target = target
        self._plan_of = plans.get
        self._write_other = write_other
        self._extra = extra

    def value(self, value: Any) -> Any:
        cls = value.__class__
        plan = self._plan_of(cls)
        if plan is not None:
            return self._members(value, plan)
        if issubclass(cls, tuple):
            return [self.value(each) for each in value]
        return self._write_other(value, self._target)

    def _members(self, record: Struct, plan: _Plan) -> dict[str, Any]:
        members = plan.head.copy()
        for name, wire_name, may_be_null, when_absent, is_sent, sent_as in plan.steps:
            value = getattr(record, name)
            if value is UNSET or (value is None and not may_be_null):
                if when_absent is not _LEFT_OUT:
                    members[wire_name] = when_absent
            elif is_sent is None or is_sent(value):
                if sent_as is not None:
                    value = sent_as(value)
                members[wire_name] = value if type(value) in _SCALARS else self.value(value)
        if self._extra is not None:
            members.update(getattr(record, self._extra))
        return members


def _plan(cls: type[Struct], policy: Policy, target: Target) -> _Plan:
    config = cls.__struct_config__
    wire_names = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
    head = {} if config.tag_field is None else {config.tag_field: policy.written_as or config.tag}
    return _Plan(
        head,
        tuple(
            _Step(
                member.name,
                wire_names[member.name],
                member.may_be_null,
                member.when_absent.get(target.version, _LEFT_OUT),
                member.is_sent,
                member.sent_as,
            )
            for member in _members(policy, target)
        ),
    )


def _members(policy: Policy, target: Target) -> Iterable[Member]:
    for member in policy.members:
        if target.version in member.written and (target.first_party or not member.first_party):
            yield member
    if target.azure_ids and target.version in policy.azure_id:
        yield Member("id", is_sent=bool)
