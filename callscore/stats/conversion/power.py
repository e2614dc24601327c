"""Whether there are calls enough to ask at all, and which difference is worth asking about. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.stats.conversion.design import Design
from callscore.stats.conversion.fit import compared_calls
from callscore.store.conversion_records import CriterionTotal

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
    min_compared: float = 50.0
    """Of so many calls the weak priors, each worth one, make a twentieth at most."""
    min_degrees: float = 4.0
    """Under four, Satterthwaite's approximation is not to be trusted (Tipton, Psychological Methods 20, 2015)."""


def difference_that_matters(conversion: float, limits: Limits) -> float:
    """Return the difference in the share of sales that matters: the limit, or half of a share of sales that is small or large.

    >>> difference_that_matters(0.3, Limits()), difference_that_matters(0.04, Limits())
    (0.05, 0.02)
    """
    return min(limits.matters, 0.5 * conversion, 0.5 * (1 - conversion))


def refusal(total: CriterionTotal, n_operators: int, design: Design | None, limits: Limits) -> str:
    """Return why a criterion cannot be compared, as a code; empty if it can."""
    if total.n_pass + total.n_fail < limits.min_calls:
        return "few_calls"
    if min(total.n_pass, total.n_fail) < limits.min_verdicts:
        return "few_of_a_verdict"
    if n_operators < 2:
        return "one_operator"
    if design is None or design.sizes[0] < 2:
        return "few_clusters"
    if compared_calls(design) < limits.min_compared:
        return "entangled"
    fewer = min(design.won.sum(), design.n.sum() - design.won.sum())
    return "few_sales" if fewer < max(limits.min_sales, _PER_PARAMETER * design.n_parameters) else ""
