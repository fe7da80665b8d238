"""What is not installed explains itself: one sentence that names the extra."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Final

import pytest

from codex_proto import _lazy as codec_lazy
from codex_proto._lazy import EXTRAS
from codex_proto_io import _lazy as drivers_lazy
from tests.paths import ROOT

if TYPE_CHECKING:
    from types import ModuleType

SOURCE: Final = ROOT / "src"

# `None` in `sys.modules` is what makes an import fail as if there were no such module.
_WITHOUT: Final = """
import sys
sys.modules |= dict.fromkeys(sys.argv.pop(1).split())
exec(sys.argv.pop(1))
"""


def run_without(modules: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT, modules, code, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )


ALL: Final = " ".join(EXTRAS)

# What is missing, a way in, and the sentence: what it is that needs which module of which extra.
WAYS_IN: Final = {
    "the codec's connections": (
        ALL,
        "import codex_proto.connections; codex_proto.connections.Http1Connection",
        ("connections.Http1Connection", "h11", "connections"),
    ),
    "from the front": (
        "wsproto",
        "import codex_proto; codex_proto.connections.WebSocketConnection",
        ("connections.WebSocketConnection", "wsproto", "connections"),
    ),
    "a package below": (
        "wsproto",
        "from codex_proto.connections.websocket import WebSocketConnection",
        ("connections.websocket.WebSocketConnection", "wsproto", "connections"),
    ),
    "all of a package": (
        "h11",
        "from codex_proto.connections.http1 import *",
        ("connections.http1.Http1Connection", "h11", "connections"),
    ),
    "strategies": (
        "hypothesis",
        "from codex_proto.testing import strategies; strategies.pieces",
        ("testing.strategies.pieces", "hypothesis", "testing"),
    ),
    "a client": (
        "httpx",
        "from codex_proto_io.client import CodexClient",
        ("client.CodexClient", "httpx", "client"),
    ),
    # One install and it works: not the extra of h11, which would not do.
    "a client without anything": (
        ALL,
        "from codex_proto_io.client import AsyncCodexClient",
        ("client.AsyncCodexClient", "h11", "client"),
    ),
    "the embedded server": (
        ALL,
        "import codex_proto_io; codex_proto_io.server.EmbeddedServer",
        ("server.EmbeddedServer", "h11", "connections"),
    ),
}


@pytest.mark.parametrize(("modules", "code", "sentence"), WAYS_IN.values(), ids=WAYS_IN)
def test_the_last_line_names_the_extra(
    modules: str, code: str, sentence: tuple[str, str, str]
) -> None:
    run = run_without(modules, code)
    assert run.returncode == 1
    package = "codex_proto_io" if "codex_proto_io" in code else "codex_proto"
    what, missing, extra = sentence
    assert run.stderr.splitlines()[-1] == (
        f"ModuleNotFoundError: {package}.{what} needs {missing}: pip install 'codex-proto[{extra}]'"
    )


def test_what_no_extra_brings_is_not_explained() -> None:
    run = run_without("zlib", "from codex_proto.connections import Http1Connection")
    assert "zlib" in run.stderr.splitlines()[-1]
    assert "pip install" not in run.stderr


def test_the_codec_needs_msgspec_alone() -> None:
    code = (
        "from codex_proto import ResponsesDecoder, RealtimeDecoder, error_from_response, items\n"
        "from codex_proto.requests import responses_request\n"
        "from codex_proto.sessions import ResponsesSession\n"
    )
    run = run_without(ALL, code)
    assert run.returncode == 0, run.stderr


_COMPRESS: Final = """
from codex_proto.requests import *
request = ResponsesApiRequest(model="m", input="hi")
options = ResponsesOptions(compression=Compression.ZSTD)
responses_request(request, Provider(base_url="http://localhost/v1"), BearerAuth("k"), options)
"""

without_a_zstd = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="this Python's standard library has zstd"
)


@without_a_zstd
def test_compression_of_a_request_names_the_extra() -> None:
    run = run_without("zstandard", _COMPRESS)
    assert run.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: zstd needs zstandard: pip install 'codex-proto[client]'"
    )


_ANSWER: Final = """
from codex_proto.connections import *
from codex_proto.http import HttpRequest
exchange = ResponsesExchange(Http1Connection(), HttpRequest("POST", "http://localhost/"))
exchange.start(0)
(failed,) = exchange.receive_data(
    b"HTTP/1.1 200 OK\\r\\ncontent-type: text/event-stream\\r\\ncontent-encoding: zstd\\r\\n"
    b"content-length: 3\\r\\n\\r\\nabc", 0
)
print(type(failed.error).__name__, failed.error)
"""


@without_a_zstd
def test_an_answer_in_zstd_is_a_failure_that_names_the_extra() -> None:
    run = run_without("zstandard", _ANSWER)
    assert not run.stderr
    assert run.stdout.startswith("ContentDecodingFailed The body cannot be read: zstd needs")
    assert "pip install 'codex-proto[client]'" in run.stdout


_COMMAND: Final = "from codex_proto_io.cli import main; sys.exit(main())"
_MODULE: Final = "import runpy; runpy.run_module('codex_proto_io', run_name='__main__')"


@pytest.mark.parametrize("code", [_COMMAND, _MODULE], ids=["command", "module"])
@pytest.mark.parametrize(
    "arguments", [(), ("demo",), ("decode", "--protocol", "responses")], ids=" ".join
)
def test_the_command_names_the_extra(code: str, arguments: tuple[str, ...]) -> None:
    run = run_without("rich", code, *arguments)
    assert run.returncode == 2
    assert not run.stdout
    assert run.stderr == "codex-proto needs rich: pip install 'codex-proto[cli]'\n"


@pytest.mark.parametrize("missing", ["h11", "wsproto", "httpx"])
def test_the_command_names_what_else_is_missing(missing: str) -> None:
    run = run_without(missing, _COMMAND, "demo")
    assert run.returncode == 2
    assert run.stderr == f"codex-proto needs {missing}: pip install 'codex-proto[cli]'\n"


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_the_command_says_what_it_is_without_the_extra(argument: str) -> None:
    run = run_without(ALL, _COMMAND, argument)
    assert run.returncode == 0
    assert "codex-proto" in run.stdout


def test_the_sentences_name_the_extras_that_there_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [each.partition(">")[0] for each in project["dependencies"]] == ["msgspec"]
    extras = project["optional-dependencies"]
    for module, extra in EXTRAS.items():
        assert any(each.startswith(module) for each in extras[extra]), module


@pytest.mark.parametrize("lazy", [codec_lazy, drivers_lazy], ids=lambda each: each.__name__)
def test_only_what_an_extra_brings_is_explained(lazy: ModuleType) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"^it needs h11: pip install"):
        lazy.explain("it", ModuleNotFoundError("no h11.events", name="h11.events"))
    lazy.explain("it", ModuleNotFoundError("no zlib", name="zlib"))
    load, _, exported = lazy.lazy("package", {"_module": "one two"}, "below")
    assert exported == ["below", "one", "two"]
    with pytest.raises(AttributeError, match="'package' has no attribute 'three'"):
        load("three")
