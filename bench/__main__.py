"""`python -m bench`: measure and print one table. See README.md beside this file."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
from importlib.metadata import version

from bench import peers
from bench.sections import QUICK, SECTIONS, Options
from bench.table import Row, as_plain, as_text
from bench.timing import FEWEST_ROUNDS
from bench.workloads import SEED


def main() -> None:
    arguments = _parse()
    options = QUICK if arguments.quick else Options()
    if arguments.rounds is not None:
        options = dataclasses.replace(options, rounds=arguments.rounds)
    if arguments.growth is not None:
        options = dataclasses.replace(options, growth=arguments.growth)
    rows: list[Row] = []
    for name in arguments.only or SECTIONS:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += SECTIONS[name](options)
    found = peers.installed()
    about = {
        "python": platform.python_version(),
        "msgspec": version("msgspec"),
        **found,
        "rounds": options.rounds,
        "seed": SEED,
    }
    if arguments.json:
        print(json.dumps({**about, "rows": [as_plain(row) for row in rows]}, indent=2))
    else:
        print(as_text(rows, {peer: peer in found for peer in peers.PACKAGES}))
        print("\n" + ", ".join(f"{name} {value}" for name, value in about.items()))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=_sections, metavar="NAME,...", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=_rounds, help=f"at least {FEWEST_ROUNDS}")
    parser.add_argument("--growth", type=int, metavar="MIB", help="length of the long stream")
    parser.add_argument("--quick", action="store_true", help="a shorter run with less data")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser.parse_args()


def _sections(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such section: {', '.join(unknown)}")
    return names


def _rounds(text: str) -> int:
    rounds = int(text)
    if rounds < FEWEST_ROUNDS:
        raise argparse.ArgumentTypeError(f"fewer than {FEWEST_ROUNDS} rounds are not meaningful")
    return rounds


if __name__ == "__main__":
    main()
