"""Logistic regression on a design of indicators, with priors so weak that they only hold what the data cannot tell. Pure.

statsmodels' GLM gives the same numbers on the written-out matrix (a test compares them) at many times the work; and it has no
such prior, without which an operator who never sells makes the fit run to infinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from callscore.stats.conversion.design import Design, Floats, Ints

__all__ = ["PASS", "Fit", "columns", "compared_calls", "fit_design", "fit_with_effect", "gram"]

PASS: Final = 1
"""Place of the criterion's own coefficient; the intercept is 0, the factors' levels follow, the operators' first."""
_MAX_STEPS: Final = 60
_TOLERANCE: Final = 1e-8
_PRIOR: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A fitted model: log-odds coefficients, the fitted probability of each row, and the inverse information matrix."""

    coefficients: Floats
    probability: Floats
    inverse: Floats

    @property
    def log_odds(self) -> float:
        """What the criterion goes with, in log odds."""
        return float(self.coefficients[PASS])


def fit_design(design: Design, prior: float = _PRIOR) -> Fit:
    """Fit sales on the criterion and all factors.

    Each level has a coefficient of its own under a log-F(1, 1) prior, worth one call of which half sold (Greenland and
    Mansournia, Statistics in Medicine 34, 2015); no level needs to be the reference, and nothing can be infinite.

    Args:
        design: what to fit.
        prior: weight of the prior; 0 leaves it out (then the information matrix has no inverse but a pseudo-inverse).
    """
    return _fit(design, None, prior)


def fit_with_effect(design: Design, log_odds: float, start: Fit) -> Fit:
    """Fit the factors with the criterion's coefficient held at `log_odds`, beginning from another fit of the same design."""
    return _fit(design, log_odds, _PRIOR, start.coefficients)


def compared_calls(design: Design) -> float:
    """Return how many calls tell the criterion from operator, line, time and all else that is adjusted for, in effect.

    It is the sum of squares that is left of the criterion once all of that has explained what it can; where a verdict always
    goes with a line, nothing is left, and whatever would be found came from the priors.
    """
    terms, width = columns(design)
    product = gram(terms, width, design.n)
    rest = np.delete(np.arange(width), PASS)
    with_rest = product[rest, PASS]
    explained = with_rest @ np.linalg.pinv(product[np.ix_(rest, rest)], hermitian=True) @ with_rest
    return float(product[PASS, PASS] - explained)


def columns(design: Design) -> tuple[tuple[Ints, ...], int]:
    """Return for each term the column of each row, and the number of columns; a fail points behind the last one."""
    width = 2 + sum(design.sizes)
    starts = np.cumsum([2, *design.sizes[:-1]])
    terms = (
        np.zeros(len(design.n), dtype=np.int64),
        np.where(design.passed == 1, PASS, width),
        *(code + start for code, start in zip(design.factors, starts, strict=True)),
    )
    return terms, width


def gram(terms: tuple[Ints, ...], width: int, weights: Floats) -> Floats:
    """Return the weighted cross-product of the columns."""
    product = np.zeros((width + 1, width + 1))
    spans = [(int(term.min()), int(term.max()) + 1) for term in terms]
    for i, first in enumerate(terms):
        low, high = spans[i]
        product[range(low, high), range(low, high)] += np.bincount(first - low, weights=weights, minlength=high - low)
        for second, (start, end) in zip(terms[i + 1 :], spans[i + 1 :], strict=True):
            size = end - start
            pairs = np.bincount((first - low) * size + (second - start), weights=weights, minlength=(high - low) * size)
            product[low:high, start:end] += pairs.reshape(high - low, size)
            product[start:end, low:high] += pairs.reshape(high - low, size).T
    return product[:width, :width]


def _fit(design: Design, held: float | None, prior: float, start: Floats | None = None) -> Fit:
    """Find the maximum by Newton's steps, each halved until it is no step back."""
    terms, width = columns(design)
    theta = np.zeros(width + 1)
    share = (design.won.sum() + 0.5) / (design.n.sum() + 1)
    theta[0] = np.log(share / (1 - share))
    if start is not None:
        theta[:width] = start
    theta[PASS] = theta[PASS] if held is None else held
    free = np.ones(width, dtype=bool)
    free[PASS] = held is None
    penalised = free.copy()
    penalised[0] = False
    best = -np.inf
    step = np.zeros(width)
    for _ in range(_MAX_STEPS):
        probability, value = _value(design, terms, theta, prior, penalised)
        halvings = 0
        while value < best - 1e-9 * abs(best) and halvings < 20:
            step = step / 2
            theta[:width] -= step
            probability, value = _value(design, terms, theta, prior, penalised)
            halvings += 1
        best = value
        weights = design.n * probability * (1 - probability)
        information = gram(terms, width, weights)
        residual = design.won - design.n * probability
        score = np.zeros(width + 1)
        for term in terms:
            score += np.bincount(term, weights=residual, minlength=width + 1)
        drawn = 1 / (1 + np.exp(-theta[:width]))
        score[:width] += prior * np.where(penalised, 0.5 - drawn, 0.0)
        information[range(width), range(width)] += prior * np.where(penalised, drawn * (1 - drawn), 0.0)
        inverse = _inverse(information, free, prior)
        step = inverse @ score[:width]
        theta[:width] += step
        if np.abs(step).max() < _TOLERANCE:
            break
    probability, _ = _value(design, terms, theta, prior, penalised)
    return Fit(coefficients=theta[:width], probability=probability, inverse=inverse)


def _inverse(information: Floats, free: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], prior: float) -> Floats:
    inverse = np.zeros_like(information)
    inner = information[np.ix_(free, free)]
    inverse[np.ix_(free, free)] = np.linalg.inv(inner) if prior else np.linalg.pinv(inner, hermitian=True)
    return inverse


def _value(
    design: Design,
    terms: tuple[Ints, ...],
    theta: Floats,
    prior: float,
    penalised: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> tuple[Floats, float]:
    """Return the fitted probabilities and the penalised log-likelihood."""
    theta[-1] = 0.0
    line = np.zeros(len(design.n))
    for term in terms:
        line += theta[term]
    line = np.clip(line, -30.0, 30.0)
    likelihood = float(design.won @ line - design.n @ np.logaddexp(0.0, line))
    drawn = theta[:-1][penalised]
    likelihood += prior * float((drawn / 2 - np.logaddexp(0.0, drawn)).sum())
    return 1 / (1 + np.exp(-line)), likelihood
