"""The transcript of a session, and the envelope that carries it to an agent.

`TranscriptAccumulator` keeps it, `delegation_from_handoff` builds the envelope of a handoff, and
`parse_delegation` reads one back. Source: wire.md 8.6 and 8.8.
"""

# Not in the face: _entries.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.realtime.transcript._accumulator import *
    from codex_proto.realtime.transcript._delegation import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_accumulator": (
                "DEFAULT_MAX_HISTORY_SIZE DEFAULT_MAX_TRANSCRIPT_SIZE SeedContent SeedItem "
                "TranscriptAccumulator"
            ),
            "_delegation": (
                "DEFAULT_MAX_FIELD_SIZE Delegation DelegationContent DelegationItem "
                "TAIL_INSTRUCTION TAIL_SOURCE delegation_from_handoff delegation_from_tail "
                "delegation_item is_delegation parse_delegation"
            ),
        },
    )
# isort: on
# -- end of what is written
