"""Guessing the call type, and choosing the rubric by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.records import CallInfo, CallType, Direction
from callscore.rubric import RubricBook, load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.scoring import guess_call_type
from callscore.scoring.evaluate import choose_rubrics
from tests.rubric.book_files import RUBRIC, write_book

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def book() -> RubricBook:
    """Return the shipped rubrics."""
    return load_book(ROOT / "rubrics")


CALLS = [
    (
        "sale",
        "inbound",
        "O: Магазин Домовёнок, добрый день.\nC: Мне нужен диван.\nO: Какой размер?\nC: Два метра. Сколько стоит?",
    ),
    ("order_status", "inbound", "O: Добрый день.\nC: Где мой заказ? Обещали вчера.\nO: Номер заказа назовите.\nC: Пятьсот."),
    (
        "complaint",
        "inbound",
        "O: Добрый день.\nC: Вы мне прислали сломанный чайник, хочу вернуть деньги!\nO: Приношу извинения.",
    ),
    ("wrong_number", "inbound", "O: Домовёнок, слушаю.\nC: Это поликлиника?\nO: Нет, вы ошиблись номером."),
    ("voicemail", "inbound", "S: Мы не работаем. Оставьте сообщение после сигнала.\nC: Это Олег, перезвоните."),
    ("voicemail", "outbound", "S: Абонент не может ответить на ваш звонок.\nO: Добрый день, это доставка, перезвоните нам."),
    ("outbound_address", "outbound", "C: Алло.\nO: Заказ готов. Назовите адрес доставки.\nC: Мира, пять.\nO: Привезём завтра."),
    ("outbound_supplier", "outbound", "C: Склад.\nO: Есть ли в наличии артикул сто двадцать?\nC: Есть двадцать штук."),
    ("outbound_feedback", "outbound", "C: Алло.\nO: Вам понравилась покупка? Оцените нас, пожалуйста.\nC: Пять."),
]


@pytest.mark.parametrize(("kind", "direction", "text"), CALLS)
def test_guess_from_words_alone(book: RubricBook, kind: str, direction: str, text: str) -> None:
    """Without a queue the words tell the type, with a reason."""
    info = CallInfo(call_id="x", direction=Direction(direction), language="ru")
    found = guess_call_type(dialogue_from_text(text, "ru"), info, book)
    assert found.id == kind, found
    assert found.confidence > 0.6
    assert found.reason


def test_metadata_overrides(book: RubricBook) -> None:
    """A type given with the call stands, also by its alias."""
    info = CallInfo(call_id="x", call_type="inbound", language="ru")
    found = guess_call_type(dialogue_from_text("C: Где мой заказ?", "ru"), info, book)
    assert (found.id, found.confidence) == ("sale", 1.0)


def test_empty_call_has_a_type(book: RubricBook) -> None:
    """A recording without words is a call without an answer."""
    found = guess_call_type(dialogue_from_text("[hold 30]", "ru"), CallInfo(call_id="x", language="ru"), book)
    assert found.id == "voicemail"


def chosen(book: RubricBook, **known: str) -> list[str]:
    """Return the ids of the rubrics for a call of type sale."""
    info = CallInfo(call_id="x", language=known.pop("language", "ru"), **known)  # type: ignore[arg-type]
    dialogue = dialogue_from_text("O: Алло.", "ru")
    return [r.id for r in choose_rubrics(dialogue, info, CallType(id="sale", confidence=1.0, reason=""), book)]


def test_most_specific_rubric_wins(tmp_path: Path) -> None:
    """A rubric for a line goes before one for a queue, that before one for all; other calls are not its business."""
    write_book(tmp_path)
    for name, applies in (("by_line", "{lines: ['7495']}"), ("by_queue", "{queues: [vip]}")):
        text = RUBRIC.replace("id: small", f"id: {name}").replace("sections:", f"applies_to: {applies}\nsections:", 1)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    book = load_book(tmp_path)
    assert chosen(book, did="7495", queue="vip") == ["by_line"]
    assert chosen(book, did="7812", queue="VIP") == ["by_queue"]
    assert chosen(book) == ["small"]


def test_rubric_given_by_hand_goes_first(tmp_path: Path) -> None:
    """`--rubric FILE` is used wherever it applies, even against a more specific one."""
    folder = write_book(tmp_path / "book", RUBRIC.replace("sections:", "applies_to: {queues: [vip]}\nsections:", 1))
    extra = tmp_path / "mine.yaml"
    extra.write_text(RUBRIC.replace("id: small", "id: mine"), encoding="utf-8")
    assert chosen(load_book(folder, extra), queue="vip") == ["mine"]


def test_no_rubric_in_the_language(tmp_path: Path) -> None:
    """A call in a language without rubric gets no verdicts instead of wrong ones."""
    assert chosen(load_book(write_book(tmp_path)), language="de") == []
