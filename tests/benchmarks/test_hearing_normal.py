"""One way to write what was said."""

from __future__ import annotations

import pytest

from benchmarks.hearing.normal import Token, normal_text, normal_tokens


@pytest.mark.parametrize(
    "text",
    [
        "Тридцать две тысячи девятьсот рублей",
        "32 тысячи 900 рублей",
        "32 900 рублей.",
        "32900 рублей",
        "32,900 ₽",
    ],
)
def test_prices_are_equal(text: str) -> None:
    """Digits, numerals and both together are the same number."""
    assert normal_text(text, "ru") == "3 2 9 0 0 рублей"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("восемь девятьсот сто одиннадцать двадцать ноль три", "8 9 0 0 1 1 1 2 0 0 3"),
        ("8-900-111-20-03", "8 9 0 0 1 1 1 2 0 0 3"),
        ("двадцать пятого октября", "2 5 октября"),
        ("25-го октября", "2 5 октября"),
        ("пять миллионов двести тысяч", "5 2 0 0 0 0 0"),
        ("двадцать-двадцать пять", "2 0 2 5"),
        ("тысяча сто", "1 1 0 0"),
        ("007", "0 0 7"),
        ("Ещё по-русски, №5!", "еще по русски номер 5"),
        ("скидка 10%", "скидка 1 0 процентов"),
        ("... — !", ""),
    ],
)
def test_russian(text: str, expected: str) -> None:
    """Groups of dictated digits, ordinals, scales, signs and spelling."""
    assert normal_text(text, "ru") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five hundred twenty", "5 2 0"),
        ("two thousand three", "2 0 0 3"),
        ("one two three, four five six", "1 2 3 4 5 6"),
        ("I'm order A123BC", "im order a 1 2 3 bc"),
    ],
)
def test_english(text: str, expected: str) -> None:
    """Scales, dictated digits, apostrophes, letters beside digits."""
    assert normal_text(text, "en") == expected


def test_tokens_remember_their_words() -> None:
    """Every digit of a number of several words belongs to all of them; punctuation alone gives nothing."""
    found = normal_tokens(["-", "двадцать", "пять", "рублей."], "ru")
    assert found == (Token("2", 1, 2), Token("5", 1, 2), Token("рублей", 3, 3))
