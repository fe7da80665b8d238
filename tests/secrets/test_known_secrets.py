"""Known secrets are found wherever they are, however many there are."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from codex_proto._secrets import MIN_LENGTH, KnownSecrets, cover

# Of few letters, so that they overlap and begin alike.
VALUES = st.text("ab", min_size=MIN_LENGTH, max_size=12).map(str.encode)
# Enough of them for another way to search.
OTHERS = [b"%06d" % number for number in range(100)]


def known(values: list[bytes]) -> KnownSecrets:
    secrets = KnownSecrets()
    for value in values:
        secrets.add(value)
    return secrets


@given(st.lists(VALUES, max_size=8), st.text("abc", max_size=60).map(str.encode))
def test_few_and_many_are_found_alike(values: list[bytes], data: bytes) -> None:
    expected = bytearray(data)
    for value in values:
        for at in range(len(data)):
            if data.startswith(value, at):
                expected[at : at + len(value)] = b"*" * len(value)
    for secrets in (known(values), known(values + OTHERS), known(OTHERS + values[::-1])):
        assert cover(data, secrets.find(data)) == expected


def test_the_short_and_the_repeated_are_not_added() -> None:
    secrets = known([b"12345", b"123456", b"123456"])
    assert len(secrets) == 1
    assert list(secrets.find(b"12345 123456")) == [(6, 12)]


def test_many_take_as_long_as_some() -> None:
    def seconds(count: int) -> float:
        secrets = known([b"%016x" % (number * 0x9E3779B97F4A7C15) for number in range(count)])
        least = float("inf")
        for _ in range(5):
            began = time.thread_time()
            assert not list(secrets.find(data))
            least = min(least, time.thread_time() - began)
        return least

    data = b"0123456789 abcdef " * 5_000
    # Sixty-four times as long, if each were searched for.
    assert seconds(6_400) < 8 * seconds(100)
