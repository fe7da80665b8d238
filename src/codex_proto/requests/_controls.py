"""The records inside of a request that steer the model: reasoning, text, streaming.

Their values are open texts: the server knows best what it takes, and new values come with every
model. The ones that are known are in the docstrings.

Source: wire.md 4.3.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.requests._body import Body, record
from codex_proto.requests._checks import Check, flag, json_value, optional, word

__all__ = ["ReasoningControls", "StreamOptions", "TextControls", "TextFormat"]


class ReasoningControls(Body, frozen=True, kw_only=True):
    """How the model reasons.

    `effort` is `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, `ultra` (which is sent
    as `max`), or any other text. `summary` is `auto`, `concise` or `detailed`; `none` leaves the
    key out. `context`, which only August 2026 sends, is `auto`, `current_turn` or `all_turns`.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        "effort": optional(word),
        "summary": optional(word),
        "context": optional(word),
    }

    effort: Opt[str] = UNSET
    summary: Opt[str] = UNSET
    context: Opt[str] = UNSET


class TextFormat(Body, frozen=True, kw_only=True):
    """What form the answer has to have; `json_schema` makes the one that Codex uses."""

    checks: ClassVar[Mapping[str, Check]] = {
        "type": word,
        "strict": optional(flag),
        "schema": optional(json_value),
        "name": optional(word),
    }

    type: str
    strict: Opt[bool] = UNSET
    schema: Any = UNSET
    name: Opt[str] = UNSET

    @classmethod
    def json_schema(
        cls, schema: Any, *, strict: bool = True, name: str = "codex_output_schema"
    ) -> "TextFormat":
        """The form that a JSON schema describes.

        Raises:
            LocalProtocolError: `schema` cannot be written as JSON, `name` is empty.
        """
        return cls(type="json_schema", strict=strict, schema=schema, name=name)


class TextControls(Body, frozen=True, kw_only=True):
    """How the answer is written: `verbosity` (`low`, `medium`, `high`) and `format`.

    With neither of them the record is not sent.
    """

    checks: ClassVar[Mapping[str, Check]] = {
        "verbosity": optional(word),
        "format": optional(record(TextFormat)),
    }

    verbosity: Opt[str] = UNSET
    format: Opt[TextFormat] = UNSET


class StreamOptions(Body, frozen=True, kw_only=True):
    """How the stream is delivered; August 2026 knows `sequential_cutoff` for summaries."""

    checks: ClassVar[Mapping[str, Check]] = {"reasoning_summary_delivery": optional(word)}

    reasoning_summary_delivery: Opt[str] = UNSET
