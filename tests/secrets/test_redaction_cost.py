"""Redaction costs about the same for every text of a length: an event may have 64 MiB.

The measure is what plain prose costs on the same machine in the same moment, in time of this
thread, so that a slow or busy machine changes nothing.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Final

import pytest

from codex_proto.errors.redaction import redact_text

SIZE: Final = 16 * 1024
# Today the worst text costs about twice what prose does; `eyJ-` cost forty times as much when each
# `eyJ` was read to its end, and what is quadratic costs hundreds of times as much.
AT_MOST: Final = 10

PROSE: Final = "The model `gpt-5.2` does not exist, or you have no access to it. Try again later. "
# Beginnings of everything that is searched for, alone and in each other's way.
BEGINNINGS: Final = (
    "eyJ", "eyJ-", "eyJa", "eyJaaaaaaaa", "eyJaaaaaaaa-", "eyJaaaaaaaa.", "eyJaaaaaaaa.aaaaaaaa",
    "sk-", "sk_", "sk-a ", "sess-aaaaaaaaaaa ", "a_", "a-", "a_a_", "aaaaaaaaaaaaaaaaaaaaa_",
    "_key", "-token", "api_", "api_key", "api_key=", "api_key:\t", "api_key = '", 'api_key=""',
    "secret ", "password= ", "a_token=[", "key provided:", "key provided: ", "key provided:a.",
    "Bearer", "Bearer ", "bearer\t", "Bearer aaaaaaaa", "Bearer 1", "AgentAssertion ",
    "authorization", "authorization ", "authorization: ", "authorization='", "cookie=", 'cookie: "',
    "cookie=<", "cookie=[redacted]", "[redacted]", " ", "\t", "\n", '"', "'", "=", ":", ".", "-",
    "_", "a", "1", "\u00e9", "\U0001f600",
)  # fmt: skip
HEADS: Final = ("", "api_key=", "authorization: ", "key provided: ", "Bearer ", "eyJaaaaaaaa.")
# What a search may still ask for when it has read everything.
ENDS: Final = ("", '"', "\n", ".a")


def seconds(text: str, times: int = 3) -> float:
    """Return the least time that redaction of the text took."""
    least = float("inf")
    for _ in range(times):
        began = time.thread_time()
        redact_text(text)
        least = min(least, time.thread_time() - began)
    return least


@cache
def bound() -> float:
    return AT_MOST * seconds((PROSE * SIZE)[:SIZE], times=10)


@pytest.mark.parametrize("piece", BEGINNINGS)
def test_no_text_is_dear(piece: str) -> None:
    for head in HEADS:
        for end in ENDS:
            text = (head + piece * SIZE)[:SIZE] + end
            assert seconds(text, times=1) < bound() or seconds(text) < bound(), (head, end)


@pytest.mark.parametrize("piece", BEGINNINGS)
def test_no_text_of_two_beginnings_is_dear(piece: str) -> None:
    for other in BEGINNINGS:
        text = ((piece + other) * SIZE)[:SIZE]
        assert seconds(text, times=1) < bound() or seconds(text) < bound(), other
