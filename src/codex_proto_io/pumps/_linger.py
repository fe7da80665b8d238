"""How long a connection may take for its last bytes: the same for both pumps."""

from typing import Final

__all__ = ["LINGER"]

# Seconds. The last bytes are a goodbye that the peer can do without; several round trips are
# enough for them, and whoever closes waits for no longer.
LINGER: Final = 1.0
