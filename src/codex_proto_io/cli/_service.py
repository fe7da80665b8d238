"""The service that the commands use: the one at a base URL, or else the embedded server."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from codex_proto.errors import LocalProtocolError
from codex_proto.responses import Profile
from codex_proto_io.cli._misuse import Misuse
from codex_proto_io.client import CodexClient
from codex_proto_io.server import EmbeddedServer

__all__ = ["open_client"]

# The embedded server needs no key, but a client must have one.
_NO_KEY = "none"


@contextlib.contextmanager
def open_client(
    base_url: str | None, profile: Profile = "full"
) -> Generator[CodexClient, None, None]:
    """Yield a client for the service, with the key of the environment.

    `profile` is the profile of the client's streams.

    Raises:
        Misuse: there is no key, or the URL is not valid.
    """
    with contextlib.ExitStack() as stack:
        try:
            if base_url is None:
                server = stack.enter_context(EmbeddedServer())
                client = CodexClient(api_key=_NO_KEY, base_url=server.url, profile=profile)
            else:
                client = CodexClient(base_url=base_url, profile=profile)
        except LocalProtocolError as error:
            raise Misuse(str(error)) from None
        yield stack.enter_context(client)
