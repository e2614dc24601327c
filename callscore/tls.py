"""Which certificates to trust for HTTPS: the same as pip, so that a machine set up for one is set up for both."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx

from callscore.errors import ConfigError

__all__ = ["tls_context"]

_CA_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def tls_context() -> ssl.SSLContext:
    """Return the trust that pip uses: PIP_CERT, its `cert` setting, the usual variables; else the system's and httpx's own.

    Raises:
        ConfigError: if the configured bundle cannot be read.
    """
    bundle, origin = _pip_cert()
    for name in _CA_VARIABLES:
        if not bundle and os.environ.get(name):
            bundle, origin = os.environ[name], name
    try:
        if not bundle:
            context = httpx.create_ssl_context(trust_env=False)
            context.load_default_certs()
            return context
        if Path(bundle).is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise ConfigError(f"the trusted certificates cannot be read: {reason}", where=f"{origin} = {bundle}") from exc


def _pip_cert() -> tuple[str, str]:
    if os.environ.get("PIP_CERT"):
        return os.environ["PIP_CERT"], "PIP_CERT"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own pip
    except (OSError, subprocess.SubprocessError):
        return "", ""
    settings = dict(re.findall(r"^(\S+?)='(.*)'$", done.stdout, flags=re.MULTILINE))
    for name in ("install.cert", "download.cert", "global.cert"):
        if settings.get(name):
            return settings[name], f"pip's {name}"
    return "", ""
