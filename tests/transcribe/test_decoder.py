"""Words as the aligner gives them, made into words as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from callscore.transcribe.decoder import _words


def part(word: str, start: float, end: float, probability: float = 0.8, n_tokens: int = 1) -> dict[str, Any]:
    """Return one aligned part as faster-whisper gives it."""
    return {"word": word, "tokens": [0] * n_tokens, "start": start, "end": end, "probability": probability}


def texts(*words: str, language: str = "ru") -> list[str]:
    """Return the texts of the words made of these parts."""
    return [word.text for word in _words([part(word, i, i + 0.4) for i, word in enumerate(words)], language)]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((" Кто", "-то", " звонил", "?"), ["Кто-то", "звонил?"]),
        ((" интернет", "-", "магазин"), ["интернет-магазин"]),
        ((" в", " 8", ".30", ","), ["в", "8.30,"]),
        ((" А", ".Семкин"), ["А.Семкин"]),
        ((" -", " Да"), ["Да"]),
        ((" -Да", ".", " -", "Нет"), ["Да.", "Нет"]),
        ((" ...", " вот"), ["вот"]),
        (("Алло", " да"), ["Алло", "да"]),
    ],
)
def test_words_are_whole(parts: tuple[str, ...], whole: list[str]) -> None:
    """A sign inside a word does not part it, punctuation stays with its word, and a dash of dialogue is no word."""
    assert texts(*parts) == whole


def test_languages_without_spaces_are_left_apart() -> None:
    """Chinese words never begin with a space; joined they would be one."""
    assert texts("你好", "吗", language="zh") == ["你好", "吗"]


def test_a_joined_word_has_the_time_and_the_mean_probability_of_its_parts() -> None:
    """The probability is weighted by tokens."""
    (word,) = _words([part(" кто", 1.0, 1.2, 0.9, 2), part("-то", 1.2, 1.3, 0.3, 1)], "ru")
    assert (word.text, word.start_ms, word.end_ms, round(word.prob, 6)) == ("кто-то", 1000, 1300, 0.7)


def test_a_word_that_took_in_a_pause_starts_later() -> None:
    """Attention gives the silence before a word to it; nobody says "да" for three seconds."""
    (word,) = _words([part(" Да", 0.0, 3.0)], "ru")
    assert (word.start_ms, word.end_ms) == (2500, 3000)
