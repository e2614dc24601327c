"""Whether an operator's better-scored calls sell more often, with a bootstrap interval. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from callscore.stats.conversion.design import Floats
from callscore.stats.conversion.fdr import q_values
from callscore.store.conversion_records import OperatorConversion

__all__ = ["ScoreCount", "link_scores"]

ScoreCount = tuple[str, int, str, int, int, int]
"""Rubric, version, operator, score to the point, calls, sales."""
_RESAMPLES: Final = 2000
_MIN_CALLS: Final = 100
_MIN_SALES: Final = 20
_MIN_SPREAD: Final = 3.0
_SEED: Final = 20261005
_POINTS: Final = 10.0


def link_scores(counts: Iterable[ScoreCount]) -> tuple[OperatorConversion, ...]:
    """Return for each operator how much larger the share of sales is for ten points of score more, by rubric and operator.

    The slope is that of the least-squares line; its interval is the percentile bootstrap over calls (Efron, Annals of
    Statistics 7, 1979), which resampling the counts of calls with the same score and outcome is. Fewer than 100 calls, 20 sales
    or 20 calls without one, or scores that are all alike, tell nothing.
    """
    grouped: dict[tuple[str, int, str], list[tuple[int, int, int]]] = defaultdict(list)
    for rubric, version, operator, score, n, won in counts:
        grouped[rubric, version, operator].append((score, n, won))
    linked = [_link(key, rows) for key, rows in sorted(grouped.items())]
    found: list[OperatorConversion] = []
    for rubric in sorted({row.rubric for row, _ in linked}):
        ours = [(row, p) for row, p in linked if row.rubric == rubric]
        corrected = q_values([p for _, p in ours])
        found.extend(_judged(row, q) for (row, _), q in zip(ours, corrected, strict=True))
    return tuple(found)


def _judged(row: OperatorConversion, q_value: float | None) -> OperatorConversion:
    if q_value is None or row.difference is None:
        return row
    finding = "cannot_tell" if q_value >= 0.05 else "rises" if row.difference > 0 else "falls"
    return replace(row, q_value=q_value, finding=finding)


def _link(key: tuple[str, int, str], rows: Sequence[tuple[int, int, int]]) -> tuple[OperatorConversion, float | None]:
    from scipy import stats

    scores = np.array([row[0] for row in rows], dtype=np.float64)
    calls = np.array([row[1] for row in rows], dtype=np.float64)
    won = np.array([row[2] for row in rows], dtype=np.float64)
    n, n_won = int(calls.sum()), int(won.sum())
    mean = float(scores @ calls / n)
    plain = OperatorConversion(
        rubric=key[0],
        rubric_version=key[1],
        operator=key[2],
        n=n,
        n_won=n_won,
        mean_score=mean,
        difference=None,
        difference_low=None,
        difference_high=None,
        q_value=None,
        finding="not_enough",
    )
    spread = float(np.sqrt(calls @ (scores - mean) ** 2 / n))
    if n < _MIN_CALLS or min(n_won, n - n_won) < _MIN_SALES or spread < _MIN_SPREAD:
        return plain, None
    drawn = np.random.default_rng(_SEED).multinomial(n, np.concatenate([won, calls - won]) / n, size=_RESAMPLES)
    sold, lost = drawn[:, : len(rows)].astype(np.float64), drawn[:, len(rows) :].astype(np.float64)
    slopes = _slopes(scores, sold + lost, sold)
    slope = float(_slopes(scores, calls[None, :], won[None, :])[0])
    low, high = np.percentile(slopes, [2.5, 97.5])
    error = float(slopes.std(ddof=1))
    p_value = float(2 * stats.norm.sf(abs(slope) / error)) if error > 0 else None
    return replace(
        plain, difference=slope, difference_low=float(low), difference_high=float(high), finding="cannot_tell"
    ), p_value


def _slopes(scores: Floats, calls: Floats, won: Floats) -> Floats:
    """Return the slope for ten points of each row of counts."""
    n = calls.sum(axis=1)
    mean = calls @ scores / n
    share = won.sum(axis=1) / n
    square = calls @ scores**2 / n - mean**2
    both = won @ scores / n - mean * share
    return np.asarray(_POINTS * both / np.maximum(square, 1e-9), dtype=np.float64)
