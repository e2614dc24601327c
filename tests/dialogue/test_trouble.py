"""Troubles: calls that were heard too badly to judge anybody by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callscore.dialogue import Trouble, TroubleKind, find_troubles, measure
from callscore.records import Dialogue, Role
from callscore.units import Span
from tests.builders import dialogue

ORDINARY = dialogue("O 0-4000 добрый день чем могу помочь", "C 5000-15000 где мой заказ", "O 16000-20000 сейчас посмотрю")
ALONE = dialogue("C 5000-15000 алло алло вы меня слышите", duration_ms=20_000)
MESSAGE = dialogue("S 0-4000 оставьте сообщение после сигнала", "C 5000-15000 перезвоните мне пожалуйста")


def unheard(made: Dialogue, *spans: tuple[int, int]) -> Dialogue:
    """Return the dialogue with speech in which no words were recognised."""
    return replace(made, unrecognised=tuple((Role.CLIENT, Span(*span)) for span in spans))


@pytest.mark.parametrize(
    ("made", "notes", "expected"),
    [
        (ORDINARY, (), ()),
        (ORDINARY, ("bleed", "late_leg", "clipped"), ()),
        (ALONE, (), (Trouble(kind=TroubleKind.OPERATOR_NOT_HEARD, ms=10_000),)),
        (dialogue("C 5000-9000 алло", duration_ms=20_000), (), ()),
        (dialogue("O 5000-25000 здравствуйте вы позвонили в магазин", duration_ms=30_000), (), ()),
        (MESSAGE, (), ()),
        (MESSAGE, ("silent_leg",), (Trouble(kind=TroubleKind.OPERATOR_NOT_HEARD, ms=10_000),)),
        (unheard(ORDINARY, (20_000, 37_000)), (), ()),
        (unheard(ORDINARY, (20_000, 38_000)), (), (Trouble(kind=TroubleKind.MOSTLY_UNRECOGNISED, frac=0.5),)),
        (unheard(dialogue("O 0-1000 алло"), (1000, 4000)), (), ()),
        (ORDINARY, ("odd_rate",), (Trouble(kind=TroubleKind.ODD_RATE),)),
        (ORDINARY, ("legs_shifted:5700",), (Trouble(kind=TroubleKind.LEGS_SHIFTED, ms=5700),)),
    ],
)
def test_each_trouble_has_its_rule(made: Dialogue, notes: tuple[str, ...], expected: tuple[Trouble, ...]) -> None:
    """A call is left without verdicts exactly where its limit says."""
    assert find_troubles(made, measure(made), notes) == expected


@pytest.mark.parametrize(
    ("confidence", "notes", "expected"),
    [
        (0.6, ("silent_leg",), (Trouble(kind=TroubleKind.ONE_PARTY, ms=20_000),)),
        (0.9, ("silent_leg",), ()),
        (0.6, (), ()),
    ],
)
def test_somebody_alone_is_not_judged_as_the_operator(
    confidence: float, notes: tuple[str, ...], expected: tuple[Trouble, ...]
) -> None:
    """Where one leg is silent and who speaks on the other is a guess, it may be the client."""
    made = dialogue("O 5000-25000 да удобно это насчёт кресла", duration_ms=30_000)
    made = replace(made, turns=tuple(replace(turn, role_confidence=confidence) for turn in made.turns))
    assert find_troubles(made, measure(made), notes) == expected
