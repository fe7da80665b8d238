"""Writes the face of every package: what its `__init__` exports, loaded on first use.

    python tools/faces.py            # write the faces anew
    python tools/faces.py --check    # exit with 1 if one is stale

A package exports the `__all__` of its modules and the faces of the packages below it, without
those that a line of its `__init__` leaves out, and with what another line adds:

    # Not in the face: _helpers, strategies.
    # Also in the face: MalformedPart, UnknownPart of codex_proto._wire.

Everything else of an `__init__` is written by hand, its docstring above all. `FRONT` names what
`codex_proto` itself exports besides its packages, and where it comes from.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "src"
PACKAGES: Final = ("codex_proto", "codex_proto_io")

FRONT: Final = {
    "_version": "__version__",
    "errors": "CodexError LocalProtocolError RateLimitExceeded StreamClosedEarly",
    "items": "CustomToolCall FunctionCall Item Message Reasoning UnknownItem",
    "realtime": """
        AudioOut HandoffRequested InputTranscriptDelta InputTranscriptDone NoopRequested
        OutputTranscriptDelta OutputTranscriptDone RealtimeDecoder RealtimeError SessionUpdated
        TranscriptAccumulator decode_realtime_event delegation_from_handoff
    """,
    "refusals": "error_from_response",
    "responses": """
        CodexView Completed Created DecodedEvent ErrorEvent Failed FinalResponse Incomplete
        MalformedEvent MalformedPart ModelVerifications ModelsEtag OutputItemAdded OutputItemDone
        OutputTextDelta RateLimits ReasoningContentDelta ReasoningSummaryDelta
        ReasoningSummaryDone ReasoningSummaryPartAdded ResponseBuilder ResponseEvent
        ResponseStreamState ResponsesDecoder SafetyBuffering ServerModel
        ServerReasoningIncluded StreamFailed TokenUsage ToolCallInputDelta
        TurnModerationMetadata UnknownEvent aiter_response_events decode_response_event
        encode_response_event iter_response_events
    """,
    "sse": "EventStreamDecoder EventStreamEncoder ServerSentEvent",
}

BEGIN: Final = "# -- written by tools/faces.py"
END: Final = "# -- end of what is written"
_LEFT_OUT: Final = re.compile(r"^# Not in the face: ([^.]*)\.$", re.MULTILINE)
_ADDED: Final = re.compile(r"^# Also in the face: ([\w, ]+) of ([\w.]+)\.$", re.MULTILINE)
_WIDTH: Final = 100

Table = dict[str, list[str]]


def main(arguments: list[str]) -> int:
    """Write or check every face; return the exit code."""
    stale = [init for package in PACKAGES for init in inits(SOURCE / package) if _is_stale(init)]
    if "--check" in arguments:
        for init in stale:
            print(f"{init.relative_to(ROOT)} is stale: run python tools/faces.py", file=sys.stderr)
        return 1 if stale else 0
    for init in stale:
        init.write_text(_written(init), encoding="utf-8")
        print(init.relative_to(ROOT))
    return 0


def face(package: Path) -> Table:
    """Return the names that a package exports, by the module below it that has them."""
    table: Table = {}
    left_out = _left_out(package)
    for module in sorted(package.glob("_*.py")):
        if module.name != "__init__.py" and module.stem not in left_out:
            names = exported(module)
            if names:
                table[module.stem] = names
    for below in namespaces(package):
        has_face = BEGIN in (package / below / "__init__.py").read_text(encoding="utf-8")
        if has_face and below not in left_out:
            for home, names in face(package / below).items():
                table[home if _is_absolute(home) else f"{below}.{home}"] = names
    for added, home in _ADDED.findall((package / "__init__.py").read_text(encoding="utf-8")):
        table[home] = sorted({*table.get(home, ()), *added.split(", ")})
    return table


def namespaces(package: Path) -> list[str]:
    """Return the packages below one that are not private."""
    return sorted(
        path.parent.name
        for path in package.glob("*/__init__.py")
        if not path.parent.name.startswith("_")
    )


def exported(module: Path) -> list[str]:
    """Return the `__all__` of a module, read without importing it."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names))
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List(elts=names))
            ):
                return sorted(str(ast.literal_eval(name)) for name in names)
            case _:
                pass
    return []


def _is_absolute(home: str) -> bool:
    return home.partition(".")[0] in PACKAGES


def inits(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("__init__.py") if BEGIN in path.read_text("utf-8"))


def _left_out(package: Path) -> list[str]:
    text = (package / "__init__.py").read_text(encoding="utf-8")
    return [name for found in _LEFT_OUT.findall(text) for name in found.split(", ")]


def _is_stale(init: Path) -> bool:
    return _written(init) != init.read_text(encoding="utf-8")


def _written(init: Path) -> str:
    text = init.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    package = init.parent
    name = ".".join(package.relative_to(SOURCE).parts)
    table = _front(package) if name == "codex_proto" else face(package)
    if name == "codex_proto_io":
        # The drivers have no front: each of their packages is one.
        table = {}
    _check_names(name, table)
    block = _block(name, table, namespaces(package))
    return f"{before}{BEGIN}\n# isort: off\n{block}# isort: on\n{END}{after}"


def _front(package: Path) -> Table:
    """Return what `codex_proto` exports: the names of `FRONT`, by the package that has them."""
    front: Table = {}
    for room, chosen in FRONT.items():
        is_module = room.startswith("_")
        table = {room: exported(package / f"{room}.py")} if is_module else face(package / room)
        missing = set(chosen.split()) - {name for names in table.values() for name in names}
        if missing:
            raise SystemExit(f"codex_proto.{room} does not have {sorted(missing)}")
        front[room] = sorted(chosen.split())
    return front


def _check_names(package: str, table: Table) -> None:
    homes: dict[str, str] = {}
    for module, names in table.items():
        for name in names:
            if name in homes:
                print(f"{package}: {name} is in {homes[name]} and in {module}", file=sys.stderr)
            homes[name] = module


def _block(package: str, table: Table, below: list[str]) -> str:
    top = package.partition(".")[0]
    lines = ["from typing import TYPE_CHECKING", "", "if TYPE_CHECKING:"]
    for home, names in table.items():
        if _is_absolute(home) or package == "codex_proto":
            module = home if _is_absolute(home) else f"{package}.{home}"
            lines += [f"    from {module} import {name} as {name}" for name in names]
        else:
            lines.append(f"    from {package}.{home} import *")
    lines += [f"    from {package} import {name} as {name}" for name in below]
    if not table and not below:
        return ""
    lines += ["else:", f"    from {top}._lazy import lazy", ""]
    lines += ["    __getattr__, __dir__, __all__ = lazy(", "        __name__,"]
    rows = [
        row for home, names in table.items() for row in _entry(f'            "{home}": ', names)
    ]
    lines += ["        {", *rows, "        },"] if rows else ["        {},"]
    if below:
        lines += _entry("        ", below)
    lines.append("    )")
    return "\n".join(lines) + "\n"


def _entry(start: str, words: list[str]) -> list[str]:
    """Words as one string, over several lines where they are many, as ruff formats it."""
    whole = f'{start}"{" ".join(words)}",'
    if len(whole) <= _WIDTH:
        return [whole]
    indent = " " * (len(start) - len(start.lstrip()))
    pieces = textwrap.wrap(" ".join(words), _WIDTH - len(indent) - 8, break_long_words=False)
    strings = [f'{indent}    "{piece} "' for piece in pieces[:-1]]
    return [f"{start}(", *strings, f'{indent}    "{pieces[-1]}"', f"{indent}),"]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
