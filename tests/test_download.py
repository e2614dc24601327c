"""Fetching one file through a network that fails."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.download import Download, FetchError, Retry, Silent, download, open_client, write_verified
from tests.file_server import Fault, FileServer, serve

BODY = random.Random(7).randbytes(200_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
QUICK = Retry(attempts=3, wait_s=0.01, timeout_s=2.0)


@pytest.fixture
def site() -> Iterator[FileServer]:
    """Return a server with one file, /f."""
    with serve({"/f": BODY}) as server:
        yield server


def job(site: FileServer, folder: Path, path: str = "/f") -> Download:
    """Return the job to fetch that file into `folder`."""
    return Download(url=site.url + path, target=folder / "f", part=folder / "f.part", size_bytes=len(BODY), sha256=SHA256)


def fetch(item: Download) -> None:
    """Run a download with little patience."""
    with open_client(timeout_s=QUICK.timeout_s) as client:
        download(item, client, Silent(), QUICK)


def test_a_whole_file_appears_and_no_part_stays(site: FileServer, tmp_path: Path) -> None:
    """A finished download leaves the file and nothing else."""
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_cut_connection_is_gone_on_from(site: FileServer, tmp_path: Path) -> None:
    """After a cut only the missing bytes are asked for."""
    site.faults["/f"] = [Fault(cut_after=50_000), Fault(cut_after=90_000)]
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY
    starts = [item.range_start for item in site.asked]
    assert len(starts) == 3
    assert 0 < starts[1] <= 50_000 < starts[2] <= 140_000


def test_a_part_of_an_earlier_process_is_gone_on_from(site: FileServer, tmp_path: Path) -> None:
    """What a killed process left is not fetched again."""
    (tmp_path / "f.part").write_bytes(BODY[:120_000])
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY
    assert [item.range_start for item in site.asked] == [120_000]


def test_a_whole_part_needs_no_request(site: FileServer, tmp_path: Path) -> None:
    """A process killed between the last byte and the rename costs nothing."""
    (tmp_path / "f.part").write_bytes(BODY)
    fetch(job(site, tmp_path))
    assert site.asked == []
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.parametrize("size", [1000, 200_000, 300_000])
def test_a_part_of_another_file_is_thrown_away(site: FileServer, tmp_path: Path, size: int) -> None:
    """A part that does not lead to the right sha256 is fetched again from the first byte."""
    (tmp_path / "f.part").write_bytes(b"x" * size)
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY


def test_a_server_without_ranges_sends_all_again(site: FileServer, tmp_path: Path) -> None:
    """An answer to a Range request that starts at 0 replaces the part instead of growing it."""
    (tmp_path / "f.part").write_bytes(BODY[:120_000])
    site.faults["/f"] = [Fault(ignore_range=True)]
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.parametrize("body", [b"short", b"y" * 200_000, BODY + b"more", b""])
def test_other_bytes_are_refused(site: FileServer, tmp_path: Path, body: bytes) -> None:
    """Nothing but the expected bytes gets the file's name, and they are not kept as a part either."""
    site.files["/f"] = body
    with pytest.raises(FetchError):
        fetch(job(site, tmp_path))
    assert not (tmp_path / "f").exists()
    if len(body) >= len(BODY):
        assert not (tmp_path / "f.part").exists()


def test_a_wrong_hash_is_told_with_both_values(site: FileServer, tmp_path: Path) -> None:
    """The message names the file, what was found and what was expected."""
    site.files["/f"] = b"y" * 200_000
    with pytest.raises(FetchError, match=f"f has sha256 {hashlib.sha256(b'y' * 200_000).hexdigest()}, expected {SHA256}"):
        fetch(job(site, tmp_path))


def test_a_busy_server_is_asked_again(site: FileServer, tmp_path: Path) -> None:
    """503 and 429 mean later, not never."""
    site.faults["/f"] = [Fault(status=503), Fault(status=429)]
    fetch(job(site, tmp_path))
    assert (tmp_path / "f").read_bytes() == BODY


def test_a_missing_file_is_not_asked_for_again(site: FileServer, tmp_path: Path) -> None:
    """404 is an answer: one request, and the status in the message."""
    with pytest.raises(FetchError, match="HTTP 404 Not Found"):
        fetch(job(site, tmp_path, "/none"))
    assert site.paths() == ["/none"]


def test_patience_ends(site: FileServer, tmp_path: Path) -> None:
    """A server that never gives a byte is given up after the set number of attempts."""
    site.always = Fault(status=500)
    with pytest.raises(FetchError, match=r"HTTP 500 Internal Server Error \(3 attempts\)"):
        fetch(job(site, tmp_path))
    assert len(site.asked) == 3


def test_nobody_listening_is_said(tmp_path: Path) -> None:
    """A refused connection becomes a plain reason, no traceback of the library."""
    with serve() as site:
        item = job(site, tmp_path)
    with pytest.raises(FetchError, match="Connection refused"):
        fetch(item)


def test_a_stalled_server_is_left(site: FileServer, tmp_path: Path) -> None:
    """A server that stops sending without closing is left after the time-out, and asked for the rest."""
    site.faults["/f"] = [Fault(wait_s=3.0)]
    with open_client(timeout_s=0.2) as client:
        download(job(site, tmp_path), client, Silent(), QUICK)
    assert (tmp_path / "f").read_bytes() == BODY
    assert [item.range_start for item in site.asked] == [0, 16_384]


def test_local_bytes_pass_the_same_checks(tmp_path: Path) -> None:
    """Bytes at hand that are wrong leave neither the file nor a part."""
    item = Download(url="", target=tmp_path / "f", part=tmp_path / "f.part", size_bytes=3, sha256="0" * 64)
    with pytest.raises(FetchError, match="f has over 3 bytes, expected 3"):
        write_verified(iter([b"ab", b"cd"]), item)
    with pytest.raises(FetchError, match="f has 2 bytes, expected 3"):
        write_verified(iter([b"ab"]), item)
    assert list(tmp_path.iterdir()) == []
