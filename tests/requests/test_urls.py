"""A URL is refused, or leads to the same place for us, for httpx and for urllib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codex_proto.errors import LocalProtocolError
from codex_proto.http import HttpRequest
from codex_proto.realtime import realtime_url
from codex_proto.requests import Provider

if TYPE_CHECKING:
    from collections.abc import Callable

PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}

HOSTILE: Final = (
    # A user, or what looks like one.
    "https://api.openai.com:443@evil.example/v1",
    "https://api.openai.com:443@evil.example:8443/v1",
    "https://api.openai.com@evil.example/v1",
    "https://api.openai.com:@evil.example/v1",
    "https://:@evil.example/v1",
    "https://@evil.example/v1",
    "https://user:hush@api.openai.com/v1",
    "https://user:hush@api.openai.com:443@evil.example/v1",
    "https://a@b@c@evil.example/v1",
    "https://api.openai.com%40evil.example/v1",
    "https://api.openai.com%3A443@evil.example/v1",
    "https://[::1]@evil.example/v1",
    "https://evil.example@[::1]/v1",
    "https://api.openai.com:443[@evil.example/v1",
    "https://api.openai.com:443@",
    "https://api.openai.com:443:@evil.example",
    # What ends the authority for some.
    "https://api.openai.com\\@evil.example/v1",
    "https://api.openai.com\\.evil.example/v1",
    "https:\\\\evil.example/v1",
    "https://evil.example\\/v1",
    "https:/\\evil.example/v1",
    "https:///evil.example/v1",
    "https:////evil.example/v1",
    "https:evil.example/v1",
    "//evil.example/v1",
    "https://?@evil.example/v1",
    "https://#@evil.example/v1",
    "https://api.openai.com#@evil.example/v1",
    "https://api.openai.com?@evil.example/v1",
    "https://api.openai.com;@evil.example/v1",
    "https://api.openai.com&@evil.example#@other.example/",
    "https://api.openai.com,evil.example/v1",
    "https://api.openai.com|evil.example/v1",
    # Characters that some take out, and some do not.
    " https://evil.example/v1",
    "https://evil.example/v1 ",
    "https://api.openai.com /v1",
    "https://api.openai.com\t.evil.example/v1",
    "https://api.openai.com\r\nHost: evil.example/v1",
    "https://api.openai.com\0.evil.example/v1",
    "https://api.openai.com\x7f/v1",
    "ht\ntps://evil.example/v1",
    "https://api.openai.com%00.evil.example/v1",
    "https://api.openai.com%2eevil.example/v1",
    "https://api.openai.com%2f@evil.example/v1",
    "https://%61pi.openai.com/v1",
    "https://api.openai.com\u3002evil.example/v1",
    "https://api.openai.com\uff0fevil.example/v1",
    "https://api\u2024openai.com/v1",
    "https://b\u00fccher.example/v1",
    "https://xn--bcher-kva.example/v1",
    "https://xn--/v1",
    # Ports.
    "https://api.openai.com:x/v1",
    "https://api.openai.com:443x/v1",
    "https://api.openai.com:-1/v1",
    "https://api.openai.com:+443/v1",
    "https://api.openai.com:4_4_3/v1",
    "https://api.openai.com:0/v1",
    "https://api.openai.com:65536/v1",
    "https://api.openai.com:443:444/v1",
    "https://api.openai.com:\u0664\u0664\u0663/v1",
    "https://api.openai.com:/v1",
    "https://api.openai.com:0443/v1",
    # Brackets and addresses.
    "https://[api.openai.com]/v1",
    "https://[::1/v1",
    "https://::1]/v1",
    "https://::1/v1",
    "https://[::1]evil.example/v1",
    "https://evil.example[::1]/v1",
    "https://[::1]]/v1",
    "https://[[::1]]/v1",
    "https://[::1%25eth0]/v1",
    "https://[::1%eth0]/v1",
    "https://[v1.x]/v1",
    "https://[1.2.3.4]/v1",
    "https://[abc]/v1",
    "https://[::ffff:127.0.0.1]/v1",
    "https://[::FFFF]:8443/v1",
    "https://[:::]/v1",
    "https://[]/v1",
    "https://256.1.1.1/v1",
    "https://01.2.3.4/v1",
    "https://127.0.0.1/v1",
    # Paths and queries that some write in another way.
    "https://api.openai.com/v1/../other",
    "https://api.openai.com/v1/.",
    "https://api.openai.com/./v1",
    "https://api.openai.com/..",
    "https://api.openai.com/v1/..?a=b",
    "https://api.openai.com/.v1/..v1/...",
    "https://api.openai.com/a?b=/../c",
    "https://api.openai.com/{a}",
    'https://api.openai.com/"a"',
    "https://api.openai.com/a?b=<c>",
    "https://api.openai.com/a\\b",
    "https://api.openai.com/100%",
    "https://api.openai.com/a?b=%zz",
    "https://api.openai.com/a%2fb%20c",
    "https://api.openai.com//evil.example/v1",
    "https://api.openai.com/@evil.example/v1",
    "https://api.openai.com/a?include[]=b&c=?d@e",
    "HTTPS://API.OpenAI.com./v1",
)
HARMLESS: Final = {
    "https://api.openai.com?@evil.example/v1",
    "https://xn--bcher-kva.example/v1",
    "https://xn--/v1",
    "https://api.openai.com:/v1",
    "https://api.openai.com:0443/v1",
    "https://[::ffff:127.0.0.1]/v1",
    "https://[::FFFF]:8443/v1",
    "https://127.0.0.1/v1",
    "https://api.openai.com/.v1/..v1/...",
    "https://api.openai.com/a?b=/../c",
    "https://api.openai.com/a%2fb%20c",
    "https://api.openai.com//evil.example/v1",
    "https://api.openai.com/@evil.example/v1",
    "https://api.openai.com/a?include[]=b&c=?d@e",
    "HTTPS://API.OpenAI.com./v1",
}


class Place(NamedTuple):
    scheme: str
    host: str
    port: int | None
    target: str


def accepted(make: Callable[[], str], argument: str) -> str | None:
    try:
        return make()
    except LocalProtocolError as error:
        message = str(error)
    assert message.startswith(f"{argument}: ")
    assert "hush" not in message
    return None


def ours(url: str) -> Place | None:
    if accepted(lambda: HttpRequest("GET", url).url, "url") is None:
        return None
    request = HttpRequest("GET", url)
    return Place(request.scheme, request.host, request.port, request.target)


def by_httpx(url: str) -> Place:
    made = httpx.URL(url)
    assert not made.userinfo
    host = made.raw_host.decode("ascii").lower()
    port = made.port or PORTS[made.scheme]
    return Place(made.scheme, host, port, made.raw_path.decode("ascii"))


def by_urllib(url: str) -> Place:
    parts = urlsplit(url)
    assert "@" not in parts.netloc
    assert not parts.fragment
    query = f"?{parts.query}" if parts.query else ""
    port = parts.port or PORTS[parts.scheme]
    return Place(parts.scheme, parts.hostname or "", port, (parts.path or "/") + query)


def leads_to_one_place(url: str) -> bool:
    place = ours(url)
    if place is None:
        return False
    assert by_httpx(url) == place
    # A query of nothing is lost by `urlsplit`.
    asked = place.target.removesuffix("?") if place.target.count("?") == 1 else place.target
    assert by_urllib(url) == place._replace(target=asked)
    return True


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_or_read_by_all_in_the_same_way(url: str) -> None:
    assert leads_to_one_place(url) is (url in HARMLESS)


@pytest.mark.parametrize("url", HOSTILE)
def test_a_provider_and_a_realtime_url_keep_the_host_of_the_base(url: str) -> None:
    def by_provider() -> str:
        return Provider(base_url=url).url_for("models")

    for make in (by_provider, lambda: realtime_url(url, "v2")):
        made = accepted(make, "base_url")
        if made is None:
            assert ours(url) is None
        else:
            assert leads_to_one_place(made)
            # A path that has to be escaped is, and a fragment may be left out: the host stays.
            host = httpx.URL(url.partition("#")[0]).raw_host
            assert httpx.URL(made).raw_host.lower() == host.lower()


AUTHORITIES: Final = st.text("ah.-_:@[]\\%01/?#&;~é \t", max_size=8)
PATHS: Final = st.text("a/.?#@:[]{}\\%2e|^`\"'<>+&=;é ~", max_size=8)


@given(st.sampled_from(["http", "https", "ws", "wss", "HTTPS"]), AUTHORITIES, PATHS)
@example("https", "h", "?")
@example("https", "h", "/??")
def test_a_url_that_is_accepted_leads_to_one_place(scheme: str, authority: str, path: str) -> None:
    leads_to_one_place(f"{scheme}://{authority}{path}")
