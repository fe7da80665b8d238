"""What both protocols need to read JSON; `responses` and `realtime` never import each other.

`_values` has the stand-ins for what is wrong or unknown, `_members` reads records member by member,
`_messages` one whole message, `_nesting` measures how deep one goes.
"""

# Also in the face: DECODE_ERRORS, ENCODE_ERRORS of codex_proto._json.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto._wire._members import *
    from codex_proto._wire._messages import *
    from codex_proto._wire._nesting import *
    from codex_proto._wire._values import *
    from codex_proto._json import DECODE_ERRORS as DECODE_ERRORS
    from codex_proto._json import ENCODE_ERRORS as ENCODE_ERRORS
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_members": (
                "IsVital LazyRecord Noted UnknownPart decode_loosely decode_part_loosely "
                "decode_record encode_lossless is_list split_members write_part"
            ),
            "_messages": "as_payload check_payload decode_irregular decode_type encode_event",
            "_nesting": "DEFAULT_MAX_DEPTH is_too_deep",
            "_values": (
                "Lazy MalformedEvent MalformedPart NOTES_KEY NO_NOTES Notes Opt RareRaw "
                "UnknownEvent Value brief decode_part"
            ),
            "codex_proto._json": "DECODE_ERRORS ENCODE_ERRORS",
        },
    )
# isort: on
# -- end of what is written
