"""Whether there are calls enough to ask at all, and which difference is worth asking about. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.stats.conversion.design import Design

__all__ = ["Limits", "difference_that_matters", "refusal"]

_PER_PARAMETER: Final = 5
"""Sales, and calls without, per number fitted (Vittinghoff and McCulloch, American Journal of Epidemiology 165, 2007)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Below which numbers nothing is said, and above which share of sales a difference matters, 0..1."""

    matters: float = 0.05
    min_calls: int = 100
    min_verdicts: int = 20
    min_sales: int = 20
    min_degrees: float = 4.0
    """Under four, Satterthwaite's approximation is not to be trusted (Tipton, Psychological Methods 20, 2015)."""


def difference_that_matters(conversion: float, limits: Limits) -> float:
    """Return the difference in the share of sales that matters: the limit, or half of a share of sales that is small or large.

    >>> difference_that_matters(0.3, Limits()), difference_that_matters(0.04, Limits())
    (0.05, 0.02)
    """
    return min(limits.matters, 0.5 * conversion, 0.5 * (1 - conversion))


def refusal(n_pass: int, n_fail: int, won: int, design: Design | None, limits: Limits) -> str:
    """Return why a criterion cannot be compared, as a code; empty if it can."""
    n = n_pass + n_fail
    if n < limits.min_calls or design is None:
        return "few_calls"
    if min(n_pass, n_fail) < limits.min_verdicts or _is_one_sided(design, limits):
        return "few_of_a_verdict"
    if design.sizes[0] < 2:
        return "one_operator"
    fewer = min(won, n - won)
    if fewer < max(limits.min_sales, _PER_PARAMETER * design.n_parameters):
        return "few_sales"
    return ""


def _is_one_sided(design: Design, limits: Limits) -> bool:
    """Tell whether too few calls are left of a verdict once operators with next to no calls are out."""
    passed = float(design.n @ design.passed)
    return min(passed, float(design.n.sum()) - passed) < limits.min_verdicts
