"""What tests of connections need: two ends talking in memory, a network that breaks on cue.

`Pair` and the chunkers need nothing else. `codex_proto.testing.strategies` needs hypothesis (the
extra `testing`), and is imported only by name.
"""

# Not in the face: strategies.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.testing._chunkers import *
    from codex_proto.testing._pair import *
    from codex_proto.testing import strategies as strategies
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_chunkers": "Chunker at bytewise every whole",
            "_pair": "Cut Pair Side",
        },
        "strategies",
    )
# isort: on
# -- end of what is written
