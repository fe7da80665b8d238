"""Puts the list of packages and the diagrams of states into docs/architecture.md: run this file."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tools.connections_doc import TABLES, arrows
from tools.faces import PACKAGES, ROOT, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DOC", "render"]

DOC: Final = ROOT / "docs" / "architecture.md"
# From the bottom up; what is missing here comes last, by name.
_ORDER: Final = (
    "codex_proto/versions", "codex_proto/_secrets", "codex_proto/errors", "codex_proto/http",
    "codex_proto/sse", "codex_proto/_wire", "codex_proto/rate_limits", "codex_proto/refusals",
    "codex_proto/items", "codex_proto/responses/wire", "codex_proto/responses/stream",
    "codex_proto/responses", "codex_proto/realtime/wire", "codex_proto/realtime/stream",
    "codex_proto/realtime/transcript", "codex_proto/realtime/setup",
    "codex_proto/realtime/conversation", "codex_proto/realtime", "codex_proto/requests",
    "codex_proto/sessions", "codex_proto/connections/http1", "codex_proto/connections/websocket",
    "codex_proto/connections/exchanges", "codex_proto/connections/sockets",
    "codex_proto/connections/serving", "codex_proto/connections", "codex_proto/testing/strategies",
    "codex_proto/testing", "codex_proto_io/core", "codex_proto_io/httpx", "codex_proto_io/pumps",
    "codex_proto_io/client", "codex_proto_io/server", "codex_proto_io/cassettes",
    "codex_proto_io/testing", "codex_proto_io/cli",
)  # fmt: skip


def render(document: str) -> str:
    """Return the document with the lists as they are now."""
    for name, text in (("rooms", _rooms()), ("states", _states())):
        before, mark, rest = re.split(rf"(<!-- {name}: [^>]*-->\n)", document, maxsplit=1)
        after = rest.partition(f"<!-- end of {name} -->")[2]
        document = f"{before}{mark}{text}<!-- end of {name} -->{after}"
    return document


def _rooms() -> str:
    found = {
        "/".join(init.parent.relative_to(SOURCE).parts): _summary(init)
        for package in PACKAGES
        for init in (SOURCE / package).rglob("__init__.py")
        if init.parent.name not in PACKAGES
    }
    ordered = [*(name for name in _ORDER if name in found), *sorted(found.keys() - set(_ORDER))]
    rows = [f"| `{name}` | {found[name]} |" for name in ordered]
    return "\n".join(["", "| package | what it is for |", "|---|---|", *rows, "", ""])


def _summary(init: Path) -> str:
    docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _states() -> str:
    diagrams = [
        "\n".join(
            [
                f"**{table.name}**",
                "",
                "```mermaid",
                "stateDiagram-v2",
                f"    [*] --> {table.initial.name}",
                *arrows(table),
                "```",
                "",
            ]
        )
        for table in TABLES
    ]
    return "\n" + "\n".join(diagrams) + "\n"


if __name__ == "__main__":
    DOC.write_text(render(DOC.read_text("utf-8")), encoding="utf-8")
