"""What a match tells: place, time, strength, confidence; and how matches share a turn."""

from __future__ import annotations

import pytest

from callscore.phrases import analyse, best_match, compile_phrases, find_matches, is_name, lemmas, text_tokens
from callscore.records import Word
from callscore.units import Span
from tests.phrases.builders import found, heard, matches


def test_a_match_tells_words_time_and_text() -> None:
    """Words are counted in the given sequence, the time is that of the words, the text as recognised."""
    (match,) = matches("Алло! Все разговоры записываются, да.", "разговор записывается")
    assert (match.first_word, match.last_word) == (2, 3)
    assert match.span == Span(600, 1200)
    assert match.text == "разговоры записываются,"
    assert match.strength == 1.0
    assert match.phrase == "разговор записывается"


def test_a_hyphenated_word_is_one_word_of_the_match() -> None:
    """Tokens are not words: "интернет-магазин" counts once."""
    (match,) = matches("наш интернет-магазин Лавка", "магазин лавка")
    assert (match.first_word, match.last_word) == (1, 2)


def test_confidence_is_the_recognisers_and_apart_from_strength() -> None:
    """A doubtful word lowers confidence, not strength; words outside the match do not count."""
    words = [
        Word(span=Span(at, at + 1), text=text, prob=prob)
        for at, (text, prob) in enumerate([("разговор", 0.4), ("пишется", 0.8), ("да", 0.1)])
    ]
    (match,) = find_matches(words, compile_phrases(["разговор пишется"], "ru"))
    assert match.strength == 1.0
    assert match.confidence == pytest.approx(0.6)


def test_function_words_weigh_little_in_confidence() -> None:
    """A doubtful "до" says little about "до свидания"."""
    words = [
        Word(span=Span(at, at + 1), text=text, prob=prob) for at, (text, prob) in enumerate([("до", 0.1), ("свидания", 0.9)])
    ]
    (match,) = find_matches(words, compile_phrases(["до свидания"], "ru"))
    assert match.confidence > 0.65


def test_every_occurrence_is_found_in_order_of_time() -> None:
    """Two objections are two matches."""
    assert found("дорого же а скидка потому что дорого", "дорого", "скидка") == ["дорого", "скидка", "дорого"]


def test_matches_do_not_overlap_and_the_strongest_wins() -> None:
    """Where two phrases share words, the closer and then the longer one is reported."""
    (match,) = matches("всего вам доброго", "доброго", "всего [вам] доброго")
    assert match.phrase == "всего [вам] доброго"


def test_best_match_is_the_strongest() -> None:
    """A clear goodbye beats a garbled one before it."""
    phrases = compile_phrases(["до свидания"], "ru")
    best = best_match(heard("да свиданье или до свидания"), phrases)
    assert best is not None
    assert best.text == "до свидания"
    assert best_match(heard("алло"), phrases) is None


def test_no_words_hold_no_match() -> None:
    """Empty turns and words of punctuation are searched in vain, not in error."""
    phrases = compile_phrases(["да"], "ru")
    assert find_matches((), phrases) == ()
    assert find_matches(heard("... - !"), phrases) == ()


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold: float) -> None:
    """A threshold of nothing would match everything."""
    with pytest.raises(ValueError, match="min_strength"):
        find_matches(heard("да"), compile_phrases(["да"], "ru"), min_strength=threshold)


def test_analysed_words_give_the_same_matches() -> None:
    """Preparing words is a matter of speed only, whatever language they were prepared for."""
    words, phrases = heard("меня зовут Анна"), compile_phrases(["меня зовут <имя>"], "ru")
    assert find_matches(analyse(words, "ru"), phrases) == find_matches(words, phrases)
    assert find_matches(analyse(words, "en"), phrases) == find_matches(words, phrases)


def test_a_missing_content_word_costs_more_than_a_missing_function_word() -> None:
    """The words "как зовут" are still the question, "меня зовут" is not."""
    assert matches("как зовут", "как вас зовут")[0].strength > 0.75
    assert matches("меня зовут", "как вас зовут") == ()
    assert matches("разговор", "разговор записывается") == ()


def test_the_perfective_partner_is_a_weaker_match() -> None:
    """оформляем / оформим: the same deed; записала is no записывается."""
    assert matches("оформим заказ", "оформляем заказ")[0].strength == pytest.approx(0.925)
    assert matches("записала вас", "записывается") == ()


def test_a_real_word_is_rather_meant_than_misheard() -> None:
    """A garbled word counts by its sound; a dictionary word of another meaning does so much less, and not alone."""
    assert found("дораго", "дорого") == ["дораго"]
    assert found("дорога", "дорого") == []
    assert matches("дорога", "дорого", min_strength=0.5) != ()


def test_a_sentence_border_inside_a_phrase_costs_a_little() -> None:
    """Recognisers put full stops anywhere, but two statements are seldom one phrase."""
    assert matches("разговор. записывается", "разговор записывается")[0].strength == pytest.approx(0.95)


def test_lemmas_names_and_tokens_are_offered_to_others() -> None:
    """Roles and call types use the same view of words."""
    assert lemmas("Лавки Уюта") == (frozenset({"лавка"}), frozenset({"уют"}))
    assert [is_name(word) for word in ("Анна,", "Сергеем", "Петровна", "Света", "доставка", "года", "из", "")] == [
        True, True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert text_tokens("Всё, пока-пока!") == ("все", "пока", "пока")
