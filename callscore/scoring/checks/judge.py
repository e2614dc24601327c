"""`judge`: a question that only understanding answers, put to a language model where one is configured. Pure but for asking.

The model's yes counts with words that stand in the transcript. Its no cannot be proved by a quote: it counts with the stretch
that was asked about as evidence and less confidence, and not where that stretch was heard badly.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from callscore.masking import mask_turns
from callscore.records import DecidedBy, Evidence, Role, Verdict, Word
from callscore.rubric.schema import Judge
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.checks.found import span_text
from callscore.scoring.doubt import is_badly_heard
from callscore.scoring.judging import (
    MOST_CHARS,
    AskedTurn,
    JudgeAnswer,
    JudgeQuestion,
    Quoted,
    Ruling,
    Silence,
    find_quote,
    is_backed,
    off,
)
from callscore.scoring.reasons import clock, reason, role_name
from callscore.scoring.view import CallView, Run
from callscore.scoring.windows import Searched, select_window
from callscore.units import Span

__all__ = ["check_judge", "never_alone"]

_LOG = logging.getLogger(__name__)

_YES_CONFIDENCE: Final = 0.75
_NO_CONFIDENCE: Final = 0.6
"""No quote proves that something never happened."""
_DOUBT_CONFIDENCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Part:
    """A run as far as it is asked about: its words, and whether they lie in the window and not just beside it."""

    run: Run
    words: tuple[Word, ...]
    is_inside: bool


def check_judge(view: CallView, spec: Judge) -> CheckResult:
    """Return YES or NO as the language model answers; DOUBTFUL, with the question for a person, where no sound answer comes."""
    searched = select_window(view, spec.roles, spec.window)
    parts = _parts(view, spec, searched)
    text = spec.question.in_language(view.language)
    if not any(part.is_inside for part in parts):
        return _doubtful(view, searched, "judge_nothing", text)
    if view.ask is off:  # no need to mask what nobody is shown
        return _doubtful(view, searched, "judge_off", text)
    if sum(len(word.text) for part in parts for word in part.words) > MOST_CHARS:
        return _doubtful(view, searched, "judge_long", text)
    question = _question(view, spec, parts, text)
    answer = view.ask(question)
    if isinstance(answer, JudgeAnswer) and not is_backed(question, answer):
        answer = Silence.VOID
    if isinstance(answer, Silence):
        if answer is not Silence.OFF:
            _LOG.info("no answer of the language model: %s, call %s, criterion %s", answer, view.info.call_id, view.criterion)
        return _doubtful(view, searched, f"judge_{answer}", text)
    quoted = find_quote(question, answer)
    return replace(_decided(view, spec, searched, answer, parts, quoted), decided_by=DecidedBy.JUDGE)


def never_alone(view: CallView, found: CheckResult) -> CheckResult:
    """Return what a critical criterion makes of a result: what only a language model decided is left to a person."""
    if found.decided_by is not DecidedBy.JUDGE or (found.outcome is Outcome.DOUBTFUL and found.applies):
        return found
    return replace(
        found,
        outcome=Outcome.DOUBTFUL,
        confidence=min(found.confidence, _DOUBT_CONFIDENCE),
        reason=reason(view.language, "judge_critical", why=found.reason),
        applies=True,
    )


def _parts(view: CallView, spec: Judge, searched: Searched) -> tuple[_Part, ...]:
    """Return the runs of the window, cut to it, and `context_turns` runs of anyone around each, in order."""
    inside = {run.number: _words(run, searched.span) for run in searched.runs}
    inside = {number: words for number, words in inside.items() if words}
    near = {place for number in inside for place in range(number - spec.context_turns, number + spec.context_turns + 1)}
    return tuple(
        _Part(run, inside.get(run.number, run.words), run.number in inside)
        for run in view.runs
        if run.number in inside or run.number in near
    )


def _words(run: Run, span: Span) -> tuple[Word, ...]:
    return tuple(word for word in run.words if span.start_ms <= word.span.start_ms < span.end_ms)


def _question(view: CallView, spec: Judge, parts: Sequence[_Part], text: str) -> JudgeQuestion:
    masked = mask_turns([[word.text for word in part.words] for part in parts], view.language)
    turns = tuple(
        AskedTurn(
            number=number, role=part.run.role, pieces=pieces, may_be_quoted=part.is_inside and part.run.role in spec.roles
        )
        for number, (part, pieces) in enumerate(zip(parts, masked, strict=True), 1)
    )
    return JudgeQuestion(text=text, language=view.language, turns=turns)


def _decided(
    view: CallView, spec: Judge, searched: Searched, answer: JudgeAnswer, parts: Sequence[_Part], quoted: Quoted | None
) -> CheckResult:
    text = spec.question.in_language(view.language)
    if answer.ruling is Ruling.NOT_APPLICABLE:
        found = _doubtful(view, searched, "judge_na", text)
        return replace(found, applies=spec.missing is not Verdict.NA, confidence=_DOUBT_CONFIDENCE)
    if answer.ruling is Ruling.UNCLEAR:
        return _doubtful(view, searched, "judge_unclear", text)
    if quoted is not None:
        return _quoted(view, answer.ruling, text, parts[quoted.turn.number - 1], quoted)
    if is_badly_heard(view, spec.roles, searched):
        return _doubtful(view, searched, "judge_unheard", text)
    why = reason(view.language, "judge_no", question=text, span=span_text(searched.span))
    return CheckResult(outcome=Outcome.NO, confidence=_NO_CONFIDENCE, evidence=_searched(spec.roles, searched), reason=why)


def _quoted(view: CallView, ruling: Ruling, text: str, part: _Part, quoted: Quoted) -> CheckResult:
    """Return YES or NO with the words as recognised; DOUBTFUL where they, or who spoke them, are uncertain."""
    words = part.words[quoted.first_word : quoted.last_word + 1]
    evidence = Evidence(
        span=Span(words[0].span.start_ms, max(word.span.end_ms for word in words)),
        role=part.run.role,
        text=" ".join(word.text for word in words).rstrip(" .,;:"),
    )
    limits = view.thresholds
    is_weak = sum(word.prob for word in words) / len(words) < limits.word_sure
    is_sure = not is_weak and part.run.role_confidence >= limits.role_sure
    is_yes = ruling is Ruling.YES
    key = ("judge_yes" if is_yes else "judge_no_quote") if is_sure else "judge_weak"
    certain = Outcome.YES if is_yes else Outcome.NO
    return CheckResult(
        outcome=certain if is_sure else Outcome.DOUBTFUL,
        confidence=(_YES_CONFIDENCE if is_yes else _NO_CONFIDENCE) if is_sure else _DOUBT_CONFIDENCE,
        evidence=(evidence,),
        reason=reason(
            view.language,
            key,
            question=text,
            role=role_name(part.run.role, view.language),
            at=clock(evidence.span.start_ms),
            quote=evidence.text,
        ),
    )


def _doubtful(view: CallView, searched: Searched, key: str, text: str) -> CheckResult:
    return CheckResult(
        outcome=Outcome.DOUBTFUL,
        confidence=0.0,
        evidence=(Evidence(span=searched.span, role=None, text=""),),
        reason=reason(view.language, key, question=text, span=span_text(searched.span)),
    )


def _searched(roles: Sequence[Role], searched: Searched) -> tuple[Evidence, ...]:
    return (Evidence(span=searched.span, role=roles[0] if len(roles) == 1 else None, text=""),)
