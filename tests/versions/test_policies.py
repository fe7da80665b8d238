"""The engine of field policies, with a table of its own: it knows no item and no request."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from msgspec import UNSET, Struct

from codex_proto.versions import (
    EVERY_VERSION,
    MAY,
    SINCE_AUGUST,
    DropsRecord,
    Member,
    Policy,
    PolicyReader,
    PolicyWriter,
    Target,
    WireVersion,
    in_versions,
)

V05: Final = WireVersion.V2026_05
V08: Final = WireVersion.V2026_08


class Wheel(Struct, frozen=True):
    size: Any = UNSET


class Bell(Struct, frozen=True):
    tone: Any = UNSET


class Horn(Struct, frozen=True):
    pass


class Bicycle(Struct, frozen=True, kw_only=True, tag_field="type", tag="bicycle"):
    frame: Any = msgspec.field(default=UNSET, name="frame_number")
    id: Any = UNSET
    wheels: Any = UNSET
    owner: Any = UNSET
    note: Any = UNSET
    more: dict[str, Any] = {}


POLICIES: Final[dict[type[Struct], Policy]] = {
    Wheel: Policy((Member("size", required=EVERY_VERSION),)),
    Bell: Policy(
        (Member("tone", sent_as=str.upper, is_read=lambda tone: tone == "ding"),),
        known=SINCE_AUGUST,
    ),
    Bicycle: Policy(
        (
            Member("wheels", parts=(Wheel, Bell), when_absent=in_versions(MAY, ())),
            Member("frame", required=MAY, default=in_versions(SINCE_AUGUST, "steel")),
            Member("owner", written=SINCE_AUGUST, read=SINCE_AUGUST, first_party=True),
            Member(
                "note",
                may_be_null=True,
                is_sent=lambda note: note != "",
                parts=(Wheel,),
                may_be_text=True,
            ),
        ),
        written_as="velocipede",
        azure_id=MAY,
    ),
}

LOOSE: Final[dict[type[Struct], Policy]] = {
    **POLICIES,
    Bicycle: Policy((Member("wheels", parts=(Wheel, Bell), unknown_parts=True),)),
}


def _write_other(value: Any, target: Target) -> Any:
    return (
        f"{type(value).__name__} for {target.version.value}" if isinstance(value, Struct) else value
    )


WRITER: Final = PolicyWriter(POLICIES, _write_other, extra=None)


def written(record: Struct, version: WireVersion, **more: Any) -> Any:
    members: dict[str, Any] = WRITER.write(record, Target(version, **more))
    return list(members.items())


def read(record: Struct, version: WireVersion, policies: Any = POLICIES) -> Any:
    return PolicyReader(policies, "other").read(record, version)


# -- writing ------------------------------------------------------------------------------------


def test_the_type_is_first_and_the_members_are_in_the_order_of_the_row() -> None:
    bicycle = Bicycle(frame="f", wheels=(Wheel(28), Wheel(26)), owner="me", note={"a": 1})
    assert written(bicycle, V08) == [
        ("type", "velocipede"),
        ("wheels", [{"size": 28}, {"size": 26}]),
        ("frame_number", "f"),
        ("owner", "me"),
        ("note", {"a": 1}),
    ]


def test_versions_differ_in_what_they_send_and_in_what_stands_for_nothing() -> None:
    bicycle = Bicycle(owner="me", frame=None)
    assert written(bicycle, V05) == [("type", "velocipede"), ("wheels", ())]
    assert written(bicycle, V08) == [("type", "velocipede"), ("owner", "me")]
    assert written(bicycle, V08, first_party=False) == [("type", "velocipede")]


def test_null_is_a_value_where_the_row_says_so() -> None:
    assert dict(written(Bicycle(note=None), V08))["note"] is None
    assert "note" not in dict(written(Bicycle(note=""), V08))


def test_what_has_no_row_in_a_version_is_written_by_others() -> None:
    bicycle = Bicycle(wheels=(Bell("ding"), Horn()))
    assert dict(written(bicycle, V08))["wheels"] == [{"tone": "DING"}, "Horn for 2026-08"]
    assert dict(written(bicycle, V05))["wheels"] == ["Bell for 2026-05", "Horn for 2026-05"]
    assert WRITER.write(Horn(), Target(V08)) == "Horn for 2026-08"


def test_the_id_goes_to_the_end_for_azure_where_there_is_one() -> None:
    bicycle = Bicycle(id="b1", note="n")
    assert written(bicycle, V05, azure_ids=True)[-1] == ("id", "b1")
    assert "id" not in dict(written(bicycle, V08, azure_ids=True))
    assert "id" not in dict(written(bicycle, V05))
    for nothing in (UNSET, None, ""):
        assert "id" not in dict(written(Bicycle(id=nothing), V05, azure_ids=True))


def test_extra_members_follow_the_others() -> None:
    writer = PolicyWriter({Bicycle: POLICIES[Bicycle]}, _write_other, extra="more")
    bicycle = Bicycle(frame="f", more={"frame_number": "g", "colour": "red"})
    members = writer.write(bicycle, Target(V08))
    assert list(members.items())[1:] == [("frame_number", "g"), ("colour", "red")]
    assert writer.write(Bicycle(), Target(V08)) == {"type": "velocipede"}


# -- reading ------------------------------------------------------------------------------------


def test_a_version_reads_what_it_has() -> None:
    bicycle = Bicycle(frame="f", id="b1", wheels=(Wheel(28),), owner="me", note="n")
    known = {"wheels": (Wheel(28),), "frame": "f", "note": "n"}
    assert read(bicycle, V05) == known
    assert read(bicycle, V08) == known | {"owner": "me"}
    assert read(Horn(), V08) is None
    assert read(Bell(), V05) is None


def test_a_missing_member_has_a_default_or_costs_the_record() -> None:
    assert read(Bicycle(), V08) == {"frame": "steel"}
    for bicycle, version in (
        (Bicycle(), V05),
        (Bicycle(frame=None), V05),
        (Bicycle(frame=None), V08),
        (Bicycle(frame="f", wheels=(Wheel(),)), V08),
    ):
        with pytest.raises(DropsRecord):
            read(bicycle, version)


@pytest.mark.parametrize("wheels", [(Horn(),), Horn(), "text", (Bell("dong"),)])
def test_a_part_that_is_not_taken_costs_the_record(wheels: Any) -> None:
    with pytest.raises(DropsRecord):
        read(Bicycle(wheels=wheels), V08)


def test_a_part_of_an_unknown_type_may_be_taken() -> None:
    assert read(Bicycle(wheels=(Wheel(1), Horn(), Bell("ding"))), V05, LOOSE) == {
        "wheels": (Wheel(1), "other", "other")
    }
    assert read(Bicycle(wheels=Bell("ding")), V08, LOOSE) == {"wheels": Bell("ding")}
