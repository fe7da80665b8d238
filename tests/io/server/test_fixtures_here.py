"""The fixtures in the tests of this project itself."""

from __future__ import annotations

import httpx
import msgspec

from codex_proto_io.server import EmbeddedServer, _recordings, refuse
from codex_proto_io.testing import codex_server, make_codex_server
from codex_proto_io.testing._fixtures import MakeCodexServer

__all__ = ["codex_server", "make_codex_server"]


def test_a_server_with_built_in_answers(codex_server: EmbeddedServer) -> None:
    assert httpx.get(f"{codex_server.url}/models").status_code == 200


def test_servers_with_scripts(make_codex_server: MakeCodexServer) -> None:
    for status in (429, 503):
        server = make_codex_server([refuse(status, "no")])
        assert httpx.post(f"{server.url}/responses", json={}).status_code == status


def test_what_a_recording_cannot_tell_is_passed_over() -> None:
    assert _recordings._members(b"{nope") == {}
    assert _recordings._text(msgspec.Raw(b"1")) is None
    assert _recordings._text(None) is None
