"""The judge check on small dialogues: what a language model is shown, and which of its answers count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, CallType, CriterionResult, DecidedBy, Dialogue, Direction, Verdict
from callscore.rubric import load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import score_call
from callscore.scoring.judging import Ask, JudgeAnswer, JudgeQuestion, Ruling, Silence, off
from tests.builders import dialogue
from tests.rubric.book_files import write_book

PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NA, Verdict.UNSURE
YES, NO = Ruling.YES, Ruling.NO

QUESTION = "question: {ru: Объяснил ли оператор причину задержки?, en: Was the delay explained?}"
JUDGE = "judge: {" + QUESTION + ", by: operator}"
TEXT = """\
C: Где мой заказ сорок пять восемьсот двенадцать?
O: Ольга Петровна, машина сломалась на трассе, поэтому приедем завтра.
C: Понятно, спасибо вам.
"""
TRUE_QUOTE = "машина сломалась на трассе"

RUBRIC = """\
format: 1
id: small
version: 1
language: ru
title: {ru: Малая, en: Small}
criteria:
  - id: it
    title: {ru: Это, en: It}
"""


@dataclass
class Scripted:
    """A language model that always gives the same answer and remembers what it was asked."""

    answer: JudgeAnswer | Silence
    asked: list[JudgeQuestion] = field(default_factory=list)

    def __call__(self, question: JudgeQuestion) -> JudgeAnswer | Silence:
        """Note the question and answer."""
        self.asked.append(question)
        return self.answer


def says(ruling: Ruling, turn: int = 0, quote: str = "") -> Scripted:
    """Return a language model with this answer."""
    return Scripted(JudgeAnswer(ruling=ruling, turn=turn, quote=quote))


def score(folder: Path, check: str, call: str | Dialogue, ask: Ask = off, *, critical: bool = False) -> CriterionResult:
    """Return the verdict of a single check, given as YAML on one line, on a dialogue."""
    extra = "    critical: true\n" if critical else ""
    book = load_book(write_book(folder, f"{RUBRIC}{extra}    check: {{{check}}}\n"))
    talk = dialogue_from_text(call, "ru") if isinstance(call, str) else call
    info = CallInfo(
        call_id="secret-77", direction=Direction.INBOUND, language="ru", operator="o.tajnaya", client_phone="+79161234567"
    )
    scores = score_call(talk, measure(talk), info, CallType(id="sale", confidence=1.0, reason=""), book, ask=ask)
    return scores[0].results[0]


def test_off_by_default(tmp_path: Path) -> None:
    """Without a language model the question goes to a person, and nothing is decided."""
    result = score(tmp_path, JUDGE, TEXT)
    assert result.verdict is UNSURE
    assert result.reason == "Языковая модель не подключена, решает человек: Объяснил ли оператор причину задержки?"
    assert result.decided_by is DecidedBy.MACHINE


def test_yes_with_its_words_passes(tmp_path: Path) -> None:
    """A yes counts with the quoted words as evidence, as they were recognised, and is marked as the judge's."""
    result = score(tmp_path, JUDGE, TEXT, says(YES, 1, "ПОЭТОМУ   приедем, завтра"))
    assert (result.verdict, result.decided_by) == (PASS, DecidedBy.JUDGE)
    assert [(item.role, item.text) for item in result.evidence] == [("operator", "поэтому приедем завтра")]
    assert result.reason.startswith("«Объяснил ли оператор причину задержки?» Языковая модель: да, оператор в 00:0")
    assert result.confidence == 0.75


def test_a_quote_may_hold_a_placeholder(tmp_path: Path) -> None:
    """The model quotes what it was shown; the evidence has the words themselves."""
    result = score(tmp_path, JUDGE, TEXT, says(YES, 1, "[имя], машина сломалась"))
    assert result.evidence[0].text == "Ольга Петровна, машина сломалась"


@pytest.mark.parametrize(
    ("turn", "quote"),
    [
        (1, "мы всё вам подробно объяснили"),  # invented
        (1, "машина на трассе сломалась"),  # words in another order
        (2, TRUE_QUOTE),  # a turn that was not sent
        (0, TRUE_QUOTE),
        (-1, TRUE_QUOTE),
        (1, ""),
        (1, "машина"),  # too short to prove anything
        (1, "...!"),
        (1, "[имя]"),
    ],
)
def test_yes_without_its_words_is_void(tmp_path: Path, turn: int, quote: str) -> None:
    """An invented, misplaced or meaningless quote makes the answer worthless."""
    result = score(tmp_path, JUDGE, TEXT, says(YES, turn, quote))
    assert (result.verdict, result.decided_by) == (UNSURE, DecidedBy.MACHINE)
    assert "не подтверждён словами разговора" in result.reason


def test_words_of_the_client_prove_nothing_about_the_operator(tmp_path: Path) -> None:
    """A quote counts from those whom `by` names, also where other turns are shown for context."""
    check = JUDGE.replace("by: operator", "by: operator, context_turns: 1")
    ask = says(YES, 3, "Понятно, спасибо вам")
    assert score(tmp_path, check, TEXT, ask).verdict is UNSURE
    assert [turn.may_be_quoted for turn in ask.asked[0].turns] == [False, True, False]
    assert score(tmp_path, check.replace("operator,", "anyone,"), TEXT, ask).verdict is PASS


def test_short_turn_may_be_quoted_whole(tmp_path: Path) -> None:
    """Where a whole turn is two words, they are a quote."""
    assert score(tmp_path, JUDGE, "C: Почему?\nO: Машина сломалась.", says(YES, 1, "машина сломалась")).verdict is PASS


def test_no_fails_with_the_span_searched(tmp_path: Path) -> None:
    """Nothing proves that something never happened: the fail shows where was looked, with less confidence."""
    result = score(tmp_path, JUDGE, TEXT, says(NO))
    assert (result.verdict, result.decided_by, result.confidence) == (FAIL, DecidedBy.JUDGE, 0.6)
    assert [(item.role, item.text) for item in result.evidence] == [("operator", "")]
    assert result.evidence[0].span.length_ms > 0


def test_no_with_an_invented_quote_is_void(tmp_path: Path) -> None:
    """What a no quotes must be there as well."""
    assert score(tmp_path, JUDGE, TEXT, says(NO, 1, "не скажу вам ничего")).verdict is UNSURE
    assert score(tmp_path, JUDGE, TEXT, says(NO, 1, TRUE_QUOTE)).evidence[0].text == TRUE_QUOTE


def test_no_where_little_was_heard_is_unsure(tmp_path: Path) -> None:
    """A no about words that were recognised badly is no fail."""
    heard = dialogue("C 0-2000 где заказ", "O 2100-9000 машина сломалась на трассе")
    weak = tuple(
        type(turn)(
            **{name: getattr(turn, name) for name in turn.__slots__ if name != "words"},
            words=tuple(type(word)(span=word.span, text=word.text, prob=0.2) for word in turn.words),
        )
        for turn in heard.turns
    )
    badly = Dialogue(duration_ms=9000, layout=heard.layout, language="ru", turns=weak)
    assert score(tmp_path, JUDGE, heard, says(NO)).verdict is FAIL
    assert "распознана плохо" in score(tmp_path, JUDGE, badly, says(NO)).reason
    assert "неуверенно распознанное" in score(tmp_path, JUDGE, badly, says(YES, 1, TRUE_QUOTE)).reason


@pytest.mark.parametrize(("missing", "verdict"), [("", UNSURE), (", missing: unsure", UNSURE), (", missing: na", NA)])
def test_not_applicable_is_na_only_where_the_rubric_says_so(tmp_path: Path, missing: str, verdict: Verdict) -> None:
    """Leaving a criterion out of the score takes the rubric's consent."""
    check = JUDGE.replace("by: operator", f"by: operator{missing}")
    assert score(tmp_path, check, TEXT, says(Ruling.NOT_APPLICABLE)).verdict is verdict


@pytest.mark.parametrize("answer", [JudgeAnswer(ruling=Ruling.UNCLEAR, turn=0, quote=""), *Silence])
def test_no_answer_is_unsure_with_the_question(tmp_path: Path, answer: JudgeAnswer | Silence) -> None:
    """Whatever goes wrong, a person gets the question."""
    result = score(tmp_path, JUDGE, TEXT, Scripted(answer))
    assert result.verdict is UNSURE
    assert result.reason.endswith("Объяснил ли оператор причину задержки?")


def test_the_question_holds_nothing_personal(tmp_path: Path) -> None:
    """Names and numbers are masked, and nothing says which call it is or who took it."""
    ask = says(NO)
    score(tmp_path, JUDGE.replace("by: operator", "by: anyone"), TEXT, ask)
    shown = repr(ask.asked[0])
    assert [turn.text for turn in ask.asked[0].turns] == [
        "Где мой заказ [номер]?",
        "[имя], машина сломалась на трассе, поэтому приедем завтра.",
        "Понятно, спасибо вам.",
    ]
    for secret in ("secret", "tajnaya", "7916", "Ольга", "Петровна", "восемьсот"):
        assert secret not in shown


def test_only_the_window_is_shown(tmp_path: Path) -> None:
    """Turns outside the window stay here, but for the neighbours asked for."""
    ask = says(NO)
    text = "O: Один раз.\nC: Два раза.\nO: Три раза.\nC: Четыре раза.\nO: Пять раз."
    score(tmp_path, JUDGE.replace("by: operator", "by: operator, within: {first_turns: 1}"), text, ask)
    score(tmp_path, JUDGE.replace("by: operator", "by: operator, within: {first_turns: 1}, context_turns: 1"), text, ask)
    assert [[turn.text for turn in asked.turns] for asked in ask.asked] == [["Один раз."], ["Один раз.", "Два раза."]]


def test_nothing_to_ask_about(tmp_path: Path) -> None:
    """Where nobody of those asked about speaks, nothing is asked."""
    ask = says(YES, 1, "Где мой заказ")
    assert score(tmp_path, JUDGE, "C: Где мой заказ?\nS: Ждите.", ask).verdict is UNSURE
    assert ask.asked == []


def test_a_transcript_of_hours_is_not_even_masked(tmp_path: Path) -> None:
    """A passage that no model takes costs nothing."""
    ask = says(NO)
    result = score(tmp_path, JUDGE, dialogue("C 0-1000 алло", f"O 1000-36000000 {'сломалась ' * 25_000}"), ask)
    assert "слишком длинный" in result.reason
    assert ask.asked == []


PHRASE = "{phrase: {by: operator, any: [машина сломалась]}}"
OTHER = "{phrase: {by: operator, any: [вертолёт улетел]}}"
Combined = Callable[[str], str]


def any_with(part: str) -> str:
    """Return any_of of a part and the judge."""
    return f"any_of: [{{{JUDGE}}}, {part}]"


def all_with(part: str) -> str:
    """Return all_of of a part and the judge."""
    return f"all_of: [{{{JUDGE}}}, {part}]"


@pytest.mark.parametrize(
    ("combine", "part", "answer", "verdict", "decided_by"),
    [
        (any_with, OTHER, says(YES, 1, TRUE_QUOTE), PASS, DecidedBy.JUDGE),
        (any_with, OTHER, says(NO), FAIL, DecidedBy.MACHINE),
        (any_with, OTHER, Scripted(Silence.OFF), UNSURE, DecidedBy.MACHINE),
        (all_with, PHRASE, says(YES, 1, TRUE_QUOTE), PASS, DecidedBy.MACHINE),
        (all_with, PHRASE, says(NO), FAIL, DecidedBy.JUDGE),
        (all_with, PHRASE, Scripted(Silence.DOWN), UNSURE, DecidedBy.MACHINE),
    ],
)
def test_combined_with_words(
    tmp_path: Path, combine: Combined, part: str, answer: Scripted, verdict: Verdict, decided_by: DecidedBy
) -> None:
    """The store says judge where the words alone would not have given this verdict; the words decide on where they can."""
    result = score(tmp_path, combine(part), TEXT, answer)
    assert (result.verdict, result.decided_by) == (verdict, decided_by)


@pytest.mark.parametrize(
    ("combine", "part", "answer", "verdict"),
    [
        (any_with, OTHER, says(YES, 1, TRUE_QUOTE), UNSURE),
        (any_with, OTHER, says(NO), FAIL),
        (any_with, PHRASE, says(NO), PASS),
        (all_with, PHRASE, says(NO), UNSURE),
        (all_with, PHRASE, says(YES, 1, TRUE_QUOTE), PASS),
        (all_with, OTHER, says(YES, 1, TRUE_QUOTE), FAIL),
    ],
)
def test_critical_is_never_decided_by_the_judge_alone(
    tmp_path: Path, combine: Combined, part: str, answer: Scripted, verdict: Verdict
) -> None:
    """A critical verdict stands where words give it too; else a person decides, and the reason says why."""
    result = score(tmp_path, combine(part), TEXT, answer, critical=True)
    assert result.verdict is verdict
    if verdict is UNSURE:
        assert result.reason.startswith("Критичный критерий не решается одной языковой моделью")


@pytest.mark.parametrize(("combine", "part", "verdict"), [(any_with, PHRASE, PASS), (all_with, OTHER, FAIL)])
def test_nothing_is_asked_where_words_settle_it(tmp_path: Path, combine: Combined, part: str, verdict: Verdict) -> None:
    """No text is sent for a verdict that stands already."""
    ask = says(NO)
    assert score(tmp_path, combine(part), TEXT, ask).verdict is verdict
    assert ask.asked == []


def test_not_turns_a_yes_into_a_fail(tmp_path: Path) -> None:
    """A question about what must not happen fails with the words that show it."""
    result = score(tmp_path, f"not: {{{JUDGE}}}", TEXT, says(YES, 1, TRUE_QUOTE))
    assert (result.verdict, result.decided_by, result.evidence[0].text) == (FAIL, DecidedBy.JUDGE, TRUE_QUOTE)
