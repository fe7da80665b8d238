"""Loads the exports of a package on first use (PEP 562).

`tools/faces.py` writes the tables that are passed to `lazy` from the `__all__` of the modules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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
"""The extra that installs each optional module."""

_DRIVERS: Final[dict[str, str]] = {
    "codex_proto_io.client": "client",
    "codex_proto_io.core": "client",
    "codex_proto_io.httpx": "client",
    "codex_proto_io.pumps": "client",
}
"""The extra of packages that need more than the extra of the missing module."""


def lazy(
    package: str, table: Mapping[str, str], namespaces: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the `__getattr__`, `__dir__` and `__all__` of a package.

    `table` maps modules, of this package or another, to their names, separated by blanks;
    `namespaces` are the packages below that are attributes as well. A name whose module needs a
    distribution that is not installed raises an `ImportError` that names the extra.
    """
    homes = {name: module for module, names in table.items() for name in names.split()}
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
            __import__(module)
        except ModuleNotFoundError as error:
            explain(f"{package}.{name}", error, _DRIVERS.get(package))
            raise
        value = sys.modules[module] if name in subpackages else getattr(sys.modules[module], name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *exported})

    return load, names, exported


def explain(what: str, error: ModuleNotFoundError, extra: str | None = None) -> None:
    """Raise an `ImportError` that names the missing module and the extra that installs it.

    Without an extra for the module it returns. `extra` replaces the extra of the missing module.
    """
    module = (error.name or "").partition(".")[0]
    if module in EXTRAS:
        raise ModuleNotFoundError(
            f"{what} needs {module}: pip install 'codex-proto[{extra or EXTRAS[module]}]'",
            name=module,
        ) from error
