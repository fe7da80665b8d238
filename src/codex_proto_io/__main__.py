"""Run the `codex-proto` command: `python -m codex_proto_io`."""

import sys

from codex_proto_io.cli import main

if __name__ == "__main__":
    sys.exit(main())
