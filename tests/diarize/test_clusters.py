"""Stretches -> voices."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.diarize.clusters import Voiced, group_voices
from callscore.units import Span

SIZE = 48


def voice(number: int, likeness: float = 0.0) -> np.ndarray:
    """Return a voice's direction; with `likeness` it shares so much with voice 0."""
    direction = np.zeros(SIZE)
    direction[number] = np.sqrt(1 - likeness)
    direction[0] += np.sqrt(likeness) if number else 0.0
    return direction


def call(*turns: tuple[np.ndarray | None, int, int], noise: float = 0.5) -> list[Voiced]:
    """Build stretches from (voice, start in s, length in s); each vector is off by a share of its own."""
    stretches = []
    for number, (direction, start, length) in enumerate(turns):
        vector = None
        if direction is not None:
            off = np.zeros(SIZE)
            off[SIZE - 1 - number] = noise
            vector = ((direction + off) / np.linalg.norm(direction + off)).astype(np.float32)
        stretches.append(Voiced(core=Span(start * 1000, (start + length) * 1000), vector=vector))
    return stretches


def grouped(stretches: list[Voiced], transfers: tuple[int, ...] = (), max_voices: int = 5) -> tuple[int, ...]:
    """Group with nothing heard apart."""
    apart = np.zeros((len(stretches), len(stretches)))
    return group_voices(stretches, apart, transfers, max_voices=max_voices, same_voice=0.86)


A, B, C = voice(0), voice(1), voice(2)


def test_two_people_in_turn() -> None:
    """Turns go to the two people who spoke them, numbered by first appearance."""
    assert grouped(call((B, 0, 4), (A, 5, 4), (B, 10, 4), (A, 15, 4))) == (0, 1, 0, 1)


def test_two_alike_voices_are_two() -> None:
    """Voices that share most of what they are still part: two people are the rule on the telephone."""
    alike = voice(1, likeness=0.55)
    turns = [(A, 0, 4), (alike, 5, 4), (A, 10, 4), (alike, 15, 4), (A, 20, 4), (alike, 25, 4)]
    assert grouped(call(*turns)) == (0, 1, 0, 1, 0, 1)


def test_one_odd_turn_does_not_make_a_voice() -> None:
    """A single turn that sounds like nobody joins one of the two people, however odd."""
    turns = [(A, 0, 4), (B, 5, 4), (A, 10, 4), (B, 15, 4), (C, 20, 1), (B, 25, 4), (A, 30, 4)]
    assert max(grouped(call(*turns))) == 1


def test_a_third_voice_that_is_clearly_another_is_believed() -> None:
    """Three people who each say enough are three."""
    turns = [(A, 0, 4), (B, 5, 4), (A, 10, 4), (B, 15, 4), (C, 20, 4), (B, 25, 4), (C, 30, 4), (A, 35, 4), (C, 40, 4)]
    assert grouped(call(*turns)) == (0, 1, 0, 1, 2, 1, 2, 0, 2)


def test_never_more_voices_than_allowed() -> None:
    """The limit holds even for clearly different voices."""
    turns = [(A, 0, 4), (B, 5, 4), (C, 10, 4), (A, 15, 4), (B, 20, 4), (C, 25, 4), (A, 30, 4), (B, 35, 4), (C, 40, 4)]
    assert max(grouped(call(*turns), max_voices=2)) == 1
    assert set(grouped(call(*turns), max_voices=1)) == {0}


def test_the_client_goes_on_after_a_transfer() -> None:
    """There are two people on each side of a ring-back tone; the one likest on both is the one who was put through."""
    second = voice(2, likeness=0.3)
    before = [(A, 0, 4), (B, 5, 4), (A, 10, 4), (B, 15, 4)]
    after = [(second, 25, 4), (B, 30, 4), (second, 35, 4), (B, 40, 4)]
    assert grouped(call(*before, *after), transfers=(22_000,)) == (0, 1, 0, 1, 2, 1, 2, 1)


def test_a_stretch_too_short_for_a_voice_follows_its_neighbour() -> None:
    """A word without a vector goes to somebody who speaks next to it."""
    assert grouped(call((A, 0, 4), (None, 4, 1), (A, 5, 4), (B, 10, 4), (B, 15, 4))) == (0, 0, 0, 1, 1)


def test_nothing_and_one_stretch() -> None:
    """No speech has no speaker, one stretch has one."""
    assert grouped([]) == ()
    assert grouped(call((A, 0, 4))) == (0,)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=14), st.lists(st.integers(0, 60_000), max_size=3))
def test_every_stretch_gets_a_voice(turns: list[tuple[int, int]], transfers: list[int]) -> None:
    """Whatever is said, each stretch has a voice, and voices are numbered without gaps."""
    stretches = call(*[(voice(v) if v else None, number * 5, length) for number, (v, length) in enumerate(turns)])
    voices = grouped(stretches, tuple(transfers))
    assert len(voices) == len(stretches)
    assert sorted(set(voices)) == list(range(len(set(voices))))
