"""The adjusted difference of one criterion: odds ratio and difference in the share of sales, with intervals and power. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from callscore.stats.conversion.design import Design
from callscore.stats.conversion.fit import PASS, Fit, fit_design, fit_with_effect
from callscore.stats.conversion.robust import robust_error

__all__ = ["Effect", "estimate_effect", "share_difference"]

_LEVEL: Final = 0.95
_POWER: Final = 0.8
_FURTHEST: Final = 12.0
"""Log odds are looked at up to here; a share cannot be told from 0 or 1 beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What goes with meeting a criterion: log odds with their interval and p-value, and the same as a difference of shares.

    `detectable` is the smallest difference of shares, 0..1, that such calls show in 80 of 100 cases.
    """

    log_odds: float
    log_low: float
    log_high: float
    p_value: float
    degrees: float
    difference: float
    difference_low: float
    difference_high: float
    detectable: float


def estimate_effect(design: Design) -> Effect | None:
    """Return the effect, None where the groups of calls are too few for any interval, or the sums too odd to be solved.

    The interval of the difference is that of the odds ratio, carried over with everything else fitted anew at each end: both
    hold nothing, or neither does.
    """
    from scipy import stats

    try:
        fit = fit_design(design)
        uncertainty = robust_error(design, fit)
    except np.linalg.LinAlgError:
        return None
    error, degrees = uncertainty.error, uncertainty.degrees
    if not (np.isfinite(error) and error > 0 and np.isfinite(degrees) and degrees >= 1):
        return None
    reach = float(stats.t.ppf((1 + _LEVEL) / 2, degrees)) * error
    needed = reach + float(stats.t.ppf(_POWER, degrees)) * error
    low, high = fit.log_odds - reach, fit.log_odds + reach
    difference_low, difference_high = _difference_at(design, fit, low), _difference_at(design, fit, high)
    return Effect(
        log_odds=fit.log_odds,
        log_low=low,
        log_high=high,
        p_value=float(2 * stats.t.sf(abs(fit.log_odds) / error, degrees)),
        degrees=degrees,
        difference=share_difference(design, fit),
        difference_low=difference_low,
        difference_high=difference_high,
        # In proportion: over an interval's width a difference of shares goes up as the log odds do, nearly.
        detectable=min(1.0, needed * (difference_high - difference_low) / (high - low)),
    )


def share_difference(design: Design, fit: Fit) -> float:
    """Return how much larger the share of sales is with every call a pass than with every call a fail, all else as it was."""
    line = np.log(fit.probability) - np.log1p(-fit.probability)
    base = line - fit.log_odds * design.passed
    gain = 1 / (1 + np.exp(-(base + fit.coefficients[PASS]))) - 1 / (1 + np.exp(-base))
    return float(design.n @ gain / design.n.sum())


def _difference_at(design: Design, fit: Fit, log_odds: float) -> float:
    held = float(np.clip(log_odds, -_FURTHEST, _FURTHEST))
    return share_difference(design, fit_with_effect(design, held, fit))
