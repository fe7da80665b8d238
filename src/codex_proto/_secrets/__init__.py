"""What a secret is: by name, by shape, and because somebody sent it.

Errors and recordings ask here, so that both keep the same things to themselves. To cover one more
name or shape is to add one row to a table of `_names` or `_shapes`.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto._secrets._known import *
    from codex_proto._secrets._names import *
    from codex_proto._secrets._redaction import *
    from codex_proto._secrets._seen import *
    from codex_proto._secrets._shapes import *
    from codex_proto._secrets._spans import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_known": "KnownSecrets MIN_LENGTH",
            "_names": (
                "LINE_NAMES MEMBER_ENDINGS MEMBER_LAST_WORDS MEMBER_NAMES VALUE_ENDINGS "
                "VALUE_LAST_WORDS is_account_header is_harmless_parameter is_secret_header "
                "is_secret_subprotocol is_url_header"
            ),
            "_redaction": "redact_headers redact_text redact_url redact_values",
            "_seen": "MAX_SECRETS Secrets",
            "_shapes": "REDACTED find_credentials find_for_recording find_members",
            "_spans": "Span cover merge replace",
        },
    )
# isort: on
# -- end of what is written
