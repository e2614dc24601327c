"""Finds the company's name without knowing it: after a frame word, or as the words nothing else explains. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callscore.phrases import PhraseSet
from callscore.records import Evidence
from callscore.rubric.schema import Name
from callscore.scoring.base import Outcome
from callscore.scoring.checks.found import certainty, outcome_of
from callscore.scoring.view import CallView, Run
from callscore.units import Span

__all__ = ["FoundCompany", "find_company"]

MAX_NAME_WORDS = 4
MAX_SIGNAL_WORDS = 3
"""A first turn this short ("Алло, слушаю") opens nothing yet: the second one is read as the opening as well."""
_CAPITALS_CONFIDENCE = 0.75
_GUESS_CONFIDENCE = 0.5
_SMALL_WORDS = frozenset({"и", "для", "на", "в", "от", "по", "of", "and", "the", "for"})


@dataclass(frozen=True, slots=True)
class FoundCompany:
    """A name found: how sure, and where."""

    outcome: Outcome
    confidence: float
    evidence: Evidence


def find_company(view: CallView, spec: Name, runs: Sequence[Run], names: PhraseSet) -> FoundCompany | None:
    """Return the surest find in `runs`: after a frame, as a clause of capitalised words, or as an unexplained clause."""
    found: list[FoundCompany] = []
    for run in runs:
        taken = _taken(view, spec, run, names)
        found += _after_frames(view, spec, run, taken)
        if run is runs[0] or len(runs[0].words) <= MAX_SIGNAL_WORDS:
            found += _clauses(view, run, taken)
    return max(found, key=lambda item: (item.outcome, item.confidence), default=None)


def _taken(view: CallView, spec: Name, run: Run, names: PhraseSet) -> frozenset[int]:
    """Return the positions of words that something else explains: greetings, names of people, fillers."""
    people = [hit for hit in view.hits(run, names) if _has_capital(run, hit.match.first_word)]
    hits = [*people, *(view.hits(run, spec.fillers) if spec.fillers else ())]
    return frozenset(at for hit in hits for at in hit.places)


def _has_capital(run: Run, at: int) -> bool:
    """Tell whether a word is written as a name is, or nothing in the run is: "студия света" names nobody."""
    return run.words[at].text[:1].isupper() or not any(word.text[:1].isupper() for word in run.words)


def _after_frames(view: CallView, spec: Name, run: Run, taken: frozenset[int]) -> list[FoundCompany]:
    found = []
    for hit in view.hits(run, spec.frames) if spec.frames else ():
        first = hit.match.last_word + 1
        if not _goes_on(run, hit.match.last_word):
            continue
        last = first
        while last < len(run.words) and last - first < MAX_NAME_WORDS and (last not in taken or _is_named(run, taken, last)):
            last += 1
            if not _goes_on(run, last - 1):
                break
        if last > first:
            evidence = _evidence(run, hit.match.first_word, last)
            found.append(FoundCompany(outcome_of(view, hit), certainty(hit), evidence))
    return found


def _is_named(run: Run, taken: frozenset[int], at: int) -> bool:
    """Tell whether a word that could be a filler begins a name, as its capital says: "магазин Всё для дома"."""
    others = at + 1 < len(run.words) and at + 1 not in taken
    return others and run.words[at].text[:1].isupper() and run.words[at].text[-1:].isalnum()


def _goes_on(run: Run, at: int) -> bool:
    """Tell whether no punctuation parts the word at `at` from the next one."""
    return at + 1 < len(run.words) and run.words[at].text[-1:].isalnum()


def _clauses(view: CallView, run: Run, taken: frozenset[int]) -> list[FoundCompany]:
    """Return the clauses of the opening that consist of unexplained words: capitalised ones are a name, others may be."""
    found = []
    start = 0
    is_opening = run.number == min(r.number for r in view.runs if r.role is run.role)
    for at in range(len(run.words)):
        if _goes_on(run, at):
            continue
        clause, first = range(start, at + 1), start
        start = at + 1
        if len(clause) > MAX_NAME_WORDS or any(position in taken for position in clause):
            continue
        capitals = [p for p in clause if run.words[p].text[:1].isupper() and not _begins_sentence(run, p)]
        others = [p for p in clause if p not in capitals and not _is_small(run, p) and not _begins_sentence(run, p)]
        leads = is_opening and first == 0 and run.words[at].text.endswith(",") and at + 1 in taken
        if (capitals or leads) and not others:
            is_sure = all(run.words[p].prob >= view.thresholds.capital_sure for p in clause)
            outcome, confidence = (Outcome.YES, _CAPITALS_CONFIDENCE) if is_sure else (Outcome.DOUBTFUL, _GUESS_CONFIDENCE)
            found.append(FoundCompany(outcome, confidence, _evidence(run, first, at + 1)))
    return found


def _begins_sentence(run: Run, at: int) -> bool:
    return at == 0 or run.words[at - 1].text.endswith((".", "!", "?", "…"))


def _is_small(run: Run, at: int) -> bool:
    return run.words[at].text.casefold() in _SMALL_WORDS


def _evidence(run: Run, first: int, end: int) -> Evidence:
    words = run.words[first:end]
    span = Span(words[0].span.start_ms, max(word.span.end_ms for word in words))
    return Evidence(span=span, role=run.role, text=" ".join(word.text for word in words).rstrip(".,!?;:"))
