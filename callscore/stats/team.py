"""What the numbers of single units say about the team they belong to: how far units differ, and around what. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Team", "possible_teams"]

_LARGEST_SPREAD: Final = 50.0
"""Numbers within 0..100 cannot have a larger standard deviation."""
_N_SPREADS: Final = 100


@dataclass(frozen=True, slots=True)
class Team:
    """A possible team: its probability, the variance between its units, and their mean with the variance of that mean."""

    weight: float
    spread_variance: float
    centre: float
    centre_variance: float

    def unit(self, mean: float, variance: float) -> tuple[float, float, float]:
        """Return a unit's value, its variance, and how much of it is its own, from its own mean and sampling variance."""
        kept = self.spread_variance / (self.spread_variance + variance)
        value = kept * mean + (1 - kept) * self.centre
        return value, kept * variance + (1 - kept) ** 2 * self.centre_variance, kept

    def stranger(self) -> tuple[float, float]:
        """Return the value and its variance of a unit of which nothing is known."""
        return self.centre, self.spread_variance + self.centre_variance


def possible_teams(means: Sequence[float], variances: Sequence[float], usual_spread: float | None = None) -> tuple[Team, ...]:
    """Return the teams that may have given these means of units, with their probabilities.

    The normal hierarchical model with a flat prior for the common mean (Gelman et al., Bayesian Data Analysis, 3rd edition,
    5.4), over a grid of standard deviations between units from 0 to 50.

    Args:
        means: at least one.
        variances: the sampling variance of each, above 0.
        usual_spread: above this standard deviation units seldom differ, beforehand (a half-normal prior; Gelman, Bayesian
            Analysis 1, 2006, on few units); None: every one is equally likely.
    """
    spreads = _spreads(min(variances))
    logs = [_log_width(spreads, place) for place in range(len(spreads))]
    parts = []
    for place, spread in enumerate(spreads):
        precisions = [1 / (variance + spread**2) for variance in variances]
        total = sum(precisions)
        centre = sum(p * mean for p, mean in zip(precisions, means, strict=True)) / total
        fit = sum(p * (mean - centre) ** 2 for p, mean in zip(precisions, means, strict=True))
        logs[place] += (sum(map(math.log, precisions)) - math.log(total) - fit) / 2
        if usual_spread is not None:
            logs[place] -= (spread / usual_spread) ** 2 / 2
        parts.append((spread**2, centre, 1 / total))
    largest = max(logs)
    weights = [math.exp(value - largest) for value in logs]
    whole = sum(weights)
    return tuple(Team(weight / whole, *part) for weight, part in zip(weights, parts, strict=True) if weight > 1e-12 * whole)


def _spreads(smallest_variance: float) -> tuple[float, ...]:
    """Return standard deviations from none to the largest, dense where the data can tell them apart."""
    first = min(math.sqrt(smallest_variance) / 20, _LARGEST_SPREAD / 2)
    step = (_LARGEST_SPREAD / first) ** (1 / (_N_SPREADS - 2))
    return (0.0, *(first * step**place for place in range(_N_SPREADS - 1)))


def _log_width(spreads: Sequence[float], place: int) -> float:
    """Return the logarithm of how much of the uneven grid a spread stands for."""
    before, after = spreads[max(0, place - 1)], spreads[min(len(spreads) - 1, place + 1)]
    return math.log((after - before) / 2)
