"""What is measured and what is logged: all that wire.md 10 names, and never a secret or a body."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from codex_proto.errors import InternalServerError, ResponseFailedError
from codex_proto.requests import BearerAuth, Fallback, ResponsesApiRequest, RetryAfter
from codex_proto_io.client import CodexClient
from tests.io.client.driving import REQUEST, Driven, told
from tests.io.client.scripted import COMPLETED, CREATED, DELTA, accept, failed, refuse, serving, sse

SECRET = "sk-very-secret"
SPOKEN = "words of the user"


def test_requests_and_polls(kind: str) -> None:
    answers = (refuse(500, b"private"), sse(CREATED, failed("odd")), sse(CREATED, DELTA, COMPLETED))
    with serving(*answers) as server, Driven(kind, server.base_url) as driven:
        driven.tell()
    hooks = driven.hooks
    assert [(each.attempt, each.status, each.succeeded) for each in hooks.requests] == [
        (0, 500, False),
        (1, 200, True),
        (0, 200, True),
    ]
    assert type(hooks.requests[0].error) is InternalServerError
    assert all(each.endpoint == "responses" and each.duration >= 0 for each in hooks.requests)
    assert [poll.kind for poll in hooks.polls if poll.event_type] == [
        "response.created",
        "response.failed",
        "response.created",
        "response.output_text.delta",
        "response.completed",
    ]
    assert [type(retry.error) for retry in hooks.retries] == [
        InternalServerError,
        ResponseFailedError,
    ]
    assert all(isinstance(retry.decision, RetryAfter) for retry in hooks.retries)


def test_unary_requests(kind: str) -> None:
    async def scenario(client: Any) -> None:
        await client.models.list()

    with serving(refuse(503), refuse(200, b'{"models":[]}')) as server:
        with Driven(kind, server.base_url) as driven:
            driven.run(scenario)
    assert [(r.endpoint, r.attempt, r.status) for r in driven.hooks.requests] == [
        ("models", 0, 503),
        ("models", 1, 200),
    ]


def test_sockets(kind: str) -> None:
    async def scenario(client: Any) -> None:
        async with client.responses.connect() as connection:
            await told(connection.stream(REQUEST))

    answers = (accept((CREATED, DELTA, COMPLETED)),)
    with serving(*answers) as server, Driven(kind, server.base_url) as driven:
        driven.run(scenario)
    assert [request.connection_reused for request in driven.hooks.ws_requests] == [False]
    assert [event.kind for event in driven.hooks.ws_events] == [
        "response.created",
        "response.output_text.delta",
        "response.completed",
    ]
    assert driven.hooks.polls == []
    with serving(refuse(426), sse(CREATED, COMPLETED)) as server:
        with Driven(kind, server.base_url) as driven:
            driven.run(scenario)
    assert driven.hooks.ws_requests[0].error.status == 426
    assert [type(retry.decision) for retry in driven.hooks.retries] == [Fallback]


class Broken:
    """Hooks that fail."""

    def on_request(self, value: Any) -> None:
        raise RuntimeError("broken")

    on_sse_poll = on_retry = on_request
    on_ws_event = "no method"


def test_hooks_that_fail_break_nothing(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "codex_proto_io"):
        with serving(refuse(500), sse(CREATED, COMPLETED)) as server:
            with Driven(kind, server.base_url, telemetry=Broken()) as driven:
                assert driven.tell().error is None


def test_nothing_is_logged_unless_asked_for(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(refuse(500), sse(CREATED, COMPLETED)) as server:
        with Driven(kind, server.base_url) as driven:
            driven.tell()
    assert capfd.readouterr() == ("", "")


def test_no_secret_and_no_body_is_logged(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    request = ResponsesApiRequest(model="m", input=SPOKEN)

    async def scenario(client: Any) -> None:
        await told(client.responses.stream(request))
        async with client.responses.connect() as connection:
            await told(connection.stream(request))

    said = b'{"error":{"message":"' + SPOKEN.encode() + b"; key " + SECRET.encode() + b'"}}'
    answers = (
        refuse(500, said),
        refuse(401, said),
        sse(CREATED, failed("odd", SPOKEN)),
        sse(CREATED, DELTA, COMPLETED),
        refuse(500, said),
        accept((failed("odd", SPOKEN),)),
        accept((CREATED, COMPLETED)),
    )
    with caplog.at_level(logging.DEBUG, "codex_proto_io"), serving(*answers) as server:
        with Driven(kind, server.base_url, auth=BearerAuth(SECRET)) as driven:
            driven.run(scenario)
    logged = [r for r in caplog.records if r.name.startswith("codex_proto_io")]
    assert len(logged) > 5
    text = "\n".join(f"{record.getMessage()} {record.args!r}" for record in logged)
    assert SECRET not in text
    assert SPOKEN not in text


def test_errors_and_objects_keep_secrets() -> None:
    with (
        serving(refuse(401, b"no")) as server,
        CodexClient(
            base_url=f"{server.base_url}?token={SECRET}",
            api_key=SECRET,
            transport="raw",
            refresh_auth=lambda _: None,
            random=lambda: 0.5,
            clock=Driven("sync-raw").clock,
        ) as client,
    ):
        try:
            client.responses.create(REQUEST)
        except Exception as error:
            shown = f"{error!s} {error!r} {client!r} {client.provider!r}"
    assert SECRET not in shown


def test_the_library_of_its_own_does_not_log_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Of httpx's own loggers, at their most talkative."""

    async def main(base_url: str) -> None:
        from codex_proto_io.client import AsyncCodexClient

        async with AsyncCodexClient(base_url=base_url, api_key=SECRET) as client:
            await client.responses.create(REQUEST)

    with caplog.at_level(logging.DEBUG), serving(sse(CREATED, COMPLETED)) as server:
        asyncio.run(main(server.base_url))
    assert SECRET not in caplog.text
