"""Items as JSON: as a version of the protocol sends them, or with everything they hold.

Source: wire.md 3.1 to 3.5, 3.7, 4.4; the table is `_policies`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import MalformedPart, UnknownPart, encode_lossless, write_part
from codex_proto.errors import LocalProtocolError
from codex_proto.items._base import ResponseItem
from codex_proto.items._policies import POLICIES
from codex_proto.items._unknown import UnknownItem
from codex_proto.versions import PolicyWriter, Target, WireVersion

__all__ = ["encode_item", "encode_item_lossless"]

_encode: Final = msgspec.json.Encoder(enc_hook=write_part).encode


def encode_item(
    item: ResponseItem | UnknownItem,
    version: WireVersion = WireVersion.V2026_08,
    *,
    first_party: bool = True,
    azure_ids: bool = False,
) -> bytes:
    """Encode an item as `version` sends it: its members, in its order, and no others.

    Members that upstream drops (a message's status, annotations, ...) are left out. An item of a
    type that the version does not know goes out with everything it holds. `first_party=False`
    leaves out what only OpenAI's own servers are sent. `azure_ids=True` puts the id at the end,
    where May 2026 does so for Azure with `store` (wire.md 4.4); August has no such rule.

    Raises:
        LocalProtocolError: `item` is no item, or holds what JSON cannot.
    """
    if not isinstance(item, ResponseItem):
        return encode_item_lossless(item)
    try:
        return _encode(_write(item, Target(version, first_party, azure_ids)))
    except (TypeError, ValueError, NotImplementedError) as error:
        raise LocalProtocolError(f"item: cannot be written as JSON: {error}") from error


def encode_item_lossless(item: ResponseItem | UnknownItem) -> bytes:
    """Encode an item with everything it holds: the inverse of `decode_item`.

    Raises:
        LocalProtocolError: `item` is no item, or holds what JSON cannot.
    """
    if isinstance(item, UnknownItem):
        return item.raw
    if isinstance(item, MalformedPart):
        raise LocalProtocolError("item: a MalformedPart is no item and cannot be sent")
    if not isinstance(item, ResponseItem):
        raise LocalProtocolError(f"item: must be an item, not {type(item).__name__}")
    try:
        return encode_lossless(item)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise LocalProtocolError(f"item: cannot be written as JSON: {error}") from error


def _write_other(value: Any, target: Target) -> Any:  # noqa: ARG001 - the same for all
    if isinstance(value, Struct):
        return Raw(encode_lossless(value))
    return Raw(value.raw) if isinstance(value, UnknownPart) else value


_write: Final = PolicyWriter(POLICIES, _write_other).write
