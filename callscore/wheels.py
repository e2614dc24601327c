"""Fetch wheels through the package index that pip is set up for, and read files out of them; never installs or imports one.

pip knows the configured indexes, but it cannot resume a download, so its settings are read and the file is fetched from
here. What only pip can do (an index with a keyring, its own proxy setting) is left to `pip download`.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit
from urllib.request import url2pathname

from callscore.catalogue import Wheel
from callscore.download import (
    Download,
    FetchError,
    Progress,
    Retry,
    download,
    fetch_page,
    open_client,
    read_chunks,
    write_verified,
)
from callscore.pip import PipError, default_index, pip_settings, run_pip

__all__ = ["IndexReader", "Link", "parse_page", "read_member"]

_CHUNK_BYTES: Final = 1 << 20
# The simple repository API as JSON (PEP 691), else as HTML (PEP 503).
_ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
# The wheels are archives of data, so one platform is named for all machines: that which they were published for.
_PLATFORM: Final = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--only-binary=:all:", "--no-deps")


@dataclass(frozen=True, slots=True)
class Link:
    """A file that an index offers; `sha256` is None if the index does not say."""

    name: str
    url: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class IndexReader:
    """Fetches wheels into `folder`, where a wheel that several models need is found again."""

    folder: Path
    progress: Progress
    retry: Retry

    def fetch(self, wheel: Wheel) -> Path:
        """Return the path of `wheel` on this machine.

        Raises:
            ConfigError: if the certificates to trust cannot be read.
            FetchError: if neither we nor pip can fetch it, with both reasons.
            OSError: if the disk is full or cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / wheel.file
        if target.is_file():
            return target
        try:
            self._fetch(self._locate(wheel), target)
        except FetchError as exc:
            self.progress.note(f"{wheel.file}: {exc}; letting pip fetch it")
            try:
                _pip_download(wheel, target)
            except PipError as pip_exc:
                raise FetchError(f"{exc}; pip: {pip_exc}") from pip_exc
        return target

    def _locate(self, wheel: Wheel) -> Link:
        """Return where the first index that has the wheel offers it."""
        reasons = []
        for place, is_index in _places():
            page = f"{place.rstrip('/')}/{wheel.package}/" if is_index else place
            try:
                links = self._list(page)
            except FetchError as exc:
                reasons.append(f"{_shown(page)}: {exc}")
                continue
            for link in links:
                if link.name == wheel.file:
                    return link
            reasons.append(f"{_shown(page)}: no {wheel.file}")
        raise FetchError("; ".join(reasons) or "pip is set up for no index")

    def _list(self, page: str) -> tuple[Link, ...]:
        local = _local_path(page)
        if local is not None:
            try:
                return tuple(Link(path.name, path.as_uri(), None) for path in sorted(local.iterdir()))
            except OSError as exc:
                raise FetchError(str(exc.strerror)) from exc
        with open_client(timeout_s=self.retry.timeout_s) as client:
            url, text = fetch_page(page, client, accept=_ACCEPT)
        return parse_page(text, url)

    def _fetch(self, link: Link, target: Path) -> None:
        job = Download(url=link.url, target=target, part=target.with_name(f"{target.name}.part"), sha256=link.sha256)
        local = _local_path(link.url)
        if local is not None:
            write_verified(read_chunks(local, self.progress), job)
        else:
            with open_client(timeout_s=self.retry.timeout_s) as client:
                download(job, client, self.progress, self.retry)


def parse_page(text: str, url: str) -> tuple[Link, ...]:
    """Return the files that a page of an index, JSON or HTML, offers.

    >>> parse_page('<a href="../f/a-1-py3-none-any.whl#sha256=12">a</a>', "https://x/simple/a/")
    (Link(name='a-1-py3-none-any.whl', url='https://x/simple/f/a-1-py3-none-any.whl', sha256='12'),)
    """
    if text.lstrip().startswith("{"):
        try:
            files = json.loads(text)["files"]
            return tuple(Link(str(f["filename"]), urljoin(url, f["url"]), f.get("hashes", {}).get("sha256")) for f in files)
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise FetchError("the index answered with something else than a list of files") from exc
    reader = _AnchorReader()
    reader.feed(text)
    links = []
    for href in reader.hrefs:
        address, fragment = urldefrag(urljoin(url, href))
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None
        links.append(Link(Path(unquote(urlsplit(address).path)).name, address, sha256))
    return tuple(links)


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
        raise FetchError(f"{path.name} is no wheel or is damaged: {exc}") from exc


class _AnchorReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hrefs += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _places() -> Iterator[tuple[str, bool]]:
    """Yield the folders, pages and indexes pip would search; True for an index, which has a page per package."""
    settings = pip_settings()
    for place in settings.get("find-links", "").split():
        yield place, False
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on", "y", "t"):
        return
    for place in (settings.get("index-url") or default_index(), *settings.get("extra-index-url", "").split()):
        if place:
            yield place, True


def _local_path(place: str) -> Path | None:
    """Return the path that an address without a network means, None for others."""
    parts = urlsplit(place)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return Path(place).expanduser() if not parts.scheme else None


def _shown(place: str) -> str:
    """Return an address without the password it may hold.

    >>> _shown("https://me:secret@host:81/simple/a/")
    'https://host:81/simple/a/'
    """
    parts = urlsplit(place)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _pip_download(wheel: Wheel, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        run_pip("download", "--quiet", "--dest", temporary, *_PLATFORM, f"{wheel.package}=={wheel.version}")
        found = Path(temporary) / target.name
        if not found.is_file():
            raise PipError(f"brought no {target.name}")
        shutil.move(found, target)
