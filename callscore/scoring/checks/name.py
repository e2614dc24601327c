"""`name`: somebody is named - the operator by oneself, the client by the operator, the company by the operator. Pure.

Grammar and position tell whose name it is: a caller's own words are known, so the name the client gave is the client's, and the
name in the operator's opening is the operator's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from callscore.phrases import PhraseSet, compile_phrases, is_oblique_name
from callscore.records import Direction, Evidence, Role
from callscore.rubric.schema import Name, NameOf
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.checks.company import find_company
from callscore.scoring.checks.found import absent, best_hit, certainty, evidence_of, outcome_of, quote_words, traced
from callscore.scoring.doubt import find_garbled, find_trace
from callscore.scoring.reasons import clock, reason
from callscore.scoring.view import CallView, Hit, Run
from callscore.scoring.windows import Searched, select_window

__all__ = ["check_name"]

_SENTENCE_ENDS = (".", "!", "?", "…")


def check_name(view: CallView, spec: Name) -> CheckResult:
    """Return YES where the name is given in the window, DOUBTFUL where it probably is."""
    searched = select_window(view, (Role.OPERATOR,), spec.window)
    if spec.of is NameOf.COMPANY:
        found = find_company(view, spec, searched.runs, name_phrases(view.language))
        if found is None:
            return _unnamed(view, spec, searched)
        return _named(view, spec, found.outcome, found.confidence, found.evidence)
    hits = _own_names(view, spec, searched) if spec.of is NameOf.OPERATOR else _client_names(view, searched)
    hit = best_hit(view, hits)
    if hit is None:
        return _unnamed(view, spec, searched)
    return _named(view, spec, outcome_of(view, hit), certainty(hit), evidence_of(hit))


def _named(view: CallView, spec: Name, outcome: Outcome, confidence: float, evidence: Evidence) -> CheckResult:
    key = f"name_{NameOf(spec.of)}" if outcome is Outcome.YES else "name_doubtful"
    text = reason(view.language, key, at=clock(evidence.span.start_ms), quote=evidence.text)
    return CheckResult(outcome=outcome, confidence=confidence, evidence=(evidence,), reason=text)


def _unnamed(view: CallView, spec: Name, searched: Searched) -> CheckResult:
    """Return DOUBTFUL where a name may be hidden in badly recognised words beside a frame or in the opening, else NO."""
    anywhere = replace(searched, is_bound=False)
    trace = find_trace(view, spec.frames, anywhere, view.thresholds.trace) if spec.frames else None
    if trace is not None:
        return traced(view, trace)
    explained = [phrases for phrases in (spec.frames, spec.fillers, name_phrases(view.language)) if phrases is not None]
    run = searched.runs[0] if searched.runs and spec.of is not NameOf.CLIENT else None
    at = find_garbled(view, run, explained) if run is not None else None
    if run is None or at is None:
        return absent(view, (Role.OPERATOR,), searched, key="name_missing")
    evidence = Evidence(span=run.words[at].span, role=run.role, text=quote_words(run, at, at))
    text = reason(view.language, "name_garbled", at=clock(evidence.span.start_ms), quote=evidence.text)
    return CheckResult(outcome=Outcome.DOUBTFUL, confidence=0.5, evidence=(evidence,), reason=text)


@lru_cache(maxsize=4)
def name_phrases(language: str) -> PhraseSet:
    """Return the phrase set that finds given names."""
    return compile_phrases(("<имя>",), language, where="given names")


def _own_names(view: CallView, spec: Name, searched: Searched) -> list[Hit]:
    """Return names in self-introducing frames, and bare names of the operator's first turn."""
    found = []
    for run in searched.runs:
        known = _names_before(view, run, Role.CLIENT)
        frames = view.hits(run, spec.frames) if spec.frames else ()
        found += [hit for hit in frames if not _says_any(hit, known)]
        if run is view.of_roles((Role.OPERATOR,))[0]:
            bare = [hit for hit in view.hits(run, name_phrases(view.language)) if "-" not in hit.match.text.strip("-")]
            found += [hit for hit in bare if not _says_any(hit, known) and not _is_address(view, spec, hit)]
    return found


def _is_address(view: CallView, spec: Name, hit: Hit) -> bool:
    """Tell whether a bare name addresses the other side, or speaks of somebody else.

    So does a name in any case but the nominative; and, once the other side has spoken, a name with patronymic, an inner word of
    a clause, or a name between a greeting and the end of its sentence ("Добрый день, Ирина!"). Before that nobody else can be
    meant, however bad the punctuation.
    """
    words, first, last = hit.run.words, hit.match.first_word, hit.match.last_word
    if is_oblique_name(words[first].text, view.language):
        return True  # "могу позвать Ольгу": somebody else
    if not words[first].text[:1].isupper() and any(word.text[:1].isupper() for word in words):
        return True  # some recognisers write no capitals at all: then they tell nothing
    if view.runs[0].role is not Role.CLIENT and view.info.direction is not Direction.OUTBOUND:
        return False
    if any(_is_patronymic(word.text) for word in words[first + 1 : last + 2]):
        return True
    if words[last].text[-1:].isalnum() and last + 1 < len(words) and words[last + 1].text[:1].isupper():
        last += 1  # a surname belongs to the name
    starts_clause = first == 0 or not words[first - 1].text[-1:].isalnum()
    ends_clause = last + 1 == len(words) or not words[last].text[-1:].isalnum()
    if not (starts_clause and ends_clause):
        return True
    greetings = view.hits(hit.run, spec.fillers) if spec.fillers else ()
    after_greeting = words[first - 1].text.endswith(",") and any(g.match.last_word == first - 1 for g in greetings)
    return first > 0 and after_greeting and words[last].text.endswith(_SENTENCE_ENDS)


def _is_patronymic(text: str) -> bool:
    return _bare(text).endswith(("ович", "евич", "ьич", "овна", "евна", "ична", "инична"))


def _client_names(view: CallView, searched: Searched) -> list[Hit]:
    """Return the operator's uses of a name that the client gave first."""
    found = []
    for run in searched.runs:
        given = _names_before(view, run, Role.CLIENT) - _names_before(view, run, Role.OPERATOR, until_first_use=True)
        for name in sorted(given):
            found += list(view.word_hits(run, name))
    return found


def _names_before(view: CallView, run: Run, role: Role, *, until_first_use: bool = False) -> frozenset[str]:
    """Return the names, as written, that `role` said before `run`; with `until_first_use`, only in the opening turn."""
    names: set[str] = set()
    for earlier in view.of_roles((role,)):
        if earlier.span.start_ms >= run.span.start_ms:
            break
        for hit in view.hits(earlier, name_phrases(view.language)):
            names.update(_bare(earlier.words[at].text) for at in range(hit.match.first_word, hit.match.last_word + 1))
        if until_first_use:
            break
    return frozenset(names)


def _bare(text: str) -> str:
    return text.strip('.,!?;:…"«»-').casefold().replace("ё", "е")


def _says_any(hit: Hit, names: Iterable[str]) -> bool:
    said = {_bare(word.text) for word in hit.run.words[hit.match.first_word : hit.match.last_word + 1]}
    return bool(said & set(names))
