"""The objects inside Responses events: the response itself, its usage, its error.

Every member is optional and loosely typed: servers and gateways leave members out, send floats for
timestamps and null for lists, and an event must not be lost over that.

Source: OpenAI API reference, Responses; wire.md 1.7 and 1.8.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from codex_proto._wire import MalformedPart, Opt, Value
from codex_proto.items import Item, decode_items

__all__ = [
    "ErrorPayload",
    "IncompleteDetails",
    "LogProb",
    "Response",
    "ShellOutputDelta",
    "TokenUsage",
    "TopLogProb",
    "Usage",
]


class TopLogProb(Struct, frozen=True, kw_only=True, gc=False):
    """One alternative for a token, with its log probability."""

    token: Opt[str] = UNSET
    logprob: Opt[float] = UNSET
    bytes: Opt[tuple[int, ...]] = UNSET


class LogProb(Struct, frozen=True, kw_only=True, gc=False):
    """The log probability of a token of the output, and of the alternatives to it."""

    token: str
    logprob: float
    bytes: Opt[tuple[int, ...]] = UNSET
    top_logprobs: Opt[tuple[TopLogProb, ...]] = UNSET


class ErrorPayload(Value, frozen=True, kw_only=True):
    """The error object of `response.failed` and of nested `error` events.

    `plan_type`, `resets_at` (unix seconds) and `resets_in_seconds` come with usage limits,
    `headers` with errors on a WebSocket.
    """

    type: Opt[str] = UNSET
    code: Opt[str | int] = UNSET
    message: Opt[str] = UNSET
    param: Opt[str] = UNSET
    plan_type: Opt[str] = UNSET
    resets_at: Opt[int | float] = UNSET
    resets_in_seconds: Opt[int | float] = UNSET
    headers: Opt[dict[str, Any]] = UNSET

    @property
    def code_text(self) -> str | None:
        """The code as text (some servers send a number), or None."""
        return str(self.code) if self.code or self.code == 0 else None


class IncompleteDetails(Struct, frozen=True, kw_only=True, gc=False):
    """Why a response is incomplete: `max_output_tokens`, `content_filter`, `interrupted`, ..."""

    reason: Opt[str] = UNSET


class ShellOutputDelta(Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a shell command's output: the one `delta` that is an object on the wire."""

    stdout: Opt[str] = UNSET
    stderr: Opt[str] = UNSET


class InputTokensDetails(Struct, frozen=True, kw_only=True, gc=False):
    """How many of the input tokens came from the cache, and how many were written to it."""

    cached_tokens: Opt[int] = UNSET
    cache_write_tokens: Opt[int] = UNSET


class OutputTokensDetails(Struct, frozen=True, kw_only=True, gc=False):
    """How many of the output tokens were reasoning."""

    reasoning_tokens: Opt[int] = UNSET


class Usage(Struct, frozen=True, kw_only=True, gc=False):
    """`response.usage` as it is on the wire; `TokenUsage` is the same, flat."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: Opt[InputTokensDetails] = UNSET
    output_tokens_details: Opt[OutputTokensDetails] = UNSET
    codex_rollout_budget_units: Opt[int | float] = UNSET


class TokenUsage(Struct, frozen=True, kw_only=True, gc=False):
    """What a response cost, in tokens (wire.md 1.7). Details the server left out count as zero."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    cached_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    reasoning_output_tokens: int = 0
    codex_rollout_budget_units: int | float | None = None

    @classmethod
    def from_usage(cls, usage: Usage) -> "TokenUsage":
        """Flatten the wire's usage object."""
        inputs = usage.input_tokens_details or InputTokensDetails()
        outputs = usage.output_tokens_details or OutputTokensDetails()
        return cls(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            total_tokens=usage.total_tokens,
            cached_input_tokens=inputs.cached_tokens or 0,
            cache_write_input_tokens=inputs.cache_write_tokens or 0,
            reasoning_output_tokens=outputs.reasoning_tokens or 0,
            codex_rollout_budget_units=usage.codex_rollout_budget_units or None,
        )


class Response(Value, frozen=True, kw_only=True):
    """A whole response object, as `response.created` and the events that end a stream carry it.

    `output` decodes the items; on the Codex backend it is empty at the end, and the items are in
    the `OutputItemDone` events. Timestamps are unix seconds. Members of other vendors are in the
    event's `raw_response`.
    """

    id: Opt[str] = UNSET
    object: Opt[str] = UNSET
    created_at: Opt[int | float] = UNSET
    completed_at: Opt[int | float] = UNSET
    status: Opt[str] = UNSET
    error: Opt[ErrorPayload] = UNSET
    incomplete_details: Opt[IncompleteDetails] = UNSET
    model: Opt[str] = UNSET
    usage: Opt[Usage] = UNSET
    end_turn: Opt[bool] = UNSET
    instructions: Any = UNSET
    raw_output: Raw | UnsetType = msgspec.field(default=UNSET, name="output")
    output_text: Opt[str] = UNSET
    previous_response_id: Opt[str] = UNSET
    parallel_tool_calls: Opt[bool] = UNSET
    temperature: Opt[float] = UNSET
    top_p: Opt[float] = UNSET
    top_logprobs: Opt[int] = UNSET
    frequency_penalty: Opt[float] = UNSET
    presence_penalty: Opt[float] = UNSET
    max_output_tokens: Opt[int] = UNSET
    max_tool_calls: Opt[int] = UNSET
    tools: Any = UNSET
    tool_choice: Any = UNSET
    reasoning: Any = UNSET
    text: Any = UNSET
    metadata: Any = UNSET
    prompt: Any = UNSET
    prompt_cache_key: Opt[str] = UNSET
    prompt_cache_retention: Opt[str] = UNSET
    prompt_cache_options: Any = UNSET
    safety_identifier: Opt[str] = UNSET
    user: Opt[str] = UNSET
    service_tier: Opt[str] = UNSET
    truncation: Opt[str] = UNSET
    background: Opt[bool] = UNSET
    store: Opt[bool] = UNSET
    moderation: Any = UNSET
    conversation: Any = UNSET
    headers: Any = UNSET

    @property
    def output(self) -> tuple[Item, ...] | MalformedPart:
        """The items of the output, empty where the server sent no list."""
        if not isinstance(self.raw_output, Raw):
            return ()
        return decode_items("output", self.raw_output)
