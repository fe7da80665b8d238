"""What tests of connections need: two ends talking in memory, a network that breaks on cue.

`Pair` and the chunkers need nothing else. `codex_proto.testing.strategies` needs hypothesis (the
extra `testing`), and is imported only by name.
"""

from codex_proto.testing.chunkers import Chunker, at, bytewise, every, whole
from codex_proto.testing.pair import Cut, Pair, Side

__all__ = ["Chunker", "Cut", "Pair", "Side", "at", "bytewise", "every", "whole"]
