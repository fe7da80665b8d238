"""Reports imports that reach into another room of the house.

    python tools/check_rooms.py            # print them; exit with 1 if there are any

A room is a package or module right below `codex_proto` or `codex_proto_io`. Between modules:

- a name with a leading underscore is for its own module;
- from another room only what the `__all__` of the module says, and from the face of a package if
  that has the name;
- the drivers (`codex_proto_io`) import public faces of the codec, nothing private.

Imports for type checkers count like any others.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.faces import BEGIN, FRONT, PACKAGES, SOURCE, exported, face, namespaces  # noqa: E402

__all__ = ["Import", "imports", "main", "violations"]

CODEC, DRIVERS = PACKAGES


class Import(NamedTuple):
    """One name that one module imports from another; of a whole module without a name."""

    importer: str
    module: str
    name: str | None
    line: int


def main() -> int:
    """Print what is wrong; return the exit code."""
    found = violations(SOURCE)
    for one, reason in found:
        print(f"{one.importer}:{one.line}: {one.module}.{one.name or ''}: {reason}")
    return 1 if found else 0


def violations(source: Path) -> list[tuple[Import, str]]:
    """Return the imports of all modules that should not be, each with the reason."""
    return [
        (one, reason)
        for package in PACKAGES
        for path in sorted((source / package).rglob("*.py"))
        for one in imports(path, source)
        if (reason := _reason(one, source)) is not None
    ]


def imports(path: Path, source: Path) -> Iterator[Import]:
    """Yield what a module imports of ours, in a function or for type checkers as well."""
    importer = _module_name(path, source)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=str(module)) if _is_ours(module):
                for alias in node.names:
                    inner = f"{module}.{alias.name}"
                    if _file(inner, source) is None:
                        yield Import(importer, module, alias.name, node.lineno)
                    else:
                        yield Import(importer, inner, None, node.lineno)
            case ast.Import():
                for alias in node.names:
                    if _is_ours(alias.name):
                        yield Import(importer, alias.name, None, node.lineno)
            case _:
                pass


def _reason(one: Import, source: Path) -> str | None:
    """Return why an import should not be; `None` where it may."""
    if one.name is not None and _is_private(one.name):
        return "a name with an underscore is for its own module"
    if _room(one.importer) == _room(one.module):
        return None
    if one.importer.startswith(f"{DRIVERS}.") and _top(one.module) == CODEC:
        if any(map(_is_private, one.module.split("."))):
            return "the drivers import public faces of the codec"
    elif any(map(_is_private, one.module.split(".")[2:])) and one.name != "*":
        room = ".".join(_room(one.module))
        if one.name is None or one.name in _names(room, source):
            return f"{room} is the face for it"
    if one.name not in (None, "*", *_names(one.module, source)):
        return "not in the `__all__` of its module"
    return None


@cache
def _names(module: str, source: Path) -> set[str]:
    """Return the `__all__` of a module, without importing it."""
    path = _file(module, source)
    if path is None:
        return set()
    if path.name != "__init__.py" or BEGIN not in path.read_text(encoding="utf-8"):
        return set(exported(path))
    package = path.parent
    if module == CODEC:
        return {*" ".join(FRONT.values()).split(), *namespaces(package)}
    return {name for names in face(package).values() for name in names} | {*namespaces(package)}


@cache
def _file(module: str, source: Path) -> Path | None:
    path = source.joinpath(*module.split("."))
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def _module_name(path: Path, source: Path) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _top(module: str) -> str:
    return module.partition(".")[0]


def _room(module: str) -> tuple[str, ...]:
    return tuple(module.split(".")[:2])


def _is_ours(module: str) -> bool:
    return _top(module) in PACKAGES


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


if __name__ == "__main__":
    raise SystemExit(main())
