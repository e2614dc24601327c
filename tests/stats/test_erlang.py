"""Queues: against published tables and a simulated telephone."""

from __future__ import annotations

import heapq
import random

import pytest

from callscore.stats.erlang import Stream, erlang_a, erlang_b, erlang_c, operators_needed


@pytest.mark.parametrize(
    ("operators", "load", "blocked"),
    [(1, 1.0, 0.5), (5, 2.0, 0.0367), (10, 5.0, 0.0184), (20, 12.03, 0.0100), (100, 84.06, 0.0100)],
)
def test_erlang_b_agrees_with_the_tables(operators: int, load: float, blocked: float) -> None:
    """The published loss tables are met to their last digit."""
    assert erlang_b(operators, load) == pytest.approx(blocked, abs=6e-5)


def test_erlang_c_agrees_with_a_worked_example() -> None:
    """100 calls of 3 minutes in half an hour and 14 operators: 88.8 % within 20 s, as call-centre textbooks have it."""
    stream = Stream(per_hour=200, handle_s=180)
    assert stream.load == pytest.approx(10.0)
    assert erlang_c(14, stream, 20) == pytest.approx(0.888, abs=5e-4)
    assert 1 - erlang_c(14, stream, 0) == pytest.approx(0.174, abs=5e-4)
    assert operators_needed(stream, 20, 0.8) == 14


def test_erlang_a_agrees_with_garnett_mandelbaum_and_reiman() -> None:
    """Their table 1: 48 calls a minute of 1 minute, patience 2 minutes, 50 operators: 3.1 % give up, 90 % wait under 12.5 s."""
    stream = Stream(per_hour=48 * 60, handle_s=60, patience_s=120)
    assert erlang_a(50, stream, 0)[1] == pytest.approx(0.031, abs=5e-4)
    assert erlang_c(50, Stream(per_hour=48 * 60, handle_s=60), 58.1) == pytest.approx(0.9, abs=2e-3)


def test_endless_patience_is_erlang_c() -> None:
    """The two models meet where nobody gives up."""
    calm, patient = Stream(per_hour=120, handle_s=240), Stream(per_hour=120, handle_s=240, patience_s=1e7)
    for operators in (9, 10, 14):
        assert erlang_a(operators, patient, 20)[0] == pytest.approx(erlang_c(operators, calm, 20), abs=1e-4)


@pytest.mark.parametrize("operators", [3, 6, 9])
def test_a_simulated_telephone_agrees(operators: int) -> None:
    """Too few, just enough and many operators: what Erlang A says happens to 200,000 simulated calls, within 0.6 points."""
    stream = Stream(per_hour=90, handle_s=220, patience_s=150)
    answered, given_up = simulate(operators, stream, within_s=20, n_calls=200_000)
    assert erlang_a(operators, stream, 20) == pytest.approx((answered, given_up), abs=0.006)


@pytest.mark.parametrize("stream", [Stream(per_hour=0, handle_s=60), Stream(per_hour=0, handle_s=60, patience_s=60)])
def test_no_calls_need_nobody(stream: Stream) -> None:
    """An hour without calls is no division by zero."""
    assert operators_needed(stream, 20, 0.8) == 0


def test_a_large_centre_needs_about_its_load() -> None:
    """Numbers that would overflow a factorial are no trouble, and impatience never asks for more people."""
    calm, hurried = Stream(per_hour=40_000, handle_s=300), Stream(per_hour=40_000, handle_s=300, patience_s=60)
    assert 3334 < operators_needed(calm, 20, 0.8) < 3450
    assert 2600 < operators_needed(hurried, 20, 0.8) < operators_needed(calm, 20, 0.8)
    assert erlang_a(10, hurried, 20)[0] == pytest.approx(0.0)


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0])
def test_a_target_that_nobody_can_meet_is_refused(target: float) -> None:
    """A service level is between 0 and 1."""
    with pytest.raises(ValueError, match="target"):
        operators_needed(Stream(per_hour=10, handle_s=60), 20, target)


def simulate(operators: int, stream: Stream, within_s: float, n_calls: int) -> tuple[float, float]:
    """Return the shares answered in time and given up of calls that come one by one; first come, first served."""
    random_numbers = random.Random(7)
    assert stream.patience_s is not None
    free_at = [0.0] * operators
    now, answered, given_up = 0.0, 0, 0
    for _ in range(n_calls):
        now += random_numbers.expovariate(stream.per_hour / 3600)
        wait = max(0.0, free_at[0] - now)
        if wait > random_numbers.expovariate(1 / stream.patience_s):
            given_up += 1
            continue
        answered += wait <= within_s
        heapq.heapreplace(free_at, now + wait + random_numbers.expovariate(1 / stream.handle_s))
    return answered / n_calls, given_up / n_calls
