"""Requests that somebody else made: what servers, mocks and recorders read.

The bytes are a peer's, so they never raise: what is no request is a `MalformedPart`, and so is an
item inside of one that cannot be read.

Source: wire.md 4; docs/architecture.md, "Rules".
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Raw

from codex_proto._input import as_bytes
from codex_proto._wire import (
    DECODE_ERRORS,
    DEFAULT_MAX_DEPTH,
    MalformedPart,
    is_too_deep,
    split_members,
)
from codex_proto.errors import LocalProtocolError
from codex_proto.items import decode_items
from codex_proto.requests._body import Body, wire_names
from codex_proto.requests._checks import ReceivedItems, Unfit

__all__ = ["decode_request"]

BodyT = TypeVar("BodyT", bound=Body)


def decode_request(
    message: str | bytes | bytearray | memoryview,
    cls: type[BodyT],
    *,
    max_depth: int = DEFAULT_MAX_DEPTH,
) -> BodyT | MalformedPart:
    """Decode the JSON of a request to `cls`, or say what is wrong with it.

    `cls` is `ResponsesApiRequest`, `ResponseCreateWsRequest`, `CompactionInput` or
    `MemorySummarizeInput`. A member that is not there is `UNSET`, null is None, members that the
    class does not have are in `extra_body`; `encode_request_lossless` is the inverse. A
    `MalformedPart` names the member that is wrong (`request` for the whole) and has its JSON. An
    item that cannot be read stands in the input as a `MalformedPart`. Bytes never raise.

    Raises:
        LocalProtocolError: `message` is neither text nor bytes.
    """
    content = (
        message.encode(errors="surrogatepass")
        if isinstance(message, str)
        else as_bytes("message", message)
    )
    try:
        str(content, "utf-8")
        if is_too_deep(content, max_depth):
            return _malformed("request", f"nested more than {max_depth} levels deep", content)
        return _decode(cls, split_members(content), content)
    except DECODE_ERRORS as error:
        return _malformed("request", str(error), content)


def _decode(cls: type[BodyT], members: dict[str, Raw], content: bytes) -> BodyT | MalformedPart:
    config = cls.__struct_config__
    if config.tag_field is not None:
        tag = members.pop(config.tag_field, Raw(b"null"))
        if _plain(tag) != config.tag:
            return _malformed(config.tag_field, f"must be {config.tag}", bytes(tag))
    values: dict[str, Any] = {}
    for name, wire_name in wire_names(cls).items():
        raw = members.pop(wire_name, None)
        try:
            values[name] = UNSET if raw is None else _member(cls, name, raw)
        except (Unfit, *DECODE_ERRORS) as error:
            return _malformed(wire_name, str(error), bytes(raw or b""))
    values["extra_body"] = {name: _plain(raw) for name, raw in members.items()}
    try:
        return cls(**values)
    except LocalProtocolError as error:
        field, _, reason = error.message.partition(": ")
        return _malformed(wire_names(cls).get(field, field), reason, content)


def _member(cls: type[Body], name: str, raw: Raw) -> Any:
    if name == "input" and bytes(raw).startswith(b"["):
        items = decode_items(name, raw)
        if isinstance(items, MalformedPart):
            raise Unfit(items.reason)
        return ReceivedItems(items)
    return cls.checks[name](_plain(raw))


_plain: Final = msgspec.json.decode


def _malformed(field: str, reason: str, raw: bytes) -> MalformedPart:
    return MalformedPart(field=field, reason=reason, raw=raw)
