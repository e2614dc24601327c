"""Tests for samples drawn by lot: as likely for every call, evenly over operators, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.review.sample import draw_sample, pick_places, sample_size


@given(st.integers(1, 60), st.data())
def test_every_call_is_drawn_with_the_same_probability(population: int, data: st.DataObject) -> None:
    """Over all starts each place is picked equally often, each start picks the number asked for, none twice."""
    number = data.draw(st.integers(1, population))
    picked = Counter(place for start in range(population) for place in pick_places(population, number, start))
    assert picked == dict.fromkeys(range(population), number)
    assert all(len(set(pick_places(population, number, start))) == number for start in range(population))


CALLS = st.dictionaries(st.text(max_size=6), st.none() | st.sampled_from(["Иванова", "Петров", ""]), max_size=60)


@given(calls=CALLS, number=st.integers(-1, 70), seed=st.integers(0, 2**48))
def test_each_operator_has_the_share_rounded_up_or_down(calls: dict[str, str | None], number: int, seed: int) -> None:
    """Any calls, any number: nothing twice, and the sample is spread as the calls are."""
    drawn = draw_sample(calls.items(), number, seed)
    size = max(0, min(number, len(calls)))
    assert len(drawn) == len(set(drawn)) == size
    for operator, n_calls in Counter(calls.values()).items():
        share = size * n_calls / len(calls)
        # An unknown operator sorts beside the empty name and both hold whole stretches of places.
        assert abs(sum(calls[call_id] == operator for call_id in drawn) - share) < 1


def test_the_same_seed_draws_the_same_calls_in_any_order() -> None:
    """A sample can be drawn again by whoever doubts it; another seed draws others."""
    calls = [(f"c{n}", f"operator{n % 3}") for n in range(300)]
    first = draw_sample(calls, 30, 7)
    assert first == draw_sample(reversed(calls), 30, 7)
    assert set(first) != set(draw_sample(calls, 30, 8))
    assert first[:3] == ("c12", "c198", "c156")  # also by another version of Python


def test_the_order_is_by_lot_too() -> None:
    """Who stops half-way has not reviewed the first operators only."""
    calls = [(f"c{n:03}", f"operator{n // 100}") for n in range(300)]
    half = draw_sample(calls, 60, 3)[:30]
    assert all(5 <= sum(int(call_id[1:]) // 100 == operator for call_id in half) <= 15 for operator in range(3))


@pytest.mark.parametrize(
    ("population", "half_width", "size"),
    [(1_000_000, 0.05, 384), (1_000_000, 0.1, 97), (100, 0.05, 80), (5, 0.01, 5), (1, 0.5, 1), (0, 0.05, 0)],
)
def test_how_many_calls_a_precision_takes(population: int, half_width: float, size: int) -> None:
    """Cochran's numbers, never more than there are."""
    assert sample_size(population, half_width) == size


@pytest.mark.parametrize("half_width", [0.0, -0.1, 0.6, float("nan")])
def test_a_precision_that_cannot_be_is_refused(half_width: float) -> None:
    """No sample of endless size."""
    with pytest.raises(ValueError, match="half_width"):
        sample_size(100, half_width)
