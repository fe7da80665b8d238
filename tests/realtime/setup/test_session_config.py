"""`session.update` for each kind of session, and what no session can be."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from codex_proto.errors import LocalProtocolError
from codex_proto.realtime import (
    DEFAULT_TOOLS,
    VOICES,
    FunctionTool,
    RealtimeSessionConfig,
    TurnDetection,
    background_agent_tool,
    call_session,
    default_voice,
    encode_client_message,
    remain_silent_tool,
    session_update,
)

PCM: Final = {"type": "audio/pcm", "rate": 24_000}


def session(**options: Any) -> Any:
    message = session_update(RealtimeSessionConfig(**options))
    plain = json.loads(encode_client_message(message))
    assert list(plain) == ["type", "session"]
    return plain["session"]


def test_version_1() -> None:
    assert session(version="v1", instructions="i", voice="sol") == {
        "type": "quicksilver",
        "instructions": "i",
        "audio": {"input": {"format": PCM}, "output": {"voice": "sol"}},
    }


def test_version_1_converses_whatever_the_mode() -> None:
    assert session(version="v1", mode="transcription") == session(version="v1")


def test_a_conversation_of_version_2() -> None:
    made = session(instructions="i", output_modality="text", voice="ash")
    assert list(made) == [
        *("type", "instructions", "output_modalities", "audio", "tools", "tool_choice")
    ]
    assert made["output_modalities"] == ["text"]
    assert list(made["audio"]["input"]) == [
        *("format", "noise_reduction", "transcription", "turn_detection")
    ]
    assert made["audio"]["output"] == {"format": PCM, "voice": "ash"}
    assert [tool["name"] for tool in made["tools"]] == ["background_agent", "remain_silent"]
    for tool in made["tools"]:
        assert list(tool) == ["type", "name", "description", "parameters"]
        assert tool["parameters"]["additionalProperties"] is False
    assert made["tools"][0]["parameters"]["required"] == ["prompt"]


def test_a_transcription() -> None:
    assert session(mode="transcription", transcription_model="m") == {
        "type": "transcription",
        "audio": {"input": {"format": PCM, "transcription": {"model": "m"}}},
    }


def test_what_is_off_is_null() -> None:
    heard = session(noise_reduction=None, transcription_model=None, turn_detection=None)["audio"]
    assert heard["input"] == {
        "format": PCM,
        "noise_reduction": None,
        "transcription": None,
        "turn_detection": None,
    }


def test_tools_are_the_callers_to_replace() -> None:
    own = FunctionTool(name="look", description="d", parameters={"type": "object"})
    tools = (background_agent_tool("mine", prompt="p"), remain_silent_tool("hush"), own)
    made = session(tools=tools)["tools"]
    assert [tool["description"] for tool in made] == ["mine", "hush", "d"]
    assert made[0]["parameters"]["properties"]["prompt"]["description"] == "p"
    assert session()["tools"] == session(tools=DEFAULT_TOOLS)["tools"]


def test_turns_are_detected_as_the_caller_likes() -> None:
    detection = TurnDetection(interrupt_response=False, silence_duration_ms=200)
    assert session(turn_detection=detection)["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "interrupt_response": False,
        "create_response": True,
        "silence_duration_ms": 200,
    }


@pytest.mark.parametrize("version", VOICES)
def test_voices(version: Any) -> None:
    assert default_voice(version) in VOICES[version]
    for voice in VOICES[version]:
        assert session(version=version, voice=voice)["audio"]["output"]["voice"] == voice
    assert session(version=version)["audio"]["output"]["voice"] == default_voice(version)
    (other,) = set(VOICES) - {version}
    for voice in (*VOICES[other], "nobody", ""):
        with pytest.raises(LocalProtocolError, match="voice") as caught:
            RealtimeSessionConfig(version=version, voice=voice)
        assert all(known in caught.value.message for known in VOICES[version])


def test_what_no_session_can_be() -> None:
    cases: dict[str, dict[str, Any]] = {
        "output_modality": {"version": "v1", "output_modality": "text"},
        "output_modality: must be": {"output_modality": "video"},
        "mode": {"mode": "singing"},
        "version": {"version": "v3"},
    }
    for message, options in cases.items():
        with pytest.raises(LocalProtocolError, match=message):
            RealtimeSessionConfig(**options)
    with pytest.raises(LocalProtocolError, match="version"):
        default_voice("v3")  # type: ignore[arg-type]
    for bad in (object(), "\ud800"):
        with pytest.raises(LocalProtocolError, match="config"):
            session_update(RealtimeSessionConfig(instructions=bad))  # type: ignore[arg-type]


def test_a_calls_session_names_its_model() -> None:
    config = RealtimeSessionConfig(version="v1", instructions="i", model="m")
    made = json.loads(call_session(config))
    assert list(made) == ["type", "model", "instructions", "audio"]
    assert made["model"] == "m"
    assert "model" not in session(version="v1")
