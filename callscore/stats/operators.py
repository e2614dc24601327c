"""Mean score per operator with an interval that covers sampling and doubt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callscore.stats.interval import mean_interval
from callscore.store.entries import OperatorScore, OperatorSums

__all__ = ["score_operators"]

# Enough for any report, and few enough that the last bits of floating point never tell two equal tables apart.
_DIGITS: Final = 4


def score_operators(sums: Iterable[OperatorSums]) -> tuple[OperatorScore, ...]:
    """Return the score of each operator, rubric version and period, in the order given.

    The score is the mean over the calls that have one. Its low end is the low end of the interval of the mean of `score_low`
    (every unsure verdict a fail), its high end the high end for `score_high` (every unsure verdict a pass). The union covers
    both kinds of not knowing: which calls happened to be there, and what was not heard well enough to decide (bounds on a
    partly observed mean: Horowitz and Manski, Journal of the American Statistical Association 95, 2000). A call in which
    nothing was decided has no score but still widens the interval.
    """
    return tuple(_score(entry) for entry in sums)


def _score(sums: OperatorSums) -> OperatorScore:
    low = mean_interval(sums.n_bounds, float(sums.total_low), float(sums.squares_low)).low
    high = mean_interval(sums.n_bounds, float(sums.total_high), float(sums.squares_high)).high
    return OperatorScore(
        period=sums.period,
        period_kind=sums.period_kind,
        starts_on=sums.starts_on,
        operator=sums.operator,
        rubric=sums.rubric,
        rubric_version=sums.rubric_version,
        calls=sums.calls,
        scored_calls=sums.n,
        score=round(float(sums.total) / sums.n, _DIGITS) if sums.n else None,
        score_low=round(low, _DIGITS),
        score_high=round(high, _DIGITS),
        n_critical_failed=sums.n_critical_failed,
        n_verdicts=sums.n_verdicts,
        n_unsure=sums.n_unsure,
    )
