"""Requests and replies as values: what HTTP does not allow never gets into one."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

URL = "https://api.openai.com/v1/responses"
anything = st.text(max_size=30)


def made_or_refused(
    url: str, headers: Iterable[tuple[str, str]], *, saying: str
) -> HttpRequest | None:
    try:
        return HttpRequest("GET", url, headers)
    except LocalProtocolError as error:
        message = str(error)
    assert message.startswith(saying)
    return None


@given(name=anything, value=anything)
@example("a", "b\r\nx: y")
@example("a", "b\0")
@example("a\r\nb", "c")
@example("", "c")
@example("a", "\x80")
@example("a", "\u0100")
def test_a_header_is_legal_or_refused(name: str, value: str) -> None:
    request = made_or_refused(URL, [(name, value)], saying="headers: ")
    if request is None:
        return
    ((kept, written),) = request.headers
    assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", kept)
    assert written == value.strip(" \t")
    assert not set(written) & {"\r", "\n", "\0", "\x7f"}
    assert written.encode("latin-1").decode("latin-1") == written


@given(value=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30))
def test_what_http_allows_is_taken(value: str) -> None:
    assert HttpRequest("GET", URL, {"x": value}).headers.get("x") == value.strip(" \t")


@given(url=st.one_of(anything, anything.map(lambda text: f"https://a.b/{text}")))
def test_a_url_is_visible_ascii_or_refused(url: str) -> None:
    request = made_or_refused(url, (), saying="url: ")
    if request is None:
        return
    assert re.fullmatch("[!-~]+", request.url)
    assert request.target.startswith("/")
    assert "#" not in request.target
    assert 0 < request.port < 65536


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "authority", "target"),
    [
        ("https://A.b/c?d=e", "https", "a.b", 443, "a.b", "/c?d=e"),
        ("HTTP://a.b:443", "http", "a.b", 443, "a.b:443", "/"),
        ("http://a.b:80?x", "http", "a.b", 80, "a.b", "/?x"),
        ("ws://[::1]:8080/x", "ws", "::1", 8080, "[::1]:8080", "/x"),
        ("wss://[::1]:/x", "wss", "::1", 443, "[::1]", "/x"),
        ("https://h/a?b=http://c?d@e:f/", "https", "h", 443, "h", "/a?b=http://c?d@e:f/"),
    ],
)
def test_the_parts_of_a_url(
    url: str, scheme: str, host: str, port: int, authority: str, target: str
) -> None:
    request = HttpRequest("GET", url)
    assert (request.scheme, request.host, request.port) == (scheme, host, port)
    assert (request.authority, request.target) == (authority, target)
    assert request.path == target.partition("?")[0]
    assert request.is_secure == (port == 443 and scheme in ("https", "wss"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/v1",
        "ftp://a/b",
        "https://",
        "https:///v1",
        "https://user:secret@host/",
        "https://host/#fragment",
        "https://host:99999/",
        "https://host:0/",
        "https://host:" + "9" * 5000,
        "https://host:x/",
        "https://ho st/",
        "https://host/a b",
        "https://host/ä",
        "https://host/a\nb",
        "https://host\\evil/",
        "https://[::1/",
        b"https://host/",
        None,
    ],
)
def test_other_urls_are_refused(url: Any) -> None:
    with pytest.raises(LocalProtocolError, match="url: ") as caught:
        HttpRequest("GET", url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("method", ["", "GET /", "GET\r\n", "GÉT", None, b"GET"])
def test_other_methods_are_refused(method: Any) -> None:
    with pytest.raises(LocalProtocolError, match="method: "):
        HttpRequest(method, URL)


@pytest.mark.parametrize("body", ["text", None, [1]])
def test_other_bodies_are_refused(body: Any) -> None:
    with pytest.raises(LocalProtocolError, match="body: "):
        HttpRequest("POST", URL, (), body)
    with pytest.raises(LocalProtocolError, match="body: "):
        HttpResponse(200, (), body)


def test_values() -> None:
    request = HttpRequest("POST", URL, {"X-A": "1"}, bytearray(b"body"))
    assert request == HttpRequest("POST", URL, [("x-a", " 1\t")], memoryview(b"body"))
    assert hash(request) == hash(pickle.loads(pickle.dumps(request)))
    assert request == pickle.loads(pickle.dumps(request))
    for other in (
        request.replace(method="PUT"),
        request.replace(url=URL + "/x"),
        request.replace(headers={}),
        request.replace(body=b""),
    ):
        assert other != request
        assert other.replace(method="POST", url=URL, headers={"x-a": "1"}, body=b"body") == request
    assert request.replace() == request
    assert request != "POST"
    with pytest.raises(AttributeError):
        request.method = "GET"
    with pytest.raises(AttributeError):
        del request.method
    response = HttpResponse(200, {"X-A": "\x00"}, b"body")
    assert response == pickle.loads(pickle.dumps(response))
    assert hash(response) == hash(HttpResponse(200, {"x-a": "\x00"}, b"body"))
    assert response != HttpResponse(201, {"x-a": "\x00"}, b"body")
    assert response != 200
    with pytest.raises(AttributeError):
        response.status = 1
    with pytest.raises(AttributeError):
        del response.status


def test_headers_are_laid_over() -> None:
    request = HttpRequest("GET", URL, [("a", "1"), ("b", "2"), ("A", "3")])
    assert request.with_headers({"A": "4"}).headers == Headers([("b", "2"), ("a", "4")])
    both = request.with_headers([("c", "5"), ("C", "6")]).headers
    assert both.get_all("c") == ("5", "6")


def test_nothing_secret_is_shown() -> None:
    request = HttpRequest(
        "POST",
        "https://host/p?sig=hush&model=m",
        {"Authorization": "Bearer hush"},
        b"hush",
    )
    assert "hush" not in repr(request)
    assert "model=m" in repr(request)
    assert "authorization" in repr(request)
    assert "hush" not in repr(HttpResponse(200, {"set-cookie": "hush"}, b"hush"))


@pytest.mark.parametrize("status", [True, "200", 2.0, None])
def test_a_status_is_an_integer(status: Any) -> None:
    with pytest.raises(LocalProtocolError, match="status: "):
        HttpResponse(status)


@pytest.mark.parametrize(("status", "good"), [(199, False), (200, True), (299, True), (300, False)])
def test_success(status: int, good: bool) -> None:
    assert HttpResponse(status).is_success is good
