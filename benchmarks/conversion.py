"""Measure what `callscore report conversion` finds in simulated shops whose truth is known, beside a plain comparison.

Run: python -m benchmarks.conversion [--shops 200] [--calls 20000] [--operators 12] [--spread 0] [--first 1] [--workers 1]

The shops are those of tests/shop_simulator.py: good operators get the good lines, hours and repeat callers, and meet every
criterion more often; six criteria have an effect, twenty have none. Told are how often a 95 % interval covers the truth, how
many of the null criteria are called helpful or harmful, how many of the true effects are found with the right sign, and the
same of the plain comparison (sales with and without, chi-square, Benjamini and Hochberg). `--spread` lets effects differ
between operators; the truth is then their mean over the calls of these operators. Each share has its Monte Carlo error in
brackets.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from callscore.stats.conversion.fdr import q_values
from callscore.stats.conversion.finding import LEVEL, find_effects
from tests.shop_simulator import Shop, ShopOptions, as_questions, simulate_shop, true_effect

__all__ = ["ShopResult", "measure_shop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopResult:
    """What one shop showed: a value per criterion with an effect, or per null criterion."""

    differences_covered: tuple[bool, ...]
    odds_covered: tuple[bool, ...]
    found: tuple[bool, ...]
    false: tuple[bool, ...]
    not_enough: tuple[bool, ...]
    plain_found: tuple[bool, ...]
    plain_false: tuple[bool, ...]


def measure_shop(seed: int, options: ShopOptions) -> ShopResult:
    """Simulate a shop and compare what is found with the truth."""
    shop = simulate_shop(seed, options)
    rows = find_effects(*as_questions(shop))
    n_true = len(options.effects)
    truths = [true_effect(shop, k) for k in range(n_true)]
    plain = _plain_findings(shop)
    named = [{"helps": 1, "hurts": -1}.get(row.finding, 0) for row in rows]
    return ShopResult(
        differences_covered=tuple(
            row.risk_low is not None and row.risk_high is not None and row.risk_low <= truth.difference <= row.risk_high
            for row, truth in zip(rows, truths, strict=False)
        ),
        odds_covered=tuple(
            row.odds_low is not None and row.odds_high is not None and row.odds_low <= math.exp(truth.log_odds) <= row.odds_high
            for row, truth in zip(rows, truths, strict=False)
        ),
        found=tuple(sign * truth.difference > 0 for sign, truth in zip(named, truths, strict=False)),
        false=tuple(sign != 0 for sign in named[n_true:]),
        not_enough=tuple(row.finding == "not_enough" for row in rows),
        plain_found=tuple(sign * truth.difference > 0 for sign, truth in zip(plain, truths, strict=False)),
        plain_false=tuple(sign != 0 for sign in plain[n_true:]),
    )


def main() -> None:
    """Print the shares as a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shops", type=int, default=200)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--operators", type=int, default=12)
    parser.add_argument("--spread", type=float, default=0.0)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    options = ShopOptions(n_calls=asked.calls, n_operators=asked.operators, spread=asked.spread)
    begun = time.perf_counter()
    seeds = range(asked.first, asked.first + asked.shops)
    with ProcessPoolExecutor(asked.workers) as pool:
        results = []
        for result in pool.map(partial(measure_shop, options=options), seeds):
            results.append(result)
            sys.stderr.write(f"\r{len(results)} of {asked.shops} shops, {time.perf_counter() - begun:.0f} s")
    sys.stderr.write("\n")
    _say(f"{asked.shops} shops, {asked.calls} calls, {asked.operators} operators, spread {asked.spread}\n")
    _say("| | adjusted | plain comparison |\n| --- | ---: | ---: |")
    _say(f"| 95 % intervals that cover the true difference | {_share([r.differences_covered for r in results])} | |")
    _say(f"| 95 % intervals that cover the true odds ratio | {_share([r.odds_covered for r in results])} | |")
    found, plain_found = [r.found for r in results], [r.plain_found for r in results]
    _say(f"| true effects found with the right sign | {_share(found)} | {_share(plain_found)} |")
    false, plain_false = [r.false for r in results], [r.plain_false for r in results]
    _say(f"| null criteria called helpful or harmful | {_share(false)} | {_share(plain_false)} |")
    _say(f'| "not enough data" | {_share([r.not_enough for r in results])} | |')


def _plain_findings(shop: Shop) -> list[int]:
    """Return 1, -1 or 0 for each criterion as a plain comparison of sales with and without it finds."""
    from scipy import stats

    tables = []
    for verdicts in shop.verdicts.T:
        won_with, won_without = int(shop.won[verdicts == 1].sum()), int(shop.won[verdicts == 0].sum())
        n_with, n_without = int((verdicts == 1).sum()), int((verdicts == 0).sum())
        tables.append(np.array([[won_with, n_with - won_with], [won_without, n_without - won_without]]))
    q_of = q_values([float(stats.chi2_contingency(table)[1]) for table in tables])
    signs = [1 if table[0, 0] / table[0].sum() > table[1, 0] / table[1].sum() else -1 for table in tables]
    return [sign if q is not None and q < LEVEL else 0 for sign, q in zip(signs, q_of, strict=True)]


def _share(values: list[tuple[bool, ...]]) -> str:
    """Return a share over shops and criteria with its Monte Carlo error: criteria of one shop hang together."""
    by_shop = np.array([np.mean(row) for row in values])
    error = by_shop.std(ddof=1) / math.sqrt(len(by_shop)) if len(by_shop) > 1 else float("nan")
    return f"{100 * by_shop.mean():.1f} % ({100 * error:.1f})"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
