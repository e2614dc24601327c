"""Finds the thresholds under which labelled calls come out best, and how well that holds on calls not looked at. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from callscore.evaluation.calibration import Price, Trial, cost, make_trial
from callscore.evaluation.compare import Confusion
from callscore.rubric.thresholds import Thresholds

__all__ = ["CANDIDATES", "MAX_ROUNDS", "Judge", "cross_validate", "fit", "folds", "live_candidates"]

Judge = Callable[[Thresholds], Sequence[Confusion]]
"""Gives for each labelled call, always in the same order, its labels against its verdicts under these thresholds."""
Candidates = Mapping[str, Sequence[float]]

CANDIDATES: Final[Candidates] = {
    "match_sure": (0.76, 0.78, 0.8, 0.82, 0.85, 0.88),
    "single_sure": (0.8, 0.84, 0.88, 0.92),
    "match_grey": (0.65, 0.7, 0.75),
    "trace": (0.45, 0.5, 0.55, 0.6),
    "trace_clear": (0.5, 0.6, 0.66, 0.72),
    "noisy": (0.01, 0.03, 0.06),
    "trace_beside": (0.6, 0.63, 0.66, 0.7),
    "exact": (0.9, 0.95, 0.98),
    "word_sure": (0.3, 0.4, 0.5, 0.6, 0.7),
    "blame_sure": (0.4, 0.5, 0.6, 0.7),
    "blame_match": (0.8, 0.85, 0.9),
    "capital_sure": (0.5, 0.6, 0.7, 0.8),
    "role_sure": (0.5, 0.6, 0.7),
    "type_sure": (0.5, 0.6, 0.7, 0.8),
    "lost_ms": (500, 1000, 1500, 2500, 4000),
    "lost_frac": (0.1, 0.2, 0.3, 0.4, 0.5),
    "weak_prob": (0.4, 0.5, 0.6),
    "weak_frac": (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5),
}
"""The thresholds that are fitted, with the values that are tried; all others stay as they are."""
ORDERED: Final = (("match_grey", "match_sure"),)
"""Pairs of thresholds of which the first must not be above the second."""

MAX_ROUNDS: Final = 3
"""Times that all thresholds are gone through; from the second round on hardly any still changes."""


def live_candidates(start: Thresholds, judge: Judge, on_step: Callable[[], None] = lambda: None) -> Candidates:
    """Return the candidates of those thresholds that, changed alone, alter any verdict; fitting the others is idle."""
    now = tuple(judge(start))
    live: dict[str, Sequence[float]] = {}
    for name, values in CANDIDATES.items():
        changed = [tuple(judge(tried)) != now for tried in _changes(start, name, values)]
        on_step()
        if any(changed):
            live[name] = values
    return live


def fit(
    start: Thresholds,
    judge: Judge,
    calls: Collection[int],
    candidates: Candidates,
    price: Price,
    on_step: Callable[[], None] = lambda: None,
) -> Thresholds:
    """Return the thresholds under which the verdicts on `calls` (places in what `judge` gives) cost least.

    Coordinate descent: one threshold after another takes the candidate that costs least, the nearest to its present value among
    equals; a value that gains nothing stays. Ends when a round changes nothing, after MAX_ROUNDS at the latest.
    """
    best = start
    lowest = _price_of(judge(best), calls, price)
    for _ in range(MAX_ROUNDS):
        before = best
        for name, values in candidates.items():
            for tried in list(_changes(best, name, values)):
                paid = _price_of(judge(tried), calls, price)
                if paid < lowest:
                    best, lowest = tried, paid
            on_step()
        if best == before:
            break
    return best


def folds(call_ids: Sequence[str], n_folds: int) -> tuple[tuple[int, ...], ...]:
    """Return the places of the calls in `n_folds` parts of nearly equal size, always the same for the same ids.

    >>> folds(["a", "b", "c", "d", "e"], 2)
    ((3, 1, 0), (2, 4))
    """
    shuffled = sorted(range(len(call_ids)), key=lambda place: hashlib.sha256(call_ids[place].encode()).digest())
    return tuple(tuple(shuffled[n::n_folds]) for n in range(n_folds))


def cross_validate(
    start: Thresholds,
    judge: Judge,
    parts: Sequence[Sequence[int]],
    candidates: Candidates,
    price: Price,
    on_step: Callable[[], None] = lambda: None,
) -> Trial:
    """Fit to all parts but one and judge the one left out, each in turn."""
    usual = judge(start)
    pairs: list[tuple[Confusion, Confusion]] = []
    for part in parts:
        others = [place for other in parts if other is not part for place in other]
        fitted = judge(fit(start, judge, others, candidates, price, on_step))
        pairs.extend((usual[place], fitted[place]) for place in part)
    return make_trial(pairs, price)


def _changes(now: Thresholds, name: str, values: Sequence[float]) -> Iterator[Thresholds]:
    """Yield `now` with other values of one threshold, nearest first."""
    present = getattr(now, name)
    for value in sorted(values, key=lambda value: abs(value - present)):
        changed: dict[str, Any] = {name: value}
        tried = replace(now, **changed)
        if value != present and all(getattr(tried, low) <= getattr(tried, high) for low, high in ORDERED):
            yield tried


def _price_of(found: Sequence[Confusion], calls: Collection[int], price: Price) -> float:
    return sum(cost(found[place], price) for place in calls)
