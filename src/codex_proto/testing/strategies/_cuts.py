"""Hypothesis strategies for connections (the extra `testing`)."""

from __future__ import annotations

from hypothesis import strategies as st

from codex_proto.testing._chunkers import Chunker, at, bytewise, every, whole

__all__ = ["broken", "chunkers", "pieces"]


def chunkers(max_position: int = 4096) -> st.SearchStrategy[Chunker]:
    """Ways to cut bytes: whole, bytewise, in equal pieces, at a few places."""
    places = st.lists(st.integers(1, max_position), max_size=6)
    return st.one_of(
        st.just(whole),
        st.just(bytewise),
        st.integers(1, 64).map(every),
        places.map(lambda positions: at(*positions)),
    )


@st.composite
def pieces(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """The pieces of `data`, cut in some way."""
    return draw(chunkers(max(len(data), 1)))(data)


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with a few bytes changed, left out, doubled or put in."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(changed)))
        match draw(st.sampled_from(["flip", "drop", "insert", "cut", "repeat"])):
            case "flip" if place < len(changed):
                changed[place] ^= draw(st.integers(1, 255))
            case "drop":
                del changed[place : place + draw(st.integers(1, 8))]
            case "insert":
                changed[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "cut":
                del changed[place:]
            case _:
                changed[place:place] = changed[place : place + draw(st.integers(1, 32))]
    return bytes(changed)
