"""Where we differ from upstream on purpose: each kind of difference by name, with its reason.

A category sees the request and upstream's answer and never ours, so that it cannot excuse a
mistake. It says which lines it covers, why, how many those are, and what must hold there all the
same. `docs/differences.md` tells the same to readers.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["SSE_RAW", "Answer", "Category", "Request", "chunks_of"]

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Category:
    """One kind of intended difference."""

    name: str
    reason: str
    lines: int
    """How many lines it covers, so that it cannot grow unseen."""
    covers: Callable[[Request, Answer], bool]
    """Whether a line belongs to it: request and upstream's answer."""
    expect: Callable[[Request, Answer, Answer], bool]
    """What still must hold: request, upstream's answer, our answer."""

    def __str__(self) -> str:
        return self.name


def chunks_of(request: Request) -> list[bytes]:
    """The body of a request as it is fed: `chunks_b64`, or `body` in one piece."""
    if "body" in request:
        body: str = request["body"]
        return [body.encode()]
    return [base64.b64decode(chunk) for chunk in request["chunks_b64"]]


def _stream(request: Request) -> bytes:
    return b"".join(chunks_of(request))


def _is_utf8(stream: bytes) -> bool:
    try:
        stream.decode()
    except UnicodeDecodeError:
        return False
    return True


def _begins_with_bom(request: Request, upstream: Answer) -> bool:
    return (
        _stream(request).startswith(codecs.BOM_UTF8)
        and len(upstream) > 0
        and "panic" in upstream[-1]
    )


def _is_invalid_utf8(request: Request, upstream: Answer) -> bool:
    return (
        not _is_utf8(_stream(request))
        and len(upstream) > 0
        and str(upstream[-1].get("error", "")).startswith("UTF8 error: ")
    )


def _has_retry_beyond_u64(request: Request, upstream: Answer) -> bool:
    values = (
        line.removeprefix(b"retry:").strip(b" ")
        for line in _stream(request).splitlines()
        if line.startswith(b"retry:")
    )
    return any(value.isdigit() and int(value) >= 2**64 for value in values) and all(
        event.get("retry_ms") is None for event in upstream
    )


def _same_until_the_end(request: Request, upstream: Answer, ours: Answer) -> bool:
    """Whatever upstream delivered before it broke off, we deliver too."""
    before = list(upstream[:-1])
    return list(ours[: len(before)]) == before


def _same_but_for_retry(request: Request, upstream: Answer, ours: Answer) -> bool:
    return [{**event, "retry_ms": None} for event in ours] == list(upstream)


SSE_RAW: tuple[Category, ...] = (
    Category(
        name="bom_crashes_upstream",
        reason=(
            "A byte order mark at the start of the stream is dropped, as the standard says. "
            "Upstream means to do the same, but cuts one byte off a character of three and "
            "crashes, and the stream ends there."
        ),
        lines=6,
        covers=_begins_with_bom,
        expect=_same_until_the_end,
    ),
    Category(
        name="invalid_utf8_is_replaced",
        reason=(
            "The standard decodes with U+FFFD in the place of what is no UTF-8, and goes on; "
            "upstream ends the stream with an error. Framing follows the standard, so that one "
            "bad byte in a comment costs nothing. The bytes themselves are in `data_bytes`, and "
            "the levels above judge them."
        ),
        lines=18,
        covers=_is_invalid_utf8,
        expect=_same_until_the_end,
    ),
    Category(
        name="retry_beyond_u64",
        reason=(
            "The standard asks for ASCII digits and sets no bound; upstream reads them into 64 "
            "bits and drops the field when they do not fit."
        ),
        lines=1,
        covers=_has_retry_beyond_u64,
        expect=_same_but_for_retry,
    ),
)
