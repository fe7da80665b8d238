"""Makes docs/errors.md from `ERROR_ROWS` and the classes; `python tools/errors_doc.py`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Final

from codex_proto import errors
from codex_proto.errors import ApiError, CodexError
from codex_proto.refusals import CODES, CodeRow
from tools.error_rows import ERROR_ROWS

__all__ = ["DOC", "render"]

DOC: Final = Path(__file__).resolve().parent.parent / "docs" / "errors.md"

_HEAD: Final = """\
# Errors

Everything that can go wrong is one tree under `CodexError` (`codex_proto.errors`). An error is a
value first: two of the same content are equal, hash alike, survive `pickle`, and `as_dict()` gives
plain data. It is an exception second: raise it if you like. Only the caller's own mistakes are
raised by the library, as `LocalProtocolError`.

- `message` (and `str()`) is one sentence; the server's own words where it had any.
- `retryable` says what the error is by nature: whether the same request may succeed later. Whether
  it is wise to send it again, now that output may have begun, is another question.
- `retry_after` (seconds) and `retry_at` (unix seconds) are set where the peer said so: by
  `Retry-After` in seconds or as a date (counted from the response's own `Date`), `retry-after-ms`,
  `resets_at`, `resets_in_seconds` and the like, or by words such as "try again in 1m30s" (see
  [servers.md](servers.md)).
- What a server said carries what a report of it needs: `status`, `code`, `request_id`, `cf_ray`,
  `url`, `headers`, `body`, `rate_limits`.
- Credentials do not get in: secret headers, query parameters that are not known to be harmless, and
  what looks like a key or token in a text read `[redacted]`.

`error_from_response(status, headers, body, url)` makes the error of an HTTP answer. `retryable`
follows the newest upstream: it gives up on a 429, unless `Retry-After` has whole seconds or a date,
but tries again after a 401 or 404, since credentials and gateways change.

This file is made from the classes and from `tools/error_rows.py`; a test compares them.

## What upstream says, what it is here

"Upstream" is the variant there, a dash where it has no such variant. The sections are those of
[wire.md](wire/wire.md) and [additions-2026-11.md](wire/additions-2026-11.md), which describe
upstream.

"""


_CODES_HEAD: Final = [
    "## The codes",
    "",
    "Made from `refusals/_codes.py`. The first two columns are about a `response.failed` and an",
    "`error` event, nested (`error.code`) or flat (`code`): whether the error is final, and whether",
    "an `error` event ends its stream at once in profile `full`; after the others the stream may go on",
    "to a `response.failed`. On a WebSocket every `error` event ends its response. The last column has the HTTP statuses with which the code means its class; with others",
    "the status alone says what it is, so that a gateway's use of the same word changes nothing.",
    "",
    "Any other code is a `ResponseFailedError`, unless it is one of those by which other servers say",
    "that the request is at fault: `invalid_request_error`, `authentication_error`,",
    "`invalid_api_key` and the like, or the number of an HTTP status.",
    "",
    "| code | class | final | ends at once | with HTTP status |",
    "|---|---|---|---|---|",
]


def render() -> str:
    """Return the whole document."""
    lines = ["| upstream | when | here | retryable | section |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.upstream} | {row.when} | `{row.error.__name__}` | {_yes(row.retryable)} "
        f"| {_section(row.spec)} |"
        for row in ERROR_ROWS
    ]
    codes = [*_CODES_HEAD, *map(_code_row, CODES)]
    classes = ["## The classes", "", "| class | what it is | own attributes |", "|---|---|---|"]
    classes += [_class_row(cls) for cls in _classes()]
    return _HEAD + "\n".join([*lines, "", *codes, "", *classes]) + "\n"


def _section(spec: str) -> str:
    return spec if not spec[0].isdigit() else f"wire.md {spec}"


def _code_row(row: CodeRow) -> str:
    final = "no" if row.error.retryable else "yes"
    event = (final, _yes(row.ends)) if row.in_events else ("-", "-")
    statuses = ", ".join(map(str, sorted(row.statuses))) or "-"
    if row.in_frames:
        statuses += "; any or no status on a WebSocket"
    return f"| `{row.code}` | `{row.error.__name__}` | {' | '.join(event)} | {statuses} |"


def _classes() -> list[type[CodexError]]:
    exported = [getattr(errors, name) for name in vars(errors)["__all__"]]
    found = [each for each in exported if isinstance(each, type) and issubclass(each, CodexError)]
    return sorted(found, key=lambda cls: (issubclass(cls, ApiError), cls.__name__))


def _class_row(cls: type[CodexError]) -> str:
    summary = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    base = cls.__mro__[1]
    inherited = base.fields if issubclass(base, CodexError) else ()
    own = ", ".join(f"`{name}`" for name in cls.fields if name not in inherited)
    parent = f" ({base.__name__})" if cls is not CodexError and base is not CodexError else ""
    return f"| `{cls.__name__}`{parent} | {summary} | {own} |"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    DOC.write_text(render(), encoding="utf-8")
