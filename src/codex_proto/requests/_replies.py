"""What unary endpoints answer: the typed output, or the error that it is.

What the peer sends never raises; a success that cannot be read is a `MalformedReply`.

Source: wire.md 9 and 6.4.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from codex_proto._wire import DECODE_ERRORS, DEFAULT_MAX_DEPTH, MalformedPart, is_too_deep
from codex_proto.errors import CodexError, MalformedReply
from codex_proto.http import HttpResponse
from codex_proto.items import decode_items
from codex_proto.refusals import error_from_response
from codex_proto.requests._compaction import CompactionOutput
from codex_proto.requests._memories import MemorySummarizeOutput
from codex_proto.requests._models import ModelList, decode_models

__all__ = ["read_compaction", "read_memories", "read_models"]

# As much of a body as the error of a refusal carries.
_BODY_SHOWN: Final = 64 * 1024


def read_compaction(
    response: HttpResponse, url: str | None = None, now_unix: float | None = None
) -> CompactionOutput | CodexError:
    """Read the answer to `compact_request`.

    An item that cannot be read stands in the output as a `MalformedPart`. `url` and `now_unix`
    are for the error of a refusal.
    """
    if not response.is_success:
        return _refusal(response, url, now_unix)
    output = _output(response.body)
    if isinstance(output, MalformedPart):
        return _malformed(response, url, output)
    items = decode_items("output", output)
    if isinstance(items, MalformedPart):
        return _malformed(response, url, items)
    return CompactionOutput(items)


def read_memories(
    response: HttpResponse, url: str | None = None, now_unix: float | None = None
) -> tuple[MemorySummarizeOutput, ...] | CodexError:
    """Read the answer to `memories_request`: one output for each memory, in their order."""
    if not response.is_success:
        return _refusal(response, url, now_unix)
    output = _output(response.body)
    if isinstance(output, MalformedPart):
        return _malformed(response, url, output)
    try:
        return tuple(_memory(summary) for summary in _decode_memories(output))
    except DECODE_ERRORS as error:
        return _malformed(response, url, MalformedPart(field="output", reason=str(error)))


def read_models(
    response: HttpResponse, url: str | None = None, now_unix: float | None = None
) -> ModelList | CodexError:
    """Read the answer to `models_request`.

    A model that cannot be read stands in the list as a `MalformedPart`; upstream loses the list.
    """
    if not response.is_success:
        return _refusal(response, url, now_unix)
    models = decode_models(response.body)
    if isinstance(models, MalformedPart):
        return _malformed(response, url, models)
    return ModelList(models=models, etag=response.headers.get_text("etag"))


# -- inside -------------------------------------------------------------------------------------


class _Output(Struct):
    output: Raw


class _Memory(Struct):
    memory_summary: str
    trace_summary: str | None = None
    raw_memory: str | None = None


_decode_output: Final = msgspec.json.Decoder(_Output).decode
_decode_memories: Final = msgspec.json.Decoder(tuple[_Memory, ...]).decode


def _output(body: bytes) -> Raw | MalformedPart:
    try:
        str(body, "utf-8")
        if is_too_deep(body, DEFAULT_MAX_DEPTH):
            return MalformedPart(field="output", reason="nested too deep")
        output = _decode_output(body).output
    except DECODE_ERRORS as error:
        return MalformedPart(field="output", reason=str(error))
    if bytes(output) == b"null":
        return MalformedPart(field="output", reason="null")
    # The body is the caller's to drop; what is kept has to be a copy.
    return Raw(bytes(output))


def _memory(memory: _Memory) -> MemorySummarizeOutput:
    summary = memory.raw_memory if memory.trace_summary is None else memory.trace_summary
    if summary is None:
        raise msgspec.ValidationError("Object missing required field `trace_summary`")
    return MemorySummarizeOutput(trace_summary=summary, memory_summary=memory.memory_summary)


def _refusal(response: HttpResponse, url: str | None, now_unix: float | None) -> CodexError:
    return error_from_response(
        response.status, response.headers, response.body, url, now_unix=now_unix
    )


def _malformed(response: HttpResponse, url: str | None, part: MalformedPart) -> CodexError:
    headers = response.headers
    told: Any = tuple(headers) or None
    return MalformedReply(
        f"The server's reply cannot be read: {part.field}: {part.reason}",
        status=response.status,
        url=url,
        headers=told,
        body=response.body[:_BODY_SHOWN].decode("utf-8", "replace"),
        request_id=headers.get_text("x-request-id") or headers.get_text("x-oai-request-id"),
        cf_ray=headers.get_text("cf-ray"),
    )
