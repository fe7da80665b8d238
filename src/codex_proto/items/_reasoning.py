"""Reasoning: its summary, its text where the server shows it, and its encrypted form.

Source: wire.md 3.2 and 3.4.
"""

from msgspec import UNSET

from codex_proto._wire import Opt
from codex_proto.items._base import ResponseItem
from codex_proto.items._messages import ContentPart, ReasoningText, SummaryText, Text

__all__ = ["Reasoning"]


class Reasoning(ResponseItem, frozen=True, kw_only=True, gc=False, tag="reasoning"):
    """What the model thought before it answered.

    `summary` is for people, `content` the reasoning itself where the server reports it, and
    `encrypted_content` what to send back so that the server can go on from it.
    """

    summary: tuple[ContentPart, ...]
    content: Opt[tuple[ContentPart, ...]] = UNSET
    encrypted_content: Opt[str] = UNSET
    format: Opt[str] = UNSET

    @property
    def summary_text(self) -> str:
        """The paragraphs of the summary, with an empty line between them."""
        return "\n\n".join(part.text for part in self.summary if isinstance(part, SummaryText))

    @property
    def text(self) -> str:
        """The reasoning itself, empty where the server keeps it."""
        return "".join(
            part.text for part in self.content or () if isinstance(part, ReasoningText | Text)
        )
