"""`codex-proto stream`: ask for one response, and show it as it arrives."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

from codex_proto.errors import CodexError, LocalProtocolError
from codex_proto.items import user_message
from codex_proto.requests import ResponsesApiRequest
from codex_proto.responses import Completed, OutputTextDelta, Profile, ResponseEvent, StreamFailed
from codex_proto_io.cli._conclusion import Outcomes
from codex_proto_io.cli._jsonl import json_line
from codex_proto_io.cli._misuse import Misuse, complain
from codex_proto_io.cli._output import Output
from codex_proto_io.cli._service import open_client
from codex_proto_io.cli._text import visible
from codex_proto_io.client import CodexClient, ResponseStream

__all__ = ["StreamCommandOptions", "stream"]

DEFAULT_MODEL = "gpt-5.2"


@dataclass(frozen=True)
class StreamCommandOptions:
    """The options of the command."""

    prompt: str
    base_url: str | None = None
    model: str = DEFAULT_MODEL
    instructions: str = ""
    websocket: bool = False
    profile: Profile = "full"
    format: str = "text"


def stream(options: StreamCommandOptions) -> int:
    """Ask, and show the answer: 0 if it completed, else 1.

    Raises:
        Misuse: an option is not valid, or there is no key.
    """
    output = Output()
    outcomes = Outcomes()
    try:
        request = ResponsesApiRequest(
            model=options.model,
            instructions=options.instructions,
            input=[user_message(options.prompt)],
        )
    except LocalProtocolError as error:
        raise Misuse(str(error)) from None
    with open_client(options.base_url, options.profile) as client:
        try:
            with _opened(client, request, websocket=options.websocket) as response:
                for event in response:
                    _show(output, event, options.format)
                    outcomes.collect([event])
        except CodexError as error:
            # The error is the last event shown; the iteration also raises it.
            outcomes.collect([StreamFailed(error)])
            if options.format == "jsonl":
                output.write(json_line(StreamFailed(error)))
    if options.format == "text":
        output.write_text("\n")
    output.flush()
    conclusion = outcomes.conclusion()
    complain(visible(conclusion.sentence, one_line=True))
    if isinstance(outcomes.last, StreamFailed):
        complain(visible(str(outcomes.last.error), one_line=True))
    return 0 if isinstance(outcomes.last, Completed) else 1


@contextlib.contextmanager
def _opened(
    client: CodexClient, request: ResponsesApiRequest, *, websocket: bool
) -> Generator[ResponseStream, None, None]:
    if not websocket:
        with client.responses.stream(request) as response:
            yield response
        return
    with client.responses.connect() as connection, connection.stream(request) as response:
        yield response


def _show(output: Output, event: ResponseEvent, format_: str) -> None:
    if format_ == "jsonl":
        output.write(json_line(event))
        output.flush()
    elif isinstance(event, OutputTextDelta):
        output.write_text(visible(event.delta))
        output.flush()
