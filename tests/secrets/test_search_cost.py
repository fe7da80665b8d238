"""A search for secrets costs about the same for every text of a length: an event may have 64 MiB.

The measure is what plain prose costs on the same machine in the same moment, in time of this
thread, so that a slow or busy machine changes nothing.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from codex_proto._secrets import cover, find_for_recording, redact_text

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE: Final = 16 * 1024
# Where much is replaced it costs up to four times what prose does; `eyJ-` cost a hundred times as
# much when each `eyJ` was read to its end, and what is quadratic costs more than that.
AT_MOST: Final = 20

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
    '"email":"', '\\"email\\":\\"', '"a_token" : ', '"user_id":"\\', "org-", "org-aaaaaaaa ",
    "a=ice-pwd:", "\\", '\\"', "_", "a", "1", "\u00e9", "\U0001f600",
)  # fmt: skip
HEADS: Final = (
    "",
    "api_key=",
    "authorization: ",
    "key provided: ",
    "Bearer ",
    "eyJaaaaaaaa.",
    '"a_token":"',
)
# What a search may still ask for when it has read everything.
ENDS: Final = ("", '"', "\n", ".a")


def mask(text: str) -> object:
    """Do what a recorder does, which knows of no secret yet."""
    data = text.encode()
    return cover(data, find_for_recording(data))


every_search = pytest.mark.parametrize("search", [redact_text, mask])


def seconds(search: Callable[[str], object], text: str, times: int = 3) -> float:
    """Return the least time that a search took."""
    least = float("inf")
    for _ in range(times):
        began = time.thread_time()
        search(text)
        least = min(least, time.thread_time() - began)
    return least


@cache
def bound(search: Callable[[str], object]) -> float:
    return AT_MOST * seconds(search, (PROSE * SIZE)[:SIZE], times=10)


def is_cheap(search: Callable[[str], object], text: str) -> bool:
    limit = bound(search)
    return seconds(search, text, times=1) < limit or seconds(search, text) < limit


@every_search
@pytest.mark.parametrize("piece", BEGINNINGS)
def test_no_text_is_dear(search: Callable[[str], object], piece: str) -> None:
    for head in HEADS:
        for end in ENDS:
            assert is_cheap(search, (head + piece * SIZE)[:SIZE] + end), (head, end)


@every_search
@pytest.mark.parametrize("piece", BEGINNINGS)
def test_no_text_of_two_beginnings_is_dear(search: Callable[[str], object], piece: str) -> None:
    for other in BEGINNINGS:
        assert is_cheap(search, ((piece + other) * SIZE)[:SIZE]), other
