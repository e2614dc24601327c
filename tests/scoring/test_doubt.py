"""A doubtful recognition never becomes a silent fail or pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, CallScore, CallType, Dialogue, Role, Verdict
from callscore.rubric import load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import score_call
from callscore.shipped import shipped_dir
from callscore.units import Span
from tests.rubric.book_files import RUBRIC, write_book


def score(folder: Path, dialogue: Dialogue, rubric: str = RUBRIC, confidence: float = 1.0) -> CallScore:
    """Return the score of a dialogue under a small rubric."""
    call_type = CallType(id="sale", confidence=confidence, reason="")
    book = load_book(write_book(folder, rubric))
    return score_call(dialogue, measure(dialogue), CallInfo(call_id="x", language="ru"), call_type, book)[0]


def with_prob(dialogue: Dialogue, prob: float) -> Dialogue:
    """Return the dialogue with all words of one probability."""
    turns = tuple(replace(t, words=tuple(replace(w, prob=prob) for w in t.words)) for t in dialogue.turns)
    return replace(dialogue, turns=turns)


def test_not_found_in_lost_speech_is_unsure(tmp_path: Path) -> None:
    """Where much of the window gave no words, the greeting may have been in it."""
    dialogue = dialogue_from_text("O: Алло.\nC: Привет.", "ru")
    lost = replace(dialogue, unrecognised=((Role.OPERATOR, Span(0, 3000)),))
    assert score(tmp_path, dialogue).results[0].verdict is Verdict.FAIL
    assert score(tmp_path, lost).results[0].verdict is Verdict.UNSURE


def test_lost_speech_of_the_other_side_does_not_matter(tmp_path: Path) -> None:
    """What the client said cannot have been the operator's greeting."""
    dialogue = dialogue_from_text("O: Алло.\nC: Привет.", "ru")
    lost = replace(dialogue, unrecognised=((Role.CLIENT, Span(0, 3000)),))
    assert score(tmp_path, lost).results[0].verdict is Verdict.FAIL


def test_not_found_in_badly_recognised_words_is_unsure(tmp_path: Path) -> None:
    """Words the recogniser itself doubts do not prove an absence."""
    dialogue = with_prob(dialogue_from_text("O: Алло, говорите громче.", "ru"), 0.2)
    assert score(tmp_path, dialogue).results[0].verdict is Verdict.UNSURE


def test_half_heard_phrase_is_unsure(tmp_path: Path) -> None:
    """A match in the grey band is neither said nor absent."""
    dialogue = with_prob(dialogue_from_text("O: Здраствуй, слушаю.", "ru"), 0.6)
    assert score(tmp_path, dialogue).results[0].verdict is Verdict.UNSURE


def test_doubtful_role_is_unsure(tmp_path: Path) -> None:
    """A greeting by a speaker whose role is a guess is nobody's greeting yet."""
    dialogue = dialogue_from_text("O: Добрый день.", "ru")
    guessed = replace(dialogue, turns=tuple(replace(t, role_confidence=0.5) for t in dialogue.turns))
    assert score(tmp_path, guessed).results[0].verdict is Verdict.UNSURE


def test_blame_needs_clear_words(tmp_path: Path) -> None:
    """A rude word that the recogniser doubts is no fail."""
    check = "absence: {by: operator, any: [отстаньте от меня]}"
    rubric = RUBRIC.replace("phrase: {by: operator, any: [$hello], within: {first_turns: 2}}", check)
    dialogue = dialogue_from_text("C: Алло.\nO: Отстаньте от меня.", "ru")
    assert score(tmp_path, dialogue, rubric).results[0].verdict is Verdict.FAIL
    assert score(tmp_path, with_prob(dialogue, 0.5), rubric).results[0].verdict is Verdict.UNSURE


def test_doubtful_call_type_makes_its_criteria_unsure(tmp_path: Path) -> None:
    """Whether a criterion for one call type applies is open while the type is."""
    rubric = RUBRIC.replace("    weight: 2\n", "    weight: 2\n    applies_when: {call_type: complaint}\n")
    dialogue = dialogue_from_text("O: Добрый день.\nC: Алло.", "ru")
    assert score(tmp_path, dialogue, rubric, confidence=1.0).results[0].verdict is Verdict.NA
    assert score(tmp_path, dialogue, rubric, confidence=0.5).results[0].verdict is Verdict.UNSURE


def test_unsure_widens_the_bounds(tmp_path: Path) -> None:
    """An unsure criterion earns nothing, keeps its maximum out of the score, and opens the interval."""
    dialogue = dialogue_from_text("O: Добрый день.", "ru")
    guessed = replace(dialogue, turns=tuple(replace(t, role_confidence=0.5) for t in dialogue.turns))
    found = score(tmp_path, guessed)
    assert (found.points, found.max_points, found.score) == (0.0, 0.0, None)
    assert (found.score_low, found.score_high, found.n_unsure) == (0.0, 100.0, 1)


def test_empty_dialogue_is_na(tmp_path: Path) -> None:
    """A recording without a word gives na, no score and no crash."""
    dialogue = dialogue_from_text("[hold 30]", "ru")
    found = score(tmp_path, dialogue)
    assert found.results[0].verdict is Verdict.NA
    assert found.score is None


def test_part_of_a_phrase_in_its_place_is_unsure(tmp_path: Path) -> None:
    """What is left of a greeting where the greeting belongs is no silent fail; later in the call it is nothing."""
    begun = dialogue_from_text("O: Добрый нюгг, слушаю.\nC: Алло.\nO: Да.", "ru")
    later = dialogue_from_text("O: Слушаю.\nC: Алло.\nO: Да.\nC: Ну?\nO: Добрый нюгг ещё займёт.", "ru")
    assert score(tmp_path, begun).results[0].verdict is Verdict.UNSURE
    assert score(tmp_path, later).results[0].verdict is Verdict.FAIL


def test_not_found_tells_how_well_the_place_was_heard(tmp_path: Path) -> None:
    """A fail for what was never said names the searched span and the share of words heard well."""
    dialogue = dialogue_from_text("O: Слушаю, говорите, какой заказ?\nC: Второй.", "ru")
    (result,) = score(tmp_path, dialogue).results
    assert result.verdict is Verdict.FAIL
    assert result.evidence[0].text == ""
    assert "хорошо распознано 100% слов" in result.reason


def test_every_decided_verdict_shows_what_it_rests_on() -> None:
    """Pass and fail carry a quote, or the span that was searched and how well it was heard, under every shipped rubric."""
    book = load_book(shipped_dir("rubrics"))
    dialogue = dialogue_from_text(
        "O: Слушаю.\nC: Это магазин? Мне диван.\nO: Тридцать тысяч.\nC: Дорого как-то.\nO: Не знаю.\n"
        "C: Я подумаю.\nO: Думайте.\n[hold 20]\nO: Нет такого.\nC: До свидания.",
        "ru",
    )
    for kind in book.call_types:
        call_type = CallType(id=kind.id, confidence=1.0, reason="")
        for scored in score_call(dialogue, measure(dialogue), CallInfo(call_id="x", language="ru"), call_type, book):
            for result in scored.results:
                if result.verdict in (Verdict.PASS, Verdict.FAIL):
                    is_figure = result.criterion == "no_dead_air"
                    quoted = any(evidence.text for evidence in result.evidence)
                    assert result.evidence, result
                    assert quoted or is_figure or "распознано" in result.reason, result
