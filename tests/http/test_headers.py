"""Headers: any spelling, any source, any bytes."""

from __future__ import annotations

import copy
import pickle
from collections import UserDict
from email.message import Message
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, headers_from_json, is_header_name

anything = st.one_of(st.text(max_size=12), st.binary(max_size=12))
pairs = st.lists(st.tuples(anything, anything), max_size=8)


def test_any_spelling_of_a_name_finds_the_first_value() -> None:
    headers = Headers([("X-Request-Id", "1"), (b"x-request-id", b"2")])
    assert headers.get("X-REQUEST-ID") == "1"
    assert headers.get_text("x-Request-Id") == "1"
    assert headers.get_all("x-request-id") == ("1", "2")
    assert headers.names() == ("x-request-id",)
    assert "X-Request-ID" in headers
    assert "other" not in headers
    assert 5 not in headers
    assert headers.get("other") is None
    assert headers.get_text("other") is None
    assert headers.get_all("other") == ()
    assert list(headers) == [("x-request-id", "1"), ("x-request-id", "2")]
    assert len(headers) == 2


def test_only_ascii_letters_have_two_cases() -> None:
    kelvin = "x-\u212a"
    assert kelvin.lower() == "x-k"
    assert "x-k" not in Headers({kelvin: "1"})
    assert kelvin.replace("x", "X") in Headers({kelvin: "1"})


def test_an_unreadable_first_value_hides_the_next() -> None:
    headers = Headers([("a", "é"), ("a", "e")])
    assert headers.get("a") == "é"
    assert headers.get_text("a") is None


@pytest.mark.parametrize(
    ("value", "is_readable"),
    [
        ("", True),
        (" a\tb~ ", True),
        (b"\xc3\xa9", False),
        ("\x7f", False),
        ("a\n", False),
        ("\x00", False),
    ],
)
def test_what_can_be_read(value: str | bytes, is_readable: bool) -> None:
    headers = Headers({"a": value})
    assert headers.get("a") == (value if isinstance(value, str) else value.decode("latin-1"))
    assert (headers.get_text("a") is not None) is is_readable


def _message() -> Message:
    message = Message()
    message["A"] = "1"
    message["a"] = "2"
    return message


class _Joining(UserDict[str, str]):
    """Joins repeated fields in `items()`, as httpx does."""

    def multi_items(self) -> list[tuple[str, str]]:
        return [("a", "1"), ("a", "2")]


@pytest.mark.parametrize(
    "source",
    [
        [("a", "1"), ("A", "2")],
        [["a", "1"], [b"A", bytearray(b"2")]],
        (pair for pair in [(b"a", b"1"), (b"a", b"2")]),
        _message(),
        _Joining({"a": "1, 2"}),
        httpx.Headers([("a", "1"), ("A", "2")]),
        Headers([("a", "1"), ("A", "2")]),
    ],
    ids=lambda source: type(source).__name__,
)
def test_what_libraries_have(source: Any) -> None:
    assert list(Headers(source)) == [("a", "1"), ("a", "2")]


def test_nothing_is_nothing() -> None:
    assert Headers() == Headers({}) == Headers([])
    assert not Headers()


@pytest.mark.parametrize(
    "source",
    [None, 5, "ab", b"ab", ["ab"], [("a",)], [("a", "b", "c")], [("a", None)], {"a": 5}, {5: "a"}],
)
def test_misuse_is_told_at_once(source: Any) -> None:
    with pytest.raises(LocalProtocolError, match=r"^headers: "):
        Headers(source)


def test_a_value_like_others() -> None:
    headers = Headers({"A": "1"})
    assert headers == Headers([(b"a", b"1")])
    assert hash(headers) == hash(Headers([(b"a", b"1")]))
    assert headers != Headers({"a": "2"})
    assert headers != (("a", "1"),)
    assert pickle.loads(pickle.dumps(headers)) == headers
    assert copy.deepcopy(headers) == headers
    assert Headers.of(headers) is headers
    assert Headers.of({"A": "1"}) == headers
    with pytest.raises(AttributeError):
        headers.extra = 1
    with pytest.raises(AttributeError):
        headers._pairs = ()
    with pytest.raises(AttributeError):
        del headers._pairs


def test_no_value_in_a_repr() -> None:
    assert repr(Headers({"Authorization": "Bearer s3cret"})) == "Headers(<authorization>)"


def test_names_that_http_allows() -> None:
    assert is_header_name("x-Foo_1.~")
    assert not is_header_name("")
    assert not is_header_name("a b")
    assert not is_header_name("a\n")
    assert not is_header_name("é")


def test_headers_of_an_event() -> None:
    headers = headers_from_json(
        b'{"x-request-id":"r", "n":5 ,"f":1.50,"b":true,"c":false,"z":null,"l":["a"],"o":{},'
        b'"bad name":"x","":"x","newline":"\\n","e":"\xc3\xa9","N":100.0,"tab":"a\\tb"}'
    )
    assert headers is not None
    assert list(headers) == [
        ("x-request-id", "r"),
        ("n", "100.0"),
        ("f", "1.50"),
        ("b", "true"),
        ("c", "false"),
        ("e", "é"),
        ("tab", "a\tb"),
    ]
    assert headers.get_text("e") is None


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"a"', b"", b"{", b'{"a":1', b'{"\xff":1}'])
def test_what_are_no_headers(raw: bytes) -> None:
    assert headers_from_json(raw) is None


@given(pairs)
def test_any_pairs_make_headers(source: list[tuple[str | bytes, str | bytes]]) -> None:
    headers = Headers(source)
    assert len(headers) == len(source)
    assert Headers(headers) == headers
    assert pickle.loads(pickle.dumps(headers)) == headers
    for name, value in headers:
        assert headers.get_all(name)[0] == headers.get(name)
        assert value in headers.get_all(name)
        assert headers.get_text(name) in (None, headers.get(name))
    assert set(headers.names()) == {name for name, _ in headers}


@given(st.binary(max_size=40))
def test_any_bytes_may_be_an_events_headers(raw: bytes) -> None:
    for json in (raw, b'{"a":' + raw + b"}", b'{"a":"' + raw + b'"}'):
        headers = headers_from_json(json)
        assert headers is None or all(is_header_name(name) for name in headers.names())
