"""The notation of phrases: what it means, and that nonsense is refused with the phrase and the reason."""

from __future__ import annotations

import pytest

from callscore.errors import RubricError
from callscore.phrases import compile_phrases
from tests.phrases.builders import found


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "without a single word"),
        ("...", "without a single word"),
        ("[пожалуйста]", "without a single word"),
        ("<любое> <любое>", "matches every word"),
        ("(цена|", "alternative is empty"),
        ("(цена", '")" is missing'),
        ("цена)", '")" stands where'),
        ("цена|стоимость", "outside of brackets"),
        ('"цена', "'\"' is missing"),
        ("<имяя>", "is no class"),
        ("дорого/ABC", "no part of speech"),
        ("слово..", "needs a number"),
        ("слово ..99 слово", "needs a number of words up to 20"),
        ("{цена}", "takes 2 to 4 members"),
        ("((((((((цена))))))))", "nested deeper than 6"),
        ("(а|б в)" * 12, "more than 256 ways"),
        (" ".join(["слово"] * 25), "at most 24"),
        ("слово " * 10_000, "at most 400"),
        ("(" * 150 + "а" + ")" * 150, "nested deeper"),
        ("{" * 300, "nested deeper"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_refused_with_the_reason(phrase: str, reason: str) -> None:
    """The message names the phrase and what is wrong with it, the place is passed on."""
    with pytest.raises(RubricError, match="phrase ") as caught:
        compile_phrases([phrase], "ru", where="rubrics/x.yaml:7")
    assert reason in caught.value.message
    assert caught.value.where == "rubrics/x.yaml:7"


def test_a_set_without_a_phrase_is_refused() -> None:
    """Exclusions alone can never match."""
    with pytest.raises(RubricError, match="at least one phrase"):
        compile_phrases(["!дорогой товарищ"], "ru")


def test_an_unknown_language_is_refused() -> None:
    """Languages without grammar are named, not guessed."""
    with pytest.raises(RubricError, match="language 'de'"):
        compile_phrases(["hallo"], "de")


@pytest.mark.parametrize("phrases", ["одна строка", {"a": 1}, [5], [None]])
def test_phrases_of_a_wrong_type_are_refused(phrases: object) -> None:
    """A text in place of a list would be read letter by letter; numbers are no phrases."""
    with pytest.raises(RubricError):
        compile_phrases(phrases, "ru")  # type: ignore[arg-type]


def test_punctuation_case_and_yo_do_not_matter() -> None:
    """A QA lead may paste a sentence as it is."""
    assert found("ЗДРАВСТВУЙТЕ чем могу помочь", "Здравствуйте, чем могу помочь?") == ["ЗДРАВСТВУЙТЕ чем могу помочь"]
    assert found("все учтено", "всё учтено!") == ["все учтено"]


def test_a_hyphen_parts_words() -> None:
    """Интернет-магазин is found in each of its spellings."""
    for text in ("интернет-магазин", "интернет магазин", "интернетмагазин"):
        assert found(text, "интернет-магазин") == [text]


def test_any_order_is_written_in_braces() -> None:
    """Russian word order is free, but only where the author says so."""
    assert found("записывается разговор", "{разговор записывается}") == ["записывается разговор"]
    assert found("записывается разговор", "разговор записывается") == []


def test_a_gap_is_bounded() -> None:
    """Three words fit into "...", five into "..5"; none into "..0"."""
    text = "курьер раз два три привезёт"
    assert found(text, "курьер ... привезёт") == [text]
    assert found("курьер раз два три пять привезёт", "курьер ... привезёт") == []
    assert found("курьер раз два три пять привезёт", "курьер ..5 привезёт") != []
    assert found("курьер раз привезёт", "курьер ..0 привезёт") == []


def test_optional_words_cost_nothing_when_missing() -> None:
    """[ ] may be said or not, with one word or several."""
    assert found("подскажите имя", "подскажите [пожалуйста] [нам с вами] имя") == ["подскажите имя"]
    assert found("подскажите, пожалуйста, имя", "подскажите [пожалуйста] имя") == ["подскажите, пожалуйста, имя"]


def test_quotes_ask_for_the_very_form() -> None:
    """An imperative is no statement, and a quoted word may not be missing."""
    assert found("мы подскажем имя", '"подскажите" имя') == []
    assert found("подскажите имя", '"подскажите" имя') == ["подскажите имя"]
    assert found("девушка вы там живы", 'девушка вы "что"') == []


def test_a_part_of_speech_hint_narrows_a_word() -> None:
    """дорогой/ADJ is no road and no adverb."""
    assert found("какой дорогой диван", "дорогой/ADJ диван") == ["дорогой диван"]
    assert found("дорога", "дорогой/ПРИЛ") == []
    assert found("дорогая", "дорогой/ПРИЛ") == ["дорогая"]


def test_an_exclusion_forbids_what_it_overlaps() -> None:
    """The exclusion takes away the greeting, not the objection."""
    phrases = ("дорогой/ADJ", "!дорогой товарищ")
    assert found("здравствуйте дорогой товарищ", *phrases) == []
    assert found("здравствуйте дорогой товарищ а почему такой он дорогой", *phrases) == ["дорогой"]


def test_an_exclusion_does_not_forbid_what_is_rather_the_phrase() -> None:
    """A weak likeness to the exclusion does not undo a clear match."""
    assert found("разговор записывается", "разговор записывается", "!я разговор записываю") == ["разговор записывается"]
