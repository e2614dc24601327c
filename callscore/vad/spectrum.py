"""Per window: how much of the sound is steady partials (music), one or two pure tones, and at which frequencies. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callscore.vad.base import RATE_HZ, WINDOW
from callscore.vad.levels import count_windows, windows_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BIN_HZ", "Spectrum", "measure_spectrum"]

_FFT: Final = 2 * WINDOW
BIN_HZ: Final = RATE_HZ / _FFT
_BAND: Final = (10, 243)
"""156..3780 Hz: what every telephone codec carries, without mains hum."""
_PEAK_RANGE: Final = 10 ** (-25 / 10)
_PROMINENCE: Final = 2.0
_AROUND: Final = 6
_LAG: Final = 2
"""A partial counts as steady if it stands within one bin (16 Hz) 64 ms before, now and 64 ms after; voices glide further."""
_LOBE: Final = 3
"""Half the width of a peak, in bins: a pure tone under the Hann window has 2, two tones 40 Hz apart 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Arrays with one value for each window.

    Attributes:
        level: in dB of full scale, of the telephone band alone: an engine's rumble or mains hum does not count; -120 where
            not measured.
        steady: part of the peaks' amplitude, 0..1, in partials that stay at their frequency.
        first: part of the power, 0..1, in the strongest peak; `second` in the next.
        first_hz: frequency of the strongest peak, to the width of a bin; `second_hz` of the next.
    """

    level: NDArray[np.float32]
    steady: NDArray[np.float32]
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    first_hz: NDArray[np.float32]
    second_hz: NDArray[np.float32]


def measure_spectrum(samples: NDArray[np.float32], active: NDArray[np.bool_], block: int = 1024) -> Spectrum:
    """Measure every window of `samples` (float32, 16 kHz); blocks without an active window are left at 0."""
    import numpy as np

    n = count_windows(samples)
    out = np.zeros((6, n), dtype=np.float32)
    out[0] = -120.0
    for first in range(0, n, block):
        last = min(n, first + block)
        if active[first:last].any():
            out[:, first:last] = _measure_block(samples, first, last)
    return Spectrum(level=out[0], steady=out[1], first=out[2], second=out[3], first_hz=out[4], second_hz=out[5])


def _measure_block(samples: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Return the six rows of `Spectrum` for windows `first..last`; two more on both sides show what is steady."""
    import numpy as np

    edge = WINDOW // 2
    part = windows_at(samples, first - _LAG, last + _LAG, edge, edge)
    frames = np.lib.stride_tricks.sliding_window_view(part, _FFT)[::WINDOW]
    spectrum = np.fft.rfft(frames * np.hanning(_FFT).astype(np.float32), axis=1)[:, _BAND[0] : _BAND[1]]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) + np.float32(1e-9)
    now = power[_LAG:-_LAG]
    total = now.sum(axis=1)
    at_first, first_part = _strongest(now)
    rest = now.copy()
    for offset in range(-_LOBE - 1, _LOBE + 2):
        rest[np.arange(len(rest)), np.clip(at_first + offset, 0, rest.shape[1] - 1)] = 0.0
    at_second, second_part = _strongest(rest)
    # Parseval for a real signal: twice the one-sided sum over the window's energy (3/8 for Hann) and the transform's length.
    level = 10.0 * np.log10(2.0 * total / (_FFT * _FFT * 3 / 8) + 1e-12)
    return np.stack(
        [
            level,
            _steady_part(power),
            first_part / total,
            second_part / total,
            (at_first + _BAND[0]) * BIN_HZ,
            (at_second + _BAND[0]) * BIN_HZ,
        ]
    ).astype(np.float32)


def _strongest(power: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return bin and power of the strongest peak of each row."""
    import numpy as np

    at, rows = power.argmax(axis=1), np.arange(len(power))
    padded = np.pad(power, ((0, 0), (_LOBE, _LOBE)))
    return at, sum((padded[rows, at + offset] for offset in range(2 * _LOBE + 1)), np.zeros(len(power), dtype=np.float32))


def _steady_part(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each inner row the part of the peaks' amplitude that is also a peak two rows before and after."""
    import numpy as np

    sums = np.cumsum(np.pad(power, ((0, 0), (_AROUND + 1, _AROUND))), axis=1)
    around = (sums[:, 2 * _AROUND + 1 :] - sums[:, : -2 * _AROUND - 1]) / (2 * _AROUND + 1)
    peak = np.zeros(power.shape, dtype=np.bool_)
    peak[:, 1:-1] = (power[:, 1:-1] > power[:, :-2]) & (power[:, 1:-1] >= power[:, 2:])
    peak &= (power > _PROMINENCE * around) & (power > _PEAK_RANGE * power.max(axis=1, keepdims=True))
    wide = peak.copy()
    wide[:, 1:] |= peak[:, :-1]
    wide[:, :-1] |= peak[:, 1:]
    amplitude = np.sqrt(power[_LAG:-_LAG]) * peak[_LAG:-_LAG]
    steady = (amplitude * (wide[: -2 * _LAG] & wide[2 * _LAG :])).sum(axis=1)
    return np.asarray(steady / (amplitude.sum(axis=1) + 1e-9), dtype=np.float32)
