"""What fitting thresholds to labelled calls found, and what verdicts cost. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from callscore.evaluation.compare import Confusion

__all__ = ["Calibration", "Price", "Trial", "cost", "make_trial"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a verdict costs that does not help: a wrong or missing one, an unsure one; a right one costs nothing.

    Four unsure verdicts against one wrong: an operator loses pay over a wrong one, a person hears the call over an unsure one.
    """

    wrong: float = 4.0
    unsure: float = 1.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What cross-validation found on calls that were not fitted to: the verdicts before, and after fitting to the others.

    `gain` is what is saved over all calls, `error` its standard error, from how the calls differ.
    """

    before: Confusion
    after: Confusion
    gain: float
    error: float

    @property
    def is_gain(self) -> bool:
        """Tell whether more is saved than chance may bring: over one standard error.

        The rule of Breiman, Friedman, Olshen and Stone (Classification and Regression Trees, 1984) for leaving the simpler of
        two fits, here the present thresholds.
        """
        return self.gain > self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What fitting found. `changes` are name, old and new value; `written` is None where nothing was gained."""

    n_calls: int
    n_labels: int
    trial: Trial
    price: Price
    changes: tuple[tuple[str, float, float], ...]
    old_origin: str
    written: Path | None


def make_trial(pairs: Sequence[tuple[Confusion, Confusion]], price: Price) -> Trial:
    """Return the trial from each call's verdicts before and after."""
    saved = [cost(before, price) - cost(after, price) for before, after in pairs]
    mean, n = sum(saved) / len(saved), len(saved)
    squares = sum((one - mean) ** 2 for one in saved)
    return Trial(
        before=reduce(Confusion.combine, (before for before, _ in pairs), Confusion()),
        after=reduce(Confusion.combine, (after for _, after in pairs), Confusion()),
        gain=sum(saved),
        error=math.sqrt(n / (n - 1) * squares) if n > 1 else math.inf,
    )


def cost(found: Confusion, price: Price) -> float:
    """Return what these verdicts cost together."""
    return price.wrong * (found.wrong + found.missing) + price.unsure * found.unsure
