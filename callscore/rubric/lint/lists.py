"""The lists of phrases that a book searches with: named sets, and phrases written into a criterion. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callscore.phrases import PhraseSet, compile_phrases
from callscore.rubric.phrase_files import RawSet
from callscore.rubric.schema import Exchange, RubricBook, Said, Sequence

__all__ = ["PhraseList", "phrase_lists", "walk_said"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseList:
    """Phrases as written, exceptions with a leading `!`, and the set they are searched as.

    `is_open` tells that they are looked for in whole stretches of talk, and not only in an answer or beside an event, where a
    short "yes" is right.
    """

    name: str
    language: str
    phrases: tuple[str, ...]
    wheres: tuple[str, ...]
    compiled: PhraseSet
    is_open: bool


def phrase_lists(book: RubricBook) -> tuple[PhraseList, ...]:
    """Return every named set, then what criteria and call types write out themselves, each once.

    Raises:
        RubricError: for a phrase of an unused set that cannot be read.
    """
    used = list(_all_said(book))
    known = {_written(one.phrases): one.phrases for one, _, _ in used}
    open_sets = {(language, item) for one, language, is_open in used if is_open for item in one.source}
    lists = [_of_set(one, known, is_open=(one.language, f"${one.id}") in open_sets) for one in book.phrase_sets]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for said, language, is_open in used:
        own = tuple(item for item in said.source if not item.startswith("$"))
        if own and (said.where, own) not in seen:
            seen.add((said.where, own))
            lists.append(
                PhraseList(
                    name="what is written here",
                    language=language,
                    phrases=own,
                    wheres=(said.where,) * len(own),
                    compiled=said.phrases,
                    is_open=is_open,
                )
            )
    return tuple(lists)


def _of_set(one: RawSet, known: dict[tuple[str, ...], PhraseSet], *, is_open: bool) -> PhraseList:
    compiled = known.get(tuple(dict.fromkeys(one.phrases))) or compile_phrases(one.phrases, one.language, where=one.where)
    return PhraseList(
        name=f"phrase set '{one.id}'",
        language=one.language,
        phrases=one.phrases,
        wheres=one.wheres,
        compiled=compiled,
        is_open=is_open,
    )


def _written(compiled: PhraseSet) -> tuple[str, ...]:
    return (*compiled.phrases, *(compiled.exclusions.phrases if compiled.exclusions else ()))


def _all_said(book: RubricBook) -> Iterator[tuple[Said, str, bool]]:
    for rubric in book.rubrics:
        for criterion in rubric.criteria:
            for part in (criterion.applies_when, criterion.check):
                for said, is_open in walk_said(part):
                    yield said, rubric.language, is_open
    for kind in book.call_types:
        for language, cues in kind.cues.items():
            for cue in cues:
                yield cue.said, language, True


def walk_said(value: Any, *, is_open: bool = True) -> Iterator[tuple[Said, bool]]:
    """Yield every `Said` inside a check or condition, and whether it is looked for in whole stretches of talk."""
    if isinstance(value, Said):
        yield value, is_open and not value.is_question
    elif isinstance(value, tuple):
        for item in value:
            yield from walk_said(item, is_open=is_open)
    elif dataclasses.is_dataclass(value) and not isinstance(value, PhraseSet):
        for field in dataclasses.fields(value):
            narrow = isinstance(value, Sequence) or (isinstance(value, Exchange) and field.name == "then")
            yield from walk_said(getattr(value, field.name), is_open=is_open and not narrow)
