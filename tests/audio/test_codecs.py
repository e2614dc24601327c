"""Every codec that call recorders write, there and back: length, level, and which party is on which channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callscore.audio import AudioLimits, Decoded, decode_channels, probe_audio
from tests.audio.signals import pause, tone, write

LIMITS = AudioLimits()
CODECS = [
    ("pcm_s16le", "wav", 8000, 2),
    ("pcm_f32le", "wav", 16000, 2),
    ("pcm_alaw", "wav", 8000, 2),
    ("pcm_mulaw", "wav", 8000, 2),
    ("g722", "wav", 16000, 1),
    ("libmp3lame", "mp3", 8000, 2),
    ("libmp3lame", "mp3", 44100, 2),
    ("libopus", "ogg", 48000, 2),
    ("libopus", "webm", 48000, 2),
    ("flac", "flac", 8000, 2),
    ("aac", "m4a", 16000, 2),
    ("libopencore_amrnb", "amr", 8000, 1),
]
HEADERLESS = [("al", "pcm_alaw", "alaw", 8000), ("ulaw", "pcm_mulaw", "mulaw", 8000), ("sln", "pcm_s16le", "s16le", 8000)]
HEADERLESS += [("sln16", "pcm_s16le", "s16le", 16000), ("s16", "pcm_s16le", "s16le", 16000), ("g722", "g722", "g722", 16000)]


def _level(samples: np.ndarray, from_ms: int, to_ms: int) -> float:
    return float(np.sqrt(np.mean(samples[from_ms * 16 : to_ms * 16] ** 2)))


def _decode(path: Path) -> Decoded:
    return decode_channels(path, probe_audio(path, LIMITS), limits=LIMITS)


@pytest.mark.parametrize(("codec", "extension", "rate_hz", "n_channels"), CODECS)
def test_codec_comes_back(tmp_path: Path, codec: str, extension: str, rate_hz: int, n_channels: int) -> None:
    """Left speaks from 0.5 to 1.5 s, right in the first half second: so it comes back, in length, place and loudness."""
    left = np.concatenate([pause(500, rate_hz), tone((400,), 1000, 0.3, rate_hz), pause(500, rate_hz)])
    right = np.concatenate([tone((1000,), 500, 0.1, rate_hz), pause(1500, rate_hz)])
    path = write(tmp_path / f"call.{extension}", (left, right)[:n_channels], codec, rate_hz)
    info, decoded = probe_audio(path, LIMITS), _decode(path)
    assert (info.rate_hz, info.n_channels, len(decoded.channels), decoded.notes) == (rate_hz, n_channels, n_channels, ())
    assert [channel.channel for channel in decoded.channels] == [0, 1][:n_channels]
    assert all(1990 <= channel.duration_ms <= 2060 for channel in decoded.channels)
    assert _level(decoded.channels[0].samples, 600, 1400) == pytest.approx(0.212, rel=0.2)
    assert _level(decoded.channels[0].samples, 0, 400) < 0.01
    for channel in decoded.channels[1:]:
        assert _level(channel.samples, 100, 400) == pytest.approx(0.0707, rel=0.1)
        assert _level(channel.samples, 700, 1900) < 0.005


@pytest.mark.parametrize(("extension", "codec", "container", "rate_hz"), HEADERLESS)
def test_headerless_telephone_file_is_known_by_its_name(
    tmp_path: Path, extension: str, codec: str, container: str, rate_hz: int
) -> None:
    """A bare file has the codec and the rate that its extension stands for."""
    path = write(tmp_path / f"call.{extension}", (tone((400,), 1000, 0.3, rate_hz),), codec, rate_hz, container)
    info = probe_audio(path, LIMITS)
    assert (info.codec, info.rate_hz, info.duration_ms) == (codec, rate_hz, 1000)
    assert _level(_decode(path).channels[0].samples, 100, 900) == pytest.approx(0.212, rel=0.1)


def test_header_is_believed_before_the_name(tmp_path: Path) -> None:
    """A WAV file called .sln is read as what its header says."""
    path = write(tmp_path / "call.sln", (tone((400,), 1000, 0.3, 44100),), "pcm_s16le", 44100, "wav")
    assert (probe_audio(path, LIMITS).container, probe_audio(path, LIMITS).rate_hz) == ("wav", 44100)


def test_third_channel_folds_all_into_one(tmp_path: Path) -> None:
    """More than two channels are averaged into one, and the result says so."""
    parts = (tone((400,), 1000, 0.3), pause(1000), pause(1000))
    decoded = _decode(write(tmp_path / "three.wav", parts, "pcm_s16le", 16000))
    assert (len(decoded.channels), decoded.notes) == (1, ("folded_channels",))
    assert _level(decoded.channels[0].samples, 100, 900) == pytest.approx(0.0707, rel=0.1)


def test_decoded_audio_is_read_only(tmp_path: Path) -> None:
    """No later stage can change the audio under another's hands."""
    decoded = _decode(write(tmp_path / "a.wav", (tone((400,), 1000),), "pcm_s16le", 16000))
    with pytest.raises(ValueError, match="read-only"):
        decoded.channels[0].samples[0] = 1.0


def test_sound_keeps_its_time_through_resampling(tmp_path: Path) -> None:
    """A click at 1.000 s of an 8 kHz file is at 1.000 s after decoding, to a millisecond."""
    samples = pause(2000, 8000)
    samples[8000] = 0.9
    decoded = _decode(write(tmp_path / "click.wav", (samples,), "pcm_s16le", 8000))
    assert abs(int(np.abs(decoded.channels[0].samples).argmax()) - 16000) <= 16


def test_not_a_number_becomes_silence(tmp_path: Path) -> None:
    """Float recordings with NaN and with values beyond full scale come out within -1..1."""
    path = write(tmp_path / "float.wav", (pause(1000),), "pcm_f32le", 16000)
    data = bytearray(path.read_bytes())
    data[-400:] = np.array([np.nan, 7.0, -7.0, np.inf] * 25, dtype="<f4").tobytes()
    path.write_bytes(data)
    tail = _decode(path).channels[0].samples[-100:]
    assert (float(tail.min()), float(tail.max())) == (-1.0, 1.0)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n_samples=st.integers(2000, 40_000), rate_hz=st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000]))
def test_length_survives_any_rate(tmp_path: Path, n_samples: int, rate_hz: int) -> None:
    """Decoding neither loses nor adds more than two milliseconds, whatever the rate and however packets fall."""
    path = write(tmp_path / "any.wav", (np.full(n_samples, 0.25),), "pcm_s16le", rate_hz)
    decoded = decode_channels(path, probe_audio(path, AudioLimits(min_duration_ms=1)), limits=AudioLimits(min_duration_ms=1))
    assert abs(len(decoded.channels[0].samples) / 16 - n_samples * 1000 / rate_hz) <= 2
