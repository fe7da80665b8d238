"""The objects inside Responses events: the response itself, its usage, its error.

Every member is optional and loosely typed: servers and gateways leave members out, send floats for
timestamps and null for lists, and an event must not be lost over that. A member of a wrong type is
left at its default, and is in the `notes` of its record.

Source: OpenAI API reference, Responses; wire.md 1.7 and 1.8.
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import force_setattr

from codex_proto._wire import Lazy, MalformedPart, Noted, Notes, Opt, decode_part_loosely
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


class ErrorPayload(Noted, frozen=True, kw_only=True):
    """The error object of `response.failed` and of nested `error` events.

    `plan_type`, `resets_at` (unix seconds) and `resets_in_seconds` come with usage limits,
    `headers` with errors on a WebSocket, `misalignment` with what that policy has stopped. A wrong
    type in a member costs that member only, and `notes` has it.
    """

    type: Opt[str] = UNSET
    code: Opt[str | int] = UNSET
    message: Opt[str] = UNSET
    param: Opt[str] = UNSET
    plan_type: Opt[str] = UNSET
    resets_at: Opt[int | float] = UNSET
    resets_in_seconds: Opt[int | float] = UNSET
    headers: Opt[dict[str, Any]] = UNSET
    raw_misalignment: Raw | UnsetType = msgspec.field(default=UNSET, name="misalignment")

    misalignment = Lazy[dict[str, Any]](dict[str, Any])

    @property
    def code_text(self) -> str | None:
        """The code as text (some servers send a number), or None."""
        return str(self.code) if self.code or self.code == 0 else None

    @property
    def inner(self) -> "ErrorPayload | None":
        """The error object that some servers have where the message should be, or None."""
        for note in self.notes:
            if note.field == "message" and note.raw.startswith(b"{"):
                return decode_error(note.raw)
        return None


def decode_error(raw: bytes | Raw) -> ErrorPayload | None:
    """Decode the JSON of an error object, member by member; None where it is not an object."""
    error = decode_part_loosely("error", raw, ErrorPayload)
    return error if isinstance(error, ErrorPayload) else None


class IncompleteDetails(Noted, frozen=True, kw_only=True, gc=False):
    """Why a response is incomplete: `max_output_tokens`, `content_filter`, `interrupted`, ..."""

    reason: Opt[str] = UNSET


class ShellOutputDelta(Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a shell command's output: the one `delta` that is an object on the wire."""

    stdout: Opt[str] = UNSET
    stderr: Opt[str] = UNSET


class InputTokensDetails(Noted, frozen=True, kw_only=True, gc=False):
    """How many of the input tokens came from the cache, and how many were written to it."""

    cached_tokens: Opt[int] = UNSET
    cache_write_tokens: Opt[int] = UNSET


class OutputTokensDetails(Noted, frozen=True, kw_only=True, gc=False):
    """How many of the output tokens were reasoning."""

    reasoning_tokens: Opt[int] = UNSET


class Usage(Noted, frozen=True, kw_only=True, gc=False):
    """`response.usage` as it is on the wire; `TokenUsage` is the same, flat.

    Counts that the server left out are zero. Servers that translate from Chat Completions keep its
    names (`prompt_tokens`, ...): what has no other name is read from there, and is in the `notes`.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    input_tokens_details: Opt[InputTokensDetails] = UNSET
    output_tokens_details: Opt[OutputTokensDetails] = UNSET
    codex_rollout_budget_units: Opt[int | float] = UNSET
    prompt_tokens: Opt[int] = UNSET
    completion_tokens: Opt[int] = UNSET
    prompt_tokens_details: Opt[InputTokensDetails] = UNSET
    completion_tokens_details: Opt[OutputTokensDetails] = UNSET

    def __post_init__(self) -> None:
        used: list[MalformedPart] = []
        for name, other in _OTHER_NAMES.items():
            value = getattr(self, other)
            if value and not getattr(self, name):
                force_setattr(self, name, value)
                reason = f"read as `{name}`, which is its name here"
                used.append(
                    MalformedPart(field=other, reason=reason, raw=msgspec.json.encode(value))
                )
        if used:
            force_setattr(self, "wire_notes", Notes((*self.notes, *used)))

    @property
    def is_empty(self) -> bool:
        """Whether no count could be read of it."""
        return not (self.input_tokens or self.output_tokens or self.total_tokens)


# What Chat Completions has for the same.
_OTHER_NAMES: Final = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "input_tokens_details": "prompt_tokens_details",
    "output_tokens_details": "completion_tokens_details",
}


class TokenUsage(Struct, frozen=True, kw_only=True, gc=False):
    """What a response cost, in tokens (wire.md 1.7).

    What the server left out, or got wrong, counts as zero; but of the input, the output and the
    total each follows from the two others.
    """

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
        total = usage.total_tokens or usage.input_tokens + usage.output_tokens
        return cls(
            input_tokens=usage.input_tokens or max(0, total - usage.output_tokens),
            output_tokens=usage.output_tokens or max(0, total - usage.input_tokens),
            total_tokens=total,
            cached_input_tokens=inputs.cached_tokens or 0,
            cache_write_input_tokens=inputs.cache_write_tokens or 0,
            reasoning_output_tokens=outputs.reasoning_tokens or 0,
            codex_rollout_budget_units=usage.codex_rollout_budget_units or None,
        )


class Response(Noted, frozen=True, kw_only=True):
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
