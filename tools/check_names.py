"""Reports classes and type aliases of `src` whose name is used twice: a name means one thing.

    python tools/check_names.py      # exit with 1 if a name has two meanings

Every name without a leading underscore counts that a module defines at its top, whether it is
exported or not: who reads one file has seen the others. What is defined twice in one module, for
the type checker and for the rest, is one thing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "src"

# Names that mean two things, each with the reason why they may.
EXCEPTIONS: Final[Mapping[str, str]] = {
    "ResponseCancelled": "the error of a response, and an event of a realtime session",
}


def main() -> int:
    """Print every name with two homes; return the exit code."""
    wrong = list(complaints(homes(SOURCE), EXCEPTIONS))
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


def complaints(found: Mapping[str, list[str]], exceptions: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong: names with two homes, and exceptions for names that have one."""
    for name, modules in sorted(found.items()):
        if len(modules) > 1 and name not in exceptions:
            yield f"{name} is defined in {' and in '.join(modules)}: it may mean one thing"
    for name in exceptions:
        if len(found.get(name, ())) < 2:
            yield f"{name} means one thing: take it out of EXCEPTIONS"


def homes(source: Path) -> dict[str, list[str]]:
    """Return the modules that define each name."""
    found: dict[str, list[str]] = {}
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source).with_suffix("").parts)
        for name in sorted(set(defined(ast.parse(path.read_text(encoding="utf-8")).body))):
            found.setdefault(name, []).append(module)
    return found


def defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the public classes and type aliases that statements at the top of a module define."""
    for node in body:
        match node:
            case ast.If(body=then, orelse=otherwise):
                yield from defined([*then, *otherwise])
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield name
            case (
                ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias"))
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() | ast.BinOp())
            ) if _is_type_name(name):
                yield name
            case _:
                pass


def _is_type_name(name: str) -> bool:
    # Constants are all capitals, and `_S` is a module's short name for its own states.
    return name[0].isupper() and not name.isupper()


if __name__ == "__main__":
    raise SystemExit(main())
