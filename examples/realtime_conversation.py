"""A realtime conversation without a network: a recorded server's messages in, ours out.

    python examples/realtime_conversation.py tests/data/realtime_conversation.jsonl

The agent here answers at once. With a real one, start it with the delegation, and call
`agent_progress`, `agent_final` and `complete_turn` as it proceeds.
"""

import sys
from pathlib import Path

from codex_proto.realtime import (
    AudioOut,
    ConversationEnded,
    HandoffRequested,
    OutputTranscriptDone,
    RealtimeConversation,
    RealtimeDecoder,
    RealtimeSessionConfig,
    TranscriptAccumulator,
    delegation_from_handoff,
    encode_client_message,
)

decoder = RealtimeDecoder("v2")
transcript = TranscriptAccumulator()
conversation = RealtimeConversation("v2")
conversation.configure(RealtimeSessionConfig(instructions="Be brief."))


def send() -> None:
    """Send the waiting messages; here they are printed."""
    for message in conversation.messages_to_send():
        print("->", encode_client_message(message)[:100])


send()
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    for event in decoder.receive_message(line):
        for reported in conversation.receive_event(transcript.receive_event(event)):
            match reported:
                case OutputTranscriptDone(text=text):
                    print("the model says:", text)
                case AudioOut(frame=frame):
                    print(f"{frame.duration_ms} ms of audio to play")
                case HandoffRequested():
                    print("the agent gets:", delegation_from_handoff(reported), sep="\n")
                    conversation.agent_final("Done.")
                    conversation.complete_turn()
                case ConversationEnded(reason=reason):
                    print("the end:", reason)
                case _:
                    pass
    send()

conversation.close()
send()
