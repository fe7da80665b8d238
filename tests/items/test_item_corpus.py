"""Every item that was ever recorded: it is of a known type, and nothing of it is lost."""

from __future__ import annotations

import functools
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from codex_proto.items import (
    ITEM_CLASSES,
    ResponseItem,
    codex_item,
    decode_item,
    decode_items,
    encode_item,
    encode_item_lossless,
)
from codex_proto.items import _decoding as items
from codex_proto.items._policies import POLICIES
from codex_proto.sse import EventStreamDecoder
from codex_proto.versions import WireVersion
from tests.captures import captured_connections
from tests.recordings import recordings, request_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.recordings import Recording


@dataclass(frozen=True)
class Found:
    """An item, as JSON, and whether a server sent it."""

    json: Any
    is_output: bool

    @property
    def raw(self) -> bytes:
        return json.dumps(self.json, ensure_ascii=False).encode()


def _in_response(response: Any) -> Iterator[Found]:
    if isinstance(response, dict):
        for item in response.get("output") or ():
            yield Found(item, is_output=True)


def _in_stream(recording: Recording) -> Iterator[Found]:
    for event in EventStreamDecoder().receive_data(recording.bytes):
        try:
            message = json.loads(event.data)
        except ValueError:
            continue
        yield from _in_message(message)


def _in_message(message: Any) -> Iterator[Found]:
    if isinstance(message, dict):
        if "item" in message:
            yield Found(message["item"], is_output=True)
        yield from _in_response(message.get("response"))
        yield from _in_request(message)


def _in_request(body: Any) -> Iterator[Found]:
    given = body.get("input") if isinstance(body, dict) else None
    for item in given if isinstance(given, list) else ():
        yield Found(item, is_output=False)


def _in_capture(capture: dict[str, Any]) -> Iterator[Found]:
    yield from _in_request(capture.get("body"))
    for frame in capture.get("frames") or ():
        yield from _in_message(frame.get("message"))


def _sources() -> Iterator[tuple[str, list[Found]]]:
    for recording in recordings("responses", ".sse"):
        yield recording.name, list(_in_stream(recording))
    for folder in ("responses_json", "compact"):
        for recording in recordings(folder, ".json"):
            yield f"{folder}/{recording.name}", list(_in_response(json.loads(recording.bytes)))
    # Each is named after its recording.
    for path in request_files():
        yield f"requests/{path.stem}", list(_in_request(json.loads(path.read_bytes())))
    for path, capture in captured_connections().items():
        if "/v1/realtime" not in capture["request_line"]:
            yield f"captures/{path.stem}", list(_in_capture(capture))


SOURCES: Final = [pytest.param(found, id=name) for name, found in _sources() if found]


@functools.cache
def _everything() -> tuple[Found, ...]:
    return tuple(found for source in SOURCES for found in source.values[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("found_items", SOURCES)
def test_every_item_is_typed_and_encodes_to_what_was_recorded(found_items: list[Found]) -> None:
    for found in found_items:
        item = decode_item("item", found.raw)
        assert isinstance(item, ResponseItem), item
        assert {note.field for note in item.notes} <= {"type"}
        assert "UnknownPart" not in repr(item)
        assert json.loads(encode_item_lossless(item)) == found.json
        assert decode_item("item", encode_item_lossless(item)) == item


@pytest.mark.parametrize("found_items", SOURCES)
def test_a_list_of_items_is_its_items(found_items: list[Found]) -> None:
    whole = json.dumps([found.json for found in found_items]).encode()
    assert decode_items("output", whole) == tuple(
        decode_item("output", json.dumps(found.json).encode()) for found in found_items
    )


# What a server sends and upstream cannot read, with the reason.
UNREADABLE: Final = {
    "Message": "a refusal",
    "ImageGenerationCall": "no result yet",
}


def test_what_upstream_would_drop_is_kept() -> None:
    dropped: Counter[str] = Counter()
    for found in _everything():
        item = decode_item("item", found.raw)
        if found.is_output and codex_item(item) is None:
            dropped[type(item).__name__] += 1
            assert isinstance(item, ResponseItem)
            if item.type == "message":
                assert {part["type"] for part in found.json["content"]} == {"refusal"}
            else:
                assert "result" not in found.json
    assert set(dropped) <= set(UNREADABLE)


@pytest.mark.parametrize("version", WireVersion)
def test_what_is_sent_is_a_part_of_what_was_recorded(version: WireVersion) -> None:
    for found in _everything():
        item = decode_item("item", found.raw)
        assert isinstance(item, ResponseItem)
        sent = json.loads(encode_item(item, version))
        policy = POLICIES.get(type(item))
        if policy is None or version not in policy.known:
            assert sent == found.json
            continue
        nulls = {name for name, value in sent.items() if value is None}
        assert nulls <= {"content", "encrypted_content", "call_id"}
        assert {name: sent[name] for name in sent.keys() - nulls - {"type"}} == {
            name: _as_sent(name, value, version)
            for name, value in found.json.items()
            if name in sent and name not in nulls and name != "type"
        }
        left_out = found.json.keys() - sent.keys()
        assert left_out <= _never_sent(item, version), left_out


def _never_sent(item: ResponseItem, version: WireVersion) -> set[str]:
    """The members that wire.md 3 leaves out of an item that is sent."""
    names = {"metadata"}
    if item.type in ("message", "reasoning", "function_call", "function_call_output"):
        names.add("status")
    if item.type == "reasoning":
        names |= {"format", "content"}
    if item.type == "image_generation_call":
        names |= {"action", "background", "output_format", "prompt", "quality", "size"}
    if version is WireVersion.V2026_05 and item.type != "image_generation_call":
        names |= {"id", "internal_chat_message_metadata_passthrough"}
    if version is WireVersion.V2026_08 and "_" not in (item.id or ""):
        names.add("id")
    return names


def _as_sent(name: str, value: Any, version: WireVersion) -> Any:
    if name == "content" and isinstance(value, list):
        return [
            {key: part[key] for key in ("type", "text")} if part["type"] == "output_text" else part
            for part in value
        ]
    if name == "action" and value.get("type") in ("search", "open_page", "find_in_page"):
        return {key: each for key, each in value.items() if key != "sources" and each is not None}
    if name == "internal_chat_message_metadata_passthrough":
        return {key: each for key, each in value.items() if key in ("turn_id", "create_time")}
    return value


def test_what_the_recordings_hold_is_known() -> None:
    types = Counter(found.json.get("type", "(none)") for found in _everything())
    print(*(f"{count:5} {type_}" for type_, count in types.most_common()), sep="\n")
    assert types.keys() - ITEM_CLASSES.keys() <= {"(none)"}
    assert {"message", "reasoning", "function_call", "web_search_call"} <= types.keys()


def test_only_items_without_a_type_need_the_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(field: str, content: bytes) -> None:
        raise AssertionError(f"{field} was looked at twice: {content!r}")

    monkeypatch.setattr(items, "_decode_irregular", fail)
    for found in _everything():
        if "type" in found.json:
            assert isinstance(decode_item("item", found.raw), ResponseItem)
