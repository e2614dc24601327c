"""Personal data never leave in a question; what questions are about stays readable."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.masking import mask_text, mask_turns

RUSSIAN = {
    "Меня зовут Ольга Ковалёва, слушаю вас.": "Меня зовут [имя], слушаю вас.",
    "Иван Петрович, здравствуйте!": "[имя], здравствуйте!",
    "Это Мороз Иван.": "Это [имя].",
    "соедините с Василюк пожалуйста": "соедините с [имя] пожалуйста",
    "Фамилия моя Гулиев.": "Фамилия моя [имя].",
    "передайте светлане что сидоров звонил": "передайте [имя] что [имя] звонил",
    "По буквам: п е т р о в": "По буквам: [имя]",
    "Восемь девятьсот шестнадцать двести тридцать четыре пятьдесят шесть семьдесят восемь": "[номер]",
    "Телефон: семь, девятьсот три, так, ноль ноль один, двадцать два.": "Телефон: [номер].",
    "Запишите 8-916-234-56-78, это офис.": "Запишите [номер], это офис.",
    "+7 (916) 234-56-78": "[номер]",
    "Карта 4276 1234 5678 9012, срок 05 27.": "Карта [номер], срок [номер].",
    "Номер заказа сорок пять восемьсот двенадцать.": "Номер заказа [номер].",
    "Заказ 45812, две штуки.": "Заказ [номер], две штуки.",
    "номер двадцать три": "номер [номер]",
    "код четыре пять шесть семь": "код [номер]",
    "восемь девятсот шестнадцать двести": "[номер]",  # a word the recogniser garbled inside a number
    "Двести тридцать четыре.": "[номер].",  # a turn that is nothing but dictation
    "Улица Ленина, дом пять, квартира двенадцать.": "Улица [адрес], дом [номер], квартира [номер].",
    "На Тверской улице, третий подъезд, пятый этаж.": "На [адрес] улице, [номер] подъезд, [номер] этаж.",
    "Почта иванов точка петр собака мейл точка ру, пишите.": "Почта [почта], пишите.",
    "ivanov@mail.ru": "[почта]",
    "Родился пятого мая восемьдесят пятого.": "Родился [номер] мая [номер].",
    "В две тысячи двадцать шестом году.": "В [номер] году.",
}
RUSSIAN_KEPT = (
    "Стол стоит двенадцать тысяч девятьсот девяносто рублей, доставка пятьсот.",
    "Стоит 12990 рублей, а этот 12 990 руб. или 1 200 000 ₽.",
    "Пятнадцать тысяч, ну, шестнадцать тысяч максимум.",
    "Выйдет семь триста с доставкой.",
    "Доставим завтра с десяти до двенадцати тридцати.",
    "В 10:30, двадцать пятого мая, гарантия два года.",
    "Двадцать-двадцать пять минут, подождёте?",
    "Размер сто двадцать на шестьдесят сантиметров.",
    "Скидка десять процентов и ещё пятьсот бонусов.",
    "На улице холодно, площадь двадцать метров.",
    "Стиральная машина, апельсины, магазин и кузов.",
    "Интернет-магазин Уют, слушаю вас.",
)
ENGLISH = {
    "My name is John Smith, call 555 01 99 at five.": "My name is [name], call [number] at five.",
    "Mr Henderson will see you.": "[name] will see you.",
    "My surname is Kowalski.": "My surname is [name].",
    "I live at 12 Baker Street, apartment 7.": "I live at [number] [address] Street, apartment [number].",
    "Write to john dot smith at gmail dot com please": "Write to [email] please",
    "Order number is four five eight one two.": "Order number is [number].",
    "Card four two seven six, double five, one two.": "Card [number].",
    "extension twenty": "extension [number]",
}
ENGLISH_KEPT = (
    "It costs 1299 dollars, or $1,299.99.",
    "Delivery between ten and twelve thirty, it takes two days.",
    "We will deliver it tomorrow at 10:30 am.",
    "Twenty-five thousand dollars, and ten percent off.",
)


@pytest.mark.parametrize("text", [*RUSSIAN, *RUSSIAN_KEPT])
def test_russian(text: str) -> None:
    """Names, numbers, streets and addresses go; prices, times, sizes and common words stay."""
    assert mask_text(text) == RUSSIAN.get(text, text)


@pytest.mark.parametrize("text", [*ENGLISH, *ENGLISH_KEPT])
def test_english(text: str) -> None:
    """The same in English."""
    assert mask_text(text, "en") == ENGLISH.get(text, text)


def test_a_number_dictated_a_turn_at_a_time() -> None:
    """Single digits are told by the dictation around them."""
    turns = [["Диктую."], ["Восемь."], ["Так."], ["Девять,", "один."], ["Два."], ["Хорошо."]]
    shown = [" ".join(piece.text for piece in pieces) for pieces in mask_turns(turns, "ru")]
    assert shown == ["Диктую.", "[номер].", "Так.", "[номер].", "[номер].", "Хорошо."]


def test_pieces_know_their_words() -> None:
    """A quote of masked text can be found among the words as recognised."""
    pieces = mask_turns([["Меня", "зовут", "Ольга", "Ковалёва,", "слушаю."]], "ru")[0]
    assert [(piece.text, piece.first, piece.last) for piece in pieces] == [
        ("Меня", 0, 0),
        ("зовут", 1, 1),
        ("[имя],", 2, 3),
        ("слушаю.", 4, 4),
    ]


TELLING = """
да так заказ номер дом улица Ленина Иван петрова собака мейл точка ру год квартира пять сорок девятьсот тысяч ноль семь пятый
в до час, [имя] [номер]. 12 990 8 45812 +7 (916) 10:30 25.05 АВ-1234 x@y.z а б в
"""
WORDS = st.sampled_from(TELLING.split())
ANYTHING = st.text(alphabet=st.sampled_from("0123456789٣абвё ABC.,-+()@[]имя"), max_size=40)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(WORDS, max_size=12).map(" ".join), ANYTHING))
def test_no_long_number_survives_and_masking_is_done_once(text: str) -> None:
    """Without a currency no run of four digits is left, and masking what was masked changes nothing."""
    masked = mask_text(text)
    assert re.search(r"\d{4,}", masked) is None
    assert mask_text(masked) == masked


DIGIT_WORDS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(DIGIT_WORDS), min_size=4, max_size=16), st.sampled_from(["телефон", "это", "вот", "пишите"]))
def test_spoken_digits_never_survive(digits: list[str], before: str) -> None:
    """A number dictated digit by digit is masked whatever stands before it."""
    assert set(mask_text(f"{before} {' '.join(digits)} записали").split()).isdisjoint(digits)


def test_labelled_calls(shared_dir: Path) -> None:
    """No operator's or client's name and no spoken telephone number of the labelled calls survives."""
    seen = 0
    for line in (shared_dir / "calls" / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        turns = [turn["text"].split() for turn in json.loads(line)["turns"] if turn.get("text")]
        shown = " ".join(piece.text for pieces in mask_turns(turns, "ru") for piece in pieces)
        assert not re.search(r"(Анна|Ольг|Серге|Дмитри|Станислав|Елен|Тамар|Лебедев|Белов)", shown)
        assert "[имя]" in shown or "зовут" not in shown
        seen += shown.count("[имя]")
    assert seen > 50
