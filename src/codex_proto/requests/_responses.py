"""The request for a response: over HTTP, and as a message of a WebSocket.

Source: wire.md 4.1, 4.2 and 2.9.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from codex_proto._wire import Opt
from codex_proto.errors import LocalProtocolError
from codex_proto.items import InputText, Item, Message
from codex_proto.requests._body import Body, record
from codex_proto.requests._checks import (
    Check,
    Unfit,
    flag,
    integer,
    json_list,
    json_value,
    number,
    optional,
    request_input,
    text,
    text_list,
    text_map,
    word,
)
from codex_proto.requests._controls import ReasoningControls, StreamOptions, TextControls

__all__ = [
    "ENCRYPTED_REASONING",
    "ResponseCreateWsRequest",
    "ResponsesApiRequest",
    "encode_interrupt",
]

ENCRYPTED_REASONING = "reasoning.encrypted_content"
"""What `include` holds for reasoning that is sent back with the next request (wire.md 4.1)."""


def _tool_choice(value: Any) -> Any:
    return text(value) if isinstance(value, str) else json_value(value)


class ResponsesApiRequest(Body, frozen=True, kw_only=True):
    """The body of `POST /responses`.

    Only `model` is needed. `input` is a list of items (typed ones, or mappings that are read into
    such), or text; `items` has it as items in either case. `tools` are JSON as the tools' authors
    write it. What is not given is left out, or goes out as Codex sends it: the defaults are those
    of Codex. `include=[ENCRYPTED_REASONING]` is what it asks for when the model reasons.

    The members from `max_output_tokens` on are the public API's; Codex sends none of them.

    Next: `responses_request` makes the HTTP request, `encode_request` only the body.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        "model": word,
        "instructions": optional(text),
        "input": optional(request_input),
        "tools": optional(json_list),
        "tool_choice": optional(_tool_choice),
        "parallel_tool_calls": optional(flag),
        "reasoning": optional(record(ReasoningControls)),
        "store": optional(flag),
        "stream": optional(flag),
        "stream_options": optional(record(StreamOptions)),
        "include": optional(text_list),
        "service_tier": optional(word),
        "prompt_cache_key": optional(text),
        "text": optional(record(TextControls)),
        "client_metadata": optional(text_map),
        "previous_response_id": optional(word),
        "max_output_tokens": optional(integer),
        "max_tool_calls": optional(integer),
        "temperature": optional(number),
        "top_p": optional(number),
        "truncation": optional(text),
        "metadata": optional(json_value),
    }

    model: str
    instructions: Opt[str] = ""
    input: Opt[str | Sequence[Item | Mapping[str, Any]]] = ()
    tools: Opt[Sequence[Any]] = ()
    tool_choice: Opt[str | Mapping[str, Any]] = "auto"
    parallel_tool_calls: Opt[bool] = True
    reasoning: Opt[ReasoningControls] = None
    store: Opt[bool] = False
    stream: Opt[bool] = True
    stream_options: Opt[StreamOptions] = UNSET
    include: Opt[Sequence[str]] = ()
    service_tier: Opt[str] = UNSET
    prompt_cache_key: Opt[str] = UNSET
    text: Opt[TextControls] = UNSET
    client_metadata: Opt[Mapping[str, str]] = UNSET
    previous_response_id: Opt[str] = UNSET
    max_output_tokens: Opt[int] = UNSET
    max_tool_calls: Opt[int] = UNSET
    temperature: Opt[int | float] = UNSET
    top_p: Opt[int | float] = UNSET
    truncation: Opt[str] = UNSET
    metadata: Any = UNSET

    @property
    def items(self) -> tuple[Item, ...]:
        """The input as items: text is one message of the user."""
        if isinstance(self.input, str):
            return (Message(role="user", content=(InputText(text=self.input),)),)
        # The check has made items of all of them.
        items: Any = self.input or ()
        return tuple(items)


class ResponseCreateWsRequest(
    ResponsesApiRequest, frozen=True, kw_only=True, tag="response.create"
):
    """The message that asks for a response on a WebSocket.

    `previous_response_id` builds on a response of the same connection, `input` is then only what
    is new. `generate=False` only warms the server up for the next request.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        **ResponsesApiRequest.checks,
        "generate": optional(flag),
    }

    generate: Opt[bool] = UNSET

    @classmethod
    def from_request(
        cls,
        request: ResponsesApiRequest,
        *,
        input: Sequence[Item] | UnsetType = UNSET,
        previous_response_id: str | UnsetType = UNSET,
        generate: bool | UnsetType = UNSET,
        client_metadata: Mapping[str, str] | UnsetType = UNSET,
    ) -> "ResponseCreateWsRequest":
        """The message for a request; what is given here takes the place of what is there.

        An empty `client_metadata` is left out.

        Raises:
            LocalProtocolError: a member cannot be sent.
        """
        members = {name: getattr(request, name) for name in ResponsesApiRequest.__struct_fields__}
        given: dict[str, Any] = {
            "input": input,
            "previous_response_id": previous_response_id,
            "generate": generate,
            "client_metadata": client_metadata,
        }
        members |= {name: value for name, value in given.items() if value is not UNSET}
        members["client_metadata"] = members["client_metadata"] or UNSET
        return cls(**members)


def encode_interrupt(response_id: str) -> str:
    """The message that stops a response and drops its unfinished items (wire.md 2.9).

    The stream then ends with `response.incomplete`, reason `interrupted`, which is a `Completed`.

    Raises:
        LocalProtocolError: `response_id` is empty or no text.
    """
    try:
        checked = word(response_id)
    except Unfit as error:
        raise LocalProtocolError(f"response_id: {error}") from None
    message = {
        "type": "response.interrupt",
        "response_id": checked,
        "mode": "discard_partial_items",
    }
    return msgspec.json.encode(message).decode()
