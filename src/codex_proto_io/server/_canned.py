"""Answers without a recording: models, compaction, memories, a call, a prewarm request.

Source: wire.md 2.8, 4.9, 4.10, 8.9 and 9.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

from codex_proto.items import Message, encode_item_lossless
from codex_proto.requests import CompactionInput, MemorySummarizeInput

__all__ = ["ANSWER_SDP", "CALL_ID", "MODELS", "PREWARMED", "compacted", "memories"]

ANSWER_SDP: Final = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    b"c=IN IP4 127.0.0.1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n"
)
CALL_ID: Final = "rtc_embedded0001"
_USAGE: Final = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}
_PREWARM: Final[dict[str, Any]] = {
    "id": "resp_prewarmed0001",
    "object": "response",
    "output": [],
    "tools": [],
}
PREWARMED: Final = tuple(
    msgspec.json.encode({"type": kind, "sequence_number": number, "response": response})
    for number, (kind, response) in enumerate(
        (
            ("response.created", {**_PREWARM, "status": "in_progress", "usage": None}),
            ("response.completed", {**_PREWARM, "status": "completed", "usage": _USAGE}),
        )
    )
)


def compacted(body: CompactionInput) -> dict[str, Any]:
    """Return a compacted conversation: the user's messages, and one item for the rest."""
    kept: list[Any] = []
    if isinstance(body.input, str):
        part = {"type": "input_text", "text": body.input}
        kept.append({"type": "message", "role": "user", "content": [part]})
    else:
        kept += [
            Raw(encode_item_lossless(item))
            for item in body.input or ()
            if isinstance(item, Message) and item.role == "user"
        ]
    summary = {"type": "compaction", "id": "cmp_0001", "encrypted_content": "Y29tcGFjdGVk"}
    return {
        "id": "resp_compacted0001",
        "object": "response.compaction",
        "created_at": 1_790_000_000,
        "output": [*kept, summary],
        "usage": _USAGE,
    }


def memories(body: MemorySummarizeInput) -> list[dict[str, str]]:
    """Return a summary of each session."""
    return [
        {
            "trace_summary": f"The session {memory.id} has {len(memory.items)} items.",
            "memory_summary": f"Remember the session {memory.id}.",
        }
        for memory in body.raw_memories
    ]


def _model(slug: str, name: str, priority: int) -> dict[str, Any]:
    return {
        "slug": slug,
        "display_name": name,
        "description": None,
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [
            {"effort": effort, "description": effort} for effort in ("low", "medium", "high")
        ],
        "shell_type": "shell_command",
        "visibility": "list",
        "supported_in_api": True,
        "priority": priority,
        "base_instructions": "",
        "supports_reasoning_summaries": True,
        "support_verbosity": True,
        "default_verbosity": "low",
        "truncation_policy": {"mode": "tokens", "limit": 10000},
        "supports_parallel_tool_calls": True,
        "context_window": 272000,
        "experimental_supported_tools": [],
    }


_SLUGS: Final = (("gpt-5.2", "GPT-5.2"), ("gpt-5.2-codex", "GPT-5.2 Codex"))
# Codex and the public API call the list by different names.
MODELS: Final[dict[str, Any]] = {
    "object": "list",
    "models": [_model(slug, name, at) for at, (slug, name) in enumerate(_SLUGS)],
    "data": [
        {"id": slug, "object": "model", "created": 1_790_000_000, "owned_by": "embedded"}
        for slug, _ in _SLUGS
    ],
}
