"""`codex-proto realtime`: send a text in a realtime session, and show the dialogue."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.realtime import (
    ConversationEnded,
    HandoffRequested,
    RealtimeSessionConfig,
    ResponseDone,
    delegation_from_handoff,
    parse_delegation,
)
from codex_proto_io.cli._live import LiveConversation
from codex_proto_io.cli._misuse import Misuse, complain
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._realtime_pretty import DialogueView
from codex_proto_io.cli._service import open_client
from codex_proto_io.cli._text import visible
from codex_proto_io.client import CodexClient

__all__ = ["RealtimeOptions", "converse", "talk"]

_INSTRUCTIONS = "Be brief. Hand tasks over to the background agent."


@dataclass(frozen=True)
class RealtimeOptions:
    """The options of the command."""

    text: str
    base_url: str | None = None
    model: str | None = None
    instructions: str = _INSTRUCTIONS


def talk(options: RealtimeOptions) -> int:
    """Run the conversation; return 0 if it ended normally, else 1.

    Raises:
        Misuse: an option is not valid, or there is no key.
    """
    output = Output()
    with open_client(options.base_url) as client:
        problem = converse(client, output, options)
    output.flush()
    if problem is not None:
        complain(visible(f"The conversation failed: {problem}", one_line=True))
        return 1
    return 0


def converse(client: CodexClient, output: Output, options: RealtimeOptions) -> str | None:
    """Send the text, answer handoffs, and end after the response; return the failure or None.

    Raises:
        Misuse: the session does not allow these options.
    """
    dialogue = LiveConversation()
    view = DialogueView(output, dialogue)
    try:
        config = RealtimeSessionConfig(instructions=options.instructions)
        if options.model is not None:
            config = msgspec.structs.replace(config, model=options.model)
        session = client.realtime.connect(config)
    except LocalProtocolError as error:
        raise Misuse(str(error)) from None
    try:
        with session:
            session.send_text(options.text)
            session.request_response()
            is_answered = False
            for event in session:
                if is_answered and not isinstance(event, ConversationEnded):
                    continue  # sent before the server knew that the session was ended here
                dialogue.collect([event])
                view.show([event])
                view.settle()
                output.flush()
                if isinstance(event, HandoffRequested):
                    # An agent would read the envelope; this one answers at once.
                    delegation = parse_delegation(delegation_from_handoff(event) or "")
                    request = "nothing" if delegation is None else delegation.input
                    session.agent_final(f"Done: {request}", event.handoff_id)
                    session.complete_turn(event.handoff_id)
                elif isinstance(event, ResponseDone):
                    is_answered = True
                    session.close()
    except CodexError as error:
        view.end_line()
        return str(error)
    view.summarise()
    return dialogue.problem()
