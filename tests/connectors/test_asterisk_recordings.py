"""Recordings of MixMonitor and FreePBX: which file is which call's, and two legs that become one stereo file."""

from __future__ import annotations

import io
import struct
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.errors import RecordingError
from callscore.outside.pages import Level
from callscore.records import CallRecord, RecordingLink
from callscore.sources.asterisk import Settings, open_source
from callscore.sources.asterisk.recordings import GUESSED
from tests.connectors.asterisk_lines import CLIENT, SEVEN, Row, one, read, write_rows
from tests.connectors.story import beep, quick_tools

UID = "1772434800.1"
OUT = Row(src="101", dst=CLIENT, channel="PJSIP/101-00000002", dstchannel="PJSIP/trunk-1", dcontext="x", lastapp="Dial")


def shelve(folder: Path, *names: str, data: bytes = beep(channels=1)) -> Path:
    """Write recordings below a monitor folder and return that."""
    monitor = folder / "monitor"
    for name in names:
        path = monitor / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    monitor.mkdir(exist_ok=True)
    return monitor


def linked(folder: Path, row: Row, monitor: Path, **settings: Any) -> CallRecord:
    """Return the call of a row, with what of the monitor folder is linked to it."""
    write_rows(folder, [row])
    return one(read(folder, recordings=monitor, **settings))


def fetched(folder: Path, record: CallRecord, monitor: Path, **settings: Any) -> Path:
    """Fetch a call's first recording."""
    source = open_source("office", Settings(cdr=folder / "Master.csv", recordings=monitor, **settings), quick_tools())
    return source.fetch(record, record.recordings[0], folder / "got")


def mono(*samples: int, rate_hz: int = 8000) -> bytes:
    """Return a WAV file of one channel."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return stream.getvalue()


def stereo(path: Path) -> list[tuple[int, int]]:
    """Return the samples of a stereo file."""
    with wave.open(str(path), "rb") as file:
        assert file.getnchannels() == 2
        return list(struct.iter_unpack("<hh", file.readframes(file.getnframes())))


@pytest.mark.parametrize(
    "name",
    [
        f"2026/03/02/q-600-{CLIENT}-20260302-100000-{UID}.wav",
        f"2026/03/02/10/{UID}.mp3",
        f"2026-03-02/{UID}.WAV",
        f"{UID}.wav",
        f"sales/office-{UID}.ogg",
        f"20260302/in-74950000001-{CLIENT}-20260302-100000-{UID}.wav",
    ],
)
def test_a_recording_is_found_by_the_id_in_its_name(tmp_path: Path, name: str) -> None:
    """In whatever folders; it is given where it lies."""
    monitor = shelve(tmp_path, name)
    record = linked(tmp_path, Row(), monitor)
    assert [link.rec_id for link in record.recordings] == [name]
    assert fetched(tmp_path, record, monitor) == monitor / name
    assert GUESSED not in record.tags


@pytest.mark.parametrize("text", ["talk-7.wav", "/var/spool/asterisk/monitor/a/talk-7.wav", "audio:talk-7.wav", "talk-7"])
def test_a_recording_is_found_by_what_the_row_names(tmp_path: Path, text: str) -> None:
    """The dialplan may copy the name to the userfield; converted files keep the name with another ending."""
    monitor = shelve(tmp_path, "a/talk-7.mp3", "a/talk-8.mp3")
    assert [link.rec_id for link in linked(tmp_path, Row(userfield=text), monitor).recordings] == ["a/talk-7.mp3"]


@pytest.mark.parametrize("text", ["../../etc/passwd", "/etc/passwd", "..", "."])
def test_a_row_cannot_name_a_file_elsewhere(tmp_path: Path, text: str) -> None:
    """What is written in CDR came from a call."""
    (tmp_path / "secret.wav").write_bytes(beep())
    monitor = shelve(tmp_path)
    assert linked(tmp_path, Row(userfield=text), monitor).recordings == ()
    assert linked(tmp_path, Row(userfield="../secret.wav"), monitor).recordings == ()


@pytest.mark.parametrize("rec_id", ["../secret.wav", "/etc/passwd", "a/../../secret.wav"])
def test_nothing_outside_the_folder_is_fetched(tmp_path: Path, rec_id: str) -> None:
    """Whatever a stored link says."""
    (tmp_path / "secret.wav").write_bytes(beep())
    monitor = shelve(tmp_path, f"{UID}.wav")
    record = linked(tmp_path, Row(), monitor)
    source = open_source("office", Settings(cdr=tmp_path / "Master.csv", recordings=monitor), quick_tools())
    with pytest.raises(RecordingError):
        source.fetch(record, RecordingLink(rec_id=rec_id), tmp_path / "got")


def test_a_linkedid_in_the_name_is_enough(tmp_path: Path) -> None:
    """FreePBX names files after the first channel of a call."""
    monitor = shelve(tmp_path, "q-1772434700.9.wav")
    write_rows(tmp_path, [Row(linkedid="1772434700.9")], 21)
    assert one(read(tmp_path, recordings=monitor)).recordings[0].rec_id == "q-1772434700.9.wav"


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        (f"{CLIENT}_2026-03-02_10-00-05.wav", True),
        (f"20260302-100005-8{CLIENT[1:]}.wav", True),
        (f"{CLIENT}_2026-03-02_10-30-05.wav", False),
        ("79000000999_2026-03-02_10-00-05.wav", False),
        (f"{CLIENT}_2026-13-45_10-00-05.wav", False),
    ],
)
def test_a_guess_by_number_and_time_is_tagged(tmp_path: Path, name: str, is_found: bool) -> None:
    """Where a name has no id; times in names are local."""
    record = linked(tmp_path, Row(), shelve(tmp_path, name))
    assert [link.rec_id for link in record.recordings] == ([name] if is_found else [])
    assert (GUESSED in record.tags) is is_found


def test_guessing_can_be_switched_off(tmp_path: Path) -> None:
    """Some prefer no recording to a wrong one."""
    monitor = shelve(tmp_path, f"{CLIENT}_2026-03-02_10-00-05.wav")
    assert linked(tmp_path, Row(), monitor, guess_within_s=0).recordings == ()


def test_empty_headers_and_other_files_are_no_recordings(tmp_path: Path) -> None:
    """MixMonitor leaves 44 bytes when nobody spoke."""
    monitor = shelve(tmp_path, f"{UID}.wav", data=mono())
    shelve(tmp_path, f"{UID}.txt", f".{UID}.wav")
    assert linked(tmp_path, Row(), monitor).recordings == ()


def test_folders_of_other_days_are_passed_over(tmp_path: Path) -> None:
    """Years of recordings need not be listed for a night; a link to elsewhere is not followed."""
    monitor = shelve(tmp_path, f"2025/03/02/{UID}.wav", f"2026/05/{UID}.wav")
    (monitor / "loop").symlink_to(monitor)
    assert linked(tmp_path, Row(), monitor).recordings == ()


@pytest.mark.parametrize(
    ("row", "side", "client_channel"),
    [(Row(), "caller", 0), (OUT, "caller", 1), (Row(), "callee", 1), (OUT, "callee", 0)],
)
@pytest.mark.parametrize("ends", [("-rx", "-tx"), ("_in", "_out"), ("-in", "-out")])
def test_two_legs_become_stereo(tmp_path: Path, row: Row, side: str, client_channel: int, ends: tuple[str, str]) -> None:
    """Received left, transmitted right; which is the client depends on the recorded channel and the direction."""
    monitor = shelve(tmp_path, f"{UID}{ends[0]}.wav", data=mono(1, 2, 3))
    shelve(tmp_path, f"{UID}{ends[1]}.wav", data=mono(7, 8))
    shelve(tmp_path, f"{UID}.wav")
    record = linked(tmp_path, row, monitor, channel_side=side)
    assert [link.client_channel for link in record.recordings] == [client_channel]
    path = fetched(tmp_path, record, monitor)
    assert path.parent == tmp_path / "got"
    assert stereo(path) == [(1, 7), (2, 8), (3, 0)]
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_legs_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Out of step, words would stand beside the wrong ones."""
    monitor = shelve(tmp_path, f"{UID}-rx.wav", data=mono(*range(8000)))
    shelve(tmp_path, f"{UID}-tx.wav", data=mono(*range(1000)))
    record = linked(tmp_path, Row(), monitor)
    with pytest.raises(RecordingError, match=r"0\.9 s longer"):
        fetched(tmp_path, record, monitor)
    assert not list((tmp_path / "got").glob("*")) if (tmp_path / "got").exists() else True


@pytest.mark.parametrize(
    "other", [mono(1, rate_hz=16000), beep(), b"no wav at all, but long enough to be more than a header of one"]
)
def test_a_leg_of_another_kind_is_refused(tmp_path: Path, other: bytes) -> None:
    """Another rate, two channels, or no sound."""
    monitor = shelve(tmp_path, f"{UID}-rx.wav", data=mono(*range(50)))
    shelve(tmp_path, f"{UID}-tx.wav", data=other)
    with pytest.raises(RecordingError):
        fetched(tmp_path, linked(tmp_path, Row(), monitor), monitor)


def test_a_leg_alone_is_no_recording_of_a_call(tmp_path: Path) -> None:
    """It is named as failed, rather than heard as if it were all; where there is a mix, that is taken."""
    monitor = shelve(tmp_path, f"{UID}-rx.wav")
    with pytest.raises(RecordingError, match="leg"):
        fetched(tmp_path, linked(tmp_path, Row(), monitor), monitor)
    shelve(tmp_path, f"{UID}.wav")
    assert [link.rec_id for link in linked(tmp_path, Row(), monitor).recordings] == [f"{UID}.wav"]


def test_a_header_that_lies_about_its_length(tmp_path: Path) -> None:
    """Asterisk was killed before it could write the length."""
    broken = bytearray(mono(*range(30)))
    broken[40:44] = bytes(4)
    monitor = shelve(tmp_path, f"{UID}-rx.wav", data=bytes(broken))
    shelve(tmp_path, f"{UID}-tx.wav", data=mono(*range(30)))
    assert stereo(fetched(tmp_path, linked(tmp_path, Row(), monitor), monitor))[29] == (29, 29)


@pytest.mark.parametrize(
    ("suffix", "data", "expected"),
    [
        (".sln", struct.pack("<40h", *range(40)), 39),
        (".ulaw", bytes([0x00] * 40), -32124),
        (".ulaw", bytes([0xFF] * 40), 0),
        (".alaw", bytes([0x2A] * 40), -32256),
        (".alaw", bytes([0xD5] * 40), 8),
    ],
)  # fmt: skip
def test_legs_without_a_header(tmp_path: Path, suffix: str, data: bytes, expected: int) -> None:
    """Signed linear and both laws of G.711."""
    long = data + data[-2:] * 20
    monitor = shelve(tmp_path, f"{UID}-rx{suffix}", f"{UID}-tx{suffix}", data=long)
    assert stereo(fetched(tmp_path, linked(tmp_path, Row(), monitor), monitor))[39] == (expected, expected)


def test_legs_in_gsm_are_refused_with_advice(tmp_path: Path) -> None:
    """What cannot be merged is told how to be recorded."""
    monitor = shelve(tmp_path, f"{UID}-rx.gsm", f"{UID}-tx.gsm")
    with pytest.raises(RecordingError) as caught:
        fetched(tmp_path, linked(tmp_path, Row(), monitor), monitor)
    assert ".wav" in caught.value.hint


def test_stereo_without_a_header_gets_one(tmp_path: Path) -> None:
    """MixMonitor's option D: left from the channel, right to it; half a sample at the end is left out."""
    monitor = shelve(tmp_path, f"{UID}.raw", data=struct.pack("<100h", *range(100)) + b"\x01")
    record = linked(tmp_path, Row(), monitor)
    path = fetched(tmp_path, record, monitor, raw_rate_hz=16000)
    assert record.recordings[0].client_channel == 0
    assert stereo(path)[:2] == [(0, 1), (2, 3)]
    assert len(stereo(path)) == 50
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == 16000


def test_a_recording_that_went_away_is_named(tmp_path: Path) -> None:
    """Files are deleted after months."""
    monitor = shelve(tmp_path, f"{UID}.wav")
    record = linked(tmp_path, Row(), monitor)
    (monitor / f"{UID}.wav").unlink()
    with pytest.raises(RecordingError, match="not there"):
        fetched(tmp_path, record, monitor)


def test_a_check_tells_how_recordings_are_made(tmp_path: Path) -> None:
    """Mixed ones are advised against; missing ones are a problem."""
    monitor = shelve(tmp_path, f"{UID}.wav")
    linked(tmp_path, Row(), monitor)

    def levels() -> dict[str, Level]:
        source = open_source("office", Settings(cdr=tmp_path / "Master.csv", recordings=monitor), quick_tools())
        return {finding.subject: finding.level for finding in source.check()}

    assert levels()["stereo"] is Level.ADVICE
    shelve(tmp_path, f"{UID}.wav", data=beep())
    assert levels()["stereo"] is Level.FINE
    (monitor / f"{UID}.wav").unlink()
    assert levels()["recordings"] is Level.PROBLEM


def test_the_folder_itself_must_be_there(tmp_path: Path) -> None:
    """A folder that is not mounted is no night without recordings."""
    from callscore.errors import SourceError

    write_rows(tmp_path, [Row()])
    with pytest.raises(SourceError):
        read(tmp_path, recordings=tmp_path / "nowhere")


def test_calls_of_another_day_keep_their_recordings(tmp_path: Path) -> None:
    """A call shortly before midnight is recorded into the next day's folder by a clock that is ahead."""
    late = Row(start=50_400, answer=50_410, end=50_500, uniqueid=f"{1772434800 + 50_400}.1")
    monitor = shelve(tmp_path, f"2026/03/03/{late.uniqueid}.wav")
    assert SEVEN + timedelta(seconds=50_400) < SEVEN.replace(hour=23)
    assert len(linked(tmp_path, late, monitor).recordings) == 1
