"""`python -m fuzz`: run targets, or repeat one input. See README.md beside this file."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import traceback
from pathlib import Path

from fuzz.plain import mutations, run
from fuzz.seeds import seeds
from fuzz.targets import TARGETS


def main() -> int:
    """Run the command; return 1 if a target failed, else 0."""
    arguments = _parse()
    names = list(TARGETS) if arguments.target == "all" else [arguments.target]
    if arguments.files:
        return max(_again(names, path) for path in arguments.files)
    if arguments.engine == "atheris":
        return _atheris(names[0], arguments.seconds)
    return max([_plain(name, arguments) for name in names])


def _plain(name: str, arguments: argparse.Namespace) -> int:
    inputs = mutations([*seeds(name)], arguments.seed)
    count, broken = run(TARGETS[name], inputs, arguments.seconds)
    if broken is None:
        print(f"{name}: {count:,} inputs in {arguments.seconds:g} s, nothing broke")
        return 0
    path = arguments.crashes / f"{name}-{hashlib.sha256(broken).hexdigest()[:12]}"
    arguments.crashes.mkdir(parents=True, exist_ok=True)
    path.write_bytes(broken)
    print(f"{name}: broken by input {count:,}; again: python -m fuzz {name} {path}")
    _again([name], path)
    return 1


def _again(names: list[str], path: Path) -> int:
    data = path.read_bytes()
    for name in names:
        try:
            TARGETS[name](data)
        except Exception:
            traceback.print_exc()
            return 1
    return 0


def _atheris(name: str, seconds: float) -> int:
    import atheris

    # atheris must instrument the library before its import, so it is imported again.
    for module in [module for module in sys.modules if module.startswith(("codex_proto", "fuzz."))]:
        del sys.modules[module]
    with atheris.instrument_imports(include=["codex_proto", "h11", "wsproto"]):
        from fuzz.targets import TARGETS as SEEN
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(name)):
            (Path(folder) / str(number)).write_bytes(data)
        options = [f"-max_total_time={seconds:.0f}", "-max_len=8192", "-rss_limit_mb=4096"]
        atheris.Setup([sys.argv[0], *options, folder], SEEN[name])
        atheris.Fuzz()
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=["all", *TARGETS])
    parser.add_argument("files", nargs="*", type=Path, help="inputs to run again")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="of the plain engine")
    parser.add_argument("--engine", choices=["plain", "atheris"], default="plain")
    parser.add_argument("--crashes", type=Path, default=Path("crashes"), metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.engine == "atheris" and arguments.target == "all":
        parser.error("atheris takes one target at a time")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
