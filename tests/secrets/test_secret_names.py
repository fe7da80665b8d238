"""Which names are secret, which tell whose account it is, and which are harmless."""

from __future__ import annotations

import pytest

from codex_proto._secrets import (
    cover,
    find_for_recording,
    find_members,
    is_account_header,
    is_harmless_parameter,
    is_secret_header,
    is_secret_subprotocol,
)


@pytest.mark.parametrize(
    ("name", "secret", "account"),
    [
        ("Authorization", True, False),
        ("x_api_key", True, False),
        ("www-authenticate", False, False),
        ("x-ratelimit-remaining-tokens", False, False),
        ("ChatGPT-Account-Id", False, True),
        ("openai-organization", False, True),
        ("x-user_id", False, True),
        ("userid", False, True),
        ("user-agent", False, False),
        ("x-request-id", False, False),
    ],
)
def test_header_names(name: str, secret: bool, account: bool) -> None:
    assert is_secret_header(name) is secret
    assert is_account_header(name) is account


def test_parameters_are_secret_unless_they_are_known() -> None:
    assert is_harmless_parameter("Model")
    assert is_harmless_parameter("api-version")
    assert not is_harmless_parameter("sig")
    assert not is_harmless_parameter("whatever")


def test_a_subprotocol_may_be_a_key() -> None:
    assert is_secret_subprotocol("realtime, openai-insecure-api-Key.abc")
    assert not is_secret_subprotocol("realtime")


@pytest.mark.parametrize(
    "name",
    [
        "authorization", "email", "api_key", "apikey", "x-Api_Key", "client_secret", "JWT",
        "credential", "aws-credentials", "refresh_token", "a-b_token", "org_id", "org-id",
        "accountid", "chatgpt_user_id", "X-Codex-Installation-Id",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "member", ['{"%s":"%s"}', '{"%s" :\n "%s"}', '{\\"%s\\": \\"%s\\"}', '[{"a":"b","%s":"%s"}]']
)
def test_members_are_secret_by_name(name: str, member: str) -> None:
    value = r"a\\b" if '\\"' in member else r"a\"b\\"
    data = (member % (name, value)).encode()
    start = data.index(value.encode())
    assert find_members(data) == [(start, start + len(value))]
    expected = member % (name, "*" * len(value))
    assert cover(data, find_for_recording(data)) == expected.encode()


@pytest.mark.parametrize(
    "name", ["token", "_token", "tokens", "xemail", "my_email", "secrets", "passwords", "key", "id"]
)
def test_other_members_are_not(name: str) -> None:
    assert not find_members(b'{"%b":"value"}' % name.encode())
    assert not find_members(rb"{\"%b\":\"value\"}" % name.encode())


@pytest.mark.parametrize(
    "data", [b'{"password":5}', b'{"password":""}', b'{"password":"cut', b'{"password":"cut\\']
)
def test_a_member_without_a_text_is_not(data: bytes) -> None:
    assert not find_members(data)
