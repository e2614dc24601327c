"""Search for what was said: a phrase as people type it -> the turns in which it stands, in any form of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from callscore.phrases.forms import word_forms
from callscore.store import StoreReader
from callscore.store.review_search import SearchHit, SearchWanted, read_found_calls, read_hits
from callscore.store.search_words import cut_words

__all__ = ["FoundTurn", "SearchPage", "find_calls", "parse_phrase_query", "search"]

MOST_WORDS: Final = 8
MOST_CHARS: Final = 200
_PIECE: Final = re.compile(r'"([^"]*)"|«([^»]*)»|([^\s"«»]+)')
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTurn:
    """A turn with its hit: the text before, the words that were found, the text after; `at_ms` is about where they begin.

    The place in time is reckoned from the place in the text, for speech of an even pace.
    """

    hit: SearchHit
    before: str
    found: str
    after: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Some of the turns that were found, of the newest calls first, and how many turns of how many calls there are."""

    turns: tuple[FoundTurn, ...]
    n_turns: int
    n_calls: int


def parse_phrase_query(text: str) -> tuple[frozenset[str], ...]:
    """Return for each word that was typed the forms it may have; in quotes, this form only.

    >>> [len(forms) for forms in parse_phrase_query('доставка "завтра"')]
    [10, 1]

    Raises:
        ValueError: if there is no word in it, or there are too many; the message is for the person who typed.
    """
    if len(text) > MOST_CHARS:
        raise ValueError(f"a search has at most {MOST_CHARS} characters")
    groups = [forms for piece in _PIECE.finditer(text) for forms in _groups(piece)]
    if not groups:
        raise ValueError("a search needs a word: letters or digits")
    if len(groups) > MOST_WORDS:
        raise ValueError(f"a search has at most {MOST_WORDS} words")
    return tuple(groups)


def search(reader: StoreReader, wanted: SearchWanted) -> SearchPage:
    """Return a page of the turns in which the words of `wanted` were said."""
    with reader.asking() as queries:
        hits = read_hits(queries, wanted)
    turns = tuple(map(_found_turn, hits))
    return SearchPage(turns=turns, n_turns=hits[0].turns if hits else 0, n_calls=hits[0].calls if hits else 0)


def find_calls(reader: StoreReader, wanted: SearchWanted, most: int = 10_000) -> tuple[str, ...]:
    """Return the calls in which the words were said, newest first: what QueueFilter.call_ids takes."""
    with reader.asking() as queries:
        return read_found_calls(queries, wanted, most)


def _groups(piece: re.Match[str]) -> Iterator[frozenset[str]]:
    exact = piece.group(1) if piece.group(1) is not None else piece.group(2)
    for word in cut_words(piece.group(3) if exact is None else exact):
        yield frozenset({word}) if exact is not None else word_forms(word) | {word}


def _found_turn(hit: SearchHit) -> FoundTurn:
    spans = [match.span() for match in islice(_WORD.finditer(hit.text), hit.last + 1)]
    if len(spans) <= hit.last:
        # Marks of stress within a word: the words are cut otherwise than the text reads.
        return FoundTurn(hit=hit, before=hit.text, found="", after="", at_ms=hit.start_ms)
    start, end = spans[hit.first][0], spans[hit.last][1]
    at_ms = hit.start_ms + (hit.end_ms - hit.start_ms) * start // max(1, len(hit.text))
    return FoundTurn(hit=hit, before=hit.text[:start], found=hit.text[start:end], after=hit.text[end:], at_ms=at_ms)
