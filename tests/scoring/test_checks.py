"""Each kind of check on small dialogues: what passes, fails, does not arise, and what stays doubtful."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, CallType, CriterionResult, Direction, Verdict
from callscore.rubric import load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import score_call
from tests.rubric.book_files import write_book

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


def judge(folder: Path, check: str, text: str, **known: str) -> CriterionResult:
    """Return the verdict of a single check, given as YAML on one line, on a dialogue."""
    book = load_book(write_book(folder, RUBRIC + f"    check: {check}\n"))
    dialogue = dialogue_from_text(text, "ru")
    info = CallInfo(call_id="x", direction=Direction.INBOUND, language="ru", transferred_to=known.get("transferred_to"))
    scores = score_call(dialogue, measure(dialogue), info, CallType(id="sale", confidence=1.0, reason=""), book)
    return scores[0].results[0]


PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NA, Verdict.UNSURE

ALL = "phrase: {by: operator, all: [[доставка], [оплата картой]]}"
ANSWER = "exchange: {when: {by: client, any: [дорого]}, then: {by: operator, any: [скидка], within_turns: 2}}"
HOLD = "sequence: {around: hold, before: {by: operator, any: [подождите]}, after: {by: operator, any: [спасибо]}}"
TRANSFER = "sequence: {around: transfer, before: {by: operator, any: [соединю]}, turns: 2}"
STEPS = "sequence: {steps: [{by: operator, any: [адрес]}, {by: operator, any: [до свидания]}]}"

TABLE = [
    ("phrase: {by: operator, any: [$hello], within: {first_turns: 1}}", "O: Добрый день!\nC: Алло.", PASS),
    ("phrase: {by: operator, any: [$hello], within: {first_turns: 1}}", "O: Да.\nC: Алло.\nO: Добрый день!", FAIL),
    ("phrase: {by: operator, any: [$hello]}", "O: Да.\nC: Добрый день!", FAIL),
    ("phrase: {by: [operator, client], any: [$hello]}", "O: Да.\nC: Добрый день!", PASS),
    ("phrase: {by: anyone, any: [$hello]}", "S: Добрый день!\nO: Да.", PASS),
    ("phrase: {by: operator, any: [$bye], within: {last_turns: 1}}", "O: До свидания.\nC: Стойте.\nO: Да.", FAIL),
    ("phrase: {by: operator, any: [$bye], within: {last_s: 2}}", "O: До свидания.\n[silence 9]\nC: Алло, вы тут?", FAIL),
    ("phrase: {by: operator, any: [$hello], within: {first_s: 3}}", "C: Алло.\n[silence 5]\nO: Добрый день!", FAIL),
    ("phrase: {by: operator, any: [$hello], within: {after: hold}}", "O: Добрый день!\n[hold 9]\nO: Да.", FAIL),
    ("phrase: {by: operator, any: [$hello], within: {before: hold}}", "O: Добрый день!\n[hold 9]\nO: Да.", PASS),
    ("phrase: {by: operator, any: [$hello], within: {until_client_turn: 1}}", "C: Алло.\nO: Добрый день!", FAIL),
    ("phrase: {by: operator, any: [где], question: true}", "O: Вы где?", PASS),
    ("phrase: {by: operator, any: [где], question: true}", "O: Знаю, где. Хорошо?", FAIL),
    (ALL, "O: Доставка завтра.\nC: А оплата?\nO: Оплата картой.", PASS),
    (ALL, "O: Доставка завтра.\nC: Оплата картой?\nO: Не знаю.", FAIL),
    ("absence: {by: operator, any: [отстаньте]}", "C: Отстаньте!\nO: Хорошо.", PASS),
    ("absence: {by: operator, any: [отстаньте]}", "C: Алло.\nO: Отстаньте!", FAIL),
    (ANSWER, "C: Дорого.\nO: Понимаю.\nC: Ну да.\nO: Есть скидка.", PASS),
    (ANSWER, "C: Дорого.\nO: Понимаю.\nC: Да.\nO: Угу.\nC: Вот.\nO: Есть скидка.", FAIL),
    (ANSWER, "O: Есть скидка.\nC: Дорого.\nO: Понимаю.", FAIL),
    (ANSWER, "C: Дорого.\nO: Есть скидка.\nC: А доставка дорого.\nO: Угу.", FAIL),
    (ANSWER, "C: Это не дорого.\nO: Да.", NA),
    (ANSWER.replace("within_turns: 2}", "within_turns: 2}, every: false"), "C: Дорого.\nO: Скидка.\nC: Дорого.\nO: Нет.", PASS),
    (ANSWER.replace("within_turns: 2}", "within_turns: 2}, missing: fail"), "C: Беру.\nO: Да.", FAIL),
    (HOLD, "O: Подождите.\n[hold 9]\nO: Спасибо.", PASS),
    (HOLD, "O: Да.\n[hold 9]\nO: Спасибо.", FAIL),
    (HOLD, "O: Подождите.\n[hold 9]\nO: Вот.", FAIL),
    (HOLD, "O: Подождите.\n[hold 9]\nO: Спасибо.\nC: Да.\nO: Так.\nC: Ой.\nO: Эх.\n[hold 9]\nO: Спасибо.", FAIL),
    (HOLD, "O: Подождите.\nO: Спасибо.", NA),
    (TRANSFER, "O: Да.\nC: Мне мастера.\nO: Соединю.\n[ring 3]\nO: Мастер.", PASS),
    (TRANSFER, "O: Да.\nC: Мне мастера.\n[ring 3]\nO: Мастер.", FAIL),
    (TRANSFER, "[ring 3]\nO: Да.\nC: Мне мастера.", NA),
    (STEPS, "O: Ваш адрес?\nC: Там.\nO: До свидания.", PASS),
    (STEPS, "O: До свидания.\nC: Стойте.\nO: Ваш адрес?", FAIL),
    ("metric: {name: longest_silence_ms, below: 15000}", "O: Да.\n[silence 14]\nC: Алло.", PASS),
    ("metric: {name: longest_silence_ms, below: 15000}", "O: Да.\n[silence 16]\nC: Алло.", FAIL),
    ("metric: {name: longest_silence_ms, below: 15000, grey: 500}", "O: Да.\n[silence 15]\nC: Алло.", UNSURE),
    ("metric: {name: operator_talk_frac, at_least: 0.1}", "S: Алло.", NA),
    ("event: {kind: hold, at_most: 1}", "O: Да.\n[hold 5]\nO: Да.\n[hold 5]\nO: Да.", FAIL),
    ("event: {kind: hold, at_least: 1}", "O: Да.\n[hold 5]\nO: Да.", PASS),
    ("any_of: [{phrase: {by: operator, any: [да]}}, {phrase: {by: operator, any: [нет]}}]", "O: Нет.", PASS),
    ("all_of: [{phrase: {by: operator, any: [хорошо]}}, {phrase: {by: operator, any: [нет]}}]", "O: Нет.", FAIL),
    ("not: {phrase: {by: operator, any: [нет]}}", "O: Нет.", FAIL),
    ("manual: {question: {ru: Помог ли он?, en: Did it help?}}", "O: Да.", UNSURE),
]


@pytest.mark.parametrize(("check", "text", "verdict"), TABLE)
def test_verdict(tmp_path: Path, check: str, text: str, verdict: Verdict) -> None:
    """Each check gives the verdict its description promises."""
    result = judge(tmp_path, "{" + check + "}", text)
    assert result.verdict is verdict, result.reason


@pytest.mark.parametrize(("check", "text", "verdict"), TABLE)
def test_pass_and_fail_carry_evidence_and_a_reason(tmp_path: Path, check: str, text: str, verdict: Verdict) -> None:
    """No pass and no fail without evidence, no verdict without a sentence."""
    result = judge(tmp_path, "{" + check + "}", text)
    assert result.reason.endswith((".", "?"))
    assert result.evidence or verdict is NA


def test_transfer_that_only_the_pbx_knows(tmp_path: Path) -> None:
    """Where no ring is heard, the PBX's word stands for the transfer and the announcement may be anywhere."""
    text = "O: Да.\nC: Мне мастера.\nO: Соединю.\nC: Жду."
    assert judge(tmp_path, "{" + TRANSFER + "}", text).verdict is NA
    assert judge(tmp_path, "{" + TRANSFER + "}", text, transferred_to="m").verdict is PASS


def test_price_that_comes_back_as_a_question_is_doubtful(tmp_path: Path) -> None:
    """Repeating the figure in surprise may be an objection: neither na nor fail is honest."""
    echo = ANSWER.replace("within_turns: 2}", "within_turns: 2}, echo: true")
    text = "O: Стоит девять тысяч.\nC: Девять тысяч? Ну и ну.\nO: Да."
    assert judge(tmp_path, "{" + echo + "}", text).verdict is UNSURE
    assert judge(tmp_path, "{" + echo + "}", text.replace("Девять тысяч? Ну и ну.", "Беру.")).verdict is NA


def test_long_answer_that_nothing_explains_is_doubtful(tmp_path: Path) -> None:
    """An answer at length may hold a reason no phrase knows; a brush-off of the same length does not."""
    check = ANSWER.replace("within_turns: 2}", "within_turns: 2}, unclear: {words: 5, except: [такая цена]}")
    long = "C: Дорого.\nO: Она из цельного листа, сварена вручную мастером."
    brush_off = "C: Дорого.\nO: Ну что я могу сделать, такая цена."
    assert judge(tmp_path, "{" + check + "}", long).verdict is UNSURE
    assert judge(tmp_path, "{" + check + "}", brush_off).verdict is FAIL
