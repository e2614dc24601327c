"""Numbers of few calls drawn towards those of the whole team, as far as the data say that the team is alike. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from callscore.stats.team import possible_teams

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

__all__ = ["Shrunk", "shrink_means", "shrink_shares"]

_NORMAL: Final = 1.959963984540054
_MIN_UNITS: Final = 3
"""Fewer units than this cannot show how far units differ, so nothing is drawn anywhere."""
_SMALLEST_ERROR: Final = 1e-3
_N_MEANS, _N_SIZES = 61, 40


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A number with its 95 % interval after shrinkage; `weight` is how much of it is the unit's own, 1: all, 0: nothing."""

    value: float
    low: float
    high: float
    weight: float


def shrink_means(means: Sequence[float], variances: Sequence[float]) -> tuple[Shrunk, ...]:
    """Return means 0..100 of units, such as operators, drawn towards their common mean, in the order given.

    Empirical Bayes for normal means (Efron and Morris, Journal of the American Statistical Association 70, 1975): a unit with
    few calls borrows from the others, and more so the less the units differ. How far they differ is itself uncertain; the
    result is averaged over what the data leave possible, with every spread 0..50 equally likely beforehand (Gelman et al.,
    Bayesian Data Analysis, 3rd edition, 5.4), so the intervals are not too narrow for a small team. Fewer than three units
    are left as they are.

    Args:
        means: 0..100.
        variances: the sampling variance of each mean, points squared. A unit whose calls happen to be alike has a variance
            that is too small; give a smoothed one.

    >>> few, many, other = shrink_means([60.0, 80.0, 82.0], [100.0, 1.0, 1.0])
    >>> round(few.value), round(many.value), few.weight < many.weight
    (69, 80, True)
    >>> shrink_means([60.0], [100.0])[0].weight
    1.0

    Raises:
        ValueError: if the lengths differ, a mean is not within 0..100 or a variance is negative.
    """
    if len(means) != len(variances):
        raise ValueError(f"there must be as many variances as means, got {len(variances)} and {len(means)}")
    if not all(0.0 <= mean <= 100.0 for mean in means) or not all(variance >= 0.0 for variance in variances):
        raise ValueError("means must be in 0..100 and variances 0 or more")
    floored = [max(variance, _SMALLEST_ERROR**2) for variance in variances]
    if len(means) < _MIN_UNITS:
        return tuple(_normal(mean, variance, 1.0) for mean, variance in zip(means, floored, strict=True))
    teams = possible_teams(means, floored)
    values, spreads, kept = teams.units(means, floored)
    centres, variances_left = teams.moments(values, spreads)
    found = zip(centres, variances_left, teams.weights @ kept, strict=True)
    return tuple(_normal(min(100.0, max(0.0, float(value))), float(left), float(own)) for value, left, own in found)


def shrink_shares(successes: Sequence[int], trials: Sequence[int]) -> tuple[Shrunk, ...]:
    """Return shares 0..1 of units, such as conversions of operators, drawn towards the common share, in the order given.

    The beta-binomial model: the units' shares come from one beta distribution whose mean and width are averaged over what the
    data leave possible (Bayesian Data Analysis, 3rd edition, 5.3, with its prior). A unit without trials gets what is known of
    the others and weight 0. Fewer than three units with trials are left as they are, with a Jeffreys interval (Brown, Cai and
    DasGupta, Statistical Science 16, 2001); where nobody has a trial, the value 0.5 with the interval 0..1 means nothing.

    >>> few, many, other = shrink_shares([0, 300, 320], [4, 1000, 1000])
    >>> 0.1 < few.value < 0.31, round(many.value, 2), few.weight < many.weight
    (True, 0.3, True)
    >>> shrink_shares([], [])
    ()

    Raises:
        ValueError: if the lengths differ, or unless 0 <= successes <= trials everywhere.
    """
    if len(successes) != len(trials):
        raise ValueError(f"there must be as many trials as successes, got {len(trials)} and {len(successes)}")
    if not all(0 <= won <= n for won, n in zip(successes, trials, strict=True)):
        raise ValueError("successes must be in 0..trials")
    if sum(n > 0 for n in trials) < _MIN_UNITS:
        return tuple(_alone(won, n) for won, n in zip(successes, trials, strict=True))
    return _shrink_together(successes, trials)


def _normal(mean: float, variance: float, weight: float) -> Shrunk:
    half = _NORMAL * math.sqrt(variance)
    return Shrunk(mean, max(0.0, mean - half), min(100.0, mean + half), weight)


def _alone(won: int, n: int) -> Shrunk:
    if not n:
        return Shrunk(0.5, 0.0, 1.0, 0.0)
    from scipy.special import betaincinv

    low = 0.0 if won == 0 else float(betaincinv(won + 0.5, n - won + 0.5, 0.025))
    high = 1.0 if won == n else float(betaincinv(won + 0.5, n - won + 0.5, 0.975))
    return Shrunk(won / n, low, high, 1.0)


def _shrink_together(successes: Sequence[int], trials: Sequence[int]) -> tuple[Shrunk, ...]:
    import numpy as np
    from scipy.special import betaincinv, betaln

    won, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    a, b, logs = _beta_grid((won.sum() + 0.5) / (n.sum() + 1.0), float(n.max()))
    logs = logs - betaln(a, b) * len(won)
    for k, m in zip(won, n, strict=True):
        logs += betaln(a + k, b + m - k)
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    size = a + b
    found = []
    for k, m in zip(won, n, strict=True):
        centre = (a + k) / (size + m)
        value = float(chances @ centre)
        variance = float(chances @ (centre * (1 - centre) / (size + m + 1) + (centre - value) ** 2))
        # The mixture of beta distributions, as the one beta distribution that has its mean and variance.
        strength = value * (1 - value) / variance - 1
        low, high = (float(betaincinv(value * strength, (1 - value) * strength, level)) for level in (0.025, 0.975))
        found.append(Shrunk(value, low, high, float(chances @ (m / (size + m)))))
    return tuple(found)


def _beta_grid(share: float, most_trials: float) -> tuple[Numbers, Numbers, Numbers]:
    """Return possible parameters a and b of the beta distribution with the logarithm of how likely each is beforehand.

    The prior is even in the mean and in 1/sqrt(a + b), as in Bayesian Data Analysis 5.3, over distributions no more hollow than
    Jeffreys' (a and b from 0.5 on): without that limit units that never succeeded would seem to be sure never to.
    """
    import numpy as np

    # Dense around the pooled share, where all that is likely lies if units are alike, and wide enough if they are not.
    steps = np.linspace(-6.0, 6.0, _N_MEANS)
    means = 1 / (1 + np.exp(-(math.log(share / (1 - share)) + 0.02 * np.sinh(steps))))
    widths = np.geomspace(0.1 / math.sqrt(most_trials), 1.0, _N_SIZES)
    # The grid is uneven, so each point stands for as much as lies between its neighbours.
    logs = np.add.outer(np.log(widths), np.log(means * (1 - means) * np.cosh(steps)))
    a, b = np.outer(widths**-2, means), np.outer(widths**-2, 1 - means)
    allowed = (a >= 0.5) & (b >= 0.5)
    return a[allowed], b[allowed], logs[allowed]
