"""The messages that a conversation writes, for each protocol and client version.

Source: wire.md 8.7 and 8.11.
"""

from __future__ import annotations

from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.conversation._agent_text import (
    BACKEND_PREFIX,
    MIN_OUTPUT_BUDGET,
    USER_PREFIX,
    cut_middle,
    with_prefix,
)
from codex_proto.realtime.setup import handoff_append, text_item
from codex_proto.realtime.wire import RealtimeCommand, RealtimeVersion
from codex_proto.realtime.wire._arguments import as_text
from codex_proto.versions import WireVersion

__all__ = ["HANDOFF_ANSWER", "STANDALONE_HANDOFF_ID", "STEERING_ANSWER"]

HANDOFF_ANSWER: Final = (
    "Background agent finished. Use the preceding [BACKEND] messages as the result."
)
STEERING_ANSWER: Final = "This was sent to steer the previous background agent task."
STANDALONE_HANDOFF_ID: Final = "codex"
"""The handoff id that version 1 uses for output without an active handoff."""


class ConversationWriter:
    """Builds messages from the texts of the user and the agent.

    Args:
        version: of the protocol.
        wire: the version of the client whose messages it writes.
        output_budget: bytes of an output of the agent; None sets no limit.

    Raises:
        LocalProtocolError: the budget is too small for the mark of a cut.
    """

    def __init__(
        self, version: RealtimeVersion, wire: WireVersion, output_budget: int | None
    ) -> None:
        if output_budget is not None and output_budget < MIN_OUTPUT_BUDGET:
            raise LocalProtocolError(
                f"output_budget: must be at least {MIN_OUTPUT_BUDGET} bytes, not {output_budget}"
            )
        self._version: Final = version
        self._wire: Final = wire
        self._output_budget: Final = None if self.is_may else output_budget

    @property
    def is_may(self) -> bool:
        """Whether it writes the messages of the client of May."""
        return self._wire is WireVersion.V2026_05

    def user_text(self, text: str, role: str) -> RealtimeCommand:
        """Return a message with a text of the user.

        Raises:
            LocalProtocolError: `text` or `role` cannot be sent.
        """
        content = as_text("text", text)
        if self._version == "v2" and role == "user":
            content = with_prefix(USER_PREFIX, content)
        return text_item(content, role=role, version=self._version, wire=self._wire)

    def agent_output(self, text: str, handoff_id: str | None, *, final: bool) -> RealtimeCommand:
        """Return an output of the agent as a message; `handoff_id` is the active handoff."""
        if self._version == "v2":
            return text_item(self._within_budget(with_prefix(BACKEND_PREFIX, text)))
        return handoff_append(
            STANDALONE_HANDOFF_ID if handoff_id is None else handoff_id,
            self._within_budget(text),
            # The client of May uses one heading for all output of the agent.
            final=final or self.is_may,
        )

    def _within_budget(self, text: str) -> str:
        return text if self._output_budget is None else cut_middle(text, self._output_budget)
