"""Everything that can go wrong, as values first and exceptions second.

A failure of the peer is a value: it travels inside an event (`StreamFailed.error`), compares equal
to another of the same content, can be hashed, pickled, and raised if the caller likes. Only the
caller's own mistakes are raised here, and always as `LocalProtocolError`.

What errors keep to themselves is here for others: `redact_text` redacts one text, `Secrets` covers
the secrets of recorded traffic. `DECODE_ERRORS` is what decoding JSON raises.

docs/errors.md has the table of them all. Source: docs/architecture.md, "Errors"; wire.md 6.
"""

# Not in the face: _rate_limits.
# Also in the face: MAX_SECRETS, Secrets, redact_text of codex_proto._secrets.
# Also in the face: DECODE_ERRORS of codex_proto._json.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.errors._api import *
    from codex_proto.errors._base import *
    from codex_proto.errors._connection import *
    from codex_proto.errors._http import *
    from codex_proto.errors._policies import *
    from codex_proto.errors._response import *
    from codex_proto.errors._transport import *
    from codex_proto._secrets import MAX_SECRETS as MAX_SECRETS
    from codex_proto._secrets import Secrets as Secrets
    from codex_proto._secrets import redact_text as redact_text
    from codex_proto._json import DECODE_ERRORS as DECODE_ERRORS
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_api": "ApiError",
            "_base": "CodexError EventTooLarge LimitExceeded LocalProtocolError",
            "_connection": (
                "BodyTooLarge ContentDecodingFailed DecompressionBomb HeadersTooLarge "
                "KeepaliveTimeout MessageTooLarge RemoteProtocolError "
                "TooManyInformationalResponses"
            ),
            "_http": (
                "HttpStatusError InternalServerError MalformedReply RetryLimit UsageLimitReached "
                "status_text"
            ),
            "_policies": (
                "AccessProgramNotEnabled BioPolicy ContentPolicyViolation CyberPolicy "
                "InferenceHookDenied InvalidPrompt MisalignmentPolicyViolation "
                "PolicyCapacityUnavailable UnsupportedAccessProgram"
            ),
            "_response": (
                "BudgetReached ConnectionLimitReached ContextWindowExceeded FlexUnavailable "
                "InvalidAudio InvalidImage InvalidRequest ModelNotFound PreviousResponseNotFound "
                "QuotaExceeded RateLimitExceeded ResponseCancelled ResponseFailedError "
                "ResponseIncompleteError ServerOverloaded UsageNotIncluded"
            ),
            "_transport": (
                "ConnectionClosed ConnectionFailed IdleTimeout InvalidUtf8 StreamClosedEarly "
                "TimedOut UnexpectedBinary"
            ),
            "codex_proto._secrets": "MAX_SECRETS Secrets redact_text",
            "codex_proto._json": "DECODE_ERRORS",
        },
    )
# isort: on
# -- end of what is written
