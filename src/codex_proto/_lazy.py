"""Loads what a package exports when it is first asked for (PEP 562).

`tools/faces.py` writes the tables that are passed to `lazy` from the `__all__` of the modules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

__all__ = ["EXTRAS", "explain", "lazy"]

EXTRAS: Final = {
    "h11": "connections",
    "wsproto": "connections",
    "httpx": "client",
    "zstandard": "client",
    "rich": "cli",
    "hypothesis": "testing",
}
"""The extra that brings a module which the base installation does not."""

_DRIVERS: Final[dict[str, str]] = {
    "codex_proto_io.client": "client",
    "codex_proto_io.core": "client",
    "codex_proto_io.httpx": "client",
    "codex_proto_io.pumps": "client",
}
"""The extra of a package for which that of the missing module is not enough."""


def lazy(
    package: str, table: Mapping[str, str], namespaces: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package.

    `table` has the names of each module, below the package or of another, separated by blanks, or
    `*` for all that a package below exports. `namespaces` are the packages below that are
    attributes as well. What needs a distribution that is not installed raises an `ImportError`
    that names the extra.
    """
    homes: dict[str, str] = {}
    for home, names in table.items():
        for name in _exports(f"{package}.{home}") if names == "*" else names.split():
            homes[name] = home
    subpackages = namespaces.split()
    exported = sorted([*homes, *subpackages])

    def load(name: str) -> Any:
        if name in homes:
            home = homes[name]
            module = home if home.startswith("codex_proto.") else f"{package}.{home}"
        elif name in subpackages:
            module = f"{package}.{name}"
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            found = _load(module)
            value = found if name in subpackages else getattr(found, name)
        except ModuleNotFoundError as error:
            explain(f"{package}.{name}", error, _DRIVERS.get(package))
            raise
        setattr(sys.modules[package], name, value)
        return value

    def listing() -> list[str]:
        return sorted({*vars(sys.modules[package]), *exported})

    return load, listing, exported


def _load(module: str) -> ModuleType:
    __import__(module)
    return sys.modules[module]


def _exports(package: str) -> list[str]:
    exported: list[str] = vars(_load(package))["__all__"]
    return exported


def explain(what: str, error: ModuleNotFoundError, extra: str | None = None) -> None:
    """Raise an error that says what `what` needs and which extra brings it, if one does.

    `extra` stands in for the one that brings the missing module and no more.
    """
    module = (error.name or "").partition(".")[0]
    if module in EXTRAS:
        raise ModuleNotFoundError(
            f"{what} needs {module}: pip install 'codex-proto[{extra or EXTRAS[module]}]'",
            name=module,
        ) from error
