"""The list of models that an account may use.

Source: wire.md 9 (models). Upstream loses the whole list over one model it cannot read; here that
model is a `MalformedPart` in its place. The public API's list is read as well.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from codex_proto._wire import (
    DECODE_ERRORS,
    MalformedPart,
    Noted,
    Opt,
    decode_loosely,
    decode_record,
    split_members,
)

__all__ = ["ModelInfo", "ModelList", "ReasoningLevel"]


class ReasoningLevel(Noted, frozen=True, kw_only=True, gc=False):
    """An effort that a model knows, and what it is good for."""

    effort: Opt[str] = UNSET
    description: Opt[str] = UNSET


class ModelInfo(Noted, frozen=True, kw_only=True, gc=False):
    """One model, by its `slug` (the `id` of the public API), which is what requests name.

    Everything else may be missing. Members that differ from server to server are JSON as it came.
    `notes` lists what the server got wrong. Tokens count the context window.
    """

    slug: str
    display_name: Opt[str] = UNSET
    description: Opt[str] = UNSET
    supported_reasoning_levels: Opt[tuple[ReasoningLevel, ...]] = UNSET
    default_reasoning_level: Opt[str] = UNSET
    shell_type: Opt[str] = UNSET
    visibility: Opt[str] = UNSET
    supported_in_api: Opt[bool] = UNSET
    priority: Opt[int] = UNSET
    base_instructions: Opt[str] = UNSET
    supports_reasoning_summaries: Opt[bool] = UNSET
    supports_reasoning_summary_parameter: Opt[bool] = UNSET
    support_verbosity: Opt[bool] = UNSET
    default_verbosity: Opt[str] = UNSET
    supports_parallel_tool_calls: Opt[bool] = UNSET
    context_window: Opt[int] = UNSET
    auto_compact_token_limit: Opt[int] = UNSET
    service_tiers: Any = UNSET
    default_service_tier: Opt[str] = UNSET
    use_responses_lite: Opt[bool] = UNSET
    comp_hash: Opt[str] = UNSET
    truncation_policy: Any = UNSET
    experimental_supported_tools: Any = UNSET
    upgrade: Any = UNSET
    created: Opt[int | float] = UNSET
    owned_by: Opt[str] = UNSET


class ModelList(Struct, frozen=True, kw_only=True):
    """The models in the server's order, and the `etag` of the list.

    A `ModelsEtag` event with another etag says that the list has changed.
    """

    models: tuple[ModelInfo | MalformedPart, ...]
    etag: str | None = None

    def find(self, slug: str) -> ModelInfo | None:
        """Return the model of that slug, or None."""
        for model in self.models:
            if isinstance(model, ModelInfo) and model.slug == slug:
                return model
        return None


def decode_models(raw: bytes) -> tuple[ModelInfo | MalformedPart, ...] | MalformedPart:
    """Decode the body of `GET /models`; a `MalformedPart` where it holds no list. Never raises."""
    try:
        members = split_members(raw)
        listed = members.get("models", members.get("data"))
        if listed is None:
            return MalformedPart(field="models", reason="missing", raw=raw)
        elements = _decode_list(listed)
    except DECODE_ERRORS as error:
        return MalformedPart(field="models", reason=str(error), raw=raw)
    return tuple(_models(elements))


_decode_list = msgspec.json.Decoder(list[Raw]).decode


def _models(elements: Iterable[Raw]) -> Iterable[ModelInfo | MalformedPart]:
    for element in elements:
        try:
            yield _model(element)
        except DECODE_ERRORS as error:
            yield MalformedPart(field="models", reason=str(error), raw=bytes(element))


def _model(raw: Raw) -> ModelInfo:
    members = split_members(raw)
    if "slug" not in members and "id" in members:
        members["slug"] = members["id"]
        model: ModelInfo = decode_record(ModelInfo, members, _is_vital)
    else:
        model = decode_loosely(ModelInfo, raw, _is_vital)
    return model


def _is_vital(_cls: type[Struct], name: str) -> bool:
    return name == "slug"
