"""Hypothesis strategies that cut and break streams; they need the extra `testing`."""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.testing.strategies._cuts import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_cuts": "broken chunkers pieces",
        },
    )
# isort: on
# -- end of what is written
