"""Tests for searching what was said: any form of the words, in order, by whom and when; no text breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.records import Role
from callscore.review.search import SearchPage, find_calls, parse_phrase_query, search
from callscore.store import open_reader, open_store
from callscore.store.review_search import SearchWanted
from tests.builders import dialogue
from tests.store.build import START, result

CALLS = (
    ("O 0-4000 Добрый день, доставка коньков завтра.", "C 4000-9000 А сколько ждать доставку? Ёлку ждать?"),
    ("O 0-4000 Доставим завтра, коньки на складе.", "C 4000-8000 Коньки, и доставка завтра"),
    ("O 0-4000 <script>alert('доставка')</script> =СУММ(1)", "C 4000-8000 ' OR 1=1; -- 50% _ доставка_завтра"),
)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three calls, 17 minutes apart, of three operators."""
    path = tmp_path_factory.mktemp("search") / "x.duckdb"
    with open_store(path) as writer:
        writer.start_run("r1", START, "0")
        for number, lines in enumerate(CALLS):
            writer.save_call(replace(result(number), dialogue=dialogue(*lines)), "r1")
    return path


def found(db: Path, typed: str, **conditions: object) -> list[tuple[str, int, str]]:
    """Call, turn and found words of each hit."""
    page = page_of(db, typed, **conditions)
    return [(turn.hit.call_id, turn.hit.turn_no, turn.found) for turn in page.turns]


def page_of(db: Path, typed: str, **conditions: object) -> SearchPage:
    """Search as the page does."""
    with open_reader(db) as reader:
        return search(reader, SearchWanted(words=parse_phrase_query(typed), **conditions))  # type: ignore[arg-type]


def test_any_form_of_a_word_is_found_of_the_newest_call_first(db: Path) -> None:
    """Who types one form finds all; case, ё and punctuation do not matter."""
    assert found(db, "КОНЬКАМИ") == [("c000001", 0, "коньки"), ("c000001", 1, "Коньки"), ("c000000", 0, "коньков")]
    assert found(db, "елки") == [("c000000", 1, "Ёлку")]
    page = page_of(db, "доставка")
    assert (page.n_turns, page.n_calls) == (5, 3)


def test_words_stand_in_order_with_little_between(db: Path) -> None:
    """A phrase is a phrase: two words may slip in, the order holds unless it need not."""
    assert found(db, "доставка завтра") == [
        ("c000002", 1, "доставка_завтра"),
        ("c000001", 1, "доставка завтра"),
        ("c000000", 0, "доставка коньков завтра"),
    ]
    assert found(db, "доставка завтра", gap=0)[-1] == ("c000001", 1, "доставка завтра")
    assert found(db, "завтра доставка") == []
    assert len(found(db, "завтра доставка", is_in_order=False)) == 3


def test_quotes_ask_for_this_very_form(db: Path) -> None:
    """A word in quotes, of either kind, is no other form."""
    assert found(db, '"доставку"') == [("c000000", 1, "доставку")]
    assert found(db, "«доставку»") == [("c000000", 1, "доставку")]


def test_conditions_narrow_the_search(db: Path) -> None:
    """By whom, whose call, when, and page by page."""
    assert {call for call, _, _ in found(db, "доставка", role=Role.CLIENT)} == {"c000000", "c000001", "c000002"}
    assert found(db, "завтра", role=Role.OPERATOR, operator="d.kozlov") == [("c000001", 0, "завтра")]
    later = START + timedelta(minutes=17)
    assert {call for call, _, _ in found(db, "завтра", since=later)} == {"c000001", "c000002"}
    assert {call for call, _, _ in found(db, "завтра", until=later)} == {"c000000"}
    every = found(db, "завтра")
    assert found(db, "завтра", limit=2, offset=1) == every[1:3]
    with open_reader(db) as reader:
        assert find_calls(reader, SearchWanted(words=parse_phrase_query("ждать"))) == ("c000000",)


def test_a_hit_is_cut_out_of_its_text_and_placed_in_time(db: Path) -> None:
    """Before, found and after make up the text letter by letter; markup in it stays text."""
    turn = page_of(db, "alert").turns[0]
    assert turn.before + turn.found + turn.after == turn.hit.text
    assert (turn.before, turn.found) == ("<script>", "alert")
    (turn,) = page_of(db, "ёлка").turns
    assert turn.at_ms == 4000 + 5000 * len("А сколько ждать доставку? ") // len(turn.hit.text)


@pytest.mark.parametrize("typed", ["", "   ", "?!«»", '""', "_%", "x" * 201, "раз " * 9])
def test_what_cannot_be_searched_is_said(typed: str) -> None:
    """The person who typed gets a sentence."""
    with pytest.raises(ValueError, match="a search"):
        parse_phrase_query(typed)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_no_text_breaks_the_search(db: Path, typed: str) -> None:
    """Whatever is typed finds turns that hold the words, or nothing."""
    try:
        groups = parse_phrase_query(typed)
    except ValueError:
        return
    with open_reader(db) as reader:
        page = search(reader, SearchWanted(words=groups))
    assert all(turn.before + turn.found + turn.after == turn.hit.text for turn in page.turns)
