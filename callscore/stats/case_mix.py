"""Scores as they would be if every operator had the team's mix of calls: kinds, lines and times of day. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from callscore.stats.interval import student_quantile

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

__all__ = ["Adjusted", "CallCell", "adjust_means"]

_BORROWED: Final = 10
"""As many degrees of freedom of the team's variance are mixed into an operator's own, which few calls measure badly."""
_RIDGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class CallCell:
    """Calls of one operator that are alike in each factor, such as (kind, line, time of day); scores 0..100."""

    operator: str | None
    factors: tuple[str, ...]
    n: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A mean for the team's mix of calls, with its 95 % interval, all 0..100."""

    value: float
    low: float
    high: float


def adjust_means(cells: Sequence[CallCell]) -> Mapping[str | None, Adjusted]:
    """Return each operator's mean for the mix of calls that the whole team has.

    Least squares with an effect for every operator and for every level of every factor, all added up, over cells (direct
    standardisation by regression; Rosenbaum, Journal of the Royal Statistical Society A 150, 1987, on what it takes: nothing
    unseen may drive both who gets a call and its score). The variance allows operators to be differently even (White,
    Econometrica 48, 1980, by operator). An operator is left out who shares no call type, line or hour with the others in a way
    that would tell his own effect from theirs; so is everybody where there is one operator only.

    >>> hard, easy = ("complaint",), ("sale",)
    >>> cells = [CallCell("anna", hard, 90, 5400.0, 333000.0), CallCell("anna", easy, 10, 800.0, 65000.0)]
    >>> cells += [CallCell("boris", hard, 10, 600.0, 37000.0), CallCell("boris", easy, 90, 7200.0, 585000.0)]
    >>> {name: round(found.value) for name, found in adjust_means(cells).items()}
    {'anna': 70, 'boris': 70}
    """
    counted = [cell for cell in cells if cell.n]
    operators = sorted({cell.operator for cell in counted}, key=lambda name: (name is None, name or ""))
    if len(operators) < 2:
        return {}
    import numpy as np

    columns = _columns(counted, operators)
    width = len(operators) + sum(len(levels) for levels in columns.levels)
    sizes = np.array([float(cell.n) for cell in counted])
    totals = np.array([cell.total for cell in counted])
    squares = np.array([cell.squares for cell in counted])
    places = np.array([columns.places(cell) for cell in counted])
    products, sums = _normal_equations(places, sizes, totals, width)
    inverse = np.linalg.pinv(products, rcond=_RIDGE, hermitian=True)
    effects = inverse @ sums
    fitted = effects[places].sum(axis=1)
    residuals = np.maximum(0.0, squares - 2 * fitted * totals + sizes * fitted**2)
    variances = _variances(places[:, 0], sizes, totals, residuals, len(operators), width)
    meat, _ = _normal_equations(places, sizes * variances[places[:, 0]], totals, width)
    targets = _targets(places, sizes, len(operators), width)
    # What the calls cannot tell apart has a part outside of what the equations span.
    outside = np.abs(targets @ inverse @ products - targets).max(axis=1)
    values, errors = targets @ effects, _quadratic(targets @ inverse, meat)
    degrees = np.bincount(places[:, 0], sizes, len(operators)) - 1 + _BORROWED
    return {
        operator: _adjusted(float(values[place]), float(errors[place]), int(degrees[place]))
        for place, operator in enumerate(operators)
        if outside[place] < 1e-6
    }


@dataclass(frozen=True, slots=True)
class _Columns:
    operators: Mapping[str | None, int]
    levels: tuple[Mapping[str, int], ...]

    def places(self, cell: CallCell) -> list[int]:
        found = [self.operators[cell.operator]]
        found.extend(levels[factor] for levels, factor in zip(self.levels, cell.factors, strict=True))
        return found


def _columns(cells: Sequence[CallCell], operators: Sequence[str | None]) -> _Columns:
    """Number the columns of the design: operators first, then the levels of each factor."""
    start, levels = len(operators), []
    for place in range(len(cells[0].factors)):
        names = sorted({cell.factors[place] for cell in cells})
        levels.append({name: start + number for number, name in enumerate(names)})
        start += len(names)
    return _Columns({name: number for number, name in enumerate(operators)}, tuple(levels))


def _normal_equations(places: Numbers, weights: Numbers, totals: Numbers, width: int) -> tuple[Numbers, Numbers]:
    import numpy as np

    products, sums = np.zeros((width, width)), np.zeros(width)
    for left in range(places.shape[1]):
        np.add.at(sums, places[:, left], totals)
        for right in range(places.shape[1]):
            np.add.at(products, (places[:, left], places[:, right]), weights)
    return products, sums


def _variances(
    operators: Numbers, sizes: Numbers, totals: Numbers, residuals: Numbers, n_operators: int, width: int
) -> Numbers:
    """Return the variance of the calls of each operator around what was fitted, steadied by that of the team.

    As in mean_interval two made-up calls, one of 0 and one of 100, keep calls that are all alike from seeming sure.
    """
    import numpy as np

    counts, squares = np.bincount(operators, sizes, n_operators), np.bincount(operators, residuals, n_operators)
    means = np.bincount(operators, totals, n_operators) / np.maximum(1.0, counts)
    pooled = squares.sum() / max(1.0, counts.sum() - width)
    made_up = means**2 + (100.0 - means) ** 2
    return np.asarray((squares + made_up + _BORROWED * pooled) / (counts + 1 + _BORROWED))


def _targets(places: Numbers, sizes: Numbers, n_operators: int, width: int) -> Numbers:
    """Return per operator (row) how much of each column makes up his mean with the team's mix."""
    import numpy as np

    mix = np.zeros(width)
    for factor in range(1, places.shape[1]):
        np.add.at(mix, places[:, factor], sizes / sizes.sum())
    targets = np.tile(mix, (n_operators, 1))
    targets[np.arange(n_operators), np.arange(n_operators)] = 1.0
    return targets


def _quadratic(rows: Numbers, matrix: Numbers) -> Numbers:
    import numpy as np

    return np.asarray(((rows @ matrix) * rows).sum(axis=1))


def _adjusted(value: float, variance: float, degrees: int) -> Adjusted:
    half = student_quantile(max(1, degrees)) * math.sqrt(max(0.0, variance))
    value = min(100.0, max(0.0, value))
    return Adjusted(value, max(0.0, value - half), min(100.0, value + half))
