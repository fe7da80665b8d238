"""Where requests go and who asks: addresses, headers, credentials that are never shown."""

from __future__ import annotations

import copy
import pickle
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.http import Headers, HttpRequest
from codex_proto.requests import (
    AuthProvider,
    AzureApiKeyAuth,
    BearerAuth,
    HeaderAuth,
    NoAuth,
    Provider,
    RetryPolicy,
    Secret,
    SigningAuth,
)
from codex_proto.versions import WireVersion

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
REQUEST = HttpRequest("POST", "https://h/p", {"authorization": "other", "x": "y"}, b"body")


# -- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "params", "path", "url"),
    [
        ("https://h/v1", {}, "responses", "https://h/v1/responses"),
        ("https://h/v1/", {}, "/responses", "https://h/v1/responses"),
        ("https://h/v1//", {}, "//responses/compact", "https://h/v1/responses/compact"),
        ("https://h/v1/", {}, "", "https://h/v1"),
        ("https://h", {}, "models", "https://h/models"),
        ("http://h:8080", {"a": "b"}, "models", "http://h:8080/models?a=b"),
        ("https://h/v1?k=1", {"a": "b"}, "models", "https://h/v1/models?k=1&a=b"),
        ("https://h/v1?k=a%20b", {}, "models", "https://h/v1/models?k=a%20b"),
        ("https://h/v1?", {}, "models", "https://h/v1/models"),
        (
            "https://h/v1",
            {"a b": "c&d=e", "ü": "+%"},
            "x",
            "https://h/v1/x?a%20b=c%26d%3De&%C3%BC=%2B%25",
        ),
        ("https://h/ü b", {}, "x", "https://h/%C3%BC%20b/x"),
        ("https://h/a%2Fb", {}, "x", "https://h/a%2Fb/x"),
        ("https://h/100%", {}, "x", "https://h/100%25/x"),
    ],
)
def test_addresses(base: str, params: dict[str, str], path: str, url: str) -> None:
    assert Provider(base_url=base, query_params=params).url_for(path) == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h/v1", "ws://h/v1/responses"),
        ("https://h/v1", "wss://h/v1/responses"),
        ("HTTPS://h/v1", "wss://h/v1/responses"),
        ("ws://h/v1", "ws://h/v1/responses"),
        ("wss://h/v1?a=b", "wss://h/v1/responses?a=b"),
    ],
)
def test_addresses_of_websockets(base: str, url: str) -> None:
    assert Provider(base_url=base).websocket_url_for("responses") == url


@given(params=st.dictionaries(texts, texts, max_size=4), extra=st.lists(st.tuples(texts, texts)))
def test_a_query_is_read_back_as_it_was_given(
    params: dict[str, str], extra: list[tuple[str, str]]
) -> None:
    url = Provider(base_url="https://h/v1?first=1", query_params=params).url_for("models", extra)
    HttpRequest("GET", url)
    read = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)
    assert read == [("first", "1"), *params.items(), *extra]


@given(
    path=st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="?#"), max_size=12
    ).filter(lambda path: not {".", ".."} & {*path.split("/")})
)
def test_any_path_makes_an_address_that_can_be_asked_for(path: str) -> None:
    request = HttpRequest("GET", Provider(base_url="https://h/v1").url_for(path))
    assert request.host == "h"
    assert request.target.startswith("/v1")


@pytest.mark.parametrize(
    ("name", "base", "azure"),
    [
        ("azure", "https://h/v1", True),
        ("AZURE", "https://h/v1", True),
        ("x", "https://foo.openai.azure.com/openai", True),
        ("x", "https://foo.OpenAI.Azure.us/openai", True),
        ("x", "https://foo.cognitiveservices.azure.cn/openai", True),
        ("x", "https://foo.aoai.azure.com/openai", True),
        ("x", "https://foo.azure-api.net/openai", True),
        ("x", "https://foo.z01.azurefd.net/", True),
        ("x", "https://foo.windows.net/openai", True),
        ("x", "https://foo.azurewebsites.net/openai", False),
        ("x", "https://api.openai.com/v1", False),
        ("azure2", "https://h/v1", False),
    ],
)
def test_azure_is_recognised(name: str, base: str, azure: bool) -> None:
    assert Provider(name=name, base_url=base).is_azure is azure


def test_known_providers() -> None:
    assert Provider.openai() == Provider()
    assert Provider().url_for("responses") == "https://api.openai.com/v1/responses"
    chatgpt = Provider.chatgpt(wire_version=WireVersion.V2026_05)
    assert chatgpt.url_for("responses") == "https://chatgpt.com/backend-api/codex/responses"
    assert chatgpt.wire_version is WireVersion.V2026_05
    assert chatgpt.is_first_party
    azure = Provider.azure("https://n.openai.azure.com/openai/v1", api_version="2026-05-01")
    assert azure.is_azure
    assert not azure.is_first_party
    assert azure.url_for("responses").endswith("/openai/v1/responses?api-version=2026-05-01")


def test_defaults_and_caps() -> None:
    provider = Provider()
    assert provider.stream_idle_timeout == 300
    assert provider.websocket_connect_timeout == 15
    assert provider.request_timeout is None
    assert provider.compact_timeout == 1200
    assert Provider(wire_version=WireVersion.V2026_05).compact_timeout is None
    assert Provider(request_timeout=7).compact_timeout == 7
    assert provider.retry == RetryPolicy(
        request_max_retries=4, stream_max_retries=5, base_delay=0.2, retry_429=False
    )
    capped = RetryPolicy(request_max_retries=1000, stream_max_retries=101)
    assert (capped.request_max_retries, capped.stream_max_retries) == (100, 100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 1),
        ("base_url", ""),
        ("base_url", "ftp://h"),
        ("base_url", "https://u:secret@h/v1"),
        ("base_url", "https://h:443@evil.example/v1"),
        ("base_url", "https://h:secret@evil.example:443"),
        ("base_url", "https://h\\@evil.example/v1"),
        ("base_url", "https://h/v1/../v2"),
        ("base_url", "https://h/v1#f"),
        ("base_url", "https://ü/v1"),
        ("base_url", "https://h/\ud800"),
        ("headers", {"a b": "c"}),
        ("headers", {"a": "c\nd"}),
        ("headers", {"content-length": "5"}),
        ("headers", {"Transfer-Encoding": "chunked"}),
        ("headers", 1),
        ("query_params", "a=b"),
        ("query_params", {"a": 1}),
        ("retry", 4),
        ("wire_version", "2026-05"),
        ("stream_idle_timeout", 0),
        ("stream_idle_timeout", None),
        ("stream_idle_timeout", float("nan")),
        ("websocket_connect_timeout", -1),
        ("request_timeout", "5"),
        ("request_timeout", True),
    ],
)
def test_a_mistake_is_named(name: str, value: Any) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{name}: ") as caught:
        Provider(**{name: value})
    assert "secret" not in str(caught.value)


def test_a_provider_is_a_value_that_shows_no_secrets() -> None:
    provider = Provider(
        base_url="https://h/v1?sig=hush", headers={"X-Key": "hush"}, query_params={"key": "hush"}
    )
    assert "hush" not in repr(provider)
    assert provider == pickle.loads(pickle.dumps(provider))
    assert provider != msgspec.structs.replace(provider, name="other")


# -- secrets ------------------------------------------------------------------------------------


def test_a_secret_is_never_printed() -> None:
    secret = Secret("hush")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert not any("hush" in text for text in shown)
    assert secret.reveal() == "hush"
    assert secret == Secret("hush")
    assert secret != Secret("other")
    assert secret != "hush"
    assert hash(secret) == hash(Secret("hush"))
    assert copy.copy(secret) is copy.deepcopy(secret) is Secret.of(secret) is secret
    assert Secret.of("hush") == secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)
    with pytest.raises(AttributeError):
        secret._value = "x"
    with pytest.raises(AttributeError):
        del secret._value
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("value", ["", None, b"bytes", 1])
def test_a_secret_is_text(value: Any) -> None:
    with pytest.raises(LocalProtocolError):
        Secret(value)


# -- credentials --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "added"),
    [
        (NoAuth(), {}),
        (BearerAuth("k"), {"authorization": "Bearer k"}),
        (BearerAuth(Secret("k")), {"authorization": "Bearer k"}),
        (
            BearerAuth("k", account_id="a", is_fedramp=True),
            {
                "authorization": "Bearer k",
                "chatgpt-account-id": "a",
                "x-openai-fedramp": "true",
            },
        ),
        (AzureApiKeyAuth("k"), {"api-key": "k"}),
        (HeaderAuth([("A", "1"), ("a", "2")]), [("a", "1"), ("a", "2")]),
    ],
)
def test_headers_of_credentials(auth: AuthProvider, added: Any) -> None:
    assert auth.auth_headers() == Headers(added)
    authorized = auth.authorize(REQUEST)
    for name in Headers(added).names():
        assert authorized.headers.get_all(name) == Headers(added).get_all(name)
    assert authorized.headers.get("x") == "y"
    assert authorized.replace(headers=()) == REQUEST.replace(headers=())


@pytest.mark.parametrize("key", ["k\n", "k\r\nx: y", "k\0", "\u2028"])
def test_an_illegal_key_is_refused_and_not_shown(key: str) -> None:
    for make in (BearerAuth, AzureApiKeyAuth):
        with pytest.raises(LocalProtocolError, match=r"authorization|api-key") as caught:
            make(f"hush{key}")
        assert "hush" not in str(caught.value)
    with pytest.raises(LocalProtocolError, match=r"chatgpt-account-id"):
        BearerAuth("k", account_id=key)


def test_credentials_are_values_that_show_nothing() -> None:
    auth = BearerAuth("hush", account_id="hush")
    assert auth == BearerAuth(Secret("hush"), account_id="hush")
    assert auth != BearerAuth("other", account_id="hush")
    assert auth != "hush"
    assert hash(auth) == hash(BearerAuth("hush", account_id="hush"))
    assert "hush" not in repr(auth)
    assert "authorization" in repr(auth)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(auth, protocol)


def test_a_signer_gets_the_whole_request_and_its_answer_counts() -> None:
    seen: list[HttpRequest] = []

    def sign(request: HttpRequest) -> HttpRequest:
        seen.append(request)
        return request.replace(url="https://other/p", headers={"signature": "s"}, body=b"")

    auth = SigningAuth(sign)
    assert auth.authorize(REQUEST) == HttpRequest("POST", "https://other/p", {"signature": "s"})
    assert seen == [REQUEST]
    assert auth.auth_headers() == Headers()
    assert "sign" in repr(auth)
    with pytest.raises(LocalProtocolError, match=r"^sign: "):
        SigningAuth(lambda _: None).authorize(REQUEST)  # type: ignore[arg-type,return-value]
    with pytest.raises(LocalProtocolError, match=r"^sign: "):
        SigningAuth(5)  # type: ignore[arg-type]
