"""The operations of the clients, written once: generators that yield effects.

A pump (`codex_proto_io.asyncio`, `codex_proto_io.sync`) runs them.
"""

from codex_proto_io.core.clock import Clock
from codex_proto_io.core.effects import (
    ByteStream,
    Credentials,
    Effect,
    LibraryAnswer,
    Operation,
    RefreshHook,
)
from codex_proto_io.core.responses import ResponseOperation
from codex_proto_io.core.runtime import Runtime
from codex_proto_io.core.socket import ConversationSocket
from codex_proto_io.core.telemetry import Retrying, Telemetry

__all__ = [
    "ByteStream",
    "Clock",
    "ConversationSocket",
    "Credentials",
    "Effect",
    "LibraryAnswer",
    "Operation",
    "RefreshHook",
    "ResponseOperation",
    "Retrying",
    "Runtime",
    "Telemetry",
]
