"""Proves that each extra brings what its level needs, and that the codec needs none.

    python tools/check_extras.py         # with packages from the index, or from pip's cache

An environment of its own for the base and for each extra: what is installed, the imports of the
level, what the command says without `cli`. In that of the base the tests of the codec run, with
nothing but pytest and hypothesis beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

# Tests of what needs msgspec alone, without those that take long. The two files compare with httpx.
TESTS: Final = (
    "errors",
    "field/test_identity.py",
    "field/test_refusals.py",
    "http",
    "items",
    "properties/test_eventstream_properties.py",
    "rate_limits",
    "realtime",
    "refusals",
    "requests",
    "responses",
    "sessions",
    "vectors",
)
NEED_HTTPX: Final = ("http/test_headers.py", "requests/test_urls.py")

_CONNECTIONS: Final = """
from codex_proto.connections import *
from codex_proto_io.server import EmbeddedServer
with EmbeddedServer() as server:
    assert server.url
"""
_CLIENT: Final = """
from codex_proto.requests import Compression, ResponsesApiRequest, ResponsesOptions
from codex_proto_io.client import *
from codex_proto_io.server import EmbeddedServer
request = ResponsesApiRequest(model="m", input="hi")
packed = ResponsesOptions(compression=Compression.ZSTD)
for transport in ("httpx", "raw"):
    with EmbeddedServer() as server:
        with CodexClient(base_url=server.url, api_key="any", transport=transport) as client:
            assert client.responses.create(request, packed).output_text
"""
_TESTING: Final = """
from codex_proto.testing import *
from codex_proto.testing.strategies import *
"""


@dataclass(frozen=True)
class Level:
    """An extra: what works with it, and the first thing that does not."""

    extra: str
    brings: tuple[str, ...]
    works: str
    needs_more: str | None = None
    sentence: str = ""


LEVELS: Final = (
    Level(
        "",
        ("codex-proto", "msgspec"),
        "from codex_proto import *; from codex_proto.sessions import *",
        "from codex_proto.connections import Http1Connection",
        "codex_proto.connections.Http1Connection needs h11: pip install 'codex-proto[connections]'",
    ),
    Level(
        "connections",
        ("codex-proto", "h11", "msgspec", "wsproto"),
        _CONNECTIONS,
        "from codex_proto_io.client import CodexClient",
        "codex_proto_io.client.CodexClient needs httpx: pip install 'codex-proto[client]'",
    ),
    Level(
        "client",
        ("codex-proto", "h11", "httpx", "msgspec", "wsproto"),
        _CLIENT,
        "import sys; from codex_proto_io.cli import main; sys.exit(main(['demo']))",
        "codex-proto needs rich: pip install 'codex-proto[cli]'",
    ),
    Level(
        "cli",
        ("codex-proto", "h11", "httpx", "msgspec", "rich", "wsproto"),
        "from codex_proto_io.cli import main; assert main(['demo']) == 0",
    ),
    Level(
        "testing",
        ("codex-proto", "hypothesis", "msgspec"),
        _TESTING,
        "from codex_proto_io.testing import *",
        "needs h11: pip install 'codex-proto[connections]'",
    ),
)


def main() -> int:
    """Check every level; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        wheel = build_wheel(scratch)
        for level in LEVELS:
            began = time.monotonic()
            python = environment(scratch / (level.extra or "base"))
            install(python, f"{wheel}[{level.extra}]" if level.extra else str(wheel))
            check(level, python)
            if not level.extra:
                run_tests(python)
            took = time.monotonic() - began
            print(f"{level.extra or 'base'}: works ({took:.0f} s)", flush=True)
    return 0


def build_wheel(scratch: Path) -> Path:
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(scratch), str(ROOT))
    (wheel,) = scratch.glob("*.whl")
    return wheel


def environment(folder: Path) -> Path:
    # The pip that runs this installs into it, too.
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python"


def install(python: Path, *what: str) -> None:
    run(sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *what)


def check(level: Level, python: Path) -> None:
    """Look at one environment before anything else is installed."""
    installed = run(
        str(python),
        "-c",
        "from importlib.metadata import distributions as d; print(*sorted(x.name for x in d()))",
    ).stdout.split()
    if not level.extra and installed != list(level.brings):
        raise SystemExit(f"the base brings {installed}")
    if not set(level.brings) <= set(installed):
        raise SystemExit(f"{level.extra} brings only {installed}")
    run(str(python), "-W", "error", "-c", level.works)
    if level.needs_more is not None:
        refused = run(str(python), "-c", level.needs_more, check=False)
        last = refused.stderr.splitlines()[-1]
        if refused.returncode == 0 or not last.endswith(level.sentence):
            raise SystemExit(f"{level.extra or 'base'}: {level.needs_more}: {refused.stderr}")
    command = python.with_name("codex-proto")
    run(str(command), "--version")
    if "rich" not in level.brings:
        refused = run(str(command), "demo", check=False)
        sentence = "codex-proto needs rich: pip install 'codex-proto[cli]'\n"
        if (refused.returncode, refused.stdout, refused.stderr) != (2, "", sentence):
            raise SystemExit(f"codex-proto says {refused.stdout}{refused.stderr}")


def run_tests(python: Path) -> None:
    """Run the tests of the codec, and nothing that is not there."""
    install(python, "pytest", "hypothesis")
    tests = ROOT / "tests"
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += [f"--ignore={tests / path}" for path in NEED_HTTPX]
    command += [str(tests / path) for path in TESTS]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "HYPOTHESIS_PROFILE": "few", "PYTHONPATH": ""},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the tests of the codec fail without extras ({done.returncode})")


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command outside the checkout, so that only what is installed can be imported."""
    done = subprocess.run(
        command,
        cwd=tempfile.gettempdir(),
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done


if __name__ == "__main__":
    raise SystemExit(main())
