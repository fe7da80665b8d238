"""The two functions that a conversation of version 2 offers to the model.

The descriptions are up to the application; only the names belong to the protocol.

Source: wire.md 8.3.
"""

from __future__ import annotations

from typing import Any, Final

from codex_proto._wire import Value

__all__ = [
    "BACKGROUND_AGENT",
    "DEFAULT_TOOLS",
    "REMAIN_SILENT",
    "FunctionTool",
    "background_agent_tool",
    "remain_silent_tool",
]

BACKGROUND_AGENT: Final = "background_agent"
REMAIN_SILENT: Final = "remain_silent"

_BACKGROUND_AGENT_HELP: Final = (
    "Hands a request of the user over to the agent that works in the background. Take this for "
    "whatever the user wants to have done or looked up, also for later, and say it in the user's "
    "own words. An idle agent starts on it; one that is at work takes it as guidance."
)
_PROMPT_HELP: Final = "What the user asks for, as the user said it."
_REMAIN_SILENT_HELP: Final = (
    "Answers with silence. Take this when nothing needs to be said, such as after a note that is "
    "not meant for the user. The user notices nothing of it."
)


class FunctionTool(Value, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A function that the model may call. `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


def background_agent_tool(
    description: str = _BACKGROUND_AGENT_HELP, *, prompt: str = _PROMPT_HELP
) -> FunctionTool:
    """Return the function whose call is a handoff; `prompt` describes its one argument."""
    return FunctionTool(
        name=BACKGROUND_AGENT,
        description=description,
        parameters={
            "type": "object",
            "properties": {"prompt": {"type": "string", "description": prompt}},
            "required": ["prompt"],
            "additionalProperties": False,
        },
    )


def remain_silent_tool(description: str = _REMAIN_SILENT_HELP) -> FunctionTool:
    """Return the function that the model calls to stay silent."""
    return FunctionTool(
        name=REMAIN_SILENT,
        description=description,
        parameters={"type": "object", "properties": {}, "additionalProperties": False},
    )


DEFAULT_TOOLS: Final = (background_agent_tool(), remain_silent_tool())
