"""What all items share.

Source: OpenAI API reference, Responses; wire.md 3.1 and 3.7.
"""

from typing import Any

import msgspec
from msgspec import UNSET

from codex_proto._wire import Noted, Opt

__all__ = ["PassthroughMetadata", "ResponseItem"]


class PassthroughMetadata(Noted, frozen=True, kw_only=True, gc=False):
    """What Codex hangs on an item for its own backend (wire.md 3.7).

    `turn_id` says which turn the item belongs to, `create_time` when it was made (unix seconds,
    fractions allowed). The other members are the backend's own business.
    """

    turn_id: Opt[str] = UNSET
    create_time: Opt[int | float] = UNSET
    executed_tool_calls: Any = UNSET
    content_item_kinds: Any = UNSET
    cell_id: Any = UNSET
    tool_calls_complete: Any = UNSET


class ResponseItem(Noted, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Any item of a type that is known; the base of the classes in the `item_*` files.

    `id` is the server's (or the client's) name for it, `status` how far it is (`in_progress`,
    `completed`, `incomplete`, ...), `created_by` and `agent` who made it. `metadata` is what the
    Codex backend sends beside `passthrough`. `notes` lists what the peer got wrong.
    """

    id: Opt[str] = UNSET
    status: Opt[str] = UNSET
    created_by: Opt[str] = UNSET
    agent: Any = UNSET
    metadata: Any = UNSET
    passthrough: Opt[PassthroughMetadata] = msgspec.field(
        default=UNSET, name="internal_chat_message_metadata_passthrough"
    )

    @property
    def type(self) -> str:
        """The wire type, such as `function_call`."""
        return str(self.__struct_config__.tag)
