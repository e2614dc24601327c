"""Find pure tones: what a telephone line says by itself (ring-back, busy, keys, beeps), and single notes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callscore.vad.base import WINDOW_MS
from callscore.vad.runs import find_runs
from callscore.vad.spectrum import BIN_HZ, Spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SAME_HZ", "Bursts", "find_bursts", "join_tones"]

_PURE_ONE: Final = 0.80
_PURE_TWO: Final = 0.90
"""Part of the power in the strongest peak, or the two strongest: 0.95 or more for a ring-back tone even after 8 kbit/s Opus."""
_MIN_BURST: Final = 3
_MIN_STEADY: Final = 6
_EDGE: Final = 2
"""Windows at both ends that reach beyond the burst and so cannot be steady; what remains must be."""
_STEADY: Final = 0.8
"""Vowels can be as pure as tones, but of 312 such in telephone speech 19 in 20 stay below this; tones reach 0.93."""
_FLAT_DB: Final = 4.5
"""A signalling tone keeps its level (range 3.9 dB at worst, after MP3 at 16 kbit/s); notes fade."""
_HEARD_AS_SPEECH: Final = 0.5
SAME_HZ: Final = 1.6 * BIN_HZ
_BEAT_HZ: Final = 3.1 * BIN_HZ
"""440 and 480 Hz together (American ring-back) beat: one peak that jumps between the two."""
_RING_GAP_MS: Final = 4500
"""Ring-back is 1 s on and 4 s off (Russia, Europe), 2 s on and 4 s off (America)."""
_SEQUENCE_GAP_MS: Final = 500
"""Keys of a dialled number and the three notes of "number not in service" follow each other within this."""
_DTMF_LOW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
_DTMF_HIGH_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bursts:
    """Pure tones in time order, one element for each.

    Attributes:
        runs: rows (first window, after the last).
        hz: the frequency of the strongest partial.
        is_signal: whether it is a signalling tone (even level, or a telephone key), not a note or a pure vowel.
        is_key: whether it is a telephone key's pair of frequencies.
    """

    runs: NDArray[np.int64]
    hz: NDArray[np.float64]
    is_signal: NDArray[np.bool_]
    is_key: NDArray[np.bool_]

    def chosen(self, flags: NDArray[np.bool_]) -> Bursts:
        """Return the bursts whose flag is true."""
        return Bursts(runs=self.runs[flags], hz=self.hz[flags], is_signal=self.is_signal[flags], is_key=self.is_key[flags])


def find_bursts(spectrum: Spectrum, prob: NDArray[np.float32], usable: NDArray[np.bool_]) -> Bursts:
    """Return the pure tones among the usable windows.

    Args:
        spectrum: measurements of the windows.
        prob: their speech probability; a tone that is heard as speech is no signal.
        usable: where to look.
    """
    import numpy as np

    runs = [run for run in _pure_runs(spectrum, usable) if _is_steady(run, spectrum) or _is_key(run, spectrum)]
    hz = [float(np.median(spectrum.first_hz[a:b])) for a, b in runs]
    is_key = np.array([_is_key(run, spectrum) for run in runs], dtype=np.bool_)
    is_flat = np.array([np.ptp(spectrum.level[a + 1 : b - 1]) <= _FLAT_DB for a, b in runs], dtype=np.bool_)
    unheard = np.array([float(prob[a:b].mean()) < _HEARD_AS_SPEECH for a, b in runs], dtype=np.bool_)
    rows = np.array(runs, dtype=np.int64).reshape(-1, 2)
    return Bursts(runs=rows, hz=np.array(hz, dtype=np.float64), is_signal=(is_flat | is_key) & unheard, is_key=is_key)


def join_tones(bursts: Bursts, barrier: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Join bursts of one frequency over the pauses of a cadence, and any bursts that follow each other closely.

    Args:
        bursts: in time order.
        barrier: windows over which nothing is joined (speech, music).
    """
    import numpy as np

    joined: list[list[int]] = []
    last_hz = 0.0
    for (first, last), hz in zip(bursts.runs.tolist(), bursts.hz.tolist(), strict=True):
        gap_ms = (first - joined[-1][1]) * WINDOW_MS if joined else 0
        near = gap_ms <= (_RING_GAP_MS if abs(hz - last_hz) <= SAME_HZ else _SEQUENCE_GAP_MS)
        if joined and near and not barrier[joined[-1][1] : first].any():
            joined[-1][1] = last
        else:
            joined.append([first, last])
        last_hz = hz
    return np.array(joined, dtype=np.int64).reshape(-1, 2)


def _pure_runs(s: Spectrum, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return runs of at least 96 ms in which one or two peaks hold nearly all the power and keep their frequencies."""
    import numpy as np

    pure = usable & ((s.first >= _PURE_ONE) | (s.first + s.second >= _PURE_TWO))
    kept = np.abs(s.first_hz[1:] - s.first_hz[:-1]) <= _BEAT_HZ
    kept |= (s.second[1:] > 0.05) & (np.abs(s.second_hz[1:] - s.first_hz[:-1]) <= _BEAT_HZ)
    # A change of frequency ends a burst: cut there by dropping the first window after it.
    pure[1:] &= kept | ~pure[:-1]
    runs = find_runs(pure)
    return runs[runs[:, 1] - runs[:, 0] >= _MIN_BURST]


def _is_steady(run: NDArray[np.int64], s: Spectrum) -> bool:
    """Tell whether the frequencies stay the same all through a burst of at least 0.2 s."""
    first, last = int(run[0]), int(run[1])
    return last - first >= _MIN_STEADY and float(s.steady[first + _EDGE : last - _EDGE].mean()) >= _STEADY


def _is_key(run: NDArray[np.int64], s: Spectrum) -> bool:
    """Tell whether the burst consists of one low and one high frequency of the telephone's keys."""
    import numpy as np

    window = slice(int(run[0]), int(run[1]))
    pair = np.stack([s.first_hz[window], s.second_hz[window]])
    low, high = float(np.median(pair.min(axis=0))), float(np.median(pair.max(axis=0)))
    is_low = min(abs(low - hz) for hz in _DTMF_LOW_HZ) <= SAME_HZ
    return is_low and min(abs(high - hz) for hz in _DTMF_HIGH_HZ) <= SAME_HZ
