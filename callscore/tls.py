"""Which certificates to trust for HTTPS: the same as pip, so that a machine set up for one is set up for both."""

from __future__ import annotations

import functools
import os
import ssl
from pathlib import Path
from typing import Final

import httpx

from callscore.errors import ConfigError
from callscore.pip import pip_settings

__all__ = ["TRUST_HINT", "ca_bundle", "tls_context"]

TRUST_HINT: Final = "name the certificates to trust in PIP_CERT or SSL_CERT_FILE"
_CA_VARIABLES: Final = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def tls_context() -> ssl.SSLContext:
    """Return the trust that pip uses: its `cert` setting or PIP_CERT, the usual variables; else the system's and httpx's own.

    Raises:
        ConfigError: if the configured bundle cannot be read.
    """
    bundle, origin = _configured()
    try:
        return _context(bundle)
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise ConfigError(f"the trusted certificates cannot be read: {reason}", where=f"{origin} = {bundle}") from exc


def ca_bundle() -> str:
    """Return the configured file of trusted certificates, for libraries that take no context; empty if there is none."""
    bundle = _configured()[0]
    return bundle if Path(bundle).is_file() else ""


@functools.lru_cache(maxsize=4)
def _context(bundle: str) -> ssl.SSLContext:
    """Return the trust in a bundle; made once, because reading a system's certificates takes a tenth of a second."""
    if not bundle:
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        return context
    if Path(bundle).is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _configured() -> tuple[str, str]:
    bundle, origin = pip_settings().get("cert", ""), "pip's cert setting"
    for name in _CA_VARIABLES:
        if not bundle and os.environ.get(name):
            bundle, origin = os.environ[name], name
    return bundle, origin
