"""Run a listener on the caller's loop or in a thread of its own.

Source: docs/architecture.md, "Drivers".
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from codex_proto.errors import LocalProtocolError
from codex_proto_io.server._listener import Listener
from codex_proto_io.server._threads import LoopThread

__all__ = ["Host"]


class Host:
    """A listener as a context manager: `async with`, or `with` for a thread of its own.

    Args:
        listener: the listener.
        host: the address to listen on.
        port: the port; 0 for any free one.
    """

    def __init__(self, listener: Listener, host: str, port: int) -> None:
        self._listener = listener
        self._host, self._port = host, port
        self._thread: LoopThread | None = None

    def _after_stop(self, error: BaseException | None) -> None:
        """Called after it has stopped; `error` is the exception of the caller's block, if any."""
        del error

    @property
    def url(self) -> str:
        """The base URL for clients, such as `http://127.0.0.1:51234/v1`.

        Raises:
            LocalProtocolError: the server has not been started.
        """
        return f"{self.origin}/v1"

    @property
    def origin(self) -> str:
        """The URL without a path.

        Raises:
            LocalProtocolError: the server has not been started.
        """
        if not self._listener.port:
            raise LocalProtocolError("url: the server has not been started")
        return self._listener.url

    @property
    def port(self) -> int:
        """The port that it listens on, or 0 before it was started."""
        return self._listener.port

    @property
    def connections(self) -> int:
        """The number of clients that are connected now."""
        return self._listener.connections

    # -- on the caller's loop -------------------------------------------------------------------

    async def start(self) -> None:
        """Start to serve on the running loop.

        Raises:
            OSError: the port cannot be listened on.
            LocalProtocolError: it was started before.
        """
        if self._listener.port:
            raise LocalProtocolError("start: the server was started before")
        await self._listener.start(self._host, self._port)

    async def stop(self) -> None:
        """Stop listening and end all connections. May be called twice."""
        await self._listener.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
        self._after_stop(error)

    # -- in a thread ----------------------------------------------------------------------------

    def __enter__(self) -> Self:
        thread = LoopThread("codex-proto server")
        try:
            thread.run(self.start())
        except BaseException:
            thread.close()
            raise
        self._thread = thread
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            try:
                thread.run(self.stop())
            finally:
                thread.close()
        self._after_stop(error)
