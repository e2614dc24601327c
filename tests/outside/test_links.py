"""Recordings behind links."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callscore.errors import RecordingError
from callscore.outside import links
from callscore.outside.links import Link, audio_ending, fetch_link, recording_stem
from callscore.outside.pages import Patience
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.story import beep

SOUND = beep(2.0)
HERE = ("127.0.0.1",)


def patience(naps: list[float] | None = None) -> Patience:
    """Return a patience that notes its pauses instead of making them."""
    noted = [] if naps is None else naps
    return Patience(attempts=3, first_wait_s=0.5, timeout_s=2.0, sleep=noted.append)


def fetch(url: str, folder: Path, trusted_hosts: tuple[str, ...] = HERE, **options: Any) -> Path:
    """Fetch a recording into a folder."""
    return fetch_link(Link(url=url, trusted_hosts=trusted_hosts, **options), folder / "rec", patience())


def sound(asked: Asked) -> Reply:
    """Give the recording, from the byte that is asked for."""
    start = int(asked.headers.get("range", "bytes=0-")[6:-1])
    headers = {"Content-Type": "audio/x-wav"}
    if start:
        return Reply(SOUND[start:], 206, {**headers, "Content-Range": f"bytes {start}-{len(SOUND) - 1}/{len(SOUND)}"})
    return Reply(SOUND, headers=headers)


def files(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_recording_gets_the_ending_of_its_bytes(tmp_path: Path) -> None:
    """The name of a link says nothing."""
    with serving(sound) as server:
        path = fetch(f"{server.url}/record.mp3?sign=x", tmp_path)
    assert path.read_bytes() == SOUND
    assert files(tmp_path) == ["rec.wav"]


def test_a_truncated_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What came is kept, and the rest is asked for."""
    with serving(sound) as server:
        server.faults.append(Reply(SOUND, headers={"Content-Type": "audio/x-wav"}, cut_after=10_000))
        path = fetch(server.url, tmp_path)
        assert [item.headers.get("range") for item in server.asked] == [None, "bytes=10000-"]
    assert path.read_bytes() == SOUND


def test_a_killed_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What an earlier process left is used."""
    (tmp_path / "rec.part").write_bytes(SOUND[:5000])
    with serving(sound) as server:
        assert fetch(server.url, tmp_path).read_bytes() == SOUND
        assert server.asked[0].headers["range"] == "bytes=5000-"


def test_a_server_that_cannot_go_on_starts_over(tmp_path: Path) -> None:
    """Without ranges the whole comes again."""
    (tmp_path / "rec.part").write_bytes(b"RIFF of an older file")
    with serving(lambda _: Reply(SOUND)) as server:
        assert fetch(server.url, tmp_path).read_bytes() == SOUND


def test_a_download_that_always_stops_is_given_up(tmp_path: Path) -> None:
    """No file with half a call stays behind."""
    with serving(lambda _: Reply(SOUND, cut_after=100)) as server, pytest.raises(RecordingError):
        fetch(server.url, tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "page",
    [
        Reply("<html>link expired</html>", headers={"Content-Type": "audio/mpeg"}),
        Reply("<!DOCTYPE html>", headers={"Content-Type": "text/html; charset=utf-8"}),
        Reply({"error": "expired"}, headers={"Content-Type": "application/octet-stream"}),
        Reply("KEY_IS_EXPIRED"),
        Reply(b"\xef\xbb\xbf\r\n<?xml version='1.0'?>"),
        Reply(b""),
    ],
    ids=["a page as mp3", "a page", "JSON", "a text", "XML", "nothing"],
)
def test_an_error_page_with_status_200_is_no_recording(tmp_path: Path, page: Reply) -> None:
    """The classic: an HTML page saved as mp3."""
    with serving(lambda _: page) as server, pytest.raises(RecordingError):
        fetch(server.url, tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_tried_again(tmp_path: Path, status: int) -> None:
    """An expired link stays expired."""
    with serving(lambda _: Reply("KEY_IS_EXPIRED", status=status)) as server, pytest.raises(RecordingError, match=str(status)):
        fetch(server.url, tmp_path)
    assert len(server.asked) == 1


def test_a_passing_error_is_tried_again(tmp_path: Path) -> None:
    """A server under load is given time."""
    naps: list[float] = []
    with serving(sound) as server:
        server.faults += [Reply(status=503), Reply(status=429)]
        fetch_link(Link(url=server.url, trusted_hosts=HERE), tmp_path / "rec", patience(naps))
    assert naps == [0.5, 1.0]


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is not the server's to fill."""
    monkeypatch.setattr(links, "MAX_RECORDING_BYTES", 1024 * 1024)
    with (
        serving(lambda _: Reply(SOUND + b"\0" * 3 * 1024 * 1024)) as server,
        pytest.raises(RecordingError, match="larger than 1 MiB"),
    ):
        fetch(server.url, tmp_path)
    assert files(tmp_path) == []


def test_headers_go_to_their_own_host_only(tmp_path: Path) -> None:
    """A storage that the system leads to does not learn the key; another port is another host."""
    with serving(sound) as storage:

        def lead(asked: Asked) -> Reply:
            path = "/second" if asked.path == "/first" else f"{storage.url}/file"
            return Reply(status=302, headers={"Location": path})

        with serving(lead) as server:
            headers = {"Authorization": "Bearer SECRET", "X-Key": "SECRET"}
            path = fetch(f"{server.url}/first", tmp_path, headers=headers)
            assert [item.headers.get("x-key") for item in server.asked] == ["SECRET", "SECRET"]
    assert path.read_bytes() == SOUND
    assert [item.headers.get("authorization", item.headers.get("x-key")) for item in storage.asked] == [None]


def test_headers_do_not_come_back_after_a_detour(tmp_path: Path) -> None:
    """Who led away and back again may have an eye on what comes with it."""
    with serving(sound) as home, serving(sound) as other:
        home.handler = lambda asked: (
            sound(asked) if asked.path == "/end" else Reply(status=302, headers={"Location": f"{other.url}/x"})
        )
        other.handler = lambda _: Reply(status=302, headers={"Location": f"{home.url}/end"})
        fetch(f"{home.url}/start", tmp_path, headers={"X-Key": "SECRET"})
        assert [item.headers.get("x-key") for item in home.asked] == ["SECRET", None]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_private_addresses_are_refused(tmp_path: Path, host: str) -> None:
    """However it is spelled, a link from outside does not lead into the customer's network."""
    with serving(sound) as server:
        url = f"http://{host}:{server.url.rsplit(':', 1)[1]}/rec.mp3"
        with pytest.raises(RecordingError, match=r"allow_hosts|cannot be fetched"):
            fetch(url, tmp_path, trusted_hosts=())
        assert server.asked == []


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path) -> None:
    """The first host may be trusted; where it leads to is not."""
    with serving(sound) as inner:
        port = inner.url.rsplit(":", 1)[1]
        away = Reply(status=302, headers={"Location": f"http://localhost:{port}/secret"})
        with serving(lambda _: away) as server, pytest.raises(RecordingError, match="allow_hosts"):
            fetch(server.url, tmp_path)
        assert inner.asked == []


def test_a_name_that_turns_private_after_the_look_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may resolve to one address when looked up and to another when connected to."""
    real = socket.getaddrinfo
    looks: list[Any] = []

    def turn(host: Any, *args: Any, **options: Any) -> Any:
        looks.append(host)
        address = "93.184.215.14" if len(looks) == 1 else "127.0.0.1"
        return real(address, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", turn)
    with serving(sound) as server:
        url = f"http://records.example:{server.url.rsplit(':', 1)[1]}/"
        with pytest.raises(RecordingError, match="private"):
            fetch(url, tmp_path, trusted_hosts=())
    assert files(tmp_path) == []


def test_a_proxy_in_the_own_network_is_no_private_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many offices reach the internet through one."""
    with serving(sound) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert fetch("http://93.184.215.14/rec.wav", tmp_path, trusted_hosts=()).read_bytes() == SOUND


def test_trusted_hosts_count_in_any_case(tmp_path: Path) -> None:
    """Host names have no capitals."""
    with serving(sound) as server:
        url = f"http://localhost:{server.url.rsplit(':', 1)[1]}/"
        assert fetch(url, tmp_path, trusted_hosts=("LOCALHOST",)).read_bytes() == SOUND


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rec.mp3",
        "//host/rec.mp3",
        "ftp://host/x",
        "file:///etc/passwd",
        "http://",
        "http://[bad/",
        "http://h:port/",
        "http://a\nb/",
    ],
)
def test_what_is_no_web_address_is_refused(tmp_path: Path, url: str) -> None:
    """A row may hold anything; one recording fails, not the run."""
    with pytest.raises(RecordingError):
        fetch(url, tmp_path)


def test_no_message_holds_the_link(tmp_path: Path) -> None:
    """Links are secrets while they live."""
    with serving(lambda _: Reply(status=404)) as server, pytest.raises(RecordingError) as caught:
        fetch(f"{server.url}/SIGNATURE/rec.mp3", tmp_path)
    assert "SIGNATURE" not in caught.value.message


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (b"RIFF....WAVEfmt ", ".wav"),
        (b"ID3\x04", ".mp3"),
        (b"\xff\xfb\x90\x00", ".mp3"),
        (b"OggS", ".ogg"),
        (b"\0\0\0\x20ftypM4A ", ".m4a"),
        (b"\x80\x81\x82", ".bin"),
        (b"", ""),
        (b"  <html>", ""),
        (b'{"error": 1}', ""),
        (b"KEY_IS_EXPIRED", ""),
    ],
)
def test_endings(tmp_path: Path, head: bytes, ending: str) -> None:
    """The first bytes tell; a text is no recording."""
    path = tmp_path / "x"
    path.write_bytes(head)
    assert audio_ending(path) == ending


@given(st.text(min_size=1), st.text())
@example("𝐀" * 80, "𝐀" * 80)
def test_stems_stay_in_their_folder(call_id: str, rec_id: str) -> None:
    """Ids come from outside."""
    folder = Path("recordings")
    stem = recording_stem(folder, call_id, rec_id)
    assert stem.parent == folder
    assert stem.name not in ("", ".", "..")
    assert len(stem.name.encode(errors="replace")) < 230


def test_long_ids_do_not_meet() -> None:
    """What is cut off still tells two recordings apart."""
    folder = Path("recordings")
    assert recording_stem(folder, "1", "a" * 300 + "b") != recording_stem(folder, "1", "a" * 300 + "c")


def test_a_pause_that_the_store_of_recordings_asks_for_is_kept(tmp_path: Path) -> None:
    """Retry-After counts for downloads too; a longer one than our patience ends the try."""
    naps: list[float] = []
    with serving(sound) as server:
        server.faults.append(Reply(status=429, headers={"Retry-After": "7"}))
        fetch_link(Link(url=server.url, trusted_hosts=HERE), tmp_path / "rec", patience(naps))
        server.faults.append(Reply(status=503, headers={"Retry-After": "7200"}))
        with pytest.raises(RecordingError, match="come again in 120 min"):
            fetch_link(Link(url=server.url, trusted_hosts=HERE), tmp_path / "other", patience(naps))
    assert naps == [7.0]
