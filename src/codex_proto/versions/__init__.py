"""The versions of the protocol, and the field policies that say what each one reads and sends.

Decoding takes the superset of all versions; only encoding asks which one is meant.
Source: wire.md 0.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.versions._policies import *
    from codex_proto.versions._reading import *
    from codex_proto.versions._wire_version import *
    from codex_proto.versions._writing import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_policies": (
                "EVERY_VERSION MAY Member NO_VERSION Policy SINCE_AUGUST Versions in_versions"
            ),
            "_reading": "DropsRecord PolicyReader",
            "_wire_version": "WireVersion",
            "_writing": "PolicyWriter Target",
        },
    )
# isort: on
# -- end of what is written
