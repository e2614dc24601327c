"""The second listen: what is heard again, and what it may change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, CallScore, CallType, Dialogue, Role, SecondListen, Verdict, Word
from callscore.rubric import RubricBook, load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import score_call
from callscore.scoring.again import find_wishes, with_second_words
from callscore.units import Span
from tests.rubric.book_files import RUBRIC, write_book

GREETED = "O: Добрый нюгг, слушаю вас.\nC: Алло.\nO: Да, говорите."
SALE = CallType(id="sale", confidence=1.0, reason="")


def score(dialogue: Dialogue, book: RubricBook) -> CallScore:
    """Return the score of a dialogue under a small rubric that asks for a greeting in the first two turns."""
    return score_call(dialogue, measure(dialogue), CallInfo(call_id="x", language="ru"), SALE, book)[0]


def listened(dialogue: Dialogue, text: str, prob: float) -> Dialogue:
    """Return the dialogue with a second listen to the operator's first turn that gave `text`."""
    span = dialogue.turns[0].span
    texts = text.split()
    step = span.length_ms // len(texts)
    words = tuple(
        Word(span=Span(span.start_ms + step * at, span.start_ms + step * (at + 1)), text=word, prob=prob)
        for at, word in enumerate(texts)
    )
    listen = SecondListen(
        role=Role.OPERATOR, channel=dialogue.turns[0].channel, span=span, words=words, is_hinted=True, model="m"
    )
    return replace(dialogue, second=(listen,))


def test_a_doubtful_place_is_wished_for_with_the_words_to_listen_for(tmp_path: Path) -> None:
    """An unsure greeting asks for the operator's turn that holds its trace, and for nothing of the client's."""
    book = load_book(write_book(tmp_path, RUBRIC))
    dialogue = dialogue_from_text(GREETED, "ru")
    (wish,) = find_wishes(dialogue, (score(dialogue, book),), book, most=2)
    assert (wish.role, wish.spans) == (Role.OPERATOR, (dialogue.turns[0].span,))
    assert "добрый день" in wish.hints


def test_nothing_is_heard_again_where_nothing_is_in_doubt(tmp_path: Path) -> None:
    """A clear greeting costs no second listen, and the budget may be nought."""
    book = load_book(write_book(tmp_path, RUBRIC))
    clear = dialogue_from_text("O: Добрый день, слушаю вас.\nC: Алло.", "ru")
    doubtful = dialogue_from_text(GREETED, "ru")
    assert find_wishes(clear, (score(clear, book),), book, most=2) == ()
    assert find_wishes(doubtful, (score(doubtful, book),), book, most=0) == ()


def test_words_made_out_on_a_second_listen_confirm(tmp_path: Path) -> None:
    """An unsure verdict becomes a pass with the second words as evidence, and says so."""
    book = load_book(write_book(tmp_path, RUBRIC))
    dialogue = dialogue_from_text(GREETED, "ru")
    assert score(dialogue, book).results[0].verdict is Verdict.UNSURE
    (result,) = score(listened(dialogue, "Добрый день, слушаю вас.", 0.8), book).results
    assert result.verdict is Verdict.PASS
    assert "Добрый день" in result.evidence[0].text
    assert "повторном прослушивании" in result.reason
    assert result.confidence <= 0.8


def test_words_that_the_sound_hardly_supports_confirm_nothing(tmp_path: Path) -> None:
    """The very words of the rubric prove nothing where the recogniser would not have written them by itself."""
    book = load_book(write_book(tmp_path, RUBRIC))
    dialogue = dialogue_from_text(GREETED, "ru")
    (result,) = score(listened(dialogue, "Добрый день, слушаю вас.", 0.3), book).results
    assert result.verdict is Verdict.UNSURE


def test_a_second_listen_never_turns_doubt_into_a_fail(tmp_path: Path) -> None:
    """Words without the greeting, however clear, leave the verdict as it was."""
    book = load_book(write_book(tmp_path, RUBRIC))
    dialogue = dialogue_from_text(GREETED, "ru")
    (result,) = score(listened(dialogue, "Говорите, какой у вас вопрос?", 0.99), book).results
    assert result.verdict is Verdict.UNSURE


def test_a_second_listen_never_blames(tmp_path: Path) -> None:
    """A rude word that is only found on a second listen is not held against the operator."""
    check = "absence: {by: operator, any: [отстаньте от меня]}"
    rubric = RUBRIC.replace("phrase: {by: operator, any: [$hello], within: {first_turns: 2}}", check)
    book = load_book(write_book(tmp_path, rubric))
    dialogue = dialogue_from_text("O: Останьте с нами.\nC: Алло.", "ru")
    first = score(dialogue, book).results[0].verdict
    assert first is not Verdict.FAIL
    assert score(listened(dialogue, "Отстаньте от меня.", 0.99), book).results[0].verdict is first


def test_second_words_take_the_place_of_those_heard_first() -> None:
    """Only turns of the same side that were heard again get other words; the first ones stay in the dialogue itself."""
    dialogue = dialogue_from_text(GREETED, "ru")
    again = with_second_words(listened(dialogue, "Добрый день.", 0.8))
    assert [turn.text for turn in again.turns] == ["Добрый день.", "Алло.", "Да, говорите."]
    assert dialogue.turns[0].text == "Добрый нюгг, слушаю вас."
