"""One response over a blocking socket: the whole loop.

Try it: `python examples/blocking_socket.py http://127.0.0.1:8080/v1 "What is 2 + 2?"`
"""

from __future__ import annotations

import socket
import ssl
import sys
import time

from codex_proto.connections import Http1Connection, ResponsesExchange
from codex_proto.http import HttpRequest
from codex_proto.requests import Provider, ResponsesApiRequest, responses_request
from codex_proto.responses import OutputTextDelta, StreamFailed


def connect(request: HttpRequest) -> socket.socket:
    """Open the transport for the URL of a request."""
    sock = socket.create_connection((request.host, request.port), timeout=15)
    if request.is_secure:
        context = ssl.create_default_context()
        return context.wrap_socket(sock, server_hostname=request.host)
    return sock


def ask(base_url: str, question: str) -> str:
    """Ask a question; return the text of the answer."""
    body = ResponsesApiRequest(model="gpt-5.2", input=question)
    request = responses_request(body, Provider(base_url=base_url))
    exchange = ResponsesExchange(Http1Connection(), request)
    answer = ""
    with connect(request) as sock:
        exchange.start(time.monotonic())
        while exchange.outcome is None:
            sock.sendall(exchange.data_to_send())
            deadline = exchange.deadline()
            # A time-out of 0 would make the socket non-blocking.
            sock.settimeout(deadline and max(0.001, deadline - time.monotonic()))
            try:
                data = sock.recv(65536)
            except TimeoutError:
                events = exchange.handle_timeout(time.monotonic())
            except OSError:
                events = exchange.receive_eof(time.monotonic(), clean=False)
            else:
                now = time.monotonic()
                events = exchange.receive_data(data, now) if data else exchange.receive_eof(now)
            for event in events:
                if isinstance(event, OutputTextDelta):
                    answer += event.delta
    if isinstance(exchange.outcome, StreamFailed):
        raise exchange.outcome.error
    return answer


if __name__ == "__main__":
    print(ask(sys.argv[1], sys.argv[2]))
