"""Where in a call the words were expected that would have met a criterion, and the sets of phrases that know them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callscore.records import Role, Word
from callscore.rubric.schema import AllOf, AnyOf, Check, Criterion, Exchange, Phrase, Said, Sequence, Steps
from callscore.scoring.view import CallView
from callscore.scoring.windows import find_said, select_window

__all__ = ["Expected", "expected_phrases", "words_where_expected"]


@dataclass(frozen=True, slots=True)
class Expected:
    """Words of the operator that help to meet a criterion, and the named set to which a wording could be added.

    `answer` is the exchange whose answer they are, None where they stand alone.
    """

    said: Said
    set_id: str
    answer: Exchange | None = None


def expected_phrases(criterion: Criterion) -> tuple[Expected, ...]:
    """Return what the operator could say to meet a criterion, as far as named sets of phrases know it.

    Where words must be absent, or a criterion is about names, figures or events, there is nothing to add to.
    """
    return tuple(_walk(criterion.check))


def words_where_expected(view: CallView, expected: Expected) -> tuple[tuple[Word, ...], ...] | None:
    """Return the operator's stretches of words in which the phrase was expected; None where one that is known is there."""
    if expected.answer is None:
        searched = select_window(view, expected.said.roles, expected.said.window)
        runs = searched.runs
        hits = find_said(view, expected.said, searched)
    else:
        asked = find_said(view, expected.answer.when)
        numbers: set[int] = set()
        for hit in asked:
            later = [
                run
                for run in view.of_roles(expected.said.roles)
                if run.number != hit.run.number and run.span.end_ms > hit.match.span.end_ms
            ]
            numbers |= {run.number for run in later[: expected.answer.within_turns]}
        runs = tuple(run for run in view.runs if run.number in numbers)
        hits = tuple(hit for run in runs for hit in view.hits(run, expected.said.phrases))
    if any(hit.match.strength >= view.thresholds.match_sure for hit in hits):
        return None
    return tuple(run.words for run in runs)


def _walk(check: Check) -> Iterator[Expected]:
    if isinstance(check, Phrase):
        yield from _of(check.parts)
    elif isinstance(check, Steps):
        yield from _of(check.steps)
    elif isinstance(check, Sequence):
        yield from _of(tuple(said for said in (check.before, check.after) if said is not None))
    elif isinstance(check, Exchange):
        yield from (Expected(one.said, one.set_id, check) for one in _of((check.then,)))
    elif isinstance(check, AnyOf | AllOf):
        for part in check.checks:
            yield from _walk(part)


def _of(said: tuple[Said, ...]) -> Iterator[Expected]:
    for one in said:
        names = [item[1:] for item in one.source if item.startswith("$") and len(item) > 1]
        if names and Role.OPERATOR in one.roles and not one.is_question:
            yield Expected(one, names[0])
