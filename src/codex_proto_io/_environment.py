"""Settings from environment variables: keys, addresses, certificates.

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
    """Return credentials for `api_key`, or else for the key in `OPENAI_API_KEY`.

    Raises:
        LocalProtocolError: neither is set.
    """
    key = api_key if api_key is not None else _value(API_KEY, environ)
    if not key:
        raise LocalProtocolError(
            f"api_key: is missing; set {API_KEY}, or pass api_key=..., or auth=NoAuth() for a "
            "server without authentication"
        )
    return BearerAuth(key)


def provider_from_environment(
    base_url: str | None = None, environ: Mapping[str, str] | None = None
) -> Provider:
    """Return the provider at `base_url`, at `OPENAI_BASE_URL`, or at OpenAI's own URL."""
    address = base_url or _value(BASE_URL, environ)
    return Provider() if not address else Provider(base_url=address)


def tls_context(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates, certifi's, and those of one PEM file.

    The file is `CODEX_CA_CERTIFICATE`, else `SSL_CERT_FILE`; an empty value counts as not set.

    Raises:
        LocalProtocolError: the file does not exist, or has no certificate.
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
    """Trust the certificates that httpx uses, because some systems have no store."""
    if context.cert_store_stats()["x509_ca"]:
        return
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(cafile=certifi.where())


def _value(name: str, environ: Mapping[str, str] | None) -> str:
    # Keys that were read from a file often end with a line feed.
    return (os.environ if environ is None else environ).get(name, "").strip()
