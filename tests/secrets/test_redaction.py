"""What redaction takes out of texts, header fields and URLs, and what it leaves."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto._secrets import REDACTED, redact_headers, redact_text, redact_url

SECRET: Final = "sk-proj-Zz0123456789abcdefghij"


@pytest.mark.parametrize(
    "name",
    [
        "x-ratelimit-remaining-tokens",
        "x-openai-authorization-error",
        "www-authenticate",
        "x-request-id",
        "retry-after",
        "access-control-allow-headers",
    ],
)
def test_what_is_no_secret_is_shown(name: str) -> None:
    assert redact_headers(((name, "value 5"),)) == ((name, "value 5"),)


@pytest.mark.parametrize(
    "secret",
    [
        SECRET,
        "ek_0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "eyJ" + "x5c" * 5_000 + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "Bearer abc0123456789",
    ],
)
def test_a_secret_is_seen_by_its_form(secret: str) -> None:
    scheme = "Bearer " if secret.startswith("Bearer ") else ""
    assert redact_text(f"got <{secret}>, sorry") == f"got <{scheme}{REDACTED}>, sorry"


@pytest.mark.parametrize(
    "text",
    [
        "Invalid token in prompt: 123456. Minimum value is 0.",
        "Rate limit reached: 1234567 tokens per min (TPM): Limit 30000, Used 29000.",
        '{"error":{"code":"invalid_api_key","param":"api_key"}}',
        "Use Bearer authentication, please.",
        '{"usage":{"total_tokens":123456789}}',
        "task-0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.short eyJhbGci.eyJzdWIiOiIx eyJ-eyJ-eyJ-eyJ-eyJ-",
    ],
)
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Where names are in each other's values, what one does not reach the other does.
        ('authorization: api_key="abcdef"', 'authorization: [redacted]"[redacted]"'),
        ("api_key=authorization: some thing", "api_key=[redacted] [redacted]"),
        # What was redacted before does not hide what follows on the line.
        ("cookie: [redacted], cookie: a=b", "cookie: [redacted], cookie: [redacted]"),
        (
            "key provided: x[redacted]. key provided: y",
            "key provided: [redacted]. key provided: [redacted]",
        ),
        # Letters that take several bytes, and halves of such.
        ("\u00e9 Cookie: \U0001f600\u00e9\n\ud800", "\u00e9 Cookie: [redacted]\n\ud800"),
        # Nothing is there to be replaced.
        ("Authorization:  \r\n", "Authorization:  \r\n"),
        ("Incorrect API key provided: abc...", "Incorrect API key provided: [redacted]."),
    ],
)
def test_a_text_is_redacted(text: str, shown: str) -> None:
    assert redact_text(text) == shown


_PIECES: Final = st.lists(
    st.sampled_from(
        [
            "Authorization", "cookie", "api_key", "x-token", ":", "=", " ", '"', "'", "\n", "[",
            "[redacted]", "Bearer", "sk-", "eyJ", ".", "-", "_", "abcdefgh1234", "key provided:",
            "?", "&", "//", "@", "#", "http:", "<", ",",
        ]
    )
)  # fmt: skip


@given(_PIECES.map("".join))
def test_redacting_again_changes_nothing(text: str) -> None:
    for redact in (redact_text, redact_url):
        assert redact(redact(text)) == redact(text)
    once = redact_headers((("x", text), ("location", text), ("x-key", text)))
    assert redact_headers(once) == once
