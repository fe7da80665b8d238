"""One HTTP request and its answer, as events: a response that streams, or a whole body.

Source: wire.md 1 and 6.
"""

# -- written by tools/faces.py
# isort: off
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_proto.connections.exchanges._exchange import *
    from codex_proto.connections.exchanges._foreign_http import *
    from codex_proto.connections.exchanges._responses import *
    from codex_proto.connections.exchanges._unary import *
else:
    from codex_proto._lazy import lazy

    __getattr__, __dir__, __all__ = lazy(
        __name__,
        {
            "_exchange": "EXCHANGE_STATES ExchangeState HttpExchange",
            "_foreign_http": "ForeignHttpConnection",
            "_responses": "IdleOn ResponsesExchange",
            "_unary": "Reply RequestFailed UnaryEvent UnaryExchange",
        },
    )
# isort: on
# -- end of what is written
