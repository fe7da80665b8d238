"""Requests, answers and streams that the tests of connections use."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Final

from codex_proto import _zstd
from codex_proto.http import HttpRequest

__all__ = ["CODINGS", "COMPLETED", "SSE", "STREAM_EVENTS", "get", "post", "socket_request"]

SSE: Final = (
    b'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1"}}\n\n'
    b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta",'
    b'"item_id":"m","output_index":0,"content_index":0,"delta":"H\xc3\xa9llo"}\n\n'
    b": a comment\n\n"
    b'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_1",'
    b'"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}}\n\n'
)
STREAM_EVENTS: Final = ("Created", "OutputTextDelta", "Completed")
COMPLETED: Final = SSE[SSE.index(b"event: response.completed") :]

CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "raw deflate": lambda data: zlib.compress(data, wbits=-15),
    "zstd": _zstd.compress,
}


def post(path: str = "/v1/responses", body: bytes = b'{"model":"m"}') -> HttpRequest:
    return HttpRequest(
        "POST",
        f"http://localhost:8080{path}",
        [("content-type", "application/json"), ("authorization", "Bearer secret")],
        body,
    )


def get(path: str = "/v1/models") -> HttpRequest:
    return HttpRequest("GET", f"http://localhost:8080{path}")


def socket_request(path: str = "/v1/responses") -> HttpRequest:
    return HttpRequest("GET", f"ws://localhost:8080{path}", [("authorization", "Bearer secret")])
