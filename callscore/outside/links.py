"""Recordings behind links: fetched at once, resumed, checked for length and kind, and never from where they must not be."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from callscore.download import Download, FetchError, Retry, Silent, download, open_client
from callscore.errors import RecordingError
from callscore.outside.pages import Patience

__all__ = ["Link", "audio_ending", "fetch_link", "recording_stem"]

MAX_RECORDING_BYTES: Final = 2 * 1024**3
_TEXT_TYPES: Final = ("text/", "application/json", "application/xml", "application/problem", "application/xhtml")
_MAGIC: Final = (
    (b"RIFF", ".wav"), (b"ID3", ".mp3"), (b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"\x1aE\xdf\xa3", ".webm"),
    (b"#!AMR", ".amr"), (b".snd", ".au"), (b"FORM", ".aiff"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address of a recording. `headers` go to its own host only, never to one it redirects to.

    `trusted_hosts` may have private addresses; others are refused with them, because a link comes from outside and must not
    lead into the customer's network.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    trusted_hosts: tuple[str, ...] = ()


def fetch_link(link: Link, stem: Path, patience: Patience) -> Path:
    """Download a recording to `stem` plus the ending its bytes call for, and return that path.

    What an earlier attempt got is gone on from. The file has its name only when it is whole and is sound.

    Raises:
        RecordingError: refused, gone, cut off every time, an error page instead of sound, or a forbidden address.
        OSError: if the disk is full or cannot be written.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    whole = stem.with_name(f"{stem.name}.fetched")
    job = Download(url=link.url, target=whole, part=stem.with_name(f"{stem.name}.part"), limit_bytes=MAX_RECORDING_BYTES)
    retry = Retry(
        attempts=patience.attempts,
        wait_s=patience.first_wait_s,
        timeout_s=patience.timeout_s,
        longest_wait_s=patience.longest_wait_s,
        sleep=patience.sleep,
    )
    try:
        with _client(link, patience) as client:
            download(job, client, Silent(), retry)
    except FetchError as exc:
        job.part.unlink(missing_ok=True)
        raise RecordingError(f"the recording cannot be fetched: {exc}") from exc
    except (httpx.InvalidURL, UnicodeError):
        raise RecordingError("the recording cannot be fetched: its link is no web address") from None
    ending = audio_ending(whole)
    if not ending:
        whole.unlink()
        raise RecordingError("the system gave an error page instead of a recording")
    target = stem.with_name(stem.name + ending)
    whole.replace(target)
    return target


def recording_stem(folder: Path, call_id: str, rec_id: str = "") -> Path:
    """Return a path without ending for a recording; ids from outside become harmless names.

    >>> recording_stem(Path("rec"), "../../17 724.1", "a/b").as_posix()
    'rec/.._.._17_724.1-a_b'
    """
    name = "-".join(_harmless(part) for part in (call_id, rec_id) if part)
    return folder / (name.lstrip(".") if set(name) <= {".", "_"} else name)


def audio_ending(path: Path) -> str:
    """Return the file ending that the first bytes call for, ".bin" where they do not tell; empty for a text or nothing."""
    with path.open("rb") as stream:
        head = stream.read(512)
    for magic, ending in _MAGIC:
        if head.startswith(magic):
            return ending
    if head[4:8] == b"ftyp":
        return ".m4a"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return ".mp3"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    is_text = start[:1] in (b"<", b"{", b"[") or all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head)
    return "" if not head or is_text else ".bin"


def _harmless(part: str) -> str:
    name = re.sub(r"[^\w.@+-]+", "_", part)
    # Letters take up to four bytes, and a file name has room for 255; what is cut off must still tell ids apart.
    if len(name.encode()) <= 100:
        return name
    start = name.encode()[:80].decode(errors="ignore")
    return f"{start}-{hashlib.sha256(part.encode(errors='replace')).hexdigest()[:12]}"


def _client(link: Link, patience: Patience) -> httpx.Client:
    home = httpx.URL(link.url)
    trusted = tuple(host.lower() for host in link.trusted_hosts)

    def guard(request: httpx.Request) -> None:
        _refuse_private(request.url, trusted)
        if (request.url.host, request.url.port, request.url.scheme) != (home.host, home.port, home.scheme):
            for name in link.headers:
                request.headers.pop(name, None)
            if home.scheme == "https" and request.url.scheme != "https":
                raise FetchError("a secure link leads to an insecure one")

    def examine(response: httpx.Response) -> None:
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        is_proxied = _has_proxy(response.url)  # the peer is then the proxy, which may well be in the customer's network
        if peer and not is_proxied and response.url.host not in trusted and _is_private(str(peer[0])):
            raise FetchError("the address is a private one; list its host in allow_hosts if that is meant")
        kind = response.headers.get("Content-Type", "").lower()
        if response.status_code == httpx.codes.OK and kind.startswith(_TEXT_TYPES):
            raise FetchError("the system gave an error page instead of a recording")

    hooks: dict[str, list[Callable[..., None]]] = {"request": [guard], "response": [examine]}
    return open_client(timeout_s=patience.timeout_s, headers=link.headers, max_redirects=5, hooks=hooks)


def _refuse_private(url: httpx.URL, trusted_hosts: tuple[str, ...]) -> None:
    """Raise FetchError for an address within the customer's own network, unless its host is trusted."""
    if url.scheme not in ("http", "https") or not url.host:
        raise FetchError("the link is no web address")
    if url.host in trusted_hosts:
        return
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return  # behind a proxy names need not resolve here; without one the connection says so itself
    if any(_is_private(str(address[4][0])) for address in found):
        raise FetchError("the address is a private one; list its host in allow_hosts if that is meant")


def _has_proxy(url: httpx.URL) -> bool:
    proxies = urllib.request.getproxies()
    return bool({url.scheme, "all"} & set(proxies)) and not urllib.request.proxy_bypass(url.host)


def _is_private(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_global
    except ValueError:
        return True
