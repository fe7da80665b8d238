"""Several responses at once in one thread: `selectors`, partial writes, the nearest deadline.

Try it: `python examples/many_with_selectors.py http://127.0.0.1:8080/v1 "One" "Two" "Three"`
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from typing import cast

from codex_proto.connections import Http1Connection, ResponsesExchange
from codex_proto.requests import Provider, ResponsesApiRequest, responses_request
from codex_proto.responses import Outcome


def ask_all(base_url: str, questions: list[str]) -> list[Outcome | None]:
    """Ask all questions at the same time; return their outcomes in order."""
    selector = selectors.DefaultSelector()
    exchanges: list[ResponsesExchange] = []
    unsent: dict[ResponsesExchange, bytes] = {}
    for question in questions:
        body = ResponsesApiRequest(model="gpt-5.2", input=question)
        request = responses_request(body, Provider(base_url=base_url))
        exchange = ResponsesExchange(Http1Connection(), request)
        sock = socket.create_connection((request.host, request.port), timeout=15)
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, exchange)
        exchange.start(time.monotonic())
        exchanges.append(exchange)
    while selector.get_map():
        due = [at for e in exchanges if not e.is_done and (at := e.deadline()) is not None]
        wait = max(0.0, min(due) - time.monotonic()) if due else None
        ready = {key.data: mask for key, mask in selector.select(wait)}
        for key in list(selector.get_map().values()):
            exchange, now = key.data, time.monotonic()
            sock = cast("socket.socket", key.fileobj)
            exchange.handle_timeout(now)
            if ready.get(exchange, 0) & selectors.EVENT_READ:
                try:
                    data = sock.recv(65536)
                except OSError:
                    exchange.receive_eof(now, clean=False)
                else:
                    exchange.receive_data(data, now) if data else exchange.receive_eof(now)
            waiting = unsent.get(exchange, b"") + exchange.data_to_send()
            if waiting and ready.get(exchange, 0) & selectors.EVENT_WRITE:
                waiting = waiting[sock.send(waiting) :]
            unsent[exchange] = waiting
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
            selector.modify(sock, wanted, exchange)
            if exchange.is_done or exchange.must_close:
                selector.unregister(sock)
                sock.close()
    return [exchange.outcome for exchange in exchanges]


if __name__ == "__main__":
    print(*ask_all(sys.argv[1], sys.argv[2:]), sep="\n")
