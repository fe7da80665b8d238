"""What the environment says of certificates, beside what tests of TLS show."""

from __future__ import annotations

import ssl
import sys

import pytest

from codex_proto_io import _environment


def test_certifi_is_trusted_where_the_system_trusts_nobody() -> None:
    pytest.importorskip("certifi")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert not context.cert_store_stats()["x509_ca"]
    _environment._trust_certifi(context)
    assert context.cert_store_stats()["x509_ca"] > 50


def test_there_need_be_no_certifi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _environment._trust_certifi(context)
    assert not context.cert_store_stats()["x509_ca"]
