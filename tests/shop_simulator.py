"""Shops with a known truth: good operators get the good lines, hours and repeat callers, and keep to the script besides.

A sale depends on skill, line, hour, weekday, month, waiting, whether the caller had called before, the operator's form of the
day, and on some of the criteria. Most criteria do nothing, yet skilled operators meet them more often, so that a plain
comparison finds nearly all of them helpful. The truth that an interval must cover is defined in `truth`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import product
from typing import Any, Final

import numpy as np

from callscore.stats.conversion.design import ADJUSTED, build_design
from callscore.stats.conversion.finding import Question
from callscore.stats.conversion.fit import fit_design
from callscore.store.conversion_records import CellRows, CriterionTotal, Totals

__all__ = ["EFFECTS", "N_NULL", "Shop", "ShopOptions", "Truth", "as_questions", "simulate_shop", "true_effect", "truth"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

EFFECTS: Final = (0.5, 0.35, -0.4, 0.25, 0.7, -0.3)
"""True log odds of a sale, pass against fail, of the first criteria; the others have none."""
N_NULL: Final = 20
PASS, FAIL, UNSURE, NA = 1, 0, 2, 3
_HERMITE: Final = np.polynomial.hermite_e.hermegauss(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOptions:
    """How large a shop is and how odd. `spread`: how far a criterion's effect differs between operators, log odds."""

    n_calls: int = 20_000
    n_operators: int = 12
    n_days: int = 120
    spread: float = 0.0
    day_form: float = 0.15
    unsure_frac: float = 0.08
    na_frac: float = 0.1
    effects: tuple[float, ...] = EFFECTS
    n_null: int = N_NULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Calls of one shop: facts by call, verdicts by call and criterion, and what the truth is computed from."""

    operator: Ints
    line: Ints
    day: Ints
    hour: Ints
    wait_s: Floats
    repeat: Ints
    won: Ints
    verdicts: Ints
    base: Floats = field(repr=False)
    keeps: Floats = field(repr=False)
    betas: Floats = field(repr=False)
    options: ShopOptions = field(default_factory=ShopOptions)


def simulate_shop(seed: int, options: ShopOptions | None = None) -> Shop:
    """Return a shop; the same seed gives the same shop."""
    opts = options or ShopOptions()
    rng = np.random.default_rng(seed)
    n, n_operators = opts.n_calls, opts.n_operators
    skill = rng.normal(0, 1, n_operators)
    luck = rng.normal(0, 0.25, n_operators)
    line_worth = np.array([-0.6, -0.2, 0.2, 0.7])
    hours = np.arange(9, 21)
    hour_worth = 0.45 * np.sin((hours - 9) / 11 * np.pi)
    operator = rng.choice(n_operators, n, p=rng.dirichlet(np.full(n_operators, 20.0)))
    line = _choose(rng, 0.8 * skill[operator][:, None] * line_worth)
    hour_no = _choose(rng, 0.8 * skill[operator][:, None] * hour_worth + 0.3 * np.cos((hours - 14) / 3))
    repeat = (rng.random(n) < _logistic(-1.2 + 0.7 * skill[operator])).astype(np.int64)
    day = rng.integers(0, opts.n_days, n)
    month, weekday = day // 30, day % 7
    wait_s = rng.exponential(12 + 25 * (np.abs(hours[hour_no] - 14) < 2))
    form = rng.normal(0, 1, (n_operators, opts.n_days))
    around = (
        line_worth[line]
        + hour_worth[hour_no]
        + 0.6 * repeat
        - 0.25 * np.log1p(wait_s / 10)
        + np.array([0.1, 0.0, 0.0, -0.1, -0.1, 0.2, 0.25])[weekday]
        + 0.08 * month
    )
    base = -1.5 + 0.5 * skill[operator] + luck[operator] + around
    n_criteria = len(opts.effects) + opts.n_null
    betas = np.zeros((n_operators, n_criteria))
    betas[:, : len(opts.effects)] = np.array(opts.effects) + rng.normal(0, opts.spread, (n_operators, len(opts.effects)))
    habit = rng.normal(0, 0.5, (n_operators, n_criteria))
    level = rng.normal(0.4, 0.6, n_criteria)
    # Who is skilled, unhurried and on a good line meets every criterion more often.
    keeps = _logistic(level + (0.7 * skill[operator])[:, None] + habit[operator] + (0.35 * around)[:, None])
    met = rng.random((n, n_criteria)) < keeps
    applies = rng.random((n, n_criteria)) >= opts.na_frac
    gain = (betas[operator] * (met & applies)).sum(axis=1)
    won = rng.random(n) < _logistic(base + gain + opts.day_form * form[operator, day])
    heard = rng.random((n, n_criteria)) >= opts.unsure_frac
    verdicts = np.where(~applies, NA, np.where(~heard, UNSURE, met)).astype(np.int64)
    return Shop(
        operator=operator,
        line=line,
        day=day,
        hour=hours[hour_no],
        wait_s=wait_s,
        repeat=repeat,
        won=won.astype(np.int64),
        verdicts=verdicts,
        base=base,
        keeps=keeps,
        betas=betas,
        options=opts,
    )


def truth(shop: Shop, criterion: int) -> tuple[Floats, Floats]:
    """Return for each call the probability of a sale if the criterion were met, and if it were not.

    The other criteria and the form of the day are averaged over their distributions given operator, line, hour and all else
    that is known of the call: that is what a comparison can see which adjusts for what is known. Criteria are independent of
    each other given these, so that the mean difference over calls is the true difference, and the coefficient fitted to the
    mean probabilities is the true odds ratio (which is nearer to 1 than that of somebody who knows all the other criteria).
    """
    others = [k for k in range(len(shop.options.effects)) if k != criterion]
    met = np.zeros(len(shop.base))
    missed = np.zeros(len(shop.base))
    own = shop.betas[shop.operator, criterion]
    nodes, weights = _HERMITE
    for states in product((0, 1), repeat=len(others)):
        chance = np.ones(len(shop.base))
        line = shop.base.copy()
        for k, state in zip(others, states, strict=True):
            keeps = shop.keeps[:, k] * (1 - shop.options.na_frac)
            chance *= keeps if state else 1 - keeps
            line += state * shop.betas[shop.operator, k]
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            met += chance * weight * _logistic(line + own + shop.options.day_form * node)
            missed += chance * weight * _logistic(line + shop.options.day_form * node)
    return met, missed


@dataclass(frozen=True, slots=True)
class Truth:
    """What the intervals must cover: the difference in the share of sales over the compared calls, and the log odds."""

    difference: float
    log_odds: float


def true_effect(shop: Shop, criterion: int) -> Truth:
    """Return the truth about a criterion in the calls in which it was decided; see `truth`."""
    met, missed = truth(shop, criterion)
    decided = shop.verdicts[:, criterion] <= PASS
    passed = shop.verdicts[decided, criterion]
    cells = _cells(shop)
    design = build_design(
        cells["operator"][decided],
        {name: cells[name][decided] for name in ADJUSTED},
        cells["week"][decided],
        passed,
        (np.ones(len(passed)), np.where(passed == PASS, met[decided], missed[decided])),
        by_week=False,
    )
    if design is None:
        raise ValueError("the shop has no operator with ten decided calls")
    return Truth(float((met - missed)[decided].mean()), fit_design(design).log_odds)


def as_questions(shop: Shop) -> tuple[Totals, CellRows, list[Question]]:
    """Return the shop as the store would give it, each call a cell of its own."""
    n = len(shop.won)
    totals = Totals(
        orders=int(shop.won.sum()),
        joined=int(shop.won.sum()),
        calls=n,
        unknown=0,
        no_operator=0,
        usable=n,
        won=int(shop.won.sum()),
        operators=len(np.unique(shop.operator)),
        starts_on=date(2026, 6, 1),
        ends_on=date(2026, 9, 28),
    )
    questions = [
        Question(total=_total(shop, k), cells=partial(_criterion_cells, shop, k), dealt=lambda: None)
        for k in range(shop.verdicts.shape[1])
    ]
    return totals, CellRows(_cells(shop)), questions


def _cells(shop: Shop) -> dict[str, Ints]:
    n = len(shop.won)
    return {
        "cell": np.arange(n),
        "operator": shop.operator,
        "call_type": np.zeros(n, dtype=np.int64),
        "line": shop.line,
        "month": shop.day // 30,
        "weekday": shop.day % 7,
        "hour": shop.hour // 2,
        "wait": np.digitize(shop.wait_s, [5, 15, 30, 60, 120]).astype(np.int64),
        "repeat": shop.repeat,
        "week": shop.day // 7,
    }


def _criterion_cells(shop: Shop, criterion: int) -> CellRows:
    kept = np.flatnonzero(shop.verdicts[:, criterion] != NA)
    return CellRows(
        {
            "cell": kept,
            "verdict": shop.verdicts[kept, criterion],
            "n": np.ones(len(kept), dtype=np.int64),
            "won": shop.won[kept],
        }
    )


def _total(shop: Shop, criterion: int) -> CriterionTotal:
    verdicts = shop.verdicts[:, criterion]
    return CriterionTotal(
        rubric="sale",
        rubric_version=1,
        criterion=f"criterion_{criterion}",
        criterion_no=criterion,
        calls=len(verdicts),
        unknown=0,
        no_operator=0,
        usable=len(verdicts),
        n_unsure=int((verdicts == UNSURE).sum()),
        n_na=int((verdicts == NA).sum()),
        n_pass=int((verdicts == PASS).sum()),
        n_fail=int((verdicts == FAIL).sum()),
        won_pass=int(shop.won[verdicts == PASS].sum()),
        won_fail=int(shop.won[verdicts == FAIL].sum()),
    )


def _logistic(line: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-line)), dtype=np.float64)


def _choose(rng: np.random.Generator, worth: Floats) -> Ints:
    chance = np.exp(worth)
    steps = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    return np.asarray((rng.random(len(worth))[:, None] > steps[:, :-1]).sum(axis=1), dtype=np.int64)
