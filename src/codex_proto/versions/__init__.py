"""TODO."""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.versions._wire_version import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_wire_version": "WireVersion",
        },
    )
# isort: on
# -- end of what is written
