"""Where the things are that tests read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["DATA", "DOCS", "ROOT", "SHARED"]

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
DATA: Final = ROOT / "tests" / "data"
# More material, where it lies beside the project; a clone alone passes without it.
SHARED: Final = ROOT.parent / "shared"
