"""Scripts and their steps as values: what they refuse, and what they compare by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codex_proto_io.server import Exchange, HeadStep, Script, ScriptError, ScriptRun, refuse, stream


def test_scripts_are_equal_by_what_they_hold() -> None:
    one, same, other = (Script([refuse(status, "no")]) for status in (429, 429, 500))
    assert one == same
    assert one != other
    assert one != "a script"
    assert repr(one) == "Script(<1 exchanges>, otherwise='builtin')"


def test_a_script_knows_where_messages_are_expected() -> None:
    line = '{"on": "GET /v1/responses", "message": "response.create", "steps": []}'
    script = Script.loads(f'{{"format": "codex-proto-script", "version": 1}}\n{line}\n')
    (exchange,) = script.exchanges
    assert isinstance(exchange, Exchange)
    assert Script.loads(script.dumps()) == script
    run = ScriptRun(script)
    assert run.expects_messages("GET", "/v1/responses")
    assert not run.expects_messages("GET", "/v1/realtime")
    assert not run.expects_messages("POST", "/v1/responses")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"do": "body", "text": "a", "base64": "YQ=="}, "has both"),
        ({"do": "body", "text": "a", "repeat": 0}, "repeat: must be at least 1"),
        ({"do": "close", "code": 65536}, "code: must be 0 to 65535"),
        ({"do": "close", "code": 1000, "reason": "x" * 124}, "at most 123 bytes"),
        ({"do": "close", "code": None, "reason": "x"}, "reason: needs a code"),
        ({"do": "body", "event": {"no": "type"}}, "type"),
    ],
)
def test_a_step_that_cannot_be_is_refused(step: dict[str, Any], reason: str) -> None:
    exchange = json.dumps({"on": "GET /v1/responses", "steps": [step]})
    with pytest.raises(ScriptError, match=reason):
        Script.loads(f'{{"format": "codex-proto-script", "version": 1}}\n{exchange}\n')


def test_a_stream_of_nothing_has_a_head_and_no_events() -> None:
    (exchange,) = Script([stream()]).exchanges
    assert [type(step) for step in exchange.steps] == [HeadStep]
