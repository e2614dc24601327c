"""Tokens become words: blanks, punctuation, markers, times and probabilities."""

from __future__ import annotations

import math

import pytest

from callscore.transcribe.onnx_words import join_tokens, spread_text


def words(tokens: list[str], step_ms: int = 100) -> list[str]:
    """Return the texts of tokens that begin `step_ms` after each other."""
    found = join_tokens(tokens, [n * step_ms for n in range(len(tokens))], None, len(tokens) * step_ms)
    return [word.text for word in found]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([" до", "бры", "й", " день", "!"], ["добрый", "день!"]),
        (["до", "бры", "й", " день", " ", "."], ["добрый", "день."]),
        ([*list(" да я"), " "], ["да", "я"]),
        (list("да|нет"), ["да", "нет"]),
        ([" кто", "-", "то", " -", " 1", "2", ".", "5", "%"], ["кто-то", "12.5%"]),
        ([" «", "Уют", "»", " наш"], ["«Уют»", "наш"]),
        (["<unk>", " да", "⁇", " нет", "<unk>"], ["да", "нет"]),
        ([" ", " ", "."], []),
        ([], []),
    ],
)
def test_words_are_joined_and_parted(tokens: list[str], expected: list[str]) -> None:
    """Pieces with a blank in front, letters with blanks between, and whatever stands around them."""
    assert words(tokens) == expected


def test_the_probability_is_the_mean_of_the_tokens() -> None:
    """A word of one sure and one doubtful token lies between both; logarithms above zero count as certain."""
    found = join_tokens([" да", " н", "ет"], [0, 100, 200], [0.3, math.log(0.9), math.log(0.4)], 500)
    assert [round(word.prob, 4) for word in found] == [1.0, 0.6]


def test_a_word_ends_before_the_next_and_within_the_sound() -> None:
    """Long last pieces do not reach into the next word or beyond the end."""
    found = join_tokens([" здравствуйте", " алло"], [0, 300], None, 400)
    assert [(word.start_ms, word.end_ms) for word in found] == [(0, 300), (300, 400)]


def test_times_beyond_the_sound_are_cut() -> None:
    """A model that hears the silence after the clip gives no time outside it."""
    found = join_tokens([" да"], [700], None, 500)
    assert [(word.start_ms, word.end_ms) for word in found] == [(500, 500)]


def test_a_text_without_times_is_spread_by_letters() -> None:
    """Whisper and Canary give text alone: words follow each other over the clip, with the probability of it all."""
    found = spread_text("Да, - добрый день!", 1200, 0.8)
    assert [(word.text, word.start_ms, word.end_ms, word.prob) for word in found] == [
        ("Да,", 0, 200, 0.8),
        ("добрый", 200, 800, 0.8),
        ("день!", 800, 1200, 0.8),
    ]
    assert spread_text(" ... ", 1000) == ()
