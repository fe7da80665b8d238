"""The request that has the server shorten a conversation, and what comes back.

Source: wire.md 4.9 and 9; observed.md, "Compaction". Later clients put a `CompactionTrigger` at the
end of an ordinary request's input in its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import UNSET, Struct

from codex_proto._wire import Opt
from codex_proto.items import Item
from codex_proto.requests._body import Body, record
from codex_proto.requests._checks import Check, flag, json_list, optional, request_input, text, word
from codex_proto.requests._controls import ReasoningControls, TextControls

__all__ = ["CompactionInput", "CompactionOutput"]


class CompactionInput(Body, frozen=True, kw_only=True):
    """The body of `POST /responses/compact`: the conversation, and what its requests are like.

    `service_tier` and `prompt_cache_key` are sent by August 2026 only.

    Next: `compact_request` makes the HTTP request.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        "model": word,
        "input": optional(request_input),
        "instructions": optional(text),
        "tools": optional(json_list),
        "parallel_tool_calls": optional(flag),
        "reasoning": optional(record(ReasoningControls)),
        "service_tier": optional(word),
        "prompt_cache_key": optional(text),
        "text": optional(record(TextControls)),
        "previous_response_id": optional(word),
    }

    model: str
    input: Opt[str | Sequence[Item | Mapping[str, Any]]] = ()
    instructions: Opt[str] = ""
    tools: Opt[Sequence[Any]] = ()
    parallel_tool_calls: Opt[bool] = True
    reasoning: Opt[ReasoningControls] = UNSET
    service_tier: Opt[str] = UNSET
    prompt_cache_key: Opt[str] = UNSET
    text: Opt[TextControls] = UNSET
    previous_response_id: Opt[str] = UNSET


class CompactionOutput(Struct, frozen=True):
    """The conversation after compaction: the items to go on with.

    Among them is a `Compaction`, which is sent back as it is.
    """

    output: tuple[Item, ...]
