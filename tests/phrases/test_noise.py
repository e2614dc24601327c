"""Noise weakens matches step by step, and hostile input neither crashes nor stalls."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.errors import RubricError
from callscore.phrases import best_match, compile_phrases, find_matches
from tests.phrases.builders import heard
from tests.phrases.corrupt import corrupt_words

SENTENCES = {
    "все разговоры у нас записываются": "разговор ... записывается",
    "подскажите пожалуйста как к вам обращаться": "подскажите [пожалуйста] как [к вам] обращаться",
    "спасибо за звонок всего вам доброго": "спасибо за звонок",
    "курьер привезет послезавтра после обеда": "курьер привезёт",
    "оставайтесь пожалуйста на линии я уточню": "оставайтесь [пожалуйста] на линии",
    "оплатить можно картой или наличными": "оплатить можно картой",
    "доставка бесплатная до квартиры": "доставка бесплатная",
    "цена прямо скажем кусается": "цена ... кусается",
}
SPOKEN = ["разговор", "у", "нас", "не", "записывается", "дорого", "до", "свидания", "Анна", "300", "рублей"]
UNRELATED = "здравствуйте мне нужен синий велосипед для ребенка шести лет чтобы с корзинкой и звонком"


def _mean_strength(share: float) -> float:
    strengths = []
    for text, phrase in SENTENCES.items():
        phrases = compile_phrases([phrase], "ru")
        for seed in range(12):
            words = heard(" ".join(corrupt_words(text.split(), share, seed)))
            best = best_match(words, phrases, min_strength=0.05)
            strengths.append(best.strength if best else 0.0)
    return sum(strengths) / len(strengths)


def test_strength_falls_with_noise() -> None:
    """The more words are spoilt, the weaker the match on average; without noise it is whole."""
    curve = [_mean_strength(share) for share in (0.0, 0.15, 0.3, 0.6, 1.0)]
    assert curve[0] == 1.0
    assert curve == sorted(curve, reverse=True)
    assert curve[1] > 0.9
    assert curve[4] < 0.75


def test_most_phrases_survive_fifteen_percent_of_spoilt_words() -> None:
    """At the default threshold; a phrase of two content words of which one was dropped (here 6 in 100) is beyond help."""
    found = total = 0
    for text, phrase in SENTENCES.items():
        phrases = compile_phrases([phrase], "ru")
        for seed in range(25):
            total += 1
            found += bool(find_matches(heard(" ".join(corrupt_words(text.split(), 0.15, seed))), phrases))
    assert found / total >= 0.87


def test_spoilt_words_make_no_phrase() -> None:
    """Noise in unrelated speech does not turn it into any of the phrases."""
    phrases = compile_phrases([*SENTENCES.values(), "дорого", "до свидания", "меня зовут <имя>"], "ru")
    for seed in range(60):
        assert find_matches(heard(" ".join(corrupt_words(UNRELATED.split(), 0.5, seed))), phrases) == ()


@given(text=st.text(max_size=80), phrase=st.text(max_size=40), language=st.sampled_from(["ru", "en"]))
@settings(max_examples=300, deadline=None)
def test_any_text_and_any_phrase_are_matched_or_refused(text: str, phrase: str, language: str) -> None:
    """No input crashes; what is found lies inside the words and has proportions for numbers."""
    words = heard(text)
    try:
        phrases = compile_phrases([phrase], language)
    except RubricError:
        return
    last = -1
    for match in find_matches(words, phrases, min_strength=0.3):
        assert last < match.first_word <= match.last_word < len(words)
        assert 0.3 <= match.strength <= 1.0
        assert 0.0 <= match.confidence <= 1.0
        last = match.last_word


@given(
    words=st.lists(
        st.sampled_from(["разговор", "у", "нас", "не", "записывается", "дорого", "до", "свидания", "Анна", "300", "рублей"]),
        max_size=14,
    )
)
@settings(max_examples=200, deadline=None)
def test_a_lower_threshold_finds_no_less(words: list[str]) -> None:
    """Whatever is found at the default is covered by something found at a lower threshold."""
    phrases = compile_phrases(["разговор ... записывается", "дорого", "до свидания", "<деньги>", "<имя>"], "ru")
    loose = find_matches(heard(" ".join(words)), phrases, min_strength=0.5)
    for strict in find_matches(heard(" ".join(words)), phrases):
        assert any(one.first_word <= strict.last_word and strict.first_word <= one.last_word for one in loose)


@pytest.mark.parametrize(
    "text", ["\x00\x00", "😀 дорого 😀", "а" * 50_000, "dоrоgо", "дорого" * 5_000, "\u0301", "  ", "-" * 9_999, "٣ ൩ ²"]
)
def test_odd_signs_are_only_odd_words(text: str) -> None:
    """NULs, emoji, endless words, mixed scripts and marks without letters do no harm."""
    phrases = compile_phrases(["дорого", "<число>", "<имя> слушаю"], "ru")
    for match in find_matches(heard(text), phrases):
        assert 0.0 < match.strength <= 1.0


def test_many_phrases_and_a_long_transcript_take_bounded_time() -> None:
    """5,000 phrases over 20,000 words of one turn end in seconds, not minutes."""
    phrases = compile_phrases([f"заказ номер слово{number}" for number in range(5_000)], "ru")
    words = heard("алло мой заказ номер четыре когда его привезут " * 2_500)
    started = time.process_time()
    assert find_matches(words, phrases) == ()
    assert time.process_time() - started < 20
