"""HTTPS is trusted as pip trusts it."""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from callscore.download import Download, FetchError, Retry, Silent, download, open_client
from callscore.errors import ConfigError
from callscore.tls import tls_context
from tests.file_server import serve

NAMES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from a machine without any setting."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for 127.0.0.1 that no one trusts yet, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


def fetch(certificate: Path, folder: Path) -> None:
    """Fetch a file from a server that shows the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with serve({"/f": b"abc"}, tls=context) as site:
        known = hashlib.sha256(b"abc").hexdigest()
        job = Download(url=f"{site.url}/f", target=folder / "f", part=folder / "f.part", sha256=known)
        with open_client(timeout_s=5.0) as client:
            download(job, client, Silent(), Retry(attempts=1, wait_s=0.01))


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_named_bundle_is_trusted(certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each variable that pip or its neighbours know opens the way through a company's proxy."""
    monkeypatch.setenv(name, str(certificate))
    fetch(certificate, tmp_path)
    assert (tmp_path / "f").read_bytes() == b"abc"


def test_the_cert_setting_of_pip_is_trusted(certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pip config set global.cert` is enough."""
    (tmp_path / "pip.conf").write_text(f"[global]\ncert = {certificate}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    fetch(certificate, tmp_path)
    assert (tmp_path / "f").read_bytes() == b"abc"


def test_an_unknown_certificate_is_refused_with_advice(certificate: Path, tmp_path: Path) -> None:
    """Nothing is fetched from a server that nobody vouches for."""
    with pytest.raises(FetchError, match="name the certificates to trust in PIP_CERT or SSL_CERT_FILE"):
        fetch(certificate, tmp_path)
    assert not (tmp_path / "f").exists()


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that points nowhere is told by its name, not passed over."""
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "none.pem"))
    with pytest.raises(ConfigError, match="the trusted certificates cannot be read") as caught:
        tls_context()
    assert caught.value.where == f"pip's cert setting = {tmp_path / 'none.pem'}"


def test_without_settings_public_authorities_are_trusted() -> None:
    """A plain machine can reach public servers."""
    assert len(tls_context().get_ca_certs()) > 50
