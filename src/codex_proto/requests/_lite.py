"""Requests in the form that some models want: Responses Lite.

Source: wire.md 4.3 (Responses Lite).
"""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec
from msgspec import UNSET

from codex_proto._wire import is_list
from codex_proto.items import (
    AdditionalTools,
    CustomToolCallOutput,
    FunctionCallOutput,
    InputImage,
    InputText,
    Item,
    Message,
)
from codex_proto.requests._controls import ReasoningControls
from codex_proto.requests._responses import ResponsesApiRequest

__all__ = ["responses_lite"]

_CARRIES_IMAGES: Final[dict[type[Any], str]] = {
    Message: "content",
    FunctionCallOutput: "output",
    CustomToolCallOutput: "output",
}


def responses_lite(request: ResponsesApiRequest) -> ResponsesApiRequest:
    """Return the request with tools and instructions as the first items of its input.

    No tool calls run in parallel, reasoning keeps the context of all turns, and images lose their
    `detail`. Send it with `ResponsesOptions(responses_lite=True)`, which also says the server.
    """
    prefix: list[Item] = [AdditionalTools(role="developer", tools=tuple(request.tools or ()))]
    if request.instructions:
        content = (InputText(text=request.instructions),)
        prefix.append(Message(role="developer", content=content))
    return msgspec.structs.replace(
        request,
        instructions=UNSET,
        tools=UNSET,
        input=(*prefix, *map(_without_detail, request.items)),
        parallel_tool_calls=False,
        reasoning=msgspec.structs.replace(
            request.reasoning or ReasoningControls(), context="all_turns"
        ),
    )


def _without_detail(item: Item) -> Item:
    name = _CARRIES_IMAGES.get(type(item))
    parts: object = None if name is None else getattr(item, name)
    if name is None or not is_list(parts):
        return item
    plain = tuple(
        msgspec.structs.replace(part, detail=UNSET) if isinstance(part, InputImage) else part
        for part in parts
    )
    changed: Any = item
    return cast("Item", msgspec.structs.replace(changed, **{name: plain}))
