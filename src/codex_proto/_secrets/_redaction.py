"""Keeps credentials out of errors: what an error holds is logged, mailed and pasted.

Headers and query parameters are judged by name, and parameters are kept only where the name is
known to be harmless. Texts of the server's are searched for what looks like a credential, since
gateways like to answer with the request that they did not like. Each function leaves alone what it
has been through before, so that an error that is rebuilt stays equal.
"""

from __future__ import annotations

from typing import Any, cast

from codex_proto._secrets._names import is_harmless_parameter, is_secret_header, is_url_header
from codex_proto._secrets._shapes import REDACTED, find_credentials
from codex_proto._secrets._spans import replace

__all__ = ["redact_headers", "redact_text", "redact_url", "redact_values"]


def redact_text(text: str) -> str:
    """Return the text with everything replaced that looks like a credential."""
    data = text.encode("utf-8", "surrogatepass")
    spans = find_credentials(data)
    if not spans:
        return text
    return replace(data, spans, REDACTED.encode()).decode("utf-8", "surrogatepass")


def redact_values(value: object) -> Any:
    """Return JSON values with every text in them redacted; the names of members stay."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        return [redact_values(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: redact_values(each) for name, each in members.items()}
    return value


def redact_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the fields with the values replaced that only the two sides should know."""
    return tuple((name, _header_value(name, value)) for name, value in headers)


def _header_value(name: str, value: str) -> str:
    if is_secret_header(name):
        return REDACTED
    return redact_url(value) if is_url_header(name) else redact_text(value)


def redact_url(url: str) -> str:
    """Return the URL without user, password and fragment, and with harmless parameters only.

    A parameter that is left out keeps its name.
    """
    address, question, query = url.partition("#")[0].partition("?")
    scheme, slashes, rest = address.partition("//")
    if slashes:
        host, slash, path = rest.partition("/")
        rest = f"{host.rpartition('@')[2]}{slash}{path}"
    # Piece by piece: nothing that is replaced can reach over a mark and move the others.
    pieces = f"{scheme}{slashes}{rest}".split("/")
    parameters = "&".join(_parameter(part) for part in query.split("&"))
    return f"{'/'.join(map(redact_text, pieces))}{question}{parameters}"


def _parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    if not equals:
        return REDACTED if part else part
    shown = redact_text(value) if is_harmless_parameter(name) else REDACTED
    return f"{redact_text(name)}={shown if value else value}"
