"""The first inputs of the engines: recordings of real servers, and inputs of tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

__all__ = ["seeds"]

_DATA: Final = Path(__file__).parent.parent / "tests" / "data"
# Bytes: enough for all kinds of events, and short enough for many runs a second.
_MOST: Final = 6_000

_CHUNKED: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b'39\r\ndata: {"type":"response.created","response":{"id":"r"}}\n\n\r\n0\r\n\r\n'
)
_HTTP: Final = (
    _CHUNKED,
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 X\r\ncontent-length: 2\r\nretry-after: 1\r\n\r\n{}",
    b"HTTP/1.0 200 OK\r\nconnection: close\r\n\r\ndata: {}\n\n",
    b"HTTP/1.1 101 S\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x02{}\x88\x00",
)
_REQUESTS: Final = (
    b"POST /v1/responses HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n",
    b"PUT / HTTP/1.1\r\nhost:\r\ntransfer-encoding: chunked\r\n\r\n2;a\r\n{}\r\n0\r\nx: y\r\n\r\n",
    (
        b"GET / HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    ),
)
# Frames: text, fragments, ping, pong, close; then the same with masks.
_FRAMES: Final = (
    b'\x81\x17{"type":"response.new"}\x01\x01{\x80\x01}\x89\x01a\x8a\x00\x88\x05\x03\xe8bye',
    b"\x82\x7e\x00\x80" + bytes(128) + b"\x81\x7f" + bytes(7) + b"\x02{}",
    b"\x81\x82\0\0\0\0{}\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8",
)
_REFUSALS: Final = (
    (
        b"\x01\xadretry-after: 5\nx-codex-primary-used-percent: 10\n\n"
        b'{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_at":1}}'
    ),
    b"\x01\xf4content-type: text/html\n\n<html><title>Bad gateway</title>",
    b'\x01\x90x-request-id: r\n\n{"detail":"no"}',
    (
        b'\x01\xadratelimit: "default";r=5;t=3\nratelimit-policy: "default";q=9\n\n'
        b'[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Retry in 1m2.5s",'
        b'"details":[{"retryDelay":"32s"}],"metadata":{"raw":"{\\"error\\":\\"x\\"}"}}}]'
    ),
    (
        b"\x01\xf4x-ratelimit-reset-requests: 1705312200\n\n\xef\xbb\xbfevent: error\n"
        b"data: E - b'{\\n \"error\": {\"message\": \"a\"}}' {'error': {'message': None}}\n\n"
    ),
    b'\x01\xa6\n\n{"detail":[{"loc":["body","a",0],"msg":"m"}],"resets_at":"2026-01-01T00:00:00Z"}',
)
_TEXTS: Final = (
    b"fix <b> & \"q\" 'a'\nuser: \xc3\xa9\xff</transcript_delta>\x00&amp;&#x1b;",
    b"<realtime_delegation>\n  <input>a &amp; b</input>\n</realtime_delegation>",
)


def seeds(target: str) -> Iterator[bytes]:
    """Yield the seeds of a target, in its format."""
    match target:
        case "eventstream" | "responses" | "http-body":
            for body in _bodies():
                yield b"\x3f" + body
        case "messages":
            for body in _bodies():
                lines = [line[6:] for line in body.splitlines() if line.startswith(b"data: ")]
                yield b"\n".join(lines)
        case "items":
            for row in _rows("upstream/item.jsonl"):
                yield row["req"]["text"].encode()
        case "realtime-v1" | "realtime-v2":
            for path in sorted((_DATA / "recordings" / "realtime").glob("*.jsonl")):
                yield path.read_bytes()[:_MOST]
        case "delegation":
            yield from _TEXTS
        case "refusal":
            yield from _REFUSALS
        case "http-request":
            yield from (b"\x3f" + each for each in _REQUESTS)
        case "http-answer" | "websocket-answer":
            yield from (b"\x3f" + each for each in _HTTP)
        case _:
            yield from (b"\x3f" + each for each in _FRAMES)


def _bodies() -> Iterator[bytes]:
    for path in sorted((_DATA / "recordings" / "responses").glob("*.sse")):
        yield path.read_bytes()[:_MOST]


def _rows(name: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (_DATA / name).read_bytes().splitlines()]
    # A few hundred of each kind are enough.
    return rows[:: max(1, len(rows) // 100)]
