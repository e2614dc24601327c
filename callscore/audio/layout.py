"""Tell whether the two channels of a recording are two legs or one signal twice, and whether they carry anything. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callscore.audio.base import AudioNote
from callscore.records import Layout, MonoAudio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LayoutVerdict", "judge_layout"]

_SILENCE_PEAK: Final = 10 ** (-60 / 20)
"""Full scale -60 dB: below it lies the dither of an open A-law line (one step is -66 dB), above it the faintest voices."""
_CLIP_LEVEL: Final = 0.999
_CLIP_FRAC: Final = 0.001
_BLOCK_S: Final = 1
_MAX_BLOCKS: Final = 120
_MAX_LAG_S: Final = 0.020
"""Copies of one signal on two channels differ by a codec's or a mixer's delay, never by more than a frame of 20 ms."""
_MIN_COPY_CORRELATION: Final = 0.95
_MAX_COPY_GAIN_DB: Final = 20.0
"""A much fainter copy is no copy but crosstalk: one party's echo on the other's otherwise silent leg."""

_FRAME: Final = 256
_SMOOTH: Final = 9
_REACH: Final = 32
_WAVE_REACH: Final = 2
_MAY_MATCH: Final = 0.8
_BELOW_LOUD_DB: Final = 20.0
_MIN_LOUD: Final = 60
_SAME_DB: Final = 2.5
_OTHER_DB: Final = 6.0
_MIN_SAME: Final = 0.95
_MAX_OTHER: Final = 0.02
_MAX_LOUDER_DB: Final = 4.0
_MIN_ALIKE: Final = 0.8
_MIN_SWING_DB: Final = 1.0
"""Copies through different codecs, with noise of their own or a delay of up to 0.5 s no longer match as waves, but stay within
2.5 dB of one difference in level in every loud frame of 16 ms; two legs do in less than half of them, and where both sides hear
each other at -6 dB in two thirds. That the levels swing together tells copies from steady
sounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutVerdict:
    """How the parties lie in a recording, which channels to work on, and codes of `AudioNote`, sorted."""

    layout: Layout
    channels: tuple[int, ...]
    notes: tuple[str, ...]


def judge_layout(channels: tuple[MonoAudio, ...]) -> LayoutVerdict:
    """Return the layout of decoded `channels`.

    One channel is mono. Two that carry the same signal (scaled, inverted, shifted, through other codecs, with other noise)
    are mono too; the louder is to be used. Two different ones are stereo, also when one is silent: then the silent party has
    simply not been recorded.

    Raises:
        ValueError: if there are no channels, or more than two.
    """
    if not 1 <= len(channels) <= 2:
        raise ValueError(f"judge_layout needs one or two channels, got {len(channels)}")
    peaks = [_peak(audio) for audio in channels]
    notes = {AudioNote.CLIPPED for audio in channels if _is_clipped(audio)}
    silent = [peak < _SILENCE_PEAK for peak in peaks]
    if all(silent):
        notes.add(AudioNote.SILENT)
    elif any(silent):
        notes.add(AudioNote.SILENT_LEG)
    if len(channels) == 1:
        return LayoutVerdict(layout=Layout.MONO, channels=(0,), notes=tuple(sorted(notes)))
    if not any(silent) and _are_one_signal(channels[0], channels[1]):
        notes.add(AudioNote.SAME_SIGNAL)
    if all(silent) or AudioNote.SAME_SIGNAL in notes:
        louder = int(peaks[1] > peaks[0])
        return LayoutVerdict(layout=Layout.MONO, channels=(louder,), notes=tuple(sorted(notes)))
    return LayoutVerdict(layout=Layout.STEREO, channels=(0, 1), notes=tuple(sorted(notes)))


def _peak(audio: MonoAudio) -> float:
    """Return the largest magnitude without making a copy of the array."""
    if not len(audio.samples):
        return 0.0
    return max(float(audio.samples.max()), -float(audio.samples.min()))


def _is_clipped(audio: MonoAudio) -> bool:
    """Tell whether more than one sample in a thousand stands at full scale."""
    import numpy as np

    step = audio.rate_hz * 60
    clipped = sum(
        int(np.count_nonzero(np.abs(audio.samples[at : at + step]) >= _CLIP_LEVEL)) for at in range(0, len(audio.samples), step)
    )
    return clipped > _CLIP_FRAC * max(1, len(audio.samples))


def _are_copies(left: MonoAudio, right: MonoAudio) -> bool:
    """Tell whether the loudest seconds of both correlate at one common lag."""
    import numpy as np

    a, b = _loud_blocks(left, right)
    energy_a, energy_b = float(np.sum(a * a)), float(np.sum(b * b))
    if not energy_a or not energy_b or abs(10 * np.log10(energy_a / energy_b)) > _MAX_COPY_GAIN_DB:
        return False
    size = 2 * a.shape[1]
    cross = np.fft.irfft(np.sum(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), axis=0), size)
    lags = int(_MAX_LAG_S * left.rate_hz) + 1
    best = float(np.max(np.abs(np.concatenate([cross[:lags], cross[-lags:]]))))
    return bool(best >= _MIN_COPY_CORRELATION * np.sqrt(energy_a * energy_b))


def _loud_blocks(left: MonoAudio, right: MonoAudio) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return up to 120 one-second blocks of both channels at the same times, those with the most energy in either."""
    import numpy as np

    size = min(_BLOCK_S * left.rate_hz, len(left.samples))
    n_blocks = len(left.samples) // size
    x = left.samples[: n_blocks * size].reshape(n_blocks, size)
    y = right.samples[: n_blocks * size].reshape(n_blocks, size)
    energy = np.einsum("ij,ij->i", x, x) + np.einsum("ij,ij->i", y, y)
    loudest = np.sort(np.argsort(energy)[-_MAX_BLOCKS:])
    return x[loudest].astype(np.float64), y[loudest].astype(np.float64)


def _are_one_signal(left: MonoAudio, right: MonoAudio) -> bool:
    """Tell whether both channels rise and fall together in every loud frame, at some lag, or are copies as waves.

    Waves are compared only where the levels leave it possible: that takes five times as long.
    """
    import numpy as np

    a, b = _frame_levels(left), _frame_levels(right)
    if len(a) < _MIN_LOUD:
        return _are_copies(left, right)
    loud = (a > np.quantile(a, 0.95) - _BELOW_LOUD_DB) | (b > np.quantile(b, 0.95) - _BELOW_LOUD_DB)
    may_match = False
    for lag in range(-_REACH, _REACH + 1):
        here = slice(max(0, -lag), len(a) - max(0, lag))
        there = slice(max(0, lag), len(a) - max(0, -lag))
        x, y = a[here][loud[here]], b[there][loud[here]]
        if len(x) < _MIN_LOUD:
            may_match = True
            continue
        away = np.abs(x - y - np.median(x - y))
        may_match = may_match or (abs(lag) <= _WAVE_REACH and float(np.mean(away <= _OTHER_DB)) >= _MAY_MATCH)
        if _swing_together(x, y):
            return True
    return may_match and _are_copies(left, right)


def _swing_together(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Tell whether two levels in dB go up and down, both alike."""
    import numpy as np

    if min(float(x.std()), float(y.std())) < _MIN_SWING_DB or not _keep_apart(x, y):
        return False
    return float(np.corrcoef(x, y)[0, 1]) >= _MIN_ALIKE


def _keep_apart(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Tell whether two levels in dB keep one small difference nearly all the time."""
    import numpy as np

    gap = x - y
    usual = float(np.median(gap))
    away = np.abs(gap - usual)
    is_same = np.mean(away <= _SAME_DB) >= _MIN_SAME and np.mean(away > _OTHER_DB) <= _MAX_OTHER
    return abs(usual) <= _MAX_LOUDER_DB and bool(is_same)


def _frame_levels(audio: MonoAudio) -> NDArray[np.float64]:
    """Return the smoothed level of each 16 ms in dB; differences of neighbouring samples leave out hum and offset."""
    import numpy as np

    n_frames, step = len(audio.samples) // _FRAME, 4096
    energy = np.empty(n_frames)
    for first in range(0, n_frames, step):
        last = min(n_frames, first + step)
        part = audio.samples[first * _FRAME : last * _FRAME]
        change = np.diff(part, prepend=part[:1]).reshape(-1, _FRAME)
        energy[first:last] = np.einsum("ij,ij->i", change, change)
    weights = np.hanning(_SMOOTH + 2)[1:-1]
    return np.asarray(10 * np.log10(np.convolve(energy, weights / weights.sum(), "same")[:n_frames] + 1e-9))
