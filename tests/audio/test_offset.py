"""A constant offset is no sound."""

from __future__ import annotations

import numpy as np

from callscore.audio.offset import remove_offset
from tests.audio.signals import pause, tone


def test_offset_goes_and_sound_stays() -> None:
    """A tone on an offset of -20 dB comes out as the tone."""
    plain = tone((300.0,), 3000)
    samples = (plain + 0.1).astype(np.float32)
    remove_offset(samples)
    assert float(np.abs(samples - plain).max()) < 1e-3


def test_digital_silence_stays_silent() -> None:
    """Seconds without a signal do not get the offset of the others with the sign turned."""
    samples = np.concatenate([pause(2000), tone((300.0,), 3000) + 0.1]).astype(np.float32)
    remove_offset(samples)
    assert not samples[:32_000].any()


def test_a_click_is_no_offset() -> None:
    """One second with a mean of its own changes nothing elsewhere."""
    samples = tone((300.0,), 5000).astype(np.float32)
    samples[:8000] += 0.5
    before = samples.copy()
    remove_offset(samples)
    assert np.array_equal(samples, before)
