"""What the numbers of single units say about the team they belong to: how far units differ, and around what. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

__all__ = ["Teams", "possible_teams"]

_LARGEST_SPREAD: Final = 50.0
"""Numbers within 0..100 cannot have a larger standard deviation."""
_N_SPREADS: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Teams:
    """Possible teams, float64 arrays of the same length.

    Args:
        weights: their probabilities; they add up to 1.
        spreads: the variance between the units of each.
        centres: the mean of the units of each, with the variance of that mean in `centre_variances`.
    """

    weights: Numbers
    spreads: Numbers
    centres: Numbers
    centre_variances: Numbers

    def units(self, means: Sequence[float], variances: Sequence[float]) -> tuple[Numbers, Numbers, Numbers]:
        """Return for each team (row) and unit (column) its value, the variance of that, and how much of it is its own, 0..1."""
        import numpy as np

        own, error = np.asarray(means, dtype=float), np.asarray(variances, dtype=float)
        kept = self.spreads[:, None] / (self.spreads[:, None] + error)
        values = kept * own + (1 - kept) * self.centres[:, None]
        return values, kept * error + (1 - kept) ** 2 * self.centre_variances[:, None], kept

    def moments(self, values: Numbers, variances: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean and variance over the teams, of each unit (column)."""
        mean = self.weights @ values
        return mean, self.weights @ (variances + (values - mean) ** 2)


def possible_teams(means: Sequence[float], variances: Sequence[float], usual_spread: float | None = None) -> Teams:
    """Return the teams that may have given these means of units, with their probabilities.

    The normal hierarchical model with a flat prior for the common mean (Gelman et al., Bayesian Data Analysis, 3rd edition,
    5.4), over a grid of standard deviations between units from 0 to 50.

    Args:
        means: at least one.
        variances: the sampling variance of each, above 0.
        usual_spread: above this standard deviation units seldom differ, beforehand (a half-normal prior; Gelman, Bayesian
            Analysis 1, 2006, on few units); None: every one is equally likely.
    """
    import numpy as np

    own, error = np.asarray(means, dtype=float), np.asarray(variances, dtype=float)
    first = min(math.sqrt(float(error.min())) / 20, _LARGEST_SPREAD / 2)
    grid = np.concatenate([[0.0], np.geomspace(first, _LARGEST_SPREAD, _N_SPREADS - 1)])
    # The grid is uneven, so each point stands for as much as lies between its neighbours.
    edges = np.concatenate([[0.0], (grid[1:] + grid[:-1]) / 2, [_LARGEST_SPREAD]])
    precisions = 1 / (error + grid[:, None] ** 2)
    totals = precisions.sum(axis=1)
    centres = precisions @ own / totals
    fits = (precisions * (own - centres[:, None]) ** 2).sum(axis=1)
    logs = np.log(np.diff(edges)) + (np.log(precisions).sum(axis=1) - np.log(totals) - fits) / 2
    if usual_spread is not None:
        logs -= (grid / usual_spread) ** 2 / 2
    weights = np.exp(logs - logs.max())
    return Teams(weights / weights.sum(), grid**2, centres, 1 / totals)
