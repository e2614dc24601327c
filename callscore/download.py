"""Fetch one file over HTTP so that it survives a lost network and a killed process; knows nothing of models.

Bytes go to a `.part` file, which a later attempt, or a later process, continues with an HTTP Range request. The file
appears under its own name only when it is whole, has the expected size and sha256, and is on the disk.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from callscore.http_answers import PASSING_STATUS, retry_after_s
from callscore.tls import TRUST_HINT, tls_context

__all__ = [
    "Download",
    "FetchError",
    "Progress",
    "Retry",
    "Silent",
    "download",
    "fetch_page",
    "open_client",
    "read_chunks",
    "sync_folder",
    "time_outs",
    "write_verified",
]

_CHUNK_BYTES: Final = 1 << 20


class FetchError(Exception):
    """One place could not give the file, for the reason in the message; another place may."""


class _LostError(Exception):
    """The transfer stopped early, for the reason in the message; going on from there may work, `after_s` from now."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Progress(Protocol):
    """Hears how far transfers are."""

    def begin(self, label: str, total_bytes: int | None, done_bytes: int) -> None:
        """A transfer starts, or starts again, with `done_bytes` already here; None: the size is unknown."""
        ...

    def advance(self, n_bytes: int) -> None:
        """So many more bytes of the transfer have come."""
        ...

    def note(self, text: str) -> None:
        """Something worth telling happened."""
        ...


class Silent:
    """Progress that nobody watches."""

    def begin(self, label: str, total_bytes: int | None, done_bytes: int) -> None:
        """Do nothing."""

    def advance(self, n_bytes: int) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How patient a download is.

    `attempts` in a row without a new byte, the first pause, which doubles, the longest that a server may ask for, the time-out.
    """

    attempts: int = 5
    wait_s: float = 1.0
    timeout_s: float = 60.0
    longest_wait_s: float = 900.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file to fetch. `part` holds what has come so far; None for `size_bytes` or `sha256`: not known beforehand.

    A file longer than `limit_bytes` is refused.
    """

    url: str
    target: Path
    part: Path
    size_bytes: int | None = None
    sha256: str | None = None
    limit_bytes: int | None = None


def open_client(
    *,
    timeout_s: float,
    headers: Mapping[str, str] | None = None,
    max_redirects: int = 20,
    hooks: Mapping[str, list[Callable[..., Any]]] | None = None,
) -> httpx.Client:
    """Return an HTTP client that trusts the certificates pip trusts and honours proxy variables.

    Args:
        timeout_s: for each wait of a transfer; connecting takes 20 s at the most.
        headers: sent with every request.
        max_redirects: how many are followed.
        hooks: httpx's event hooks, which see each request and answer, also those of redirects.

    Raises:
        ConfigError: if the configured bundle of certificates cannot be read.
    """
    # `identity`: a compressed answer would make Range offsets and Content-Length mean other bytes than ours.
    return httpx.Client(
        verify=tls_context(),
        headers={"Accept-Encoding": "identity", "User-Agent": "callscore", **(headers or {})},
        timeout=time_outs(timeout_s),
        follow_redirects=True,
        max_redirects=max_redirects,
        event_hooks=hooks,
    )


def time_outs(timeout_s: float) -> httpx.Timeout:
    """Return the time-outs of a client: a host that is not there is given up sooner than a slow one."""
    return httpx.Timeout(timeout_s, connect=min(timeout_s, 20.0))


def download(job: Download, client: httpx.Client, progress: Progress, retry: Retry) -> None:
    """Bring `job.target` into being, going on from `job.part` if there is one.

    Raises:
        FetchError: if the server refuses, keeps failing or sends other bytes than expected.
        OSError: if the disk is full or cannot be written.
    """
    resumed = job.part.exists()
    _transfer(job, client, progress, retry)
    reason = _difference(job)
    if reason and resumed:
        # What an earlier process left may be of an older file or damaged: once more from the first byte.
        progress.note(f"{job.target.name}: the part fetched earlier does not fit, fetching it again")
        job.part.unlink()
        _transfer(job, client, progress, retry)
        reason = _difference(job)
    if reason:
        job.part.unlink()
        raise FetchError(reason)
    with job.part.open("rb+") as stream:
        os.fsync(stream.fileno())
    job.part.replace(job.target)
    sync_folder(job.target.parent)


def fetch_page(url: str, client: httpx.Client, *, accept: str) -> tuple[str, str]:
    """Return the address, after redirects, and the text of a page.

    Raises:
        FetchError: if it cannot be had.
    """
    try:
        response = client.get(url, headers={"Accept": accept})
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise FetchError(str(exc) or type(exc).__name__) from exc
    if response.status_code != httpx.codes.OK:
        raise FetchError(f"HTTP {response.status_code} {response.reason_phrase}".strip())
    return str(response.url), response.text


def write_verified(chunks: Iterable[bytes], job: Download) -> None:
    """Write bytes at hand to `job.target` by way of `job.part`, with the checks of a download.

    Raises:
        FetchError: if they have not the expected size or sha256; nothing is left behind.
        OSError: if the disk is full or cannot be written.
    """
    digest = hashlib.sha256()
    n_bytes = 0
    with job.part.open("wb") as stream:
        for chunk in chunks:
            digest.update(chunk)
            n_bytes += len(chunk)
            stream.write(chunk)
            if job.size_bytes is not None and n_bytes > job.size_bytes:
                break
        stream.flush()
        os.fsync(stream.fileno())
    reason = _wrong(job, n_bytes, digest.hexdigest())
    if reason:
        job.part.unlink()
        raise FetchError(reason)
    job.part.replace(job.target)
    sync_folder(job.target.parent)


def read_chunks(path: Path, progress: Progress) -> Iterator[bytes]:
    """Yield the bytes of a file on this machine.

    Raises:
        FetchError: if it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            progress.begin(path.name, path.stat().st_size, 0)
            while chunk := stream.read(_CHUNK_BYTES):
                progress.advance(len(chunk))
                yield chunk
    except OSError as exc:
        raise FetchError(f"{path} cannot be read: {exc.strerror}") from exc


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on the disk, so that a rename outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _transfer(job: Download, client: httpx.Client, progress: Progress, retry: Retry) -> None:
    """Fetch until the server says that was all; start again where it stopped, up to `retry.attempts` times in vain."""
    vain, furthest = 0, _size(job.part)
    while True:
        if job.size_bytes is not None and _size(job.part) == job.size_bytes:
            return
        try:
            _attempt(job, client, progress)
        except (_LostError, httpx.TransportError) as exc:
            reason = str(exc) or type(exc).__name__
            if "CERTIFICATE_VERIFY_FAILED" in reason:
                raise FetchError(f"{reason}; {TRUST_HINT}") from exc
            # Measured against the furthest point ever: a server that starts over each time must not keep us for good.
            vain = 0 if _size(job.part) > furthest else vain + 1
            furthest = max(furthest, _size(job.part))
            if vain >= retry.attempts:
                raise FetchError(f"{reason} ({vain} attempts)") from exc
            progress.note(f"{job.target.name}: {reason}; going on from byte {_size(job.part)}")
            asked_s = exc.after_s if isinstance(exc, _LostError) else 0.0
            if asked_s > retry.longest_wait_s:
                raise FetchError(f"{reason}; the server asks to come again in {asked_s / 60:.0f} min") from exc
            retry.sleep(max(retry.wait_s * 2 ** max(vain - 1, 0), asked_s))
        except httpx.HTTPError as exc:
            raise FetchError(str(exc) or type(exc).__name__) from exc
        except httpx.InvalidURL as exc:
            raise FetchError(f"the address cannot be used: {exc}") from exc
        else:
            return


def _attempt(job: Download, client: httpx.Client, progress: Progress) -> None:
    have = _size(job.part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", job.url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            job.part.unlink()
            raise _LostError("the server has no such bytes")
        _check_status(response)
        start = _start_of(response)
        if start not in (0, have):
            raise _LostError(f"the server sent bytes from {start} instead of {have}")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else job.size_bytes
        progress.begin(job.target.name, total, start)
        with job.part.open("ab" if start else "wb") as stream:
            for chunk in response.iter_raw():
                stream.write(chunk)
                progress.advance(len(chunk))
                if job.size_bytes is not None and stream.tell() > job.size_bytes:
                    break  # not our file: `download` says so; going on might fill the disk
                if job.limit_bytes is not None and stream.tell() > job.limit_bytes:
                    raise FetchError(f"the file is larger than {job.limit_bytes // 2**20} MiB")
    now = _size(job.part)
    if job.size_bytes is not None and now < job.size_bytes:
        raise _LostError(f"the server stopped after {now} of {job.size_bytes} bytes")


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        return
    text = f"HTTP {status} {response.reason_phrase}".strip()
    if status in PASSING_STATUS:
        raise _LostError(text, retry_after_s(response.headers.get("Retry-After", "")) or 0.0)
    raise FetchError(text)


def _start_of(response: httpx.Response) -> int:
    """Return the offset of the first byte of the answer."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if found is None:
        raise FetchError("the server sent a part of the file without saying which")
    return int(found.group(1))


def _difference(job: Download) -> str:
    """Return how the fetched bytes differ from those expected; empty if they do not."""
    found = ""
    if job.sha256 is not None:
        with job.part.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    return _wrong(job, _size(job.part), found)


def _wrong(job: Download, n_bytes: int, sha256: str) -> str:
    if job.size_bytes is not None and n_bytes != job.size_bytes:
        size = f"over {job.size_bytes}" if n_bytes > job.size_bytes else str(n_bytes)
        return f"{job.target.name} has {size} bytes, expected {job.size_bytes}"
    if job.sha256 is not None and sha256 != job.sha256:
        return f"{job.target.name} has sha256 {sha256}, expected {job.sha256}"
    return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
