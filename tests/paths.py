"""Where the things are that tests read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["DATA", "DOCS", "ROOT", "SHARED"]

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
DATA: Final = ROOT / "tests" / "data"
# More material, where it lies beside the project; a clone alone passes without it. Whoever reads it
# takes what has the shape they need, and passes over the rest.
SHARED: Final = Path(os.environ.get("CODEX_PROTO_SHARED") or ROOT.parent / "shared")
