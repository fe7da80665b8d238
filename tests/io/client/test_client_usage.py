"""The token usage of a stream, before its end and after each kind of end."""

from __future__ import annotations

from codex_proto.errors import ResponseIncompleteError
from codex_proto.requests import ResponsesApiRequest
from codex_proto_io.client import CodexClient
from codex_proto_io.server import EmbeddedServer, stream

REQUEST = ResponsesApiRequest(model="gpt-5.2", input="hi")
USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
CREATED = {"type": "response.created", "response": {"id": "r"}}


def test_there_is_no_usage_before_the_end() -> None:
    with (
        EmbeddedServer() as server,
        CodexClient(base_url=server.url, api_key="k") as client,
        client.responses.stream(REQUEST) as answer,
    ):
        next(answer)
        before = answer.usage
        assert before is None
        list(answer)
        assert answer.usage is not None
        assert answer.usage.total_tokens == 28


def test_a_response_that_is_incomplete_has_a_usage() -> None:
    incomplete = {
        "type": "response.incomplete",
        "response": {
            "id": "r",
            "usage": USAGE,
            "incomplete_details": {"reason": "max_output_tokens"},
        },
    }
    with (
        EmbeddedServer([stream(CREATED, incomplete)]) as server,
        CodexClient(base_url=server.url, api_key="k") as client,
        client.responses.stream(REQUEST) as answer,
    ):
        final = answer.get_final_response()
        assert isinstance(getattr(final.outcome, "error", None), ResponseIncompleteError)
        assert answer.usage is not None
        assert answer.usage.total_tokens == 3
