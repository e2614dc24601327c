"""Queues that deal calls out evenly: a test of it, and the comparison of operators that it makes fair. Pure.

Where a queue gives a call to whoever is free, operators of one hour get like callers, and differences between operators are not
due to the callers (the design of arXiv 2412.04860, there for satisfaction with a call). It takes the choice of caller out of
the comparison. What it cannot take out: operators who meet a criterion more often may do other things better as well. So it
stands beside the comparison within operators, which has the opposite weakness; where both agree, an association is more than
either alone can say.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from callscore.stats.conversion.design import Floats, Ints
from callscore.store.conversion_records import CellRows, QueueBalance

__all__ = ["QueueDifference", "compare_operators", "judge_queues"]

QueueDifference = tuple[int, float, float, float]
"""Calls, difference in the share of sales between always and never meeting the criterion, and its 95 % interval."""
_MIN_CALLS: Final = 1000
_MIN_OPERATORS: Final = 3
_MIN_COMPARED: Final = 6
_SHARES: Final = (2 / 3, 3 / 2)
_LEVEL: Final = 0.05
_STRENGTH: Final = 10.0
"""Operators must differ in the criterion so much more than by chance (Staiger and Stock, Econometrica 65, 1997)."""


def judge_queues(dealt: CellRows) -> tuple[QueueBalance, ...]:
    """Return for each queue whether it deals out evenly, from what operators on duty got in each hour; by name.

    Balance is tested within hours by the generalised Cochran-Mantel-Haenszel test (Landis, Heyman and Koch, International
    Statistical Review 46, 1978): whether the share of the main line's calls, and of repeat callers, depends on the operator.
    """
    queues = np.asarray(dealt["queue"], dtype=str)
    return tuple(
        _judge(name, {key: dealt[key][queues == name] for key in dealt.columns}) for name in np.unique(queues).tolist()
    )


def compare_operators(rows: CellRows) -> QueueDifference | None:
    """Return how sales differ between operators who always and never meet a criterion; None where that cannot be told.

    Each call's instrument is how often its operator meets the criterion in all other calls, compared within hours of a queue
    (jackknife instrumental variables: Angrist, Imbens and Krueger, Journal of Applied Econometrics 14, 1999); the interval is
    the jackknife's over operators.
    """
    from scipy import stats

    sums = _residual_sums(rows)
    if sums is None:
        return None
    n, met, won, met_square, both = sums
    n_operators = len(n)
    strength = float((met**2 / n).sum() / (n_operators - 1) / (met_square.sum() / n.sum()))
    if n_operators < _MIN_COMPARED or strength < _STRENGTH:
        return None
    up = (met * won - both) / (n - 1)
    down = (met**2 - met_square) / (n - 1)
    slope = float(up.sum() / down.sum())
    without = (up.sum() - up) / (down.sum() - down)
    error = float(np.sqrt((n_operators - 1) / n_operators * ((without - without.mean()) ** 2).sum()))
    reach = float(stats.t.ppf(0.975, n_operators - 1)) * error
    if not np.isfinite(reach) or reach > 1:
        return None
    return int(n.sum()), slope, slope - reach, slope + reach


def _judge(name: str, rows: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]) -> QueueBalance:
    operator = np.unique(np.asarray(rows["operator"], dtype=str), return_inverse=True)[1]
    stratum = np.unique(rows["stratum"], return_inverse=True)[1]
    n, main, repeat, duty = (
        _table(stratum, operator, np.asarray(values, dtype=np.float64))
        for values in (rows["n"], rows["n_main"], rows["n_repeat"], np.ones(len(stratum)))
    )
    shared = (duty.sum(axis=1) >= 2) & (n.sum(axis=1) > 0)
    n, main, repeat, duty = n[shared], main[shared], repeat[shared], duty[shared]
    n_calls, n_operators = int(n.sum()), int((n.sum(axis=0) > 0).sum())
    if n_calls < _MIN_CALLS or n_operators < _MIN_OPERATORS:
        return QueueBalance(
            queue=name,
            n=n_calls,
            n_operators=n_operators,
            share_low=None,
            share_high=None,
            line_p=None,
            repeat_p=None,
            finding="not_enough",
        )
    even = duty * (n.sum(axis=1) / duty.sum(axis=1))[:, None]
    expected = even.sum(axis=0)
    parts = n.sum(axis=0)[expected > 0] / expected[expected > 0]
    p_values = [_balance(n, main), _balance(n, repeat)]
    low, high = float(parts.min()), float(parts.max())
    tested = [p for p in p_values if p is not None]
    if any(p < _LEVEL / len(tested) for p in tested):
        finding = "unbalanced"
    elif low < _SHARES[0] or high > _SHARES[1]:
        finding = "uneven"
    else:
        finding = "even" if tested else "not_enough"
    return QueueBalance(
        queue=name,
        n=n_calls,
        n_operators=n_operators,
        share_low=low,
        share_high=high,
        line_p=p_values[0],
        repeat_p=p_values[1],
        finding=finding,
    )


def _table(rows: Ints, columns: Ints, values: Floats) -> Floats:
    width = int(columns.max()) + 1
    size = (int(rows.max()) + 1) * width
    return np.asarray(np.bincount(rows * width + columns, weights=values, minlength=size).reshape(-1, width), dtype=np.float64)


def _balance(n: Floats, marked: Floats) -> float | None:
    """Return the p-value of marked calls being spread over operators by chance within each row; None if nothing varies."""
    from scipy import stats

    total, hits = n.sum(axis=1), marked.sum(axis=1)
    varies = (total > 1) & (hits > 0) & (hits < total)
    n, marked, total, hits = n[varies], marked[varies], total[varies], hits[varies]
    if not len(n):
        return None
    excess = (marked - n * (hits / total)[:, None]).sum(axis=0)
    scale = hits * (total - hits) / (total * (total - 1))
    covariance = np.diag((n * scale[:, None]).sum(axis=0)) - n.T @ (n * (scale / total)[:, None])
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if not rank:
        return None
    statistic = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    return float(stats.chi2.sf(statistic, rank))


def _residual_sums(rows: CellRows) -> tuple[Floats, Floats, Floats, Floats, Floats] | None:
    """Return by operator: calls, and sums of the criterion, sales, the criterion's square and both, less the hour's mean."""
    n = np.asarray(rows["n"], dtype=np.float64)
    if not len(n):
        return None
    met, won, both = (np.asarray(rows[key], dtype=np.float64) for key in ("met", "won", "both"))
    stratum = np.unique(rows["stratum"], return_inverse=True)[1]
    total = np.bincount(stratum, weights=n)
    # An hour with a single operator compares nobody.
    shared = (np.bincount(stratum) >= 2)[stratum]
    if not shared.any():
        return None
    met_mean = (np.bincount(stratum, weights=met) / total)[stratum][shared]
    won_mean = (np.bincount(stratum, weights=won) / total)[stratum][shared]
    n, met, won, both = n[shared], met[shared], won[shared], both[shared]
    operator = np.unique(np.asarray(rows["operator"], dtype=str)[shared], return_inverse=True)[1]
    met_rest, won_rest = met - n * met_mean, won - n * won_mean
    squares = met * (1 - 2 * met_mean) + n * met_mean**2
    products = both - met_mean * won - won_mean * met + n * met_mean * won_mean
    sums = [
        np.asarray(np.bincount(operator, weights=values), dtype=np.float64)
        for values in (n, met_rest, won_rest, squares, products)
    ]
    kept = sums[0] > 1
    n_calls, first, second, third, fourth = (values[kept] for values in sums)
    return (n_calls, first, second, third, fourth) if len(n_calls) >= 2 else None
