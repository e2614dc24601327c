"""Signals made here: none of them is speech, and each has its kind and its span."""

from __future__ import annotations

import numpy as np
import pytest

from callscore.records import MonoAudio, Sound, SoundKind, VoiceActivity
from callscore.units import Span
from callscore.vad import VadOptions, VoiceDetector
from tests.audio.signals import Samples, chords, mono, pause, pink_noise, tone, white_noise
from tests.vad.conftest import Hear

KEYS = ((697.0, 1209.0), (770.0, 1336.0), (852.0, 1477.0), (941.0, 1336.0), (697.0, 1477.0))
LINE_NOISE_DB = -50.0


def cadence(hz: tuple[float, ...], on_ms: int, off_ms: int, times: int) -> Samples:
    """Return half a second of silence, then a tone switched on and off."""
    return np.concatenate([pause(500), *[tone(hz, on_ms), pause(off_ms)] * times])


def only(activity: VoiceActivity) -> Sound:
    """Return the one sound heard; there must be no speech and nothing else."""
    assert activity.speech == ()
    assert len(activity.sounds) == 1, activity.sounds
    return activity.sounds[0]


def near(span: Span, start_ms: int, end_ms: int, within_ms: int = 100) -> bool:
    """Tell whether both borders lie within 0.1 s of the expected."""
    return abs(span.start_ms - start_ms) <= within_ms and abs(span.end_ms - end_ms) <= within_ms


@pytest.mark.parametrize("line_db", [-90.0, LINE_NOISE_DB])
@pytest.mark.parametrize(
    ("signal", "end_ms"),
    [
        pytest.param(cadence((425.0,), 1000, 4000, 3), 11_500, id="ring-back"),
        pytest.param(cadence((425.0,), 350, 350, 10), 7_150, id="busy"),
        pytest.param(cadence((440.0, 480.0), 2000, 4000, 2), 8_500, id="American ring-back"),
        pytest.param(cadence((350.0, 440.0), 5000, 500, 1), 5_500, id="American dial tone"),
        pytest.param(cadence((425.0,), 30_000, 500, 1), 30_500, id="dial tone"),
        pytest.param(cadence((1000.0,), 400, 1000, 1), 900, id="beep"),
        pytest.param(cadence((1100.0,), 500, 3000, 3), 8_000, id="fax"),
        pytest.param(
            np.concatenate([pause(500), *[tone((f,), 330) for f in (950.0, 1400.0, 1800.0)], pause(500)]),
            1_490,
            id="no such number",
        ),
        pytest.param(np.concatenate([pause(500), *[x for k in KEYS for x in (tone(k, 100), pause(100))]]), 1_400, id="keys"),
        pytest.param(
            np.concatenate([pause(500), *[x for k in KEYS for x in (tone(k, 200), pause(300))]]), 2_700, id="slow keys"
        ),
    ],
)
def test_line_signal_is_one_tone(hear: Hear, signal: Samples, end_ms: int, line_db: float) -> None:
    """What the line says by itself is one tone from its first burst to its last, in silence and in line noise."""
    sound = only(hear(signal + white_noise(len(signal) // 16, line_db)))
    assert sound.kind is SoundKind.TONE
    assert near(sound.span, 500, end_ms)


def test_music_with_a_dip_is_one_span(hear: Hear) -> None:
    """Twenty seconds of chords with a rest of 0.7 s are one stretch of music."""
    tune = np.concatenate([pause(1000), chords(20), pause(700), chords(20), pause(1000)])
    sound = only(hear(tune + white_noise(len(tune) // 16, LINE_NOISE_DB)))
    assert sound.kind is SoundKind.MUSIC
    assert near(sound.span, 1000, 21_700, 300)


@pytest.mark.parametrize("noise", [white_noise(10_000, -20), pink_noise(10_000, -20)], ids=["white", "pink"])
def test_loud_noise_is_noise(hear: Hear, noise: Samples) -> None:
    """Noise at the level of voices is reported, as noise."""
    assert only(hear(noise)) == Sound(span=Span(0, 10_000), kind=SoundKind.NOISE)


@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(pause(5000), id="silence"),
        pytest.param(white_noise(10_000, -55), id="line noise"),
        pytest.param(np.sum([tone((50.0 * k,), 10_000, 0.02 / k) for k in range(1, 12)], axis=0), id="mains hum"),
        pytest.param(np.zeros(0), id="nothing at all"),
        pytest.param(np.full(100, 0.5), id="six milliseconds"),
    ],
)
def test_what_does_not_matter_is_not_reported(hear: Hear, signal: Samples) -> None:
    """Silence, line noise and mains hum are neither speech nor hold."""
    activity = hear(signal)
    assert (activity.speech, activity.sounds) == ((), ())


def test_two_seconds_of_music_are_no_hold(hear: Hear) -> None:
    """A jingle is shorter than hold music."""
    activity = hear(np.concatenate([pause(2000), chords(4), pause(2000)]))
    assert SoundKind.MUSIC not in {sound.kind for sound in activity.sounds}


def test_wrong_rate_is_an_error(detector: VoiceDetector) -> None:
    """Audio that was not resampled is refused."""
    with pytest.raises(ValueError, match="needs 16000 Hz, got 8000"):
        detector.detect(MonoAudio(samples=np.zeros(8000, dtype=np.float32), rate_hz=8000, channel=0))


def test_channel_and_length_are_passed_on(detector: VoiceDetector) -> None:
    """The result says which channel it is about and how long that is."""
    activity = detector.detect(MonoAudio(samples=mono(pause(1500)).samples, rate_hz=16_000, channel=1))
    assert (activity.channel, activity.duration_ms) == (1, 1500)


def test_same_audio_gives_the_same_activity(hear: Hear) -> None:
    """Nothing is remembered from one recording to the next."""
    signal = np.concatenate([cadence((425.0,), 1000, 1000, 2), chords(8), white_noise(2000, -25)])
    first = hear(signal)
    hear(white_noise(3000, -10))
    assert hear(signal) == first


def test_options_are_checked() -> None:
    """Probabilities in the wrong order and negative lengths are mistakes."""
    with pytest.raises(ValueError, match=r"0 < keep_prob <= speech_prob < 1, got 0\.9 and 0\.4"):
        VadOptions(keep_prob=0.9)
    with pytest.raises(ValueError, match=r"pad_ms must not be negative, got -1"):
        VadOptions(pad_ms=-1)
