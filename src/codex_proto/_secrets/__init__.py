"""What a secret is: by name, by shape, and because somebody sent it.

Errors and recordings ask here, so that both keep the same things to themselves. To cover one more
name or shape is to add one row to a table of `_names` or `_shapes`.

Source: DESIGN section 8.
"""

from codex_proto._secrets._known import MIN_LENGTH, KnownSecrets
from codex_proto._secrets._names import (
    is_account_header,
    is_harmless_parameter,
    is_secret_header,
    is_secret_subprotocol,
)
from codex_proto._secrets._redaction import redact_headers, redact_text, redact_url
from codex_proto._secrets._shapes import REDACTED, find_for_recording, find_members
from codex_proto._secrets._spans import Span, cover

__all__ = [
    "MIN_LENGTH",
    "REDACTED",
    "KnownSecrets",
    "Span",
    "cover",
    "find_for_recording",
    "find_members",
    "is_account_header",
    "is_harmless_parameter",
    "is_secret_header",
    "is_secret_subprotocol",
    "redact_headers",
    "redact_text",
    "redact_url",
]
