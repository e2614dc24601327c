"""What fitting thresholds to labelled calls found, and what verdicts cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callscore.evaluation.compare import Confusion

__all__ = ["Calibration", "Price", "Trial", "cost"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a verdict costs that does not help: a wrong or missing one, an unsure one; a right one costs nothing.

    Four unsure verdicts against one wrong: an operator loses pay over a wrong one, a person hears the call over an unsure one.
    """

    wrong: float = 4.0
    unsure: float = 1.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What cross-validation found on calls that were not fitted to: the verdicts before, and after fitting to the others."""

    before: Confusion
    after: Confusion


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


def cost(found: Confusion, price: Price) -> float:
    """Return what these verdicts cost together."""
    return price.wrong * (found.wrong + found.missing) + price.unsure * found.unsure
