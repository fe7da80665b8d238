"""Everything that can go wrong, as values first and exceptions second.

A failure of the peer is a value: it travels inside an event (`StreamFailed.error`), compares equal
to another of the same content, can be hashed, pickled, and raised if the caller likes. Only the
caller's own mistakes are raised here, and always as `LocalProtocolError`.

docs/errors.md has the table of them all. Source: docs/architecture.md, "Errors"; wire.md 6.
"""

# Not in the face: _rate_limits.

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.errors._api import *
    from codex_proto.errors._base import *
    from codex_proto.errors._connection import *
    from codex_proto.errors._http import *
    from codex_proto.errors._response import *
    from codex_proto.errors._transport import *
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
            "_response": (
                "ConnectionLimitReached ContextWindowExceeded CyberPolicy FlexUnavailable "
                "InvalidImage InvalidRequest MisalignmentPolicyViolation PreviousResponseNotFound "
                "QuotaExceeded RateLimitExceeded ResponseFailedError ResponseIncompleteError "
                "ServerOverloaded UsageNotIncluded"
            ),
            "_transport": (
                "ConnectionClosed ConnectionFailed IdleTimeout InvalidUtf8 StreamClosedEarly "
                "TimedOut UnexpectedBinary"
            ),
        },
    )
# isort: on
# -- end of what is written
