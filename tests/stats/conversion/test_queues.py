"""Whether a queue deals out evenly, and what that shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from callscore.stats.conversion.queues import compare_operators, judge_queues
from callscore.store.conversion_records import CellRows


def deal(seed: int, *, bias: float = 0.0, likes: float = 0.0, n_hours: int = 400, n_operators: int = 8) -> CellRows:
    """Return what eight operators got in each hour of a queue; `bias` gives the first more calls, `likes` repeat callers."""
    rng = np.random.default_rng(seed)
    rows = []
    for hour in range(n_hours):
        worth = np.ones(n_operators)
        worth[0] += bias
        got = rng.multinomial(20, worth / worth.sum())
        for operator, n in enumerate(got):
            repeat = rng.binomial(n, 0.2 + likes * (operator == 0))
            rows.append((hour, f"operator{operator}", n, rng.binomial(n, 0.6), repeat))
    names = ("stratum", "operator", "n", "n_main", "n_repeat")
    columns = {name: np.array([row[i] for row in rows]) for i, name in enumerate(names)}
    return CellRows({**columns, "queue": np.array(["sales"] * len(rows))})


def answers(seed: int, *, effect: float, n_hours: int = 500, n_operators: int = 10) -> CellRows:
    """Return calls dealt out by chance: operators differ in how often they meet a criterion that moves sales by `effect`."""
    rng = np.random.default_rng(seed)
    rate = np.linspace(0.2, 0.8, n_operators)
    rows = []
    for hour in range(n_hours):
        base = 0.2 + 0.2 * rng.random()
        for operator in range(n_operators):
            n = int(rng.integers(1, 4))
            met = int(rng.binomial(n, rate[operator]))
            both = int(rng.binomial(met, base + effect))
            won = both + int(rng.binomial(n - met, base))
            rows.append((hour, f"operator{operator}", n, met, won, both))
    names = ("stratum", "operator", "n", "met", "won", "both")
    return CellRows({name: np.array([row[i] for row in rows]) for i, name in enumerate(names)})


def test_a_queue_that_deals_by_chance_is_even() -> None:
    """Equal shares and like callers pass; the test is wrong in about one of twenty queues."""
    found = [judge_queues(deal(seed))[0].finding for seed in range(20)]
    assert found.count("even") >= 16


def test_a_queue_that_prefers_somebody_is_not_even() -> None:
    """An operator with three times the calls of others makes the queue uneven."""
    queue = judge_queues(deal(1, bias=2.0))[0]
    assert queue.finding == "uneven"
    assert queue.share_high is not None
    assert queue.share_high > 1.5


def test_a_queue_that_picks_callers_is_unbalanced() -> None:
    """An operator who gets more repeat callers than others of the hour makes comparisons unfair."""
    queue = judge_queues(deal(1, likes=0.2))[0]
    assert queue.finding == "unbalanced"
    assert queue.repeat_p is not None
    assert queue.repeat_p < 0.001


def test_few_calls_judge_no_queue() -> None:
    """A hundred calls pass every test for want of power, so that they are not judged at all."""
    assert judge_queues(deal(1, n_hours=5))[0].finding == "not_enough"


def test_operators_on_even_calls_show_the_effect() -> None:
    """The comparison of operators covers a true difference of ten points in about 95 of 100 shops."""
    covered = []
    for seed in range(40):
        found = compare_operators(answers(seed, effect=0.1))
        assert found is not None
        covered.append(found[2] <= 0.1 <= found[3])
    assert sum(covered) >= 34


def test_operators_who_are_alike_in_the_criterion_are_not_compared(tmp_path: Path) -> None:
    """Without operators that differ in it, nothing is said of the criterion."""
    rows = answers(1, effect=0.1)
    rng = np.random.default_rng(2)
    met = rng.binomial(rows["n"], 0.5)
    same = CellRows({**rows.columns, "met": met, "won": met, "both": met})
    assert compare_operators(same) is None
    assert compare_operators(CellRows({name: values[:0] for name, values in rows.columns.items()})) is None
