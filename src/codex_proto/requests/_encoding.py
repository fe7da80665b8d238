"""Requests as JSON: as a version of the protocol sends them, or with everything they hold.

The text is compact UTF-8 without escapes for non-ASCII, as upstream's is (wire.md 0.1).

Source: wire.md 4; the table is `_policies`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from codex_proto._wire import ENCODE_ERRORS, MalformedPart
from codex_proto.errors import LocalProtocolError
from codex_proto.items import ResponseItem, UnknownItem, encode_item, encode_item_lossless
from codex_proto.requests._body import Body, wire_names
from codex_proto.requests._checks import is_list
from codex_proto.requests._policies import POLICIES
from codex_proto.versions import PolicyWriter, Target, WireVersion

__all__ = ["encode_request", "encode_request_lossless"]


def encode_request(
    request: Body,
    version: WireVersion = WireVersion.V2026_08,
    *,
    first_party: bool = True,
    azure_ids: bool = False,
) -> bytes:
    """Encode a request as `version` sends it: its members, in its order, then `extra_body`.

    `first_party=False` leaves out of the items what only OpenAI's own servers are sent;
    `azure_ids=True` puts the ids of items where May 2026 does so for Azure (wire.md 4.4).

    Raises:
        LocalProtocolError: `request` is no request, or an item holds what JSON cannot.
    """
    if type(request) not in POLICIES:
        raise LocalProtocolError(f"request: must be a request, not {type(request).__name__}")
    return _encode(_write(request, Target(version, first_party, azure_ids)))


def encode_request_lossless(request: Body) -> bytes:
    """Encode a request with everything it holds: the inverse of `decode_request`.

    Raises:
        LocalProtocolError: `request` is no request, or an item holds what JSON cannot.
    """
    if type(request) not in POLICIES:
        raise LocalProtocolError(f"request: must be a request, not {type(request).__name__}")
    return _encode(_whole_body(request))


def _encode(members: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(members)
    except ENCODE_ERRORS as error:
        raise LocalProtocolError(f"request: cannot be written as JSON: {error}") from error


# -- as a version sends it ----------------------------------------------------------------------


def _write_other(value: Any, target: Target) -> Any:
    if isinstance(value, ResponseItem | UnknownItem):
        version, first_party, azure_ids = target
        return Raw(encode_item(value, version, first_party=first_party, azure_ids=azure_ids))
    # Only what was decoded can hold one; it is no less a part of the request.
    return Raw(value.raw) if isinstance(value, MalformedPart) else value


_write: Final = PolicyWriter(POLICIES, _write_other, extra="extra_body").write


# -- with everything ----------------------------------------------------------------------------


def _whole_body(body: Body) -> dict[str, Any]:
    members = _tag(body)
    names = wire_names(type(body))
    for member in POLICIES[type(body)].members:
        value = getattr(body, member.name)
        if value is not UNSET:
            members[names[member.name]] = _whole_value(value)
    return {**members, **body.extra_body}


def _whole_value(value: Any) -> Any:
    if isinstance(value, Body):
        return _whole_body(value)
    if is_list(value):
        return [_whole_value(each) for each in value]
    if isinstance(value, ResponseItem | UnknownItem):
        return Raw(encode_item_lossless(value))
    return Raw(value.raw) if isinstance(value, MalformedPart) else value


def _tag(body: Body) -> dict[str, Any]:
    config = body.__struct_config__
    return {} if config.tag_field is None else {config.tag_field: config.tag}
