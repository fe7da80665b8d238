"""Knows what a secret is: its names, its shapes, and how to take it out of a text.

Imports nothing of ours, since errors, requests and cassettes all need it.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto._secrets._redaction import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_redaction": "REDACTED redact_headers redact_text redact_url",
        },
    )
# isort: on
# -- end of what is written
