"""How well two sources agree, and shares over calls whose parts hang together; each with its 95 % interval. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from callscore.stats.interval import Interval, share_interval, student_quantile

__all__ = ["Estimate", "agreement_interval", "cohen_kappa", "design_effect", "ratio"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; `interval` is None where the calls cannot tell how far off it may be."""

    value: float
    interval: Interval | None


def agreement_interval(parts: Sequence[tuple[int, int]]) -> Interval:
    """Return the interval of a share pooled over calls, from the successes and trials of each call.

    Wilson's interval on as many trials as the calls are really worth: their number over the design effect. The way of Korn and
    Graubard (Survey Methodology 24, 1998), with Wilson's interval in place of Clopper and Pearson's. In simulations of 36 calls
    with 13 verdicts each it covered the true share in 93-95 % of the samples, Wilson's interval alone in 70-91 %.

    >>> alike = agreement_interval([(9, 10), (9, 10), (9, 10), (9, 10)])
    >>> round(alike.low, 2), round(alike.high, 2)
    (0.77, 0.96)
    """
    effect = design_effect(parts)
    return share_interval(sum(part[0] for part in parts) / effect, sum(part[1] for part in parts) / effect)


def design_effect(parts: Sequence[tuple[int, int]]) -> float:
    """Return how many times the variance of a pooled share is that of as many independent trials, 1 or more.

    The variance between calls by linearisation (Kish and Frankel, Journal of the Royal Statistical Society B 36, 1974). It is 1
    where nothing can be told: under two calls, or a share of 0 or 1.

    >>> design_effect([(10, 10), (0, 10), (10, 10), (10, 10)])
    13.333333333333334

    Raises:
        ValueError: unless each part holds 0 <= successes <= trials.
    """
    if any(not 0 <= successes <= trials for successes, trials in parts):
        raise ValueError("each part must hold 0 <= successes <= trials")
    n, n_calls = sum(part[1] for part in parts), sum(part[1] > 0 for part in parts)
    share = sum(part[0] for part in parts) / n if n else 0.0
    if n_calls < 2 or not 0.0 < share < 1.0:
        return 1.0
    between = n_calls / (n_calls - 1) * sum((successes - share * trials) ** 2 for successes, trials in parts) / n**2
    return max(1.0, between / (share * (1.0 - share) / n))


def cohen_kappa(table: Sequence[Sequence[int]], effect: float = 1.0) -> Estimate | None:
    """Return Cohen's kappa of two raters: agreement beyond chance, 1 for perfect and 0 for none.

    Kappa after Cohen (Educational and Psychological Measurement 20, 1960). As in his own standard error, the agreement expected
    by chance counts as known; the observed agreement has Wilson's interval, which keeps its width where all agree. In
    simulations it covered the true kappa in 90-99 % of the samples of 20 pairs and more, for two and three categories.

    Args:
        table: square; how often the first rater gave the row's category and the second the column's.
        effect: the design effect of the pairs, 1 or more; 1 where they are independent.

    Returns:
        None where there is no pair, or both raters always gave the same category.

    >>> found = cohen_kappa([[20, 5], [10, 15]])
    >>> round(found.value, 2), round(found.interval.low, 2), round(found.interval.high, 2)
    (0.4, 0.12, 0.62)

    Raises:
        ValueError: if the table is not square or a count is negative.
    """
    if any(len(row) != len(table) or min(row, default=0) < 0 for row in table):
        raise ValueError("the table must be square and hold no negative count")
    n = sum(map(sum, table))
    if not n:
        return None
    agreed = sum(table[i][i] for i in range(len(table)))
    columns = [sum(row[i] for row in table) for i in range(len(table))]
    by_chance = sum(sum(row) * column for row, column in zip(table, columns, strict=True)) / n**2
    if by_chance >= 1.0:
        return None
    observed = share_interval(agreed / effect, n / effect)

    def beyond(share: float) -> float:
        return (share - by_chance) / (1.0 - by_chance)

    return Estimate(beyond(agreed / n), Interval(max(-1.0, beyond(observed.low)), min(1.0, beyond(observed.high))))


def ratio(parts: Sequence[tuple[float, float]]) -> Estimate | None:
    """Return a ratio of sums over calls, such as a word error rate, from the numerator and denominator of each call.

    The calls are the sample: errors within one call hang together. Variance by linearisation (Cochran, Sampling Techniques,
    1977, chapter 6), Student's quantile. There is no interval for a single call, nor where the calls do not differ.

    >>> found = ratio([(3, 100), (9, 100), (6, 100)])
    >>> round(found.value, 2), round(found.interval.low, 2), round(found.interval.high, 2)
    (0.06, 0.0, 0.13)
    """
    counting = [part for part in parts if part[0] or part[1]]
    whole = sum(part[1] for part in counting)
    if not whole:
        return None
    value = sum(part[0] for part in counting) / whole
    n = len(counting)
    squares = sum((above - value * below) ** 2 for above, below in counting)
    if n < 2 or not squares:
        return Estimate(value, None)
    half = student_quantile(n - 1) * math.sqrt(n / (n - 1) * squares) / whole
    return Estimate(value, Interval(max(0.0, value - half), value + half))
