"""How loud each window is, how loud the voices are, and what lies near the noise floor. Pure numpy, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callscore.vad.base import WINDOW

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SILENCE_DB", "count_windows", "find_active", "find_floor", "loud_level", "window_levels", "windows_at"]

SILENCE_DB: Final = -70.0
"""Below this (full scale = 0 dB) there is no voice: it is under one quantisation step of a telephone codec."""

_FLOOR_BLOCK: Final = 31
_FLOOR_REACH: Final = 5
_ACTIVE_ABOVE_FLOOR_DB: Final = 3.0
"""Steady line noise varies by about 1 dB from window to window; a voice within 3 dB of it cannot be understood."""
_ACTIVE_MARGIN: Final = 12


def count_windows(samples: NDArray[np.float32]) -> int:
    """Return the number of windows that cover the samples, the last one filled up with silence."""
    return -(-len(samples) // WINDOW)


def windows_at(samples: NDArray[np.float32], first: int, last: int, before: int, after: int) -> NDArray[np.float32]:
    """Return the samples of windows `first..last` with `before` and `after` more, zeros outside the recording."""
    import numpy as np

    start, end = first * WINDOW - before, last * WINDOW + after
    inside = samples[max(0, start) : max(0, min(end, len(samples)))]
    if len(inside) == end - start:
        return inside
    out = np.zeros(end - start, dtype=np.float32)
    at = max(0, -start)
    out[at : at + len(inside)] = inside
    return out


def window_levels(samples: NDArray[np.float32], block: int = 4096) -> NDArray[np.float32]:
    """Return the level of each window in dB of full scale, not below -120."""
    import numpy as np

    n = count_windows(samples)
    levels = np.empty(n, dtype=np.float32)
    for first in range(0, n, block):
        last = min(n, first + block)
        part = windows_at(samples, first, last, 0, 0).reshape(-1, WINDOW)
        levels[first:last] = 10.0 * np.log10(np.einsum("ij,ij->i", part, part) / WINDOW + 1e-12)
    return levels


def loud_level(levels: NDArray[np.float32]) -> float | None:
    """Return the level that one window in twenty of all but the silent ones exceeds: that of the loudest voice.

    None if every window is silent.
    """
    import numpy as np

    sounding = levels[levels > SILENCE_DB]
    return float(np.quantile(sounding, 0.95)) if len(sounding) else None


def find_floor(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the noise floor at each window, in dB: the lowest of the quiet levels of the seconds around it."""
    import numpy as np

    n_blocks = -(-len(levels) // _FLOOR_BLOCK)
    padded = np.full(n_blocks * _FLOOR_BLOCK, np.inf, dtype=np.float32)
    padded[: len(levels)] = levels
    quiet = np.sort(padded.reshape(n_blocks, _FLOOR_BLOCK), axis=1)[:, _FLOOR_BLOCK // 5]
    quiet = np.where(np.isfinite(quiet), quiet, np.inf)
    around = np.pad(quiet, _FLOOR_REACH, constant_values=np.inf)
    lowest = np.lib.stride_tricks.sliding_window_view(around, 2 * _FLOOR_REACH + 1).min(axis=1)
    lowest = np.where(np.isfinite(lowest), lowest, levels.min())
    return np.repeat(lowest, _FLOOR_BLOCK)[: len(levels)].astype(np.float32)


def find_active(levels: NDArray[np.float32], floor: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell for each window whether it or a neighbour within 0.4 s rises above silence and the noise floor."""
    import numpy as np

    above = (levels > SILENCE_DB) & (levels > floor + _ACTIVE_ABOVE_FLOOR_DB)
    count = np.cumsum(np.pad(above.astype(np.int64), (_ACTIVE_MARGIN + 1, _ACTIVE_MARGIN)))
    return count[2 * _ACTIVE_MARGIN + 1 :] > count[: -2 * _ACTIVE_MARGIN - 1]
