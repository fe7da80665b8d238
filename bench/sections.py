"""The measurements: each section yields rows of the table, and can be selected by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench import clients, floors, imports, loopback, memory, ours, peers, realtime, workloads
from bench.table import Row
from bench.targets import (
    AUDIO_BYTES,
    AUDIO_TEXT,
    CODEX_TEXT,
    HUGE,
    IMPORT_DECODER,
    IMPORT_PACKAGE,
    MEMORY_GROWTH,
    OPENAI,
    OPENAI_CLIENT,
    PEAK_MEMORY,
    TEXT_16_KIB,
    TEXT_200_BYTES,
    TEXT_ONE_EVENT,
    UNKNOWN,
    VARIANT,
    Target,
)
from bench.timing import Ratio, Side, in_turn
from bench.workloads import HugeKind, Stream


@dataclass(frozen=True)
class Options:
    """The sizes and numbers of rounds of a run."""

    rounds: int = 9
    events: int = 20_000
    openai_events: int = 5_000
    huge: tuple[int, ...] = (1, 4, 16, 64)
    peak: int = 64
    growth: int = 256
    imports: int = 15


QUICK = Options(
    rounds=7, events=4_000, openai_events=1_000, huge=(1, 4), peak=16, growth=64, imports=7
)

Make = Callable[[int], Stream]
Section = Callable[[Options], Iterator[Row]]

KIB_16 = ("16 KiB reads", 16_384)
ONE_EVENT = ("1 event a read", None)
BYTES_200 = ("200 byte reads", 200)
Cut = tuple[str, int | None]

HUGE_KINDS: dict[HugeKind, str] = {"text": "", "response": ", raw member"}


def text(options: Options) -> Iterator[Row]:
    stream = workloads.text(options.events)
    targets = ((KIB_16, TEXT_16_KIB), (ONE_EVENT, TEXT_ONE_EVENT), (BYTES_200, TEXT_200_BYTES))
    for cut, target in targets:
        yield _stream_row("text", stream, cut, target, options, framing_peer=True)


def _variant(name: str, make: Make, target: Target | None = VARIANT) -> Section:
    def section(options: Options) -> Iterator[Row]:
        stream = make(options.events)
        for cut in (KIB_16, ONE_EVENT):
            yield _stream_row(name, stream, cut, target, options)

    return section


def unknown(options: Options) -> Iterator[Row]:
    stream = workloads.unknown(options.events)
    for cut in (KIB_16, ONE_EVENT):
        yield _stream_row(
            "unknown types",
            stream,
            cut,
            UNKNOWN,
            options,
            decode=floors.decode_head,
            unknown=options.events - 1,
        )


def audio(options: Options) -> Iterator[Row]:
    """Measure a realtime session; the floor always gets bytes, even if our side gets text."""
    payloads = realtime.session(options.events)
    texts = [payload.decode() for payload in payloads]
    realtime.check(payloads)
    realtime.check(texts)
    floor: Side = lambda: floors.decode_all(payloads, realtime.decode_message)  # noqa: E731
    rows: tuple[tuple[str, Side, Target | None], ...] = (
        ("audio, bytes in", lambda: realtime.decode(payloads, "full"), AUDIO_BYTES),
        ("audio, text in", lambda: realtime.decode(texts, "full"), AUDIO_TEXT),
        ("audio, bytes in, profile codex", lambda: realtime.decode(payloads, "codex"), None),
    )
    for name, side, target in rows:
        yield _row(name, {"floor": floor, "ours": side}, len(payloads), target, options)


def huge(options: Options) -> Iterator[Row]:
    """Measure events with a long text, and one of the same length in a raw `response`."""
    for mebibytes in options.huge:
        yield _huge_row(mebibytes, "text", options)
    yield _huge_row(options.huge[len(options.huge) // 2], "response", options)


def memory_rows(options: Options) -> Iterator[Row]:
    size = options.peak
    for kind in HUGE_KINDS:
        measured = memory.peak(size, kind)
        yield Row(
            f"peak memory, one {size} MiB event{HUGE_KINDS[kind]}",
            "MiB",
            size,
            measured,
            _single(measured / size),
            "x",
            PEAK_MEMORY,
        )
    measured = memory.growth(options.growth)
    yield Row(
        f"memory growth, {options.growth} MiB stream",
        "MiB",
        None,
        measured,
        _single(measured),
        " MiB",
        MEMORY_GROWTH,
    )


def import_time(options: Options) -> Iterator[Row]:
    targets = (IMPORT_PACKAGE, IMPORT_DECODER)
    for statement, target in zip(imports.STATEMENTS, targets, strict=True):
        times = imports.measure(statement, options.imports)
        yield Row(
            f"{statement}, beyond import msgspec",
            "ms",
            times.msgspec,
            times.beyond,
            Ratio(times.beyond, times.lowest, times.highest),
            " ms",
            target,
        )


def openai(options: Options) -> Iterator[Row]:
    """Measure the same stream with openai-python; the ratio is theirs to ours."""
    stream = workloads.text(options.openai_events)
    for cut in (KIB_16, ONE_EVENT):
        name, size = cut
        reads = stream.reads(size)
        sides = _sides(stream, reads, floors.decode_event)
        if peers.OPENAI in peers.installed():
            sides[peers.OPENAI] = _peer(peers.openai_stream, reads, len(stream.payloads))
        ours.check(reads, len(stream.payloads))
        workload = f"faster than {peers.OPENAI}, {name}"
        yield _row(workload, sides, len(stream.payloads), OPENAI, options, over=peers.OPENAI)


def codex(options: Options) -> Iterator[Row]:
    """Measure the text and tools streams in profile `codex`."""
    for name, make in (("text", workloads.text), ("tools", workloads.tools)):
        stream = make(options.events)
        for label, size in (KIB_16, ONE_EVENT):
            target = CODEX_TEXT if (name, label) == ("text", KIB_16[0]) else VARIANT
            reads = stream.reads(size)
            ours.check_codex(reads)
            sides = _sides(stream, reads, floors.decode_event)
            sides["ours"] = partial(ours.decode, reads, "codex")
            yield _row(
                f"{name}, codex profile, {label}", sides, len(stream.payloads), target, options
            )


def connections(options: Options) -> Iterator[Row]:
    """Measure the full stack over loopback, from the bytes of a socket to typed events."""
    payloads = workloads.text(options.openai_events).payloads
    events = len(payloads)
    with loopback.serving(payloads) as port:
        sides: dict[str, Side] = {
            "floor": loopback.h11_alone(port),
            "ours": loopback.ours_over_http(port),
        }
        if peers.OPENAI in peers.installed():
            sides[peers.OPENAI] = clients.theirs(port, "sync")
        yield _row("HTTP chunked, loopback", _checked(sides, events), events, None, options)
    with loopback.serving(payloads) as port:
        sides = {
            "floor": loopback.wsproto_alone(port, events),
            "ours": loopback.ours_over_websocket(port),
        }
        yield _row("WebSocket, loopback", _checked(sides, events), events, None, options)


def whole_clients(options: Options) -> Iterator[Row]:
    """Measure four kinds of our clients and openai-python; the ratio is theirs to ours."""
    payloads = workloads.text(options.openai_events).payloads
    events = len(payloads)
    for label, chunk in (("1 event a chunk", None), ("16 KiB a chunk", 16_384)):
        for kind in clients.OURS:
            with loopback.serving(payloads, chunk) as port:
                sides: dict[str, Side] = {"ours": clients.ours(port, kind)}
                if peers.OPENAI in peers.installed():
                    sides[peers.OPENAI] = clients.theirs(port, kind)
                sides = {**_checked(sides, events), "floor": loopback.h11_alone(port)}
                workload = f"client, {kind}, {label}"
                yield _row(workload, sides, events, OPENAI_CLIENT, options, over=peers.OPENAI)


def _checked(sides: dict[str, Side], events: int) -> dict[str, Side]:
    for name, side in sides.items():
        seen = side()
        if seen != events:
            raise ours.CheckFailedError(f"{name} saw {seen} events, not {events}")
    return sides


SECTIONS: dict[str, Section] = {
    "text": text,
    "codex": codex,
    "tools": _variant("tools", workloads.tools),
    "interleaved": _variant("interleaved items", workloads.interleaved),
    "sorted": _variant("text, sorted keys", workloads.text_sorted),
    "crlf": _variant("text, CRLF", workloads.text_crlf),
    "no-event-lines": _variant("text, no event: lines", workloads.text_without_event_lines),
    "non-ascii": _variant("text, Chinese and emoji", workloads.text_non_ascii, None),
    "unknown": unknown,
    "audio": audio,
    "huge": huge,
    "memory": memory_rows,
    "import": import_time,
    "openai": openai,
    "connections": connections,
    "clients": whole_clients,
}


# --- rows ------------------------------------------------------------------------------------


def _stream_row(
    name: str,
    stream: Stream,
    cut: Cut,
    target: Target | None,
    options: Options,
    *,
    decode: floors.Decode = floors.decode_event,
    unknown: int = 0,
    framing_peer: bool = False,
) -> Row:
    events = len(stream.payloads)
    label, size = cut
    reads = stream.reads(size)
    ours.check(reads, events, unknown)
    sides = _sides(stream, reads, decode)
    if framing_peer and peers.HTTPX_SSE in peers.installed():
        sides[peers.HTTPX_SSE] = _peer(peers.httpx_sse_framing, reads, events)
    return _row(f"{name}, {label}", sides, events, target, options)


def _huge_row(mebibytes: int, kind: HugeKind, options: Options) -> Row:
    reads = workloads.cut(b"".join(workloads.huge_reads(mebibytes, kind)), 1024)
    block = mebibytes * 1024
    head, tail = workloads.framing_around_huge(kind)
    events = 2 if kind == "text" else 1
    ours.check(reads, events)
    sides: dict[str, Side] = {
        "floor": lambda: floors.append_and_decode(reads[:block], head, tail),
        "ours": lambda: ours.decode(reads),
    }
    return _row(f"huge, {mebibytes} MiB{HUGE_KINDS[kind]}, 1 KiB reads", sides, 1, HUGE, options)


def _sides(stream: Stream, reads: list[bytes], decode: floors.Decode) -> dict[str, Side]:
    return {
        "floor": lambda: floors.decode_all(stream.payloads, decode),
        "ours": lambda: ours.decode(reads),
    }


def _peer(peer: peers.Peer, reads: list[bytes], events: int) -> Side:
    one_pass = peer(reads)
    seen = one_pass()
    if seen != events:
        raise ours.CheckFailedError(f"a peer saw {seen} events, not {events}")
    return one_pass


def _row(
    workload: str,
    sides: dict[str, Side],
    events: int,
    target: Target | None,
    options: Options,
    over: str = "ours",
) -> Row:
    """Time the sides, and compare ours to the floor, or a peer (`over`) to ours."""
    timings = in_turn(sides, options.rounds)
    per_event = {side: 1e6 * timings.median(side) / events for side in sides}
    judged = None
    if over in sides:
        judged = timings.ratio(over, "floor" if over == "ours" else "ours")
    return Row(
        workload,
        "us/event",
        per_event.pop("floor"),
        per_event.pop("ours"),
        judged,
        "x",
        target,
        peers=per_event,
    )


def _single(value: float) -> Ratio:
    return Ratio(value, value, value)
