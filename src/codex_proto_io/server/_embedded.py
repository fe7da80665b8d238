"""A server for tests, demonstrations and recordings, in this process.

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
    """Serves the endpoints of Codex on loopback: built-in answers, or what a script says.

    `with EmbeddedServer() as server` runs it in a thread of its own, for any kind of client;
    `async with` runs it on the loop of the caller. Then `server.url` is what clients call the
    base URL, and `server.requests` is what they asked for.

    Args:
        script: a `Script`, the path of one, or exchanges (docs/server.md).
        responses: the recording that is streamed for a response: bytes of a `text/event-stream`,
            or the path of such a file.
        realtime: the recording of a realtime session: JSON lines, one server event each, as bytes
            or as a path.
        host: the address to listen on. Only this machine reaches the default.
        port: 0 for any free one.
        speed: by what to divide the times of the script; `math.inf` for no waits.
        limits: how much to take.
        tls: for https.

    Raises:
        ScriptError: the script is none; when its context is left, what it asked for could not be
            done.
        OSError: a recording cannot be read; when its context is entered, the port cannot be
            listened on.
        LocalProtocolError: `speed` is no number above 0.
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

    # -- what is known --------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """What clients asked for so far, in the order of their coming.

        The last `max_requests_kept` of them; `request_count` is the number of all.
        """
        with self._lock:
            return tuple(self._kept)

    @property
    def request_count(self) -> int:
        """How many requests have come."""
        return self._count

    @property
    def problems(self) -> tuple[str, ...]:
        """What the script asked for and could not be done; leaving the context raises the first."""
        return tuple(self._listener.problems)

    @property
    def script(self) -> ScriptRun:
        """What is still to come of the script; `add` puts more behind it."""
        return self._run

    def add(self, script: ScriptLike) -> None:
        """Put more exchanges behind those that are left; may be called from any thread.

        Raises:
            ScriptError: it is no script.
        """
        self._run.add(Script.of(script))

    def _after_stop(self, error: BaseException | None) -> None:
        if self.problems and error is None:
            raise ScriptError(f"the script could not be played: {self.problems[0]}")


def _content(given: bytes | str | PathLike[str]) -> bytes:
    return given if isinstance(given, bytes) else Path(given).read_bytes()
