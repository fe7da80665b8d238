"""The recorder: a proxy between clients and the real server that writes down what passes.

Source: docs/server.md.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Final

from codex_proto.connections import RequestReceived
from codex_proto.errors import LocalProtocolError, Secrets
from codex_proto.http import Headers
from codex_proto_io.cassettes._http_relay import HttpRelay
from codex_proto_io.cassettes._relay import UpstreamUrl
from codex_proto_io.cassettes._tape import Tape
from codex_proto_io.cassettes._websocket_relay import WebSocketRelay
from codex_proto_io.server import (
    Channel,
    ClientGone,
    Host,
    Listener,
    ServerLimits,
    api_error,
    dump_exchange,
    dump_header,
)

__all__ = ["Recorder"]

_MIB: Final = 1024 * 1024


class Recorder(Host):
    """Relays to a server and writes a script, which `serve --script` plays again.

    `with` runs it in a thread, `async with` on the caller's loop; `url` is the base URL for
    clients. A line is written when an exchange ends. Secrets are removed before.

    Args:
        upstream: the base URL of the server, such as `https://api.openai.com/v1`.
        out: the file to write, which must not exist yet.
        host: the address to listen on.
        port: the port; 0 for any free one.
        limits: the limits on clients.
        max_exchange_size: the bytes of one exchange that are kept.
        connect_timeout: seconds to connect to the server.
        tls: the TLS context for the server; by default that of the clients, with the system's
            certificates and those of `CODEX_CA_CERTIFICATE` or `SSL_CERT_FILE`.

    Raises:
            LocalProtocolError: `upstream` is not an http or https URL.
            OSError: the file cannot be written, or exists already.
    """

    def __init__(
        self,
        upstream: str,
        out: str | PathLike[str],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: ServerLimits | None = None,
        max_exchange_size: int = 64 * _MIB,
        connect_timeout: float = 15.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._upstream = UpstreamUrl(upstream)
        self._tls = tls
        self._connect_timeout = connect_timeout
        self._max_exchange_size = max_exchange_size
        self._secrets = Secrets()
        self._exchanges = 0
        self._file = _create(Path(out))
        self._file.write(dump_header("error"))
        self._file.flush()
        super().__init__(Listener(self._handle, limits or ServerLimits()), host, port)

    @property
    def exchanges(self) -> int:
        """The number of exchanges that were written."""
        return self._exchanges

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems that neither a client nor the server caused."""
        return tuple(self._listener.problems)

    def close(self) -> None:
        """Close the file of a recorder that was never started."""
        self._file.close()

    def _after_stop(self, error: BaseException | None) -> None:
        del error
        self.close()

    async def _handle(self, channel: Channel, received: RequestReceived) -> None:
        loop = asyncio.get_running_loop()
        tape = Tape(received, loop.time(), self._secrets, self._max_exchange_size)
        try:
            await self._relay(channel, received, tape)
        except asyncio.CancelledError:
            tape.cut("fin", loop.time())
            raise
        except ClientGone:
            tape.wait_for_close(loop.time())
            raise
        finally:
            self._write(tape)

    async def _relay(self, channel: Channel, received: RequestReceived, tape: Tape) -> None:
        relay: HttpRelay | WebSocketRelay
        try:
            request = self._upstream.request(received)
            kind = WebSocketRelay if received.is_upgrade else HttpRelay
            relay = kind(channel, tape, request, received)
        except LocalProtocolError as error:
            self._refuse(channel, tape, error)
            return
        try:
            await relay.open(self._tls, self._connect_timeout)
        except (OSError, TimeoutError, LocalProtocolError) as error:
            self._refuse(channel, tape, error)
        else:
            await relay.run()
        finally:
            await relay.close()

    @staticmethod
    def _refuse(channel: Channel, tape: Tape, error: Exception) -> None:
        why = str(error) or type(error).__name__
        body = api_error(f"The server cannot be reached: {why}.", type="server_error")
        headers = Headers([("content-type", "application/json")])
        channel.respond(502, headers, body)
        tape.respond(502, headers, body, asyncio.get_running_loop().time())

    def _write(self, tape: Tape) -> None:
        if not self._secrets.is_complete:
            # With secrets that are not known, nothing of the exchange may be written.
            self._listener.problems.append("not recorded: more than MAX_SECRETS secrets were sent")
            return
        self._file.write(dump_exchange(tape.exchange()))
        self._file.flush()
        self._exchanges += 1


def _create(path: Path) -> BinaryIO:
    # The file has private conversations: only its owner may read it.
    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    return open(path, "xb", opener=opener)
