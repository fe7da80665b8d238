"""A certificate of our own, made for a test."""

from __future__ import annotations

import atexit
import functools
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

__all__ = ["Certificate", "certificate"]


class Certificate(NamedTuple):
    """A self-signed certificate for 127.0.0.1, and a server's context with it."""

    path: Path
    context: ssl.SSLContext

    def trusting(self) -> ssl.SSLContext:
        """A client's context that trusts it, and nothing else."""
        return ssl.create_default_context(cafile=str(self.path))


@functools.cache
def certificate() -> Certificate:
    """Make it, once; skip the test where there is nothing to make it with."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = Path(tempfile.mkdtemp(prefix="codex-proto-tls-"))
    # The environment names the file for as long as there are tests.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key, path = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", str(key), "-out", str(path), "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    return Certificate(path, context)
