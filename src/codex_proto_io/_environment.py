"""What the environment says: keys, addresses, certificates.

Source: wire.md 7.5 and 7.6.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Final

from codex_proto.errors import LocalProtocolError
from codex_proto.requests import AuthProvider, BearerAuth, Provider, Secret

__all__ = ["auth_from_environment", "provider_from_environment", "tls_context"]

API_KEY: Final = "OPENAI_API_KEY"
BASE_URL: Final = "OPENAI_BASE_URL"
CERTIFICATES: Final = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")


def auth_from_environment(
    api_key: str | Secret | None = None, environ: Mapping[str, str] | None = None
) -> AuthProvider:
    """Return what proves who is asking: a key, or that of `OPENAI_API_KEY`.

    Raises:
        LocalProtocolError: there is no key.
    """
    key = api_key if api_key is not None else _value(API_KEY, environ)
    if not key:
        raise LocalProtocolError(
            f"api_key: there is none; set {API_KEY}, or pass api_key=..., or auth=NoAuth() for a "
            "server that wants none"
        )
    return BearerAuth(key)


def provider_from_environment(
    base_url: str | None = None, environ: Mapping[str, str] | None = None
) -> Provider:
    """Return the service at an address, at that of `OPENAI_BASE_URL`, or at OpenAI's."""
    address = base_url or _value(BASE_URL, environ)
    return Provider() if not address else Provider(base_url=address)


def tls_context(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """Return a context that trusts the system, certifi, and one more bundle of certificates (PEM).

    The bundle is that of `CODEX_CA_CERTIFICATE`, else of `SSL_CERT_FILE`; an empty value is none.

    Raises:
        LocalProtocolError: there is no such file, or no certificate in it.
    """
    context = ssl.create_default_context()
    _trust_certifi(context)
    for name in CERTIFICATES:
        path = _value(name, environ)
        if path:
            try:
                context.load_verify_locations(cafile=path)
            except (OSError, ssl.SSLError) as error:
                raise LocalProtocolError(f"{name}: {path!r} cannot be used: {error}") from error
            break
    return context


def _trust_certifi(context: ssl.SSLContext) -> None:
    """Where the system has no store, httpx's is better than none."""
    if context.cert_store_stats()["x509_ca"]:
        return
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(cafile=certifi.where())


def _value(name: str, environ: Mapping[str, str] | None) -> str:
    # Keys that were read from a file often have the end of its line.
    return (os.environ if environ is None else environ).get(name, "").strip()
