"""What opens a session: its configuration, URL, headers, tools, calls, and the client's messages.

Source: wire.md 8.1 to 8.4 and 8.10.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.setup._calls import *
    from codex_proto.realtime.setup._client_messages import *
    from codex_proto.realtime.setup._handshake import *
    from codex_proto.realtime.setup._session_config import *
    from codex_proto.realtime.setup._tools import *
    from codex_proto.realtime.setup._urls import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_calls": (
                "CALLS_PATH CallReply CallRequest call_id_from_location call_request "
                "read_call_reply"
            ),
            "_client_messages": (
                "FINAL_MESSAGE_PREFIX append_audio cancel_response clear_audio commit_audio "
                "create_item create_response function_output handoff_append text_item "
                "truncate_audio update_session"
            ),
            "_handshake": "handshake_headers",
            "_session_config": (
                "DEFAULT_MODEL NoiseReduction OutputModality RealtimeSessionConfig SessionMode "
                "TurnDetection VOICES call_session default_voice session_update"
            ),
            "_tools": (
                "BACKGROUND_AGENT DEFAULT_TOOLS FunctionTool REMAIN_SILENT background_agent_tool "
                "remain_silent_tool"
            ),
            "_urls": "Params encode_form realtime_url sideband_url",
        },
    )
# isort: on
# -- end of what is written
