"""The part of the demonstration that goes over sockets: a server and a client on this machine."""

from __future__ import annotations

from rich.rule import Rule
from rich.text import Text

from codex_proto.items import Item, user_message
from codex_proto.requests import ResponseCreateWsRequest, ResponsesApiRequest
from codex_proto.responses import FinalResponse
from codex_proto_io.cli._live import LiveResponses
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._pretty import PrettyView
from codex_proto_io.cli._screen import Screen
from codex_proto_io.cli._talk import RealtimeOptions, converse
from codex_proto_io.client import CodexClient, ResponsesConnection, ResponseStream
from codex_proto_io.server import EmbeddedServer

__all__ = ["show_live"]

_MODEL = "gpt-5.2"
_QUESTIONS = ("What is 2 + 2?", "And once more?")


def show_live(output: Output, screen: Screen) -> None:
    """Show a response over HTTP, two over one WebSocket, and a handoff."""
    with EmbeddedServer() as server, CodexClient(api_key="none", base_url=server.url) as client:
        for title, show in (
            ("A response over HTTP", _show_http),
            ("Two turns over one WebSocket", _show_websocket),
            ("A conversation that hands a task to an agent", _show_realtime),
        ):
            screen.print(Rule(Text(f"{title}  ({server.url})", "bold"), align="left", style="dim"))
            show(output, client, server)
            screen.blank_line()
            output.flush()


def _show_http(output: Output, client: CodexClient, _: EmbeddedServer) -> None:
    seen = LiveResponses()
    view = PrettyView(output, seen)
    request = ResponsesApiRequest(model=_MODEL, input=[user_message(_QUESTIONS[0])])
    with client.responses.stream(request) as stream:
        _show(stream, view, seen)
    view.summarise()


def _show_websocket(output: Output, client: CodexClient, server: EmbeddedServer) -> None:
    history: list[Item] = [user_message(_QUESTIONS[0])]
    with client.responses.connect() as connection:
        first = _take_turn(connection, history)
        history += [*first.items, user_message(_QUESTIONS[1])]
        second = _take_turn(connection, history)
    sent = [message.request for message in server.requests[-1].messages]
    for answer, request in zip((first, second), sent, strict=True):
        if isinstance(request, ResponseCreateWsRequest):
            output.write_text(f"       sent      {_request_summary(request)}\n")
        output.write_text(f"       answered  {answer.output_text}\n")


def _take_turn(connection: ResponsesConnection, history: list[Item]) -> FinalResponse:
    return connection.create(ResponsesApiRequest(model=_MODEL, input=[*history]))


def _request_summary(request: ResponseCreateWsRequest) -> str:
    """Return a summary of the input: all items, or the new ones since the previous response."""
    items = len(request.input or ())
    summary = f"{items} item of input" if items == 1 else f"{items} items of input"
    known = request.previous_response_id
    return f"{summary}, the rest known as {known[:16]}..." if isinstance(known, str) else summary


def _show_realtime(output: Output, client: CodexClient, _: EmbeddedServer) -> None:
    converse(client, output, RealtimeOptions("Please run the tests."))


def _show(stream: ResponseStream, view: PrettyView, seen: LiveResponses) -> None:
    for event in stream:
        seen.outcomes.collect([event])
        view.show([event])
        view.settle()
