"""The design of one comparison: calls with pass or fail, grouped by what is adjusted for, as whole-number codes. Pure.

A design matrix of indicators is never written out: each row of cells has one level of each factor, so that sums over rows are
counts in two-way tables. Both a hundred calls and a million become a fit of milliseconds to a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["ADJUSTED", "Design", "Floats", "Ints", "build_design", "split_weeks"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

ADJUSTED: Final = ("call_type", "line", "month", "weekday", "hour", "wait", "repeat")
"""What every comparison is adjusted for besides the operator."""
_MIN_LEVEL: Final = 20
"""Levels with fewer calls than this are taken together as one."""
_MAX_LEVELS: Final = 40
"""So many levels of a factor at most, the ones with most calls: a shop with call tracking has hundreds of numbers."""
_MIN_OPERATOR: Final = 10
"""An operator with fewer calls than this tells next to nothing of what within his own calls goes with sales."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Rows of calls that are alike: `n` calls of which `won` led to a sale.

    `passed` is 1 where the criterion was met, 0 where not. `factors` are codes 0.. of each factor, the operator first; `sizes`
    their numbers of levels. `cluster` is the group of calls that may hang together; each lies within one operator.
    """

    n: Floats
    won: Floats
    passed: Ints
    factors: tuple[Ints, ...]
    sizes: tuple[int, ...]
    cluster: Ints
    n_clusters: int

    @property
    def n_parameters(self) -> int:
        """How many numbers are fitted, those that follow from others not counted."""
        return 2 + sum(size - 1 for size in self.sizes)


def build_design(
    operator: Ints, factors: Mapping[str, Ints], week: Ints, passed: Ints, counts: tuple[Floats, Floats], *, by_week: bool
) -> Design | None:
    """Return the design of the operators who have calls of both verdicts, None where nobody has.

    Args:
        operator: code of each row.
        factors: codes of each row by factor.
        week: code of each row's week.
        passed: 1 or 0 of each row.
        counts: calls of each row, and those that led to a sale.
        by_week: whether calls hang together by operator and week instead of by operator.
    """
    n, won = counts
    of_operator = np.bincount(operator, weights=n)
    met = np.bincount(operator, weights=n * passed)
    # Somebody with one verdict only compares nothing within his own calls, and must not lend a hand between operators.
    kept = ((of_operator >= _MIN_OPERATOR) & (met > 0) & (met < of_operator))[operator]
    if not kept.any():
        return None
    weights = n[kept]
    operators = _dense(operator[kept])
    codes = [operators, *(_pooled(codes[kept], weights) for codes in factors.values())]
    # A factor with one level says nothing that the operator's own level does not.
    codes = [operators, *(code for code in codes[1:] if code.max() > 0)]
    cluster = split_weeks(operators, week[kept]) if by_week else operators
    return Design(
        n=weights,
        won=won[kept],
        passed=passed[kept],
        factors=tuple(codes),
        sizes=tuple(int(code.max()) + 1 for code in codes),
        cluster=cluster,
        n_clusters=int(cluster.max()) + 1,
    )


def split_weeks(operator: Ints, week: Ints) -> Ints:
    """Return a code for each operator's week.

    >>> split_weeks(np.array([0, 0, 1]), np.array([3, 4, 3])).tolist()
    [0, 1, 2]
    """
    return _dense(operator * (int(week.max()) + 1) + week)


def _dense(codes: Ints) -> Ints:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _pooled(codes: Ints, weights: Floats) -> Ints:
    """Return the codes with the rare levels as one."""
    sizes = np.bincount(codes, weights=weights)
    order = np.argsort(-sizes, kind="stable")
    frequent = order[:_MAX_LEVELS]
    frequent = frequent[sizes[frequent] >= _MIN_LEVEL]
    place = np.full(len(sizes), len(frequent), dtype=np.int64)
    place[frequent] = np.arange(len(frequent))
    return _dense(place[codes])
