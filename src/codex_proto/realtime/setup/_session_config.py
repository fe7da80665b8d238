"""The configuration of a session: the `session` of `session.update`, and of a new call.

Source: wire.md 8.3 and 8.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Raw, Struct

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime.setup._tools import DEFAULT_TOOLS, FunctionTool
from codex_proto.realtime.wire import RealtimeVersion, SessionUpdate
from codex_proto.realtime.wire._versions import check_version

__all__ = [
    "DEFAULT_MODEL",
    "VOICES",
    "NoiseReduction",
    "OutputModality",
    "RealtimeSessionConfig",
    "SessionMode",
    "TurnDetection",
    "call_session",
    "default_voice",
    "session_update",
]

DEFAULT_MODEL: Final = "gpt-realtime-1.5"

VOICES: Final[Mapping[RealtimeVersion, tuple[str, ...]]] = {
    "v1": (*("juniper", "maple", "spruce", "ember", "vale", "breeze", "arbor", "sol", "cove"),),
    "v2": (
        *("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse"),
        *("marin", "cedar"),
    ),
}
"""The voices of each version."""

_DEFAULT_VOICES: Final = {"v1": "cove", "v2": "marin"}


SessionMode: TypeAlias = Literal["conversational", "transcription"]
"""`transcription` only transcribes the input. Version 1 lacks it and uses a conversation."""

OutputModality: TypeAlias = Literal["audio", "text"]
"""How the model answers; audio comes with a transcript."""

NoiseReduction: TypeAlias = Literal["near_field", "far_field"]
"""Where the microphone is: close to the user, or somewhere in the room."""


class TurnDetection(Struct, frozen=True, kw_only=True):
    """How the server detects that the user begins and stops speaking.

    `interrupt_response` stops the model when the user speaks, `create_response` lets it answer when
    the user is silent, and a turn ends after `silence_duration_ms` milliseconds of silence.
    """

    type: str = "server_vad"
    interrupt_response: bool = True
    create_response: bool = True
    silence_duration_ms: int = 500


class RealtimeSessionConfig(Struct, frozen=True, kw_only=True):
    """The configuration of a session; the defaults are those of Codex.

    `model` belongs in the URL (`realtime_url`), or in a call's session. `voice` None means the
    default of the version. The members after `voice` apply to version 2 only: `output_modality`,
    the `tools` and `tool_choice`, the model that transcribes the user's speech (also in a
    transcription), `noise_reduction` (`near_field`, `far_field`) and `turn_detection`; None turns
    one of the last three off. `sample_rate` is in hertz, of 16-bit PCM in both directions.

    Next: `session_update(config)` is the first message after the WebSocket has opened.

    Raises:
        LocalProtocolError: the version does not have the voice, or has no text output.
    """

    version: RealtimeVersion = "v2"
    mode: SessionMode = "conversational"
    instructions: str = ""
    model: str = DEFAULT_MODEL
    sample_rate: int = 24_000
    voice: str | None = None
    output_modality: OutputModality = "audio"
    tools: tuple[FunctionTool, ...] = DEFAULT_TOOLS
    tool_choice: str = "auto"
    transcription_model: str | None = "gpt-4o-mini-transcribe"
    noise_reduction: NoiseReduction | None = "near_field"
    turn_detection: TurnDetection | None = TurnDetection()

    def __post_init__(self) -> None:
        check_version(self.version)
        _check_word("mode", self.mode, SessionMode)
        _check_word("output_modality", self.output_modality, OutputModality)
        voices = VOICES[self.version]
        if self.voice is not None and self.voice not in voices:
            raise LocalProtocolError(
                f"voice: {self.version} has no voice {self.voice!r}; "
                f"supported voices: {', '.join(voices)}"
            )
        if self.output_modality == "text" and self.version != "v2":
            raise LocalProtocolError("output_modality: only version v2 answers in text")


def default_voice(version: RealtimeVersion) -> str:
    """Return the voice of a session that does not name one.

    Raises:
        LocalProtocolError: `version` is not a version.
    """
    check_version(version)
    return _DEFAULT_VOICES[version]


def session_update(config: RealtimeSessionConfig) -> SessionUpdate:
    """Return the message that configures a session, the first after the WebSocket has opened.

    Raises:
        LocalProtocolError: the config cannot be written as JSON.
    """
    return SessionUpdate(raw_session=Raw(_encode(_session(config))))


def call_session(config: RealtimeSessionConfig) -> bytes:
    """Return the session as JSON for the request that creates a call; it includes the model.

    Raises:
        LocalProtocolError: the config cannot be written as JSON.
    """
    session = _session(config)
    return _encode({"type": session.pop("type"), "model": config.model, **session})


def _check_word(argument: str, value: object, words: Any) -> None:
    known = get_args(words)
    if value not in known:
        raise LocalProtocolError(f"{argument}: must be one of {', '.join(known)}, not {value!r}")


def _encode(session: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(session)
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise LocalProtocolError(f"config: cannot be written as JSON: {error}") from error


# -- the three kinds of session -----------------------------------------------------------------


def _session(config: RealtimeSessionConfig) -> dict[str, Any]:
    if config.version == "v1":
        return _quicksilver(config)
    if config.mode == "transcription":
        return _transcription(config)
    return _realtime(config)


def _quicksilver(config: RealtimeSessionConfig) -> dict[str, Any]:
    return {
        "type": "quicksilver",
        "instructions": config.instructions,
        "audio": {"input": {"format": _format(config)}, "output": {"voice": _voice(config)}},
    }


def _transcription(config: RealtimeSessionConfig) -> dict[str, Any]:
    return {
        "type": "transcription",
        "audio": {"input": {"format": _format(config), "transcription": _transcriber(config)}},
    }


def _realtime(config: RealtimeSessionConfig) -> dict[str, Any]:
    noise = config.noise_reduction
    return {
        "type": "realtime",
        "instructions": config.instructions,
        "output_modalities": [config.output_modality],
        "audio": {
            "input": {
                "format": _format(config),
                "noise_reduction": None if noise is None else {"type": noise},
                "transcription": _transcriber(config),
                "turn_detection": config.turn_detection,
            },
            "output": {"format": _format(config), "voice": _voice(config)},
        },
        "tools": config.tools,
        "tool_choice": config.tool_choice,
    }


def _format(config: RealtimeSessionConfig) -> dict[str, Any]:
    return {"type": "audio/pcm", "rate": config.sample_rate}


def _transcriber(config: RealtimeSessionConfig) -> dict[str, Any] | None:
    model = config.transcription_model
    return None if model is None else {"model": model}


def _voice(config: RealtimeSessionConfig) -> str:
    return default_voice(config.version) if config.voice is None else config.voice
