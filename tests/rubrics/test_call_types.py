"""The call type that the shipped rules guess from the words alone, or with a queue that suggests another type."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.records import CallInfo, Direction
from callscore.rubric import RubricBook, load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import guess_call_type

ROOT = Path(__file__).resolve().parents[2]
CASES = (ROOT / "tests" / "cases" / "call_types.txt").read_text(encoding="utf-8").strip().split("\n\n")


@pytest.fixture(scope="module")
def book() -> RubricBook:
    """Return the shipped rubrics."""
    return load_book(ROOT / "rubrics")


@pytest.mark.parametrize("block", CASES)
def test_type_is_told_by_the_words(book: RubricBook, block: str) -> None:
    """The type a listener hears is the one guessed; a queue (third word of the head, - for none) only hints."""
    head, _, text = block.partition("\n")
    kind, direction, queue = head.split()
    info = CallInfo(call_id="case", direction=Direction(direction), queue=None if queue == "-" else queue, language="ru")
    guess = guess_call_type(dialogue_from_text(text, "ru"), info, book)
    assert guess.id == kind, guess.reason
