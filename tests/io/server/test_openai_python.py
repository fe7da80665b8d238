"""openai-python against `codex-proto serve`: somebody else's client finds a whole API here."""

from __future__ import annotations

import asyncio
import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

from codex_proto_io.server import EmbeddedServer, refuse, stream
from tests.cli_server import serving

openai: Any = pytest.importorskip("openai")

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK: Any = {"model": "gpt-5.2", "input": "What is 2 + 2?"}
ANSWER = "2 + 2 = 4."
# Of its older way to connect, with the newest websockets.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:connect\(\) must be used as a context manager:DeprecationWarning"
)
with_websockets = pytest.mark.skipif(
    importlib.util.find_spec("openai.types.responses.responses_client_event") is None,
    reason="an openai-python without WebSockets",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield f"{url}/v1"


@pytest.fixture
def client(url: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=url, api_key="sk-none", max_retries=0) as client:
        yield client


def test_a_response(client: Any) -> None:
    assert client.responses.create(**ASK).output_text == ANSWER


def test_a_streamed_response(client: Any) -> None:
    with client.responses.create(**ASK, stream=True) as events:
        types = [event.type for event in events]
    assert (types[0], types[-1]) == ("response.created", "response.completed")
    with client.responses.stream(**ASK) as events:
        assert events.get_final_response().output_text == ANSWER


def test_the_other_endpoints(client: Any) -> None:
    assert [model.id for model in client.models.list()]
    assert client.responses.compact(**ASK).output[-1].type == "compaction"
    assert client.realtime.calls.create(sdp="v=0\r\n").text.startswith("v=0")


def test_a_refusal_is_an_error_with_its_message(client: Any) -> None:
    with pytest.raises(openai.BadRequestError, match="input") as caught:
        client.responses.create(model="gpt-5.2", input=7)
    assert caught.value.param == "input"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_1")


@with_websockets
def test_responses_over_a_websocket(client: Any) -> None:
    answers = []
    with client.responses.connect() as connection:
        for _ in range(2):
            connection.response.create(**ASK)
            for event in connection:
                if event.type == "response.completed":
                    answers.append(event.response.output_text)
                    break
    assert answers == [ANSWER, ANSWER]


def test_a_realtime_session(client: Any) -> None:
    types = []
    with client.realtime.connect(model="gpt-realtime") as connection:
        connection.session.update(session={"type": "realtime", "instructions": "Be brief."})
        part = {"type": "input_text", "text": "Why does the parser test fail?"}
        item = {"type": "message", "role": "user", "content": [part]}
        connection.conversation.item.create(item=item)
        connection.response.create()
        for event in connection:
            types.append(event.type)
            if event.type == "response.done":
                break
    assert types[:3] == ["session.created", "session.updated", "conversation.item.added"]
    assert event.response.output[-1].name == "background_agent"


def test_all_of_it_asynchronously(url: str) -> None:
    async def main() -> None:
        async with openai.AsyncOpenAI(base_url=url, api_key="sk-none") as client:
            assert (await client.responses.create(**ASK)).output_text == ANSWER
            async with await client.responses.create(**ASK, stream=True) as events:
                assert [event.type async for event in events][-1] == "response.completed"
            if hasattr(client.responses, "connect"):
                async with client.responses.connect() as connection:
                    await connection.response.create(**ASK)
                    async for event in connection:
                        if event.type == "response.completed":
                            assert event.response.output_text == ANSWER
                            break
            async with client.realtime.connect(model="gpt-realtime") as connection:
                await connection.response.create()
                async for event in connection:
                    if event.type == "response.done":
                        break

    asyncio.run(main())


def test_faults_of_a_script_are_its_errors() -> None:
    failed = {
        "type": "response.failed",
        "sequence_number": 1,
        "response": {"id": "r", "status": "failed", "error": {"code": "x", "message": "no"}},
    }
    script = [refuse(429, "slow down", code="rate_limit_exceeded"), stream(failed)]
    with (
        EmbeddedServer(script) as server,
        openai.OpenAI(base_url=server.url, api_key="sk-none", max_retries=0) as client,
    ):
        with pytest.raises(openai.RateLimitError, match="slow down"):
            client.responses.create(**ASK)
        with client.responses.create(**ASK, stream=True) as events:
            assert [event.type for event in events] == ["response.failed"]
