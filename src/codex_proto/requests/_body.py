"""What the bodies of all requests share: checked members, and room for others.

Source: wire.md 4.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from msgspec import UNSET
from msgspec.structs import force_setattr

from codex_proto._secrets import redact_text
from codex_proto._wire import Value
from codex_proto.errors import LocalProtocolError
from codex_proto.requests._checks import Check, Unfit, is_mapping, json_value, kind_of

__all__ = ["Body"]


class Body(Value, frozen=True, kw_only=True):
    """A body, or a record inside of one; the base of all of them.

    `extra_body` holds members that the class does not have, as JSON; they go out behind the
    others. Two are equal when all members are.

    Raises:
        LocalProtocolError: a member is of the wrong type or cannot be sent; the message begins
            with its name.
    """

    # What each member has to be. A class lists all of its own.
    checks: ClassVar[Mapping[str, Check]] = {}

    extra_body: Mapping[str, Any] = {}

    def __post_init__(self) -> None:
        for name, check in self.checks.items():
            try:
                force_setattr(self, name, check(getattr(self, name)))
            except Unfit as error:
                raise LocalProtocolError(f"{name}: {error}") from None
        force_setattr(self, "extra_body", self._extra())

    def _extra(self) -> dict[str, Any]:
        try:
            extra = json_value(self.extra_body)
        except Unfit as error:
            raise LocalProtocolError(f"extra_body: {error}") from None
        if not is_mapping(extra):
            raise LocalProtocolError("extra_body: must be a mapping")
        own = {*self.__struct_encode_fields__, self.__struct_config__.tag_field}
        for name in extra:
            if name in own:
                raise LocalProtocolError(f"extra_body: {name!r} is a member of its own")
        return dict(extra)

    def __repr__(self) -> str:
        shown = [
            f"{name}={value!r}"
            for name in self.checks
            if (value := getattr(self, name)) is not UNSET
        ]
        if self.extra_body:
            shown.append(f"extra_body={self.extra_body!r}")
        # Tools and metadata may hold keys.
        return redact_text(f"{type(self).__name__}({', '.join(shown)})")


@cache
def wire_names(cls: type[Body]) -> dict[str, str]:
    """The name on the wire of each checked member, in the order of the checks."""
    names = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
    return {name: names[name] for name in cls.checks}


def record(cls: type[Body]) -> Check:
    """The check for a record inside of a body: one of that class, or a mapping to make one of."""

    def check(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not is_mapping(value):
            raise Unfit(f"must be {cls.__name__} or a mapping, not {kind_of(value)}")
        members: dict[str, Any] = {str(key): member for key, member in value.items()}
        own = {
            name: members.pop(wire_name)
            for name, wire_name in wire_names(cls).items()
            if wire_name in members
        }
        try:
            return cls(**own, extra_body=members)
        except LocalProtocolError as error:
            raise Unfit(error.message) from None
        except TypeError as error:
            # A member that it cannot be without.
            raise Unfit(str(error)) from None

    return check
