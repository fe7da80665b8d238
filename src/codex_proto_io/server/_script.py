"""The script of a server: requests and their answers, including faults on purpose.

It has one JSON object a line: first the header, then one exchange each. A recording is a script.

Source: docs/server.md.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import msgspec
from msgspec import Struct

from codex_proto.errors import DECODE_ERRORS
from codex_proto_io.server._exchange import Exchange
from codex_proto_io.server._steps import files_of

__all__ = [
    "FORMAT",
    "VERSION",
    "Otherwise",
    "Script",
    "ScriptError",
    "ScriptLike",
    "ScriptRun",
    "dump_exchange",
    "dump_header",
]

FORMAT: Final = "codex-proto-script"
VERSION: Final = 1

Otherwise: TypeAlias = Literal["builtin", "error"]


class ScriptError(ValueError):
    """A script cannot be read or played; the message says where."""


class _Header(Struct, frozen=True, kw_only=True, omit_defaults=True):
    format: str
    version: int
    otherwise: Otherwise = "builtin"
    note: str | None = None


class Script:
    """The answers of a server, in order.

    Args:
        exchanges: the requests and their answers.
        otherwise: the answer to requests that match no exchange (any more): the built-in one, or
            an error (status 400, code `script_exhausted`).
        folder: the folder that file names are relative to, by default the current one.

    Raises:
        ScriptError: a file cannot be read.
    """

    def __init__(
        self,
        exchanges: Iterable[Exchange] = (),
        *,
        otherwise: Otherwise = "builtin",
        folder: Path | None = None,
    ) -> None:
        self.exchanges: Final = tuple(exchanges)
        self.otherwise: Final[Otherwise] = otherwise
        self.files: Final = _read_files(self.exchanges, folder or Path())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Script:
        """Read a script from a file.

        Raises:
            ScriptError: it cannot be read; the message names the file and the line.
        """
        where = Path(path)
        try:
            content = where.read_bytes()
        except OSError as error:
            raise ScriptError(f"{where}: {error.strerror or error}") from None
        try:
            return cls.loads(content, folder=where.parent)
        except ScriptError as error:
            raise ScriptError(f"{where}: {error}") from None

    @classmethod
    def loads(cls, content: bytes | str, *, folder: Path | None = None) -> Script:
        """Read a script from its text.

        Raises:
            ScriptError: it is not valid; the message names the line.
        """
        data = content.encode() if isinstance(content, str) else content
        lines = [(at, line) for at, line in enumerate(data.split(b"\n"), 1) if line.strip()]
        if not lines:
            raise ScriptError("line 1: the header is missing")
        header = _decode(*lines[0], _Header)
        if header.format != FORMAT:
            raise ScriptError(f"line 1: the format must be {FORMAT!r}, not {header.format!r}")
        if header.version != VERSION:
            raise ScriptError(f"line 1: the version must be {VERSION}, not {header.version}")
        exchanges = [_decode(at, line, Exchange) for at, line in lines[1:]]
        return cls(exchanges, otherwise=header.otherwise, folder=folder)

    @classmethod
    def of(cls, script: ScriptLike) -> Script:
        """Return a script for a script, the path of a file, or exchanges.

        An exchange may be a mapping, in the form of a line of a file.

        Raises:
            ScriptError: `script` is not valid.
        """
        if script is None:
            return cls()
        if isinstance(script, Script):
            return script
        if isinstance(script, str | os.PathLike):
            return cls.load(script)
        if isinstance(script, Exchange):
            return cls([script])
        if isinstance(script, Mapping):
            return cls([_exchange(cast("Mapping[str, Any]", script))])
        return cls([_exchange(each) for each in script])

    def dumps(self) -> bytes:
        """Return the script in the form of a file."""
        lines = [dump_header(self.otherwise), *map(dump_exchange, self.exchanges)]
        return b"".join(lines)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Script):
            return NotImplemented
        return (self.exchanges, self.otherwise) == (other.exchanges, other.otherwise)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Script(<{len(self.exchanges)} exchanges>, otherwise={self.otherwise!r})"


ScriptLike: TypeAlias = (
    Script
    | str
    | os.PathLike[str]
    | Exchange
    | Mapping[str, Any]
    | Iterable[Exchange | Mapping[str, Any]]
    | None
)


class ScriptRun:
    """The state of a script that is being played: the exchanges that are left. Thread-safe.

    Attributes:
        files: the contents of the files that its steps use, by name.
    """

    def __init__(self, script: Script) -> None:
        self._lock = threading.Lock()
        self._left: list[tuple[Exchange, float]] = []
        self._otherwise: Otherwise = script.otherwise
        self.files: dict[str, bytes] = {}
        self.add(script)

    def add(self, script: Script) -> None:
        """Append exchanges to those that are left."""
        with self._lock:
            self._left += [(each, each.uses) for each in script.exchanges]
            self.files.update(script.files)
            self._otherwise = script.otherwise

    @property
    def is_strict(self) -> bool:
        """Whether requests that match no exchange get an error."""
        return self._otherwise == "error"

    @property
    def remaining(self) -> tuple[Exchange, ...]:
        """The exchanges that have not been used as often as `times` allows."""
        with self._lock:
            return tuple(each for each, _ in self._left)

    def expects_messages(self, method: str, path: str) -> bool:
        """Return whether an exchange is for messages on a WebSocket at this path."""
        with self._lock:
            left = [each for each, _ in self._left if each.message is not None]
        return any(each.is_at(method, path) for each in left)

    def take(
        self, method: str, path: str, content: bytes, message: str | None = None
    ) -> Exchange | None:
        """Take the exchange for a request or a message of a type; return `None` without one."""
        with self._lock:
            for at, (exchange, uses) in enumerate(self._left):
                if exchange.is_for(method, path, content, message):
                    self._left[at : at + 1] = [(exchange, uses - 1)] if uses > 1 else []
                    return exchange
        return None


def dump_header(otherwise: Otherwise) -> bytes:
    """Return the first line of a file."""
    header = _Header(format=FORMAT, version=VERSION, otherwise=otherwise)
    return msgspec.json.encode(header) + b"\n"


def dump_exchange(exchange: Exchange) -> bytes:
    """Return the line of an exchange."""
    return msgspec.json.encode(exchange) + b"\n"


def _decode(at: int, line: bytes, cls: Any) -> Any:
    try:
        return msgspec.json.decode(line, type=cls)
    except DECODE_ERRORS as error:
        raise ScriptError(f"line {at}: {error}") from None


def _exchange(value: Exchange | Mapping[str, Any]) -> Exchange:
    if isinstance(value, Exchange):
        return value
    try:
        return msgspec.convert(dict(value), Exchange)
    except msgspec.MsgspecError as error:
        raise ScriptError(str(error)) from None


def _read_files(exchanges: Iterable[Exchange], folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for exchange in exchanges:
        for name in files_of(exchange.steps):
            if name not in files:
                try:
                    files[name] = (folder / name).read_bytes()
                except OSError as error:
                    raise ScriptError(f"{name}: {error.strerror or error}") from None
    return files
