"""A server in this process, for tests and demonstrations.

Source: docs/architecture.md, "Drivers"; docs/server.md.
"""

from __future__ import annotations

import ssl
import threading
from collections import deque
from os import PathLike
from pathlib import Path
from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto_io.server._builtin import Builtin
from codex_proto_io.server._host import Host
from codex_proto_io.server._limits import ServerLimits
from codex_proto_io.server._listener import Listener
from codex_proto_io.server._received import ReceivedRequest
from codex_proto_io.server._recordings import RealtimeRecording, ResponsesRecording, bundled
from codex_proto_io.server._responder import Responder
from codex_proto_io.server._script import Script, ScriptError, ScriptLike, ScriptRun

__all__ = ["EmbeddedServer"]


class EmbeddedServer(Host):
    """Serves the endpoints of Codex on loopback, with built-in answers or a script.

    `with EmbeddedServer() as server` runs it in a thread of its own, for any kind of client;
    `async with` runs it on the loop of the caller. `server.url` is the base URL for clients, and
    `server.requests` has the requests that they sent.

    Args:
        script: a `Script`, the path of one, or exchanges (docs/server.md).
        responses: the recording that is streamed for a response, a `text/event-stream` as bytes
            or the path of a file.
        realtime: the recording of a realtime session, one server event a line (JSON), as bytes or
            the path of a file.
        host: the address to listen on. The default is reachable from this machine only.
        port: the port; 0 for any free one.
        speed: the factor by which the script is played faster; `math.inf` for no waits.
        limits: the limits on clients.
        tls: the TLS context, to serve https.

    Raises:
        ScriptError: the script is not valid; on leaving the context, it could not be played.
        OSError: a recording cannot be read; on entering the context, the port cannot be listened
            on.
        LocalProtocolError: `speed` is not a number above 0.
    """

    def __init__(
        self,
        script: ScriptLike = None,
        *,
        responses: bytes | str | PathLike[str] | None = None,
        realtime: bytes | str | PathLike[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        limits: ServerLimits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if not speed > 0:
            raise LocalProtocolError(f"speed: must be a number above 0, not {speed!r}")
        self._limits: Final = ServerLimits() if limits is None else limits
        stream = bundled("text_answer.sse") if responses is None else _content(responses)
        session = None if realtime is None else RealtimeRecording(_content(realtime))
        self._run = ScriptRun(Script.of(script))
        self._kept: deque[ReceivedRequest] = deque(maxlen=self._limits.max_requests_kept)
        self._lock = threading.Lock()
        self._count = 0
        responder = Responder(
            Builtin(ResponsesRecording(stream), session),
            self._run,
            speed,
            max_messages_kept=self._limits.max_messages_kept,
            on_request=self._keep,
        )
        super().__init__(Listener(responder.handle, self._limits, tls), host, port)

    def _keep(self, request: ReceivedRequest) -> None:
        with self._lock:
            self._kept.append(request)
            self._count += 1

    # -- state ----------------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """The requests so far, in the order in which they came.

        The last `max_requests_kept` are kept; `request_count` counts all of them.
        """
        with self._lock:
            return tuple(self._kept)

    @property
    def request_count(self) -> int:
        """The number of requests so far."""
        return self._count

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems in playing the script; leaving the context raises the first one."""
        return tuple(self._listener.problems)

    @property
    def script(self) -> ScriptRun:
        """The state of the script; `add` appends exchanges to it."""
        return self._run

    def add(self, script: ScriptLike) -> None:
        """Append exchanges to the script; may be called from any thread.

        Raises:
            ScriptError: `script` is not valid.
        """
        self._run.add(Script.of(script))

    def _after_stop(self, error: BaseException | None) -> None:
        if self.problems and error is None:
            raise ScriptError(f"the script could not be played: {self.problems[0]}")


def _content(given: bytes | str | PathLike[str]) -> bytes:
    return given if isinstance(given, bytes) else Path(given).read_bytes()
