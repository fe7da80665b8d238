"""Cookies: those of the content network at ChatGPT's hosts, and no others (wire.md 7.6)."""

from __future__ import annotations

import httpx
import pytest

from codex_proto_io.httpx._cookies import cookie_jar


@pytest.mark.parametrize(
    ("url", "cookie", "kept"),
    [
        ("https://chatgpt.com/backend-api/codex/responses", "__cf_bm=1; Path=/", True),
        ("https://a.chatgpt.com/x", "cf_chl_rc=1; Path=/", True),
        ("https://chat.openai.com/x", "_cfuvid=1; Path=/", True),
        ("https://chatgpt.com/x", "session=1; Path=/", False),
        ("http://chatgpt.com/x", "__cf_bm=1; Path=/", False),
        ("https://notchatgpt.com/x", "__cf_bm=1; Path=/", False),
        ("https://a.chat.openai.com/x", "__cf_bm=1; Path=/", False),
        ("https://api.openai.com/v1", "__cf_bm=1; Path=/", False),
    ],
)
def test_what_is_kept(url: str, cookie: str, kept: bool) -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers=[("set-cookie", cookie)])

    transport = httpx.MockTransport(answer)
    with httpx.Client(transport=transport, cookies=cookie_jar()) as client:
        client.get(url)
        client.get(url)
    assert sent[0] is None
    assert (sent[1] is not None) is kept


def test_they_go_nowhere_else() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("cookie"))
        return httpx.Response(
            200, headers=[("set-cookie", "__cf_bm=1; Path=/; Domain=.chatgpt.com")]
        )

    transport = httpx.MockTransport(answer)
    with httpx.Client(transport=transport, cookies=cookie_jar()) as client:
        for url in ("https://chatgpt.com/", "http://chatgpt.com/", "https://chatgpt.com.evil.x/"):
            client.get(url)
    assert sent == [None, None, None]
