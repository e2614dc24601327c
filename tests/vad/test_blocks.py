"""Working block by block gives what working at once gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.vad.levels import find_active, find_floor, window_levels, windows_at
from callscore.vad.silero import Silero
from callscore.vad.spectrum import measure_spectrum
from tests.audio.signals import chords, pause, tone, white_noise

SIGNAL = np.concatenate([white_noise(1500, -30), tone((425.0,), 900), pause(700), chords(3), white_noise(777, -45)]).astype(
    np.float32
)


@settings(max_examples=25, deadline=None)
@given(block=st.integers(1, 300), end=st.integers(1, len(SIGNAL)))
def test_levels_do_not_depend_on_blocks(block: int, end: int) -> None:
    """Levels are the same in blocks of any size."""
    assert np.array_equal(window_levels(SIGNAL[:end], block), window_levels(SIGNAL[:end]))


@settings(max_examples=25, deadline=None)
@given(block=st.integers(1, 300), end=st.integers(1, len(SIGNAL)))
def test_spectra_do_not_depend_on_blocks(block: int, end: int) -> None:
    """Each window's spectrum, and what is steady over a block's border, is the same in blocks of any size."""
    samples = SIGNAL[:end]
    everywhere = np.ones(len(window_levels(samples)), dtype=np.bool_)
    whole, parts = measure_spectrum(samples, everywhere), measure_spectrum(samples, everywhere, block)
    for name in ("level", "steady", "first", "second", "first_hz", "second_hz"):
        assert np.allclose(getattr(whole, name), getattr(parts, name), rtol=1e-5, atol=1e-5), name


def test_probabilities_do_not_depend_on_batches() -> None:
    """The network's memory is carried from one batch to the next."""
    silero = Silero()
    active = np.ones(len(window_levels(SIGNAL)), dtype=np.bool_)
    active[20:25] = False
    whole = silero.probabilities(SIGNAL, active, -10.0)
    for batch in (1, 7, 50):
        assert np.allclose(silero.probabilities(SIGNAL, active, -10.0, batch), whole, atol=1e-4)
    assert not whole[20:25].any()


@given(first=st.integers(0, 20), n=st.integers(1, 5), before=st.integers(0, 600), after=st.integers(0, 600))
def test_windows_beyond_the_ends_are_silent(first: int, n: int, before: int, after: int) -> None:
    """Reading before the start or after the end gives zeros, never a shorter array."""
    samples = np.arange(1, 5001, dtype=np.float32)
    got = windows_at(samples, first, first + n, before, after)
    at = np.arange(first * 512 - before, (first + n) * 512 + after)
    assert np.array_equal(got, np.where((at >= 0) & (at < 5000), at + 1.0, 0.0))


@given(levels=st.lists(st.floats(-120, 0, width=32), min_size=1, max_size=400))
def test_floor_never_exceeds_the_loudest_window(levels: list[float]) -> None:
    """The noise floor lies within the levels, and has one value for each window."""
    array = np.array(levels, dtype=np.float32)
    floor = find_floor(array)
    assert len(floor) == len(find_active(array, floor)) == len(array)
    assert array.min() - 1e-3 <= floor.min() <= floor.max() <= array.max() + 1e-3
