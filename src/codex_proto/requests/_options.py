"""What goes with a request beside its body: who asks, in which conversation, for what.

Which version of the protocol sends what of it where is in the tables of `header_policies` and
`client_metadata`.

Source: wire.md 4.5, 4.6 and 4.8.
"""

import enum
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from codex_proto._wire import ENCODE_ERRORS
from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HeadersLike, caller_headers, is_header_value
from codex_proto.requests._checks import is_list, is_mapping

__all__ = [
    "ClientInfo",
    "Compression",
    "ResponsesOptions",
    "SessionSource",
    "TraceContext",
    "ascii_json",
]


class Compression(enum.Enum):
    """How the body of a request is compressed."""

    NONE = "none"
    ZSTD = "zstd"
    """Level 3; the ChatGPT backend takes it, the public API need not."""


class SessionSource(Struct, frozen=True, kw_only=True):
    """Which part of an agent asks, where that is not the main conversation.

    `subagent` is what the server gets; `parent_thread_id` is whose agent it is, for one that a
    thread has spawned.
    """

    subagent: str | None = None
    parent_thread_id: str | None = None

    def __post_init__(self) -> None:
        _check_header_texts(self, ("subagent", "parent_thread_id"))

    @classmethod
    def review(cls) -> "SessionSource":
        """A review."""
        return cls(subagent="review")

    @classmethod
    def compact(cls) -> "SessionSource":
        """A compaction."""
        return cls(subagent="compact")

    @classmethod
    def memory_consolidation(cls) -> "SessionSource":
        """The work on memories."""
        return cls(subagent=MEMORY_CONSOLIDATION)

    @classmethod
    def thread_spawn(cls, parent_thread_id: str | None = None) -> "SessionSource":
        """An agent that a thread has spawned."""
        return cls(subagent="collab_spawn", parent_thread_id=parent_thread_id)

    @classmethod
    def other(cls, label: str) -> "SessionSource":
        """Anything else, by a label of its own."""
        return cls(subagent=label)


MEMORY_CONSOLIDATION: Final = "memory_consolidation"


class TraceContext(Struct, frozen=True, kw_only=True):
    """The W3C trace context of the current span: the values of the headers of that name."""

    traceparent: str
    tracestate: str | None = None

    def __post_init__(self) -> None:
        _check_header_texts(self, ("traceparent", "tracestate"))


class ClientInfo(Struct, frozen=True, kw_only=True):
    """What the client says of itself with every request, where nothing else has said it.

    `originator` is the program's name, `residency` is `us` where the account needs it.
    """

    originator: str | None = None
    user_agent: str | None = None
    residency: str | None = None

    def __post_init__(self) -> None:
        _check_header_texts(self, ("originator", "user_agent", "residency"))

    @classmethod
    def codex(
        cls,
        originator: str,
        version: str,
        *,
        os: str,
        os_version: str,
        arch: str,
        terminal: str = "unknown",
        suffix: str | None = None,
        residency: str | None = None,
    ) -> "ClientInfo":
        """The client with a `user_agent` of Codex's form; characters no header has become `_`."""
        more = f" ({suffix})" if suffix else ""
        agent = f"{originator}/{version} ({os} {os_version}; {arch}) {terminal}{more}"
        return cls(
            originator=originator,
            user_agent=_UNREADABLE.sub("_", agent),
            residency=residency,
        )


_UNREADABLE: Final = re.compile(r"[^ -~]")


class ResponsesOptions(Struct, frozen=True, kw_only=True):
    """What goes with a request for a response beside its body. All of it is optional.

    Args:
        conversation_id: names the conversation; also taken for the two that follow.
        session_id: names the session, all threads of it (August 2026).
        thread_id: names the thread (August 2026).
        session_source: which part of an agent asks.
        extra_headers: more header fields; those that follow from other options come over them.
        compression: of the body, over HTTP.
        turn_state: what the server sent as such in this turn, and wants back.
        trace_context: of the current span.
        window_id: names what the model can see: the conversation, a colon, and how often it was
            compacted.
        installation_id: names the installation of the client.
        turn_id, parent_turn_id, root_turn_id: name the turn, and those it came of.
        turn_metadata: JSON about the turn, as text or as a mapping.
        beta_features: names of features that the client has on.
        routing_hint: such as `model=gpt-5;tier=priority`.
        attestation: what an attestation provider supplied.
        inference_call_id: names this one call, for tracing.
        include_timing_metrics: ask for timing events on a WebSocket.
        responses_lite: the request is in that form (see `responses_lite`).

    Raises:
        LocalProtocolError: a value cannot be sent; the message begins with the option's name.
    """

    conversation_id: str | None = None
    session_id: str | None = None
    thread_id: str | None = None
    session_source: SessionSource | None = None
    extra_headers: HeadersLike = ()
    compression: Compression = Compression.NONE
    turn_state: str | None = None
    trace_context: TraceContext | None = None
    window_id: str | None = None
    installation_id: str | None = None
    turn_id: str | None = None
    parent_turn_id: str | None = None
    root_turn_id: str | None = None
    turn_metadata: str | Mapping[str, Any] | None = None
    beta_features: Sequence[str] = ()
    routing_hint: str | None = None
    attestation: str | None = None
    inference_call_id: str | None = None
    include_timing_metrics: bool = False
    responses_lite: bool = False

    def __post_init__(self) -> None:
        if is_mapping(self.turn_metadata):
            force_setattr(self, "turn_metadata", ascii_json(self.turn_metadata))
        force_setattr(self, "beta_features", _features(self.beta_features))
        force_setattr(self, "extra_headers", caller_headers("extra_headers", self.extra_headers))
        _check_header_texts(self, _TEXTS)
        for name, cls in _CLASSES.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, cls):
                raise LocalProtocolError(
                    f"{name}: must be {cls.__name__}, not {type(value).__name__}"
                )

    def __repr__(self) -> str:
        given = {
            field.name: getattr(self, field.name)
            for field in msgspec.structs.fields(type(self))
            if getattr(self, field.name) != field.default
        }
        shown = (
            f"{name}={'[secret]' if name in _SECRETS else repr(value)}"
            for name, value in given.items()
            if name != "extra_headers" or len(self.extra)
        )
        return f"ResponsesOptions({', '.join(shown)})"

    @property
    def extra(self) -> Headers:
        """The extra headers, as the value that they have become."""
        return Headers.of(self.extra_headers)

    @property
    def session(self) -> str | None:
        """The session's id, by whichever name it was given."""
        return self.session_id or self.conversation_id or self.thread_id

    @property
    def thread(self) -> str | None:
        """The thread's id, by whichever name it was given."""
        return self.thread_id or self.conversation_id or self.session_id


_TEXTS: Final = (
    "conversation_id",
    "session_id",
    "thread_id",
    "turn_state",
    "window_id",
    "installation_id",
    "turn_id",
    "parent_turn_id",
    "root_turn_id",
    "turn_metadata",
    "routing_hint",
    "attestation",
    "inference_call_id",
)
# What proves something, and what the server alone can read.
_SECRETS: Final = frozenset({"attestation", "turn_state"})
_CLASSES: Final[dict[str, type[Any]]] = {
    "session_source": SessionSource,
    "compression": Compression,
    "trace_context": TraceContext,
    "include_timing_metrics": bool,
    "responses_lite": bool,
}


def ascii_json(value: Any) -> str:
    """Return JSON that any header can hold: compact, and ASCII throughout.

    Raises:
        LocalProtocolError: JSON cannot hold the value.
    """
    try:
        text = msgspec.json.encode(value).decode()
    except ENCODE_ERRORS as error:
        raise LocalProtocolError(f"turn_metadata: cannot be written as JSON: {error}") from error
    return _BEYOND_ASCII.sub(_escaped, text)


_BEYOND_ASCII: Final = re.compile(r"[^ -~]")


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _features(names: object) -> tuple[str, ...]:
    if not is_list(names):
        raise LocalProtocolError("beta_features: must be a list of names")
    for name in names:
        if not isinstance(name, str) or not is_header_value(name) or "," in name:
            raise LocalProtocolError("beta_features: must be names without commas")
    return tuple(names)


def _check_header_texts(record: Struct, names: Sequence[str]) -> None:
    for name in names:
        value = getattr(record, name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise LocalProtocolError(f"{name}: must be text, not {type(value).__name__}")
        if not is_header_value(value):
            raise LocalProtocolError(f"{name}: has a character that no header can hold")
