"""Tell whether memory and speed stay the same over a long run. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

__all__ = ["Flatness", "Quarter", "Sample", "judge_flatness", "robust_slope"]

MOST_GROWTH: Final = 1.10
"""The last quarter may take a tenth more memory than the first, and be a tenth slower: calls differ."""
_MOST_POINTS: Final = 400


@dataclass(frozen=True, slots=True)
class Sample:
    """A look at the run: seconds since it began, memory of all its processes, seconds of audio done until then."""

    at_s: float
    n_bytes: int
    audio_s: float


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of the run's time: seconds of audio per second, and the median and greatest memory."""

    speed: float
    median_bytes: int
    peak_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flatness:
    """The four quarters and what follows: memory growth in bytes per hour of audio, last quarter to first."""

    quarters: tuple[Quarter, ...]
    bytes_per_audio_hour: float
    memory_ratio: float
    speed_ratio: float

    @property
    def is_memory_flat(self) -> bool:
        """Whether the last quarter takes hardly more memory than the first."""
        return self.memory_ratio <= MOST_GROWTH

    @property
    def is_speed_flat(self) -> bool:
        """Whether the last quarter is hardly slower than the first."""
        return self.speed_ratio >= 1 / MOST_GROWTH


def judge_flatness(samples: Sequence[Sample]) -> Flatness:
    """Compare the quarters of a run, from the first to the last look at which more audio was done than before.

    What comes before (finding calls, loading models) and after (closing the store) is no throughput.

    Raises:
        ValueError: if progress was seen fewer than eight times: the run was too short.
    """
    seen = [number for number in range(1, len(samples)) if samples[number].audio_s > samples[number - 1].audio_s]
    if len(seen) < 8:
        raise ValueError("judge_flatness needs a longer run: progress was seen fewer than eight times")
    during = samples[seen[0] : seen[-1] + 1]
    steps = [samples[number] for number in seen]
    begun, length_s = during[0].at_s, during[-1].at_s - during[0].at_s
    edges = [begun + length_s * number / 4 for number in range(5)]
    quarters = []
    for left, right in pairwise(edges):
        memory = [one.n_bytes for one in during if left <= one.at_s <= right] or [0]
        speed = (_audio_at(steps, right) - _audio_at(steps, left)) / (right - left)
        quarters.append(Quarter(speed, round(statistics.median(memory)), max(memory)))
    first, last = quarters[0], quarters[-1]
    return Flatness(
        quarters=tuple(quarters),
        bytes_per_audio_hour=robust_slope([(one.audio_s / 3600, one.n_bytes) for one in during]),
        memory_ratio=last.median_bytes / max(1, first.median_bytes),
        speed_ratio=last.speed / first.speed if first.speed else 0.0,
    )


def robust_slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the median of the slopes between all pairs of points (Theil-Sen); 0 where there are no two.

    >>> robust_slope([(0, 5), (1, 7), (2, 9), (3, 100)])
    2.0
    """
    thinned = points[:: max(1, len(points) // _MOST_POINTS)]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(thinned, 2) if b[0] != a[0]]
    return float(statistics.median_low(slopes)) if slopes else 0.0


def _audio_at(steps: Sequence[Sample], at_s: float) -> float:
    """Return the audio done at a time, in proportion between the looks at which progress was seen."""
    for before, after in pairwise(steps):
        if at_s <= after.at_s:
            share = (at_s - before.at_s) / (after.at_s - before.at_s)
            return before.audio_s + max(0.0, share) * (after.audio_s - before.audio_s)
    return steps[-1].audio_s
