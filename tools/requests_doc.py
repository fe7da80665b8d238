"""Makes docs/requests.md from the tables of the code; `python tools/requests_doc.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from codex_proto.requests import (
    METADATA_POLICIES,
    REACTIONS,
    Body,
    CompactionInput,
    MemorySummarizeInput,
    RawMemory,
    ReasoningControls,
    ResponseCreateWsRequest,
    ResponsesApiRequest,
    RetryPolicy,
    StreamOptions,
    TextControls,
    TextFormat,
)
from codex_proto.requests._body import wire_names
from codex_proto.requests._header_policies import HEADER_POLICIES, Endpoint
from codex_proto.requests._policies import POLICIES
from codex_proto.versions import Member, WireVersion

__all__ = ["DOC", "render"]

DOC: Final = Path(__file__).resolve().parent.parent / "docs" / "requests.md"

_NAMES: Final = {WireVersion.V2026_05: "May", WireVersion.V2026_08: "August"}

_HEAD: Final = """\
# Requests

What is sent, by version of the protocol, and what is sent again. This file is made from the tables
of the code (`codex_proto.requests.policies`, `header_policies`, `client_metadata`, and
`codex_proto.retry`); a test compares them.

`WireVersion.V2026_05` is called May here, `WireVersion.V2026_08` (the default) August.
"""

_BODIES: Final[list[tuple[str, type[Body]]]] = [
    ("`POST /responses`", ResponsesApiRequest),
    ("a message of a WebSocket", ResponseCreateWsRequest),
    ("`POST /responses/compact`", CompactionInput),
    ("`POST /memories/trace_summarize`", MemorySummarizeInput),
    ("a memory", RawMemory),
    ("`reasoning`", ReasoningControls),
    ("`text`", TextControls),
    ("`text.format`", TextFormat),
    ("`stream_options`", StreamOptions),
]


def render() -> str:
    """Return the whole document."""
    sections = [_HEAD, *_bodies(), _headers(), _metadata(), _retry()]
    return "\n".join(sections)


def _bodies() -> Iterable[str]:
    yield (
        "## Bodies\n\nKeys in the order they are sent in; `extra_body` follows. The last column is "
        "for a member that is\n`UNSET` or null, by default or because it was given so.\n"
    )
    for title, cls in _BODIES:
        names = wire_names(cls)
        rows = [
            (
                f"`{names[member.name]}`",
                _versions(member.written),
                _default(cls, member.name),
                _absent(member),
            )
            for member in POLICIES[cls].members
        ]
        yield f"### {title}: `{cls.__name__}`\n"
        yield _table(("key", "sent in", "default", "without a value"), rows)


def _default(cls: type[Body], name: str) -> str:
    (field,) = (field for field in msgspec.structs.fields(cls) if field.name == name)
    if field.default is msgspec.NODEFAULT:
        return "needed"
    if field.default is msgspec.UNSET:
        return ""
    return f"`{msgspec.json.encode(field.default).decode()}`"


def _absent(member: Member) -> str:
    told = {
        _NAMES[version]: "left out"
        if version not in member.when_absent
        else f"`{encoded}`"
        if (encoded := msgspec.json.encode(member.when_absent[version]).decode()) != "null"
        else encoded
        for version in WireVersion
    }
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{name}: {value}" for name, value in told.items())


def _headers() -> str:
    rows = [
        (
            f"`{policy.name}`",
            ", ".join(e.value for e in Endpoint if e in policy.endpoints),
            _versions(policy.versions),
        )
        for policy in HEADER_POLICIES
    ]
    return (
        "## Headers\n\nThose that options become. From weak to strong: the client's defaults, the "
        "provider's fields,\n`extra_headers`, those of the options, those the endpoint needs, the "
        "trace context, authorisation.\n\n" + _table(("field", "endpoints", "versions"), rows)
    )


def _metadata() -> str:
    rows = [
        (
            f"`{policy.key}`",
            *(
                "yes" if (version, transport) in policy.sent else ""
                for version in WireVersion
                for transport in ("http", "websocket")
            ),
        )
        for policy in METADATA_POLICIES
    ]
    heads = tuple(f"{_NAMES[v]}, {t}" for v in WireVersion for t in ("HTTP", "WebSocket"))
    return (
        "## `client_metadata`\n\nWhat the request says of itself there takes the place of what "
        "options say.\n\n" + _table(("key", *heads), rows)
    )


def _retry() -> str:
    on, off = RetryPolicy(), RetryPolicy(retry_5xx=False, retry_transport=False)
    asked = RetryPolicy(retry_429=True)
    rows = [
        (
            row.name,
            "yes"
            if row.request(on) and not row.request(off)
            else "if asked for"
            if row.request(asked)
            else "no",
            row.stream.replace("_", " "),
            row.seen,
        )
        for row in REACTIONS
    ]
    return (
        "## What is sent again\n\nThe first row that fits counts. A refused HTTP request is "
        f"repeated up to {on.request_max_retries} times before its\nresponse begins; a stream is "
        f"restarted up to {on.stream_max_retries} times, and each time the first budget is\nwhole "
        "again. Over a WebSocket there is only the second budget, and HTTP takes over when it is "
        "used\nup. *By nature* is a retry if the error is `retryable` (see errors.md). Nothing is "
        "repeated once output\nhas begun, unless the policy says so.\n\n"
        + _table(("when", "request again", "then", "what clients were seen to do"), rows)
    )


def _versions(versions: Iterable[WireVersion]) -> str:
    return ", ".join(_NAMES[version] for version in WireVersion if version in set(versions))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return (
        "".join(f"| {' | '.join(line)} |\n" for line in lines)
        .replace("| --- ", "|---")
        .replace("|--- |", "|---|")
    )


if __name__ == "__main__":
    DOC.write_text(render(), encoding="utf-8")
