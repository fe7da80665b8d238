"""`Repeats` against the rule that it keeps, spelled out with a dict."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.responses._repeats import Repeats


class _Model:
    def __init__(self) -> None:
        self.seen: dict[int, tuple[int, int]] = {}
        self.is_rising = True

    def receive(self, number: int, where: int, content: int) -> bool:
        if not self.is_rising:
            return False
        if not self.seen or number > max(self.seen):
            self.seen[number] = (where, content)
            return False
        self.is_rising = len(self.seen) > 1 and self.seen.get(number) == (where, content)
        return self.is_rising


small = st.integers(-2, 8)


@given(st.lists(st.tuples(small, st.integers(0, 1), st.integers(0, 1)), max_size=20))
@example([(0, 0, 0), (1, 0, 0), (0, 0, 0), (1, 0, 0), (2, 0, 0)])
@example([(3, 0, 0), (7, 1, 0), (8, 1, 1), (7, 1, 0), (5, 0, 0)])
@example([(0, 0, 0), (0, 0, 0), (1, 0, 0), (1, 0, 0)])
def test_what_was_seen_under_a_number_is_known(events: list[tuple[int, int, int]]) -> None:
    repeats, model = Repeats(), _Model()
    for event in events:
        assert repeats.receive(*event) == model.receive(*event)


@given(st.integers())
def test_any_number_may_come(number: int) -> None:
    repeats = Repeats()
    for _ in range(3):
        assert not repeats.receive(number, 0, 0)
