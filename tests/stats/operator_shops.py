"""Simulated shops whose true operator scores are known: calls with verdicts, and a machine that is unsure and wrong at times.

Nothing here is fitted to what callscore finds: the rates, weights and sizes are those of the demand that the tests check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["N_OPERATORS", "Machine", "Numbers", "Shop", "simulate_shop"]

Numbers = np.ndarray[Any, Any]

# Ten criteria: weights are unequal, the fourth is critical, and some do not arise in every call.
WEIGHTS = np.array([1.0, 1.0, 2.0, 4.0, 3.0, 2.0, 1.0, 5.0, 2.0, 3.0])
CRITICAL = 3
BASES = np.array([2.2, 1.0, 0.6, 3.6, 1.4, 0.2, 1.8, 0.9, -0.2, 1.2])
ARISES = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.8, 1.0, 0.7, 0.5])
N_OPERATORS = 12
OPERATOR_SPREAD, CALL_SPREAD, LINE_SPREAD, SOUND_SPREAD = 0.5, 0.7, 0.3, 0.7


@dataclass(frozen=True, slots=True)
class Machine:
    """How often the machine is unsure and how often it is wrong, of all verdicts that are not na."""

    unsure: float = 0.12
    wrong: float = 0.10


@dataclass(frozen=True, slots=True)
class Shop:
    """What the machine made of the calls of a shop, and the truth.

    Per call: `operator` (number), `score` (nan: nothing decided), `low`, `high` by the machine, `truth` by people without
    error. `reviewed` are the places of the calls in a random sample. `true_means` is what each operator's calls score in the
    long run.
    """

    operator: Numbers
    score: Numbers
    low: Numbers
    high: Numbers
    truth: Numbers
    reviewed: Numbers
    true_means: Numbers


def simulate_shop(seed: int, machine: Machine, *, stratified: bool = False, n_reviewed: int | None = None) -> Shop:
    """Return a shop of twelve operators with 20 to 400 calls each; `stratified` reviews as many calls of each operator."""
    random = np.random.default_rng(seed)
    skill = random.normal(0.0, OPERATOR_SPREAD, N_OPERATORS)
    sizes = np.exp(random.uniform(math.log(20), math.log(400), N_OPERATORS)).round().astype(int)
    operator = np.repeat(np.arange(N_OPERATORS), sizes)
    n = len(operator)
    ease = random.normal(0.0, CALL_SPREAD, n)
    passed = random.random((n, len(WEIGHTS))) < _chance(BASES + (skill[operator] + ease)[:, None])
    arisen = random.random((n, len(WEIGHTS))) < ARISES
    # Bad lines make a machine unsure and wrong in many verdicts of a call at once, and some operators have more of them.
    sound = random.normal(0.0, LINE_SPREAD, N_OPERATORS)[operator] + random.normal(0.0, SOUND_SPREAD, n)
    unsure, wrong = _mistakes(random, machine, passed, arisen, sound)
    low, score, high = _scores(passed ^ wrong, arisen, unsure)
    truth = _scores(passed, arisen, np.zeros_like(arisen))[1]
    wanted = int(random.integers(60, 151)) if n_reviewed is None else n_reviewed
    reviewed = _sample(random, operator, sizes, wanted, stratified=stratified)
    return Shop(operator, score, low, high, truth, reviewed, np.array([_true_mean(value) for value in skill]))


def _mistakes(
    random: np.random.Generator, machine: Machine, passed: Numbers, arisen: Numbers, sound: Numbers
) -> tuple[Numbers, Numbers]:
    """Return which verdicts are unsure and which are wrong; fails are harder to be sure of, and mistakes go both ways."""
    harder = np.where(passed, 0.0, 0.8) + sound[:, None]
    unsure = (random.random(passed.shape) < _chance(harder + _level(harder[arisen], machine.unsure))) & arisen
    decided = arisen & ~unsure
    harder = np.where(passed, 0.0, 0.4) + sound[:, None]
    rate = machine.wrong / max(1e-9, 1.0 - machine.unsure)
    wrong = (random.random(passed.shape) < _chance(harder + _level(harder[decided], rate))) & decided
    return unsure, wrong


def _level(harder: Numbers, rate: float) -> float:
    """Return what to add to `harder` so that the mean chance is `rate`."""
    if rate <= 0.0:
        return -1e9
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(harder + middle).mean() < rate else (low, middle)
    return low


def _scores(passed: Numbers, arisen: Numbers, unsure: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return low bound, score and high bound of each call, by the rules of callscore.scoring.combine."""
    decided = arisen & ~unsure
    points, whole, open_points = (passed & decided) @ WEIGHTS, decided @ WEIGHTS, (arisen & unsure) @ WEIGHTS
    score = 100 * np.divide(points, whole, out=np.full(len(points), np.nan), where=whole > 0)
    everything = whole + open_points
    low, high = 100 * points / everything, 100 * (points + open_points) / everything
    zero = decided[:, CRITICAL] & ~passed[:, CRITICAL]
    low = np.where(zero | unsure[:, CRITICAL], 0.0, low)
    return low, np.where(zero, 0.0 * score, score), np.where(zero, 0.0, high)


def _sample(random: np.random.Generator, operator: Numbers, sizes: Numbers, wanted: int, *, stratified: bool) -> Numbers:
    if not stratified:
        return random.choice(len(operator), min(wanted, len(operator)), replace=False)
    each = wanted // len(sizes)
    chosen = [random.choice(np.flatnonzero(operator == i), min(each, size), replace=False) for i, size in enumerate(sizes)]
    return np.asarray(np.concatenate(chosen))


def _true_mean(skill: float) -> float:
    """Return the expected score of an operator, exactly: over how easy calls are and which criteria arise."""
    points, weights = np.polynomial.hermite_e.hermegauss(31)
    chances = _chance(BASES[:, None] + skill + CALL_SPREAD * points)
    sometimes = [place for place, share in enumerate(ARISES) if share < 1.0]
    total = 0.0
    for pattern in range(2 ** len(sometimes)):
        arisen = ARISES >= 1.0
        probability = 1.0
        for bit, place in enumerate(sometimes):
            arisen[place] = bool(pattern >> bit & 1)
            probability *= ARISES[place] if arisen[place] else 1 - ARISES[place]
        others = arisen.copy()
        others[CRITICAL] = False
        share = (WEIGHTS[CRITICAL] + WEIGHTS[others] @ chances[others]) / WEIGHTS[arisen].sum()
        total += probability * float(weights @ (chances[CRITICAL] * share)) / float(weights.sum())
    return 100 * total


def _chance(logit: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -700, 700))))
