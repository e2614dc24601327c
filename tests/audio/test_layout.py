"""Two channels: two legs, or one signal twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callscore.audio import AudioLimits, decode_channels, judge_layout, probe_audio
from callscore.records import Layout, MonoAudio
from tests.audio.signals import RATE_HZ, mono, pause, tone, white_noise


def _pair(left: np.ndarray, right: np.ndarray) -> tuple[MonoAudio, ...]:
    return mono(left), mono(right)


def test_one_channel_is_mono() -> None:
    """A file with one channel is mono."""
    verdict = judge_layout((mono(tone((300,), 2000)),))
    assert (verdict.layout, verdict.channels, verdict.notes) == (Layout.MONO, (0,), ())


def test_different_channels_are_stereo() -> None:
    """Two signals that have nothing to do with each other are two legs."""
    verdict = judge_layout(_pair(white_noise(3000, -20), white_noise(3000, -20, seed=8)))
    assert (verdict.layout, verdict.channels, verdict.notes) == (Layout.STEREO, (0, 1), ())


@pytest.mark.parametrize(("gain", "delay"), [(1.0, 0), (0.3, 0), (2.0, 160), (-1.0, 40)])
def test_copy_is_mono(gain: float, delay: int) -> None:
    """The same signal on both channels, louder, later or inverted, is mono on the louder channel."""
    left = white_noise(4000, -25)
    verdict = judge_layout(_pair(left, gain * np.roll(left, delay)))
    assert (verdict.layout, verdict.channels) == (Layout.MONO, (1,) if abs(gain) > 1 else (0,))
    assert verdict.notes == ("same_signal",)


def _speech(ms: int) -> np.ndarray:
    """Return noise that is loud for a fifth of a second and then faint for as long, like syllables."""
    beat = np.where(np.arange(RATE_HZ * ms // 1000) // 3200 % 2, 0.05, 1.0)
    return white_noise(ms, -25) * beat


@pytest.mark.parametrize(("delay_ms", "sign"), [(30, 1), (200, 1), (50, -1)])
def test_a_late_noisy_copy_is_mono(delay_ms: int, sign: int) -> None:
    """A copy that took another way (later than a frame, with noise of its own) is a copy still."""
    left = _speech(6000)
    right = sign * np.roll(left, delay_ms * 16) + white_noise(6000, -60, seed=3)
    assert judge_layout(_pair(left, right)).notes == ("same_signal",)


def test_legs_that_hear_each_other_stay_legs() -> None:
    """Two parties of whom each is heard at half strength on the other's leg are two parties."""
    left, right = white_noise(6000, -20), white_noise(6000, -20, seed=8)
    turn = np.arange(len(left)) // 16_000 % 2
    left, right = left * turn, right * (1 - turn)
    assert judge_layout(_pair(left + 0.5 * right, right + 0.5 * left)).layout is Layout.STEREO


def test_silent_leg_stays_a_leg() -> None:
    """A party that was not recorded does not make the other one mono."""
    verdict = judge_layout(_pair(tone((300,), 2000), pause(2000)))
    assert (verdict.layout, verdict.channels, verdict.notes) == (Layout.STEREO, (0, 1), ("silent_leg",))


def test_two_silent_channels_are_silent() -> None:
    """Silence twice is one silence."""
    verdict = judge_layout(_pair(pause(2000), pause(2000)))
    assert (verdict.layout, verdict.notes) == (Layout.MONO, ("silent",))


def test_faint_echo_of_one_party_is_no_copy() -> None:
    """The operator's echo, 30 dB down on the line of a client who says nothing, leaves two legs."""
    left = white_noise(4000, -15)
    assert judge_layout(_pair(left, 0.03 * np.roll(left, 80))).layout is Layout.STEREO


def test_clipping_is_noted() -> None:
    """A recording at full scale for more than one sample in a thousand is called clipped."""
    assert judge_layout((mono(np.clip(tone((300,), 2000, 3.0), -1, 1)),)).notes == ("clipped",)


def test_no_channels_is_an_error() -> None:
    """There must be a channel to judge."""
    with pytest.raises(ValueError, match="one or two channels, got 0"):
        judge_layout(())


def test_folded_opus_is_mono(shared_dir: Path) -> None:
    """Opus at 8 kbit/s folds stereo into one signal: such a labelled call has no legs to tell apart."""
    path = shared_dir / "calls" / "d013.ogg"
    info = probe_audio(path, AudioLimits())
    verdict = judge_layout(decode_channels(path, info, limits=AudioLimits()).channels)
    assert (info.n_channels, verdict.layout, verdict.notes) == (2, Layout.MONO, ("same_signal",))
