"""Scores for equal calls: the mix is taken out, and what cannot be told is not told."""

from __future__ import annotations

import random
from collections import defaultdict

from callscore.stats.case_mix import CallCell, adjust_means


def cells(scores: dict[tuple[str, tuple[str, ...]], list[float]]) -> list[CallCell]:
    """Add up scores by operator and factors."""
    return [
        CallCell(operator, factors, len(found), sum(found), sum(score * score for score in found))
        for (operator, factors), found in scores.items()
    ]


def test_hard_calls_do_not_make_a_bad_operator() -> None:
    """Two equal operators, one with the complaints, score the same for equal calls."""
    hard, easy = [50.0, 60.0, 70.0], [80.0, 90.0, 100.0]
    found = adjust_means(
        cells(
            {
                ("anna", ("complaint",)): hard * 9,
                ("anna", ("sale",)): easy,
                ("boris", ("complaint",)): hard,
                ("boris", ("sale",)): easy * 9,
            }
        )
    )
    assert round(found["anna"].value, 6) == round(found["boris"].value, 6) == 75.0


def test_an_operator_on_a_line_of_his_own_is_left_out() -> None:
    """Where nobody else answers the same calls, the operator cannot be told from the line."""
    scores: dict[tuple[str, tuple[str, ...]], list[float]] = {
        ("anna", ("moscow",)): [70.0, 80.0] * 5,
        ("boris", ("moscow",)): [75.0, 85.0] * 5,
        ("clara", ("kazan",)): [60.0, 90.0] * 5,
    }
    assert set(adjust_means(cells(scores))) == set()
    shared = {**scores, ("anna", ("omsk",)): [70.0] * 5, ("boris", ("omsk",)): [75.0] * 5}
    assert "clara" not in adjust_means(cells(shared))


def test_one_operator_has_nobody_to_be_equal_with() -> None:
    """A team of one has no adjusted score."""
    assert adjust_means(cells({("anna", ("sale",)): [80.0, 90.0]})) == {}


def test_no_calls_give_nothing() -> None:
    """An empty period is an empty answer."""
    assert adjust_means([]) == {}


def test_one_call_is_never_certain() -> None:
    """A single perfect call among perfect calls keeps a wide interval."""
    found = adjust_means(cells({("anna", ("sale",)): [100.0], ("boris", ("sale",)): [100.0] * 40}))
    assert found["anna"].low < 60.0


def test_intervals_hold_the_truth() -> None:
    """In simulated teams whose lines differ by 20 points the intervals hold 95 % of the true scores or more."""
    draws = random.Random(11)
    held: list[bool] = []
    for _ in range(60):
        skill = {f"operator {n}": draws.gauss(50, 4) for n in range(8)}
        scores: dict[tuple[str, tuple[str, ...]], list[float]] = defaultdict(list)
        good_lines = 0
        for place, (name, level) in enumerate(skill.items()):
            for _ in range(60):
                is_good = draws.random() < (place + 1) / 9
                good_lines += is_good
                line = "good" if is_good else "bad"
                scores[name, (line,)].append(min(100.0, max(0.0, draws.gauss(level + (10 if is_good else -10), 15))))
        shift = 20 * good_lines / (8 * 60) - 10
        found = adjust_means(cells(scores))
        held.extend(found[name].low <= level + shift <= found[name].high for name, level in skill.items())
    assert sum(held) / len(held) >= 0.94
