"""Scores and rates corrected for the machine's own mistakes, measured where people reviewed a random sample. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.stats.interval import Interval
from callscore.stats.team import possible_teams

__all__ = [
    "MIN_REVIEWED",
    "Corrected",
    "Correction",
    "MachineSums",
    "ReviewSums",
    "corrected_passes",
    "corrected_share",
    "fit_correction",
]

MIN_REVIEWED: Final = 30
"""With fewer reviewed calls the intervals of corrected scores were too narrow in simulations (see tests/stats)."""
_NORMAL: Final = 1.959963984540054
_BORROWED: Final = 10
"""As many degrees of freedom of the team's variance are mixed into an operator's own, which few calls measure badly."""
_SMALLEST_VARIANCE: Final = 1e-6
_SMALLEST_SPREAD: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSums:
    """What the machine's bounds of an operator's calls add up to.

    Of every call `low` is the score with each unsure verdict a fail, `width` how much higher it is with each a pass, 0..100;
    here are their number, sums, sums of squares and sum of products.
    """

    n: int
    low: float
    width: float
    low_low: float
    low_width: float
    width_width: float

    def mean(self, passed: float) -> float:
        """Return the mean score if the share `passed` of what is unsure was a pass."""
        return (self.low + passed * self.width) / self.n

    def squares(self, passed: float) -> float:
        """Return the sum of squares around that mean."""
        squares = self.low_low + 2 * passed * self.low_width + passed**2 * self.width_width
        return max(0.0, squares - self.n * self.mean(passed) ** 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSums:
    """What the randomly reviewed calls of an operator add up to: `gap` is people's score less the machine's `low`."""

    n: int
    gap: float
    width: float
    gap_gap: float
    gap_width: float
    width_width: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """A mean score as people would have given it, 0..100, with the variances of its two parts, points squared."""

    value: float
    sampling_variance: float
    shift_variance: float

    @property
    def interval(self) -> Interval:
        """The 95 % interval: which calls happened to be there, and how well the machine's mistakes are known."""
        half = _NORMAL * math.sqrt(self.sampling_variance + self.shift_variance)
        return Interval(max(0.0, self.value - half), min(100.0, self.value + half))


@dataclass(frozen=True, slots=True)
class Correction:
    """How to get from the machine's verdicts to people's.

    Args:
        n_reviewed: calls in the random sample.
        passed: which share of what is unsure people pass, 0..1.
        shifts: by operator, what to add to the machine's mean, and its variance.
        stranger: the same for an operator who is not among them.
        call_variance: of the machine's scores of calls of one operator, over the team.
    """

    n_reviewed: int
    passed: float
    shifts: Mapping[str | None, tuple[float, float]]
    stranger: tuple[float, float]
    call_variance: float

    def apply(self, operator: str | None, sums: MachineSums) -> Corrected | None:
        """Return the corrected mean of an operator's calls, of any period; None without a call that has bounds."""
        if not sums.n:
            return None
        shift, variance = self.shifts.get(operator, self.stranger)
        value = min(100.0, max(0.0, sums.mean(self.passed) + shift))
        return Corrected(value, _call_variance(sums, self.passed, self.call_variance) / sums.n, variance)


def fit_correction(machine: Mapping[str | None, MachineSums], reviews: Mapping[str | None, ReviewSums]) -> Correction | None:
    """Return how far the machine is off, from the calls of a random sample that people reviewed in full.

    Prediction-powered inference (Angelopoulos et al., Science 382, 2023): the machine's mean over all calls plus people's mean
    difference from it in the sample, whatever the machine's mistakes are like. An operator has too few reviews for a difference
    of his own, so these are estimated together, each drawn towards the team's, as Battese, Harter and Fuller (Journal of the
    American Statistical Association 83, 1988) did for counties of which a satellite saw every field and people a few. Unsure
    is an answer of its own: the share of it that people pass is estimated too. How far the machine's mistakes differ between
    operators is taken from the reviews, and beforehand to be seldom more than the operators themselves differ.

    Args:
        machine: by operator, all calls of the rubric version.
        reviews: by operator, the calls of the random sample; the sample may hold more of one operator than of another.

    Returns:
        None if fewer than MIN_REVIEWED calls were reviewed.
    """
    n_reviewed = sum(sums.n for sums in reviews.values())
    scored = {operator: sums for operator, sums in machine.items() if sums.n}
    if n_reviewed < MIN_REVIEWED or not scored:
        return None
    passed = _passed(reviews)
    reviewed = {operator: sums for operator, sums in reviews.items() if sums.n}
    gaps = {operator: (sums.gap - passed * sums.width) / sums.n for operator, sums in reviewed.items()}
    within = sum(_gap_squares(sums, passed) for sums in reviewed.values())
    variance = max(_SMALLEST_VARIANCE, within / max(1, n_reviewed - len(reviewed)))
    call_variance = _pooled([sums.squares(passed) for sums in scored.values()], [sums.n for sums in scored.values()])
    usual = _spread_of_means(list(scored.values()), passed, call_variance)
    errors = [variance / sums.n for sums in reviewed.values()]
    teams = possible_teams(list(gaps.values()), errors, usual)
    means, spreads = teams.moments(*teams.units(list(gaps.values()), errors)[:2])
    shifts = {operator: (float(means[place]), float(spreads[place])) for place, operator in enumerate(gaps)}
    mean, spread = teams.moments(teams.centres[:, None], (teams.spreads + teams.centre_variances)[:, None])
    return Correction(n_reviewed, passed, shifts, (float(mean[0]), float(spread[0])), call_variance)


def corrected_share(answers: Sequence[int], reviewed: Sequence[tuple[int, int]]) -> tuple[float, Interval] | None:
    """Return a share as people would have found it, with its 95 % interval.

    Double sampling (Tenenbein, Journal of the American Statistical Association 65, 1970): the machine answers for all, and of
    a random sample people say what is true behind each of its answers. Each answer's share of truths counts as if two more had
    been reviewed, one true and one not, so that few reviews without a mistake do not look like none.

    Args:
        answers: how often the machine gave each of its answers, such as pass, fail and unsure, over all.
        reviewed: behind each of these answers, how many reviewed ones people found true, and how many were reviewed.

    Returns:
        None if fewer than MIN_REVIEWED were reviewed, or none of an answer that the machine gave in one case of fifty or more.

    >>> share, interval = corrected_share([800, 200], [(72, 80), (4, 20)])
    >>> round(share, 2), round(interval.low, 2), round(interval.high, 2)
    (0.76, 0.69, 0.82)

    Raises:
        ValueError: if the lengths differ.
    """
    if len(answers) != len(reviewed):
        raise ValueError("each answer needs its reviews")
    n = sum(answers)
    unseen = any(not trials and count * 50 >= n for count, (_, trials) in zip(answers, reviewed, strict=True) if count)
    if not n or unseen or sum(trials for _, trials in reviewed) < MIN_REVIEWED:
        return None
    value, middle, variance, spread = 0.0, 0.0, 0.0, 0.0
    for count, (true, trials) in zip(answers, reviewed, strict=True):
        part, share = count / n, (true + 1) / (trials + 2)
        value += part * (true / trials if trials else share)
        middle += part * share
        variance += part**2 * share * (1 - share) / (trials + 2)
        spread += part * share**2
    half = _NORMAL * math.sqrt(variance + max(0.0, spread - middle**2) / n)
    return value, Interval(max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))


def corrected_passes(counts: Mapping[str, int], found: Mapping[tuple[str, str], int]) -> tuple[float, Interval] | None:
    """Return how often a criterion is met as people would find it, of the calls in which the machine found that it arose.

    Args:
        counts: how often the machine said pass, fail and unsure, over all calls.
        found: how often people found pass or fail (second) behind an answer of the machine (first), in the random sample.
    """
    answers = ("pass", "fail", "unsure")
    reviewed = [(found.get((answer, "pass"), 0), found.get((answer, "fail"), 0)) for answer in answers]
    return corrected_share([counts.get(answer, 0) for answer in answers], [(met, met + failed) for met, failed in reviewed])


def _passed(reviews: Mapping[str | None, ReviewSums]) -> float:
    """Return which share of what is unsure people pass: the slope of people's gap on the machine's width, within 0..1."""
    n = sum(sums.n for sums in reviews.values())
    gap, width = sum(sums.gap for sums in reviews.values()), sum(sums.width for sums in reviews.values())
    spread = sum(sums.width_width for sums in reviews.values()) - width**2 / n
    together = sum(sums.gap_width for sums in reviews.values()) - gap * width / n
    return min(1.0, max(0.0, together / spread)) if spread > _SMALLEST_VARIANCE else 0.5


def _gap_squares(sums: ReviewSums, passed: float) -> float:
    mean = (sums.gap - passed * sums.width) / sums.n
    squares = sums.gap_gap - 2 * passed * sums.gap_width + passed**2 * sums.width_width
    return max(0.0, squares - sums.n * mean**2)


def _pooled(squares: Sequence[float], sizes: Sequence[int]) -> float:
    return max(_SMALLEST_VARIANCE, sum(squares) / max(1, sum(sizes) - len(sizes)))


def _call_variance(sums: MachineSums, passed: float, pooled: float) -> float:
    return (sums.squares(passed) + _BORROWED * pooled) / (sums.n - 1 + _BORROWED)


def _spread_of_means(machine: Sequence[MachineSums], passed: float, call_variance: float) -> float:
    """Return the standard deviation between operators in the machine's eyes, without what sampling adds to it."""
    if len(machine) < 2:
        return _SMALLEST_SPREAD
    means = [sums.mean(passed) for sums in machine]
    middle = sum(means) / len(means)
    between = sum((mean - middle) ** 2 for mean in means) / (len(means) - 1)
    sampling = sum(_call_variance(sums, passed, call_variance) / sums.n for sums in machine) / len(machine)
    return math.sqrt(max(_SMALLEST_SPREAD**2, between - sampling))
