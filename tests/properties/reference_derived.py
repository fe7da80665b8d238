"""What a stream says besides its events, read slowly: part of the reference decoder.

Written from wire.md 1.4, 1.6 and 2.6. It looks at the JSON of each message with `json` from the
standard library; only what a `codex.rate_limits` event amounts to is the library's own answer,
which has tests of its own beside upstream's.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import msgspec

from codex_proto.responses import rate_limit_from_event

__all__ = ["Derived"]

Plain = tuple[Any, ...]

TEXTS = ("item_id", "call_id", "delta", "text")
INTEGERS = ("summary_index", "content_index")


class Number(str):
    """A number as it is spelled: that is what makes a header's value."""


_JSON = json.JSONDecoder(parse_int=Number, parse_float=Number)


class Derived:
    """One response: the model and the treatment that are in force."""

    def __init__(self, *, is_websocket: bool) -> None:
        self.is_websocket = is_websocket
        self.model: str | None = None
        self.faster_model: str | None = None

    def read(self, event: Plain, message: bytes) -> list[Plain]:
        """The events that go before this one."""
        if event[0] == "MalformedEvent":
            return []
        said = _JSON.decode(message.decode())
        type_ = said["type"]
        if event[0] == "UnknownEvent" and not _is_record(said):
            return []
        headers = said.get("headers")
        if self.is_websocket and isinstance(headers, dict):
            self._note_treatment(headers)
        if type_ == "codex.rate_limits" and self.is_websocket:
            snapshot = rate_limit_from_event(message)
            return [] if snapshot is None else [("RateLimits", {"snapshot": _plain(snapshot)})]
        found: list[Plain] = []
        if type_ == "codex.response.metadata" and self.is_websocket and isinstance(headers, dict):
            found += self._etag(headers)
        found += self._changed_model(said)
        metadata = said.get("metadata")
        if type_ == "response.metadata" and isinstance(metadata, dict):
            found += _verdicts(metadata, event[1]["raw_metadata"])
        buffering: Any = None
        if "safety_buffering" in said:
            buffering = said["safety_buffering"]
        elif type_ == "response.metadata" and isinstance(metadata, dict):
            buffering = metadata if metadata.get("type") == "safety_buffering" else None
        return found + self._buffering(buffering)

    def _etag(self, headers: dict[str, Any]) -> list[Plain]:
        # Of names that differ only in case the last counts.
        values = [
            text
            for name, value in headers.items()
            if name.lower() == "x-models-etag" and (text := _scalar(value)) is not None
        ]
        if not values or not all(" " <= c <= "~" or c == "\t" for c in values[-1]):
            return []
        return [("ModelsEtag", {"etag": values[-1]})]

    def _note_treatment(self, headers: dict[str, Any]) -> None:
        told = {
            name.lower(): text
            for name, value in headers.items()
            if (text := _scalar(value)) is not None
        }
        faster = told.get("x-codex-safety-buffering-faster-model")
        if faster is not None or "x-codex-safety-buffering-enabled" in told:
            self.faster_model = faster

    def _changed_model(self, said: dict[str, Any]) -> list[Plain]:
        response = said.get("response")
        model = _model(response.get("headers")) if isinstance(response, dict) else None
        model = _model(said.get("headers")) if model is None else model
        if model is None or model == self.model:
            return []
        self.model = model
        return [("ServerModel", {"model": model})]

    def _buffering(self, said: Any) -> list[Plain]:
        if not isinstance(said, dict):
            return []
        lists: list[Any] = [said.get("use_cases"), said.get("reasons")]
        retry_model = said.get("retry_model", self.faster_model)
        if not all(isinstance(each, list) for each in lists):
            return []
        if not all(_is_text(text) and text is not None for each in lists for text in each):
            return []
        if not _is_text(retry_model):
            return []
        told = {"use_cases": tuple(lists[0]), "reasons": tuple(lists[1])}
        return [("SafetyBuffering", {**told, "faster_model": retry_model, "show_ui": True})]


def _is_record(said: dict[str, Any]) -> bool:
    """Whether upstream reads a message of any type at all."""
    return all(_is_text(said.get(name)) for name in TEXTS) and all(
        _is_integer(said.get(name)) for name in INTEGERS
    )


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not isinstance(value, Number))


def _is_integer(value: Any) -> bool:
    return value is None or (isinstance(value, Number) and value.removeprefix("-").isdigit())


def _model(headers: Any) -> str | None:
    if not isinstance(headers, dict):
        return None
    for name, value in headers.items():
        if name.lower() in ("openai-model", "x-openai-model"):
            while isinstance(value, list) and value:
                value = value[0]
            if value is not None and _is_text(value):
                return str(value)
    return None


def _scalar(value: Any) -> str | None:
    """A header's value where it is text, a number or a boolean."""
    if isinstance(value, str):
        return None if any((c < " " and c != "\t") or c == "\x7f" for c in value) else value
    return None if isinstance(value, dict | list | None) else json.dumps(value)


def _verdicts(metadata: dict[str, Any], raw: bytes) -> list[Plain]:
    found: list[Plain] = []
    named = metadata.get("openai_verification_recommendation")
    if isinstance(named, list) and "trusted_access_for_cyber" in named:
        found.append(("ModelVerifications", {"verifications": ("trusted_access_for_cyber",)}))
    if "openai_chatgpt_moderation_metadata" in metadata:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        moderation = bytes(members["openai_chatgpt_moderation_metadata"])
        found.append(("TurnModerationMetadata", {"raw_metadata": moderation}))
    return found


def _plain(snapshot: Any) -> Any:
    if isinstance(snapshot, StrEnum):
        return str(snapshot)
    if not isinstance(snapshot, msgspec.Struct):
        return snapshot
    members = {name: getattr(snapshot, name) for name in snapshot.__struct_fields__}
    return (type(snapshot).__name__, {name: _plain(value) for name, value in members.items()})
