"""Broken, lying and hostile recordings: either they are decoded or there is one plain error; never anything else."""

from __future__ import annotations

import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callscore.audio import AudioLimits, decode_channels, probe_audio
from callscore.audio.container import iter_packets
from callscore.errors import AudioError
from tests.audio.signals import tone, white_noise, write

LIMITS = AudioLimits()
SMALL = AudioLimits(min_duration_ms=40)


def _outcome(path: Path, limits: AudioLimits = SMALL) -> str:
    """Return the notes joined, or the error's message."""
    try:
        return ",".join(decode_channels(path, probe_audio(path, limits), limits=limits).notes)
    except AudioError as error:
        return error.message if error.hint and error.where == str(path) else f"incomplete: {error!r}"


def test_text_called_wav_is_refused(tmp_path: Path) -> None:
    """Text with an audio extension is no recording."""
    path = tmp_path / "note.wav"
    path.write_text("not a recording at all\n" * 50)
    assert _outcome(path).startswith("the file is no audio that can be decoded")


def test_text_called_alaw_is_refused(tmp_path: Path) -> None:
    """Text is not played as noise because its name says A-law."""
    path = tmp_path / "note.al"
    path.write_text("not a recording at all\n" * 50)
    assert _outcome(path) == "the file is not the alaw audio that its name announces"


def test_header_without_sound_is_refused(tmp_path: Path) -> None:
    """A WAV header with no sample behind it is named as such."""
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
    assert _outcome(path) == "there is no sound in the file, only a header"


def test_playlist_cannot_reach_other_files(tmp_path: Path) -> None:
    """A playlist called .mp3 does not make the decoder open what it lists."""
    write(tmp_path / "secret.wav", (tone((400,), 1000),), "pcm_s16le", 16000)
    for name, text in (
        ("a.mp3", f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.wav\n"),
        ("b.wav", "ffconcat version 1.0\nfile secret.wav\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        assert _outcome(path).startswith("the file is no audio that can be decoded")


def test_name_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative name such as 12:30:05.wav is not taken for a network address."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "plain.wav", (tone((400,), 1000),), "pcm_s16le", 16000).rename(tmp_path / "http:12.wav")
    assert probe_audio(Path("http:12.wav"), LIMITS).duration_ms == 1000


def test_truncated_recording_keeps_what_is_there(tmp_path: Path) -> None:
    """A WAV file cut short by a crash, its header still announcing ten seconds, lasts as long as its sound."""
    path = write(tmp_path / "cut.wav", (tone((400,), 10_000, 0.3, 8000),), "pcm_s16le", 8000)
    path.write_bytes(path.read_bytes()[: 44 + 8000 * 2 * 4])
    info = probe_audio(path, LIMITS)
    assert abs(info.duration_ms - 4000) <= 10
    assert abs(decode_channels(path, info, limits=LIMITS).channels[0].duration_ms - 4000) <= 10


def test_damaged_middle_is_noted_and_the_clock_kept(tmp_path: Path) -> None:
    """Packets of FLAC overwritten in the middle leave a note, and what follows keeps its time."""
    noise = white_noise(6000, -30, 8000)
    noise[5 * 8000 : 5 * 8000 + 80] = 0.9
    path = write(tmp_path / "hit.flac", (noise,), "flac", 8000)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 8000] = b"\x55" * 8000
    path.write_bytes(data)
    decoded = decode_channels(path, probe_audio(path, LIMITS), limits=LIMITS)
    assert "damaged" in decoded.notes or "gaps_filled" in decoded.notes
    assert abs(int(np.abs(decoded.channels[0].samples).argmax()) / 16 - 5000) <= 300


def test_mostly_undecodable_recording_is_refused(tmp_path: Path) -> None:
    """If less than half of a recording can be decoded, no verdict is to be built on it."""
    path = write(tmp_path / "dead.m4a", (white_noise(6000, -30),), "aac", 16000)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start + 200 : start + 20_000] = bytes(np.random.default_rng(3).integers(0, 256, 19_800, dtype=np.uint8))
    path.write_bytes(data)
    outcome = _outcome(path, LIMITS)
    assert outcome.startswith("the recording is damaged: ") or "damaged" in outcome


def test_too_long_recording_is_refused_by_probing(tmp_path: Path) -> None:
    """The limit on duration is checked before anything is decoded."""
    path = write(tmp_path / "long.flac", (np.zeros(8000 * 5),), "flac", 8000)
    assert _outcome(path, AudioLimits(max_duration_s=3)) == "the recording is longer than the limit of 3 s"


def test_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    """A file that holds more than probing told is stopped by the limit, not after it filled the memory."""
    path = write(tmp_path / "bomb.flac", (np.zeros(8000 * 30),), "flac", 8000)
    info = probe_audio(path, LIMITS)
    with pytest.raises(AudioError, match="the recording unpacks to more than the limit of 3 s"):
        decode_channels(path, info, limits=AudioLimits(max_duration_s=3))


def test_short_recording_is_refused(tmp_path: Path) -> None:
    """A tenth of a second holds no word."""
    path = write(tmp_path / "short.wav", (tone((400,), 60),), "pcm_s16le", 16000)
    assert _outcome(path, LIMITS) == "the recording lasts 60 ms, less than 100"


def test_endless_empty_packets_are_given_up() -> None:
    """A file whose packets bring neither bytes nor time does not hold up the run."""

    class Empty:
        size, duration, time_base, pts = 0, 0, None, None

    class Endless:
        def demux(self, _stream: object) -> Iterator[Empty]:
            while True:
                yield Empty()

    with pytest.raises(AudioError, match="goes on without any sound"):
        list(iter_packets(Endless(), None, Path("x.wav")))


@pytest.mark.timeout(120)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_ends_in_audio_or_a_plain_error(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes changed or cut off anywhere, in any codec, never raise anything but AudioError."""
    codec, extension = data.draw(
        st.sampled_from([("pcm_alaw", "wav"), ("libmp3lame", "mp3"), ("libopus", "ogg"), ("aac", "m4a"), ("flac", "flac")])
    )
    whole = tmp_path / f"whole.{extension}"
    if not whole.exists():
        rate_hz = 48000 if extension == "ogg" else 8000
        write(whole, (white_noise(600, -20, rate_hz), tone((300,), 600, 0.2, rate_hz)), codec, rate_hz)
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(0, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"hurt.{extension}"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    assert not _outcome(path).startswith("incomplete")


def test_decoders_say_nothing_on_stderr(tmp_path: Path) -> None:
    """FFmpeg's own messages do not reach the terminal."""
    path = write(tmp_path / "a.mp3", (white_noise(2000, -20, 8000),), "libmp3lame", 8000)
    data = bytearray(path.read_bytes())
    data[3000:4000] = b"\x00" * 1000
    path.write_bytes(data)
    code = (
        "import sys; from pathlib import Path; from callscore.audio import *; p = Path(sys.argv[1]);"
        "i = probe_audio(p, AudioLimits()); print(decode_channels(p, i, limits=AudioLimits()).notes)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("folder", ["broken_audio", "codecs", "tinkoff", "pisets", "azure"])
def test_every_shared_file_is_audio_or_a_plain_error(shared_dir: Path, folder: str) -> None:
    """Each of the odd and broken files of the shared folders is decoded or refused; nothing hangs."""
    outcomes = {path.name: _outcome(path) for path in sorted((shared_dir / "audio" / folder).iterdir())}
    assert outcomes
    known = {
        "empty_file.mp3": "the file is empty (0 bytes)",
        "empty_mono.wav": "there is no sound in the file, only a header",
        "incorrect_sampling_freq.wav": "there is no sound in the file, only a header",
        "mpeg4_xa9des.m4a": "the file has no audio in it",
        "fixture-null.webm": "the file has no audio in it",
        "variable-block.flac": "damaged",
        "sample_3.al": "",
        "sample_3.s16": "",
        "fixture.amr": "",
        "fixture.spx": "",
        "stereo.sph": "",
    }
    assert {name: outcomes[name] for name in known if name in outcomes} == {n: m for n, m in known.items() if n in outcomes}


def test_wav_without_header_is_refused_with_advice(shared_dir: Path) -> None:
    """Bare PCM called .wav is not guessed at: a wrong rate would put every word at a wrong time."""
    path = shared_dir / "audio" / "azure" / "missing_wav_header.wav"
    with pytest.raises(AudioError) as caught:
        probe_audio(path, LIMITS)
    assert ".sln (8 kHz) or .s16 (16 kHz)" in caught.value.hint
