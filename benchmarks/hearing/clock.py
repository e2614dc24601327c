"""Wall and processor time of this process and of those it started and waited for."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

__all__ = ["Stopwatch", "Took"]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the wall clock and of processor time."""

    wall_s: float
    cpu_s: float

    def beyond(self, other: Took) -> Took:
        """Return what this took more than the other, at least nothing.

        >>> Took(5.0, 8.0).beyond(Took(1.0, 9.0))
        Took(wall_s=4.0, cpu_s=0.0)
        """
        return Took(max(0.0, self.wall_s - other.wall_s), max(0.0, self.cpu_s - other.cpu_s))


class Stopwatch:
    """Runs from its making on; processes still alive are not counted."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu_s()

    def read(self) -> Took:
        """Return what has passed."""
        return Took(time.perf_counter() - self._wall, _cpu_s() - self._cpu)


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(item.ru_utime + item.ru_stime for item in used)
