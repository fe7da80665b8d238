"""Names that are loaded when they are first asked for are what their modules say."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

import codex_proto
import codex_proto_io
from codex_proto import connections, errors, items, realtime, requests, responses
from codex_proto.connections.http1 import Http1Connection
from codex_proto.responses.wire import Completed
from codex_proto_io import client, server


def the_front() -> None:
    assert_type(codex_proto.Completed, type[Completed])
    assert_type(codex_proto.responses.Completed, type[Completed])
    assert_type(codex_proto.__version__, str)
    assert_type(codex_proto.ResponsesDecoder(), responses.ResponsesDecoder)
    assert_type(codex_proto.connections.Http1Connection(), Http1Connection)
    assert_type(connections.Http1Connection(), Http1Connection)
    assert_type(codex_proto.errors.CodexError("why"), errors.CodexError)
    assert_type(codex_proto.MalformedPart, type[items.MalformedPart])
    assert_type(codex_proto.TranscriptAccumulator(), realtime.TranscriptAccumulator)
    assert_type(requests.BearerAuth("key"), requests.BearerAuth)


def the_drivers() -> None:
    assert_type(codex_proto_io.client.CodexClient(api_key="any"), client.CodexClient)
    assert_type(codex_proto_io.server.EmbeddedServer(), server.EmbeddedServer)


def nonsense() -> None:
    codex_proto.nonsense  # type: ignore[attr-defined]
    codex_proto.responses.nonsense  # type: ignore[attr-defined]
    codex_proto.connections.nonsense  # type: ignore[attr-defined]
    codex_proto_io.nonsense  # type: ignore[attr-defined]
    codex_proto_io.client.nonsense  # type: ignore[attr-defined]
