"""How often intervals of operators' scores hold the truth in simulated shops: python -m benchmarks.coverage [--shops N]."""

from __future__ import annotations

import argparse
import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from callscore.stats.operators import fit_corrections, score_operators
from callscore.store.entries import OperatorSums
from callscore.store.people import ReviewRow
from tests.stats.operator_shops import N_OPERATORS, Machine, Numbers, Shop, simulate_shop

__all__ = ["SCENARIOS", "Coverage", "Scenario", "intervals", "measure"]

Ends = list[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Shops of one kind: what the machine gets wrong, and how the random sample of reviews is drawn."""

    name: str
    machine: Machine
    stratified: bool = False
    n_reviewed: int | None = None

    def shop(self, seed: int) -> Shop:
        """Return the shop of a seed."""
        return simulate_shop(seed, self.machine, stratified=self.stratified, n_reviewed=self.n_reviewed)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of operators whose true score an interval holds, its standard error over shops, and the mean width."""

    share: float
    error: float
    width: float


SCENARIOS: Final = (
    Scenario(name="12 % unsure, 10 % wrong, 60-150 calls reviewed", machine=Machine()),
    Scenario(name="the same, as many of each operator", machine=Machine(), stratified=True),
    Scenario(name="the same, 30 calls reviewed", machine=Machine(), n_reviewed=30),
    Scenario(name="no mistakes, nothing unsure", machine=Machine(unsure=0.0, wrong=0.0)),
)


def intervals(shop: Shop) -> dict[str, Ends]:
    """Return the intervals of the operators' scores, as table operator_scores has them."""
    names = [f"operator {place:02d}" for place in range(N_OPERATORS)]
    sums = [_sums(name, shop, shop.operator == place) for place, name in enumerate(names)]
    seen = [shop.reviewed[shop.operator[shop.reviewed] == place] for place in range(N_OPERATORS)]
    reviews = [_reviews(name, shop, calls) for name, calls in zip(names, seen, strict=True) if len(calls)]
    scores = score_operators(sums, (), fit_corrections(sums, reviews))
    return {
        "corrected": [(_known(one.corrected_low), _known(one.corrected_high)) for one in scores],
        "uncorrected": [(one.score_low, one.score_high) for one in scores],
        "steadied": [(_known(one.shrunk_low), _known(one.shrunk_high)) for one in scores],
    }


def _sums(name: str, shop: Shop, own: Numbers) -> OperatorSums:
    score, low, high = shop.score[own], shop.low[own], shop.high[own]
    score = score[~np.isnan(score)]
    return OperatorSums(
        period="all",
        period_kind="all",
        starts_on=None,
        operator=name,
        rubric="sale",
        rubric_version=1,
        calls=len(low),
        n=len(score),
        total=Decimal(float(score.sum())),
        squares=Decimal(float(score @ score)),
        n_bounds=len(low),
        total_low=Decimal(float(low.sum())),
        squares_low=Decimal(float(low @ low)),
        total_high=Decimal(float(high.sum())),
        squares_high=Decimal(float(high @ high)),
        low_high=Decimal(float(low @ high)),
        n_critical_failed=0,
        n_verdicts=0,
        n_unsure=0,
    )


def _reviews(name: str, shop: Shop, calls: Numbers) -> ReviewRow:
    gap, width = shop.truth[calls] - shop.low[calls], (shop.high - shop.low)[calls]
    return ReviewRow(
        rubric="sale",
        rubric_version=1,
        operator=name,
        n=len(calls),
        gap=float(gap.sum()),
        width=float(width.sum()),
        gap_gap=float(gap @ gap),
        gap_width=float(gap @ width),
        width_width=float(width @ width),
    )


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("a simulated operator has no such score")
    return value


def measure(scenario: Scenario, n_shops: int, first_seed: int = 0) -> dict[str, Coverage]:
    """Return the coverage of each kind of interval over the same simulated shops.

    Operators of a shop share its reviews, so the standard error is that of the mean over shops.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    widths: dict[str, list[float]] = defaultdict(list)
    for seed in range(first_seed, first_seed + n_shops):
        shop = scenario.shop(seed)
        for name, found in intervals(shop).items():
            ends = np.array(found)
            shares[name].append(float(((ends[:, 0] <= shop.true_means) & (shop.true_means <= ends[:, 1])).mean()))
            widths[name].append(float((ends[:, 1] - ends[:, 0]).mean()))
    return {
        name: Coverage(
            statistics.mean(shares[name]), statistics.stdev(shares[name]) / math.sqrt(n_shops), statistics.mean(widths[name])
        )
        for name in shares
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=500)
    shops = parser.parse_args().shops
    print(f"{'shops of 12 operators':<50} {'interval':<12} {'covers':>7} {'+-':>5} {'width':>6}")  # noqa: T201 - it is a program
    for scenario in SCENARIOS:
        for name, found in measure(scenario, shops).items():
            figures = f"{100 * found.share:>6.1f}% {100 * found.error:>5.1f} {found.width:>6.1f}"
            print(f"{scenario.name:<50} {name:<12} {figures}")  # noqa: T201 - it is a program


if __name__ == "__main__":
    main()
