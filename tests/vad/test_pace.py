"""Recordings that play too fast or too slow are told from people with high, low, quick or slow voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callscore.audio import AudioLimits, decode_channels, judge_layout, probe_audio
from callscore.records import MonoAudio
from callscore.vad import VoiceDetector
from callscore.vad.pace import Pace, is_odd_rate, measure_pace
from tests.audio.signals import chords, mono, tone, white_noise


def paces(path: Path, detector: VoiceDetector, speed: float) -> list[Pace]:
    """Return the pace of each channel of a recording, played at another speed."""
    channels = decode_channels(path, probe_audio(path, AudioLimits()), limits=AudioLimits()).channels
    found = []
    for number in judge_layout(channels).channels:
        samples = channels[number].samples
        at = np.arange(0, len(samples) - 1, speed)
        played = MonoAudio(
            samples=np.interp(at, np.arange(len(samples)), samples).astype(np.float32), rate_hz=16_000, channel=0
        )
        pace = measure_pace(played, detector.detect(played).speech)
        found += [pace] if pace else []
    return found


RECORDINGS = ["calls/d012.wav", "calls/d028.wav", "audio/t-one/audio_long.flac", "audio/ibm/Us_English_Narrowband_Sample_2.wav"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_speech_of_twice_or_half_the_speed_is_odd(name: str, shared_dir: Path, detector: VoiceDetector) -> None:
    """8 kHz sound called 16 kHz plays at twice the speed, 16 kHz sound called 8 kHz at half of it."""
    path = shared_dir / name
    odd = [is_odd_rate(paces(path, detector, speed), 16_000) for speed in (0.5, 1.0, 2.0)]
    assert odd == [True, False, True]


def test_the_header_limits_what_is_possible() -> None:
    """A file of 8 kHz is not too fast: nobody records at 4 kHz; one of 44.1 kHz is not too slow."""
    fast, slow = Pace(octaves=6.2, n_voiced=500), Pace(octaves=4.2, n_voiced=500)
    assert [is_odd_rate([fast], rate_hz) for rate_hz in (8000, 16_000, 48_000)] == [False, True, True]
    assert [is_odd_rate([slow], rate_hz) for rate_hz in (8000, 16_000, 48_000)] == [True, True, False]


def test_little_speech_tells_nothing() -> None:
    """A word or two may be as high and quick as they like."""
    assert not is_odd_rate([Pace(octaves=6.2, n_voiced=59)], 16_000)
    assert not is_odd_rate([], 16_000)


def test_what_is_no_voice_has_no_pace(detector: VoiceDetector) -> None:
    """Tones, music and noise hold no speech to be measured."""
    for samples in (tone((425.0,), 4000), chords(10), white_noise(4000, -30)):
        assert measure_pace(mono(samples), detector.detect(mono(samples)).speech) is None
