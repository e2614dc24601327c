"""Runs of true flags as pairs of indices: find, join, turn into spans of milliseconds. Pure numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callscore.units import Span
from callscore.vad.base import WINDOW_MS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["find_runs", "join_runs", "mark_runs", "to_spans"]


def find_runs(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the runs of true flags as rows (first, after the last).

    >>> import numpy as np
    >>> find_runs(np.array([False, True, True, False, True])).tolist()
    [[1, 3], [4, 5]]
    """
    import numpy as np

    return np.flatnonzero(np.diff(np.pad(flags, 1).astype(np.int8))).reshape(-1, 2)


def join_runs(runs: NDArray[np.int64], gap: int, barrier: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the runs joined over at most `gap` flags between them, but not where a flag of `barrier` lies in the gap.

    >>> import numpy as np
    >>> join_runs(np.array([[0, 2], [4, 5], [6, 7]]), 2, np.array([False] * 5 + [True] + [False])).tolist()
    [[0, 5], [6, 7]]
    """
    import numpy as np

    if len(runs) < 2:
        return runs
    blocked = np.cumsum(np.pad(barrier, (1, 0)))
    starts, ends = runs[1:, 0], runs[:-1, 1]
    apart = (starts - ends > gap) | (blocked[starts] > blocked[ends])
    return np.stack([runs[np.r_[True, apart], 0], runs[np.r_[apart, True], 1]], axis=1)


def mark_runs(runs: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Return `n` flags, true inside the runs, which must be sorted and apart.

    >>> import numpy as np
    >>> mark_runs(np.array([[1, 3]]), 4).tolist()
    [False, True, True, False]
    """
    import numpy as np

    steps = np.zeros(n + 1, dtype=np.int64)
    np.add.at(steps, runs[:, 0], 1)
    np.add.at(steps, runs[:, 1], -1)
    return np.cumsum(steps[:-1]) > 0


def to_spans(runs: NDArray[np.int64], limit_ms: int) -> tuple[Span, ...]:
    """Return runs of windows as spans, cut at `limit_ms`; empty ones vanish.

    >>> import numpy as np
    >>> to_spans(np.array([[0, 2], [3, 9]]), 100)
    (Span(start_ms=0, end_ms=64), Span(start_ms=96, end_ms=100))
    """
    spans = (Span(min(int(a) * WINDOW_MS, limit_ms), min(int(b) * WINDOW_MS, limit_ms)) for a, b in runs)
    return tuple(span for span in spans if span.length_ms)
