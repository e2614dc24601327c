"""A dialogue under a rubric -> verdicts with points, evidence and reasons. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from callscore.records import (
    CallInfo,
    CallMetrics,
    CallScore,
    CallType,
    CriterionResult,
    Dialogue,
    Evidence,
    Verdict,
)
from callscore.rubric.schema import Criterion, Rubric, RubricBook
from callscore.scoring.again import is_confirmed, is_doubtful, with_second_words
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.call_type import type_shares
from callscore.scoring.checks import run_check
from callscore.scoring.checks.judge import never_alone
from callscore.scoring.combine import combine_points
from callscore.scoring.conditions import asks_call_type, condition_holds
from callscore.scoring.judging import Ask, off
from callscore.scoring.reasons import reason
from callscore.scoring.view import CallView, build_view
from callscore.units import Span

__all__ = ["choose_rubrics", "judge_criterion", "score_call"]

_LOG = logging.getLogger(__name__)
_NEVER = 2.0
"""A strength that no match has: words that somebody was listening for are never beyond doubt."""
_CONFIRMED = 0.8
"""The most that a second listen makes of a verdict."""
_VERDICTS = {Outcome.YES: Verdict.PASS, Outcome.NO: Verdict.FAIL, Outcome.DOUBTFUL: Verdict.UNSURE}


def score_call(
    dialogue: Dialogue,
    metrics: CallMetrics,
    info: CallInfo,
    call_type: CallType,
    book: RubricBook,
    *,
    ask: Ask = off,
    known: Mapping[str, CriterionResult] = MappingProxyType({}),
) -> tuple[CallScore, ...]:
    """Return the call's score under the one rubric that fits it best; empty where the book has none for such calls.

    `ask` reaches a language model for the criteria that want one. `known` are results of the same call by the criterion's
    sha256: they are taken instead of judging, with today's points. Where all are known, no word of the dialogue is looked at.
    """
    rubrics = choose_rubrics(dialogue, info, call_type, book)
    if not rubrics:
        _LOG.info("no rubric applies to call %s of type %s, language %s", info.call_id, call_type.id, dialogue.language)
    scores = []
    for rubric in rubrics:
        view = build_view(dialogue, metrics, info, rubric.language, book.thresholds)
        view.ask = ask
        unknown = [criterion for criterion in rubric.criteria if criterion.sha256 not in known]
        if dialogue.second or any(asks_call_type(criterion.applies_when) for criterion in unknown):
            view.type_shares = _type_shares(view, call_type, book)
        judged = {criterion.id: judge_criterion(view, criterion) for criterion in unknown}
        results = tuple(judged.get(item.id) or _taken_over(item, known[item.sha256]) for item in rubric.criteria)
        if dialogue.second and any(map(is_doubtful, results)):
            results = _heard_again(view, rubric.criteria, results)
        scores.append(combine_points(rubric.id, rubric.version, rubric.sha256, results))
    return tuple(scores)


def _taken_over(criterion: Criterion, result: CriterionResult) -> CriterionResult:
    """Return a result with the points that the criterion gives today."""
    points = criterion.weight if result.verdict is Verdict.PASS else 0.0
    return replace(result, points=points, max_points=0.0 if result.verdict is Verdict.NA else criterion.weight)


def _heard_again(
    view: CallView, criteria: Sequence[Criterion], results: Sequence[CriterionResult]
) -> tuple[CriterionResult, ...]:
    """Return the results with those confirmed that the second listen confirms; it is never asked of a language model."""
    strict = replace(view.thresholds, exact=_NEVER)
    again = build_view(with_second_words(view.dialogue), view.metrics, view.info, view.language, strict)
    again.type_shares = view.type_shares
    return tuple(
        _confirmed(again, criterion, result) if is_doubtful(result) else result
        for criterion, result in zip(criteria, results, strict=True)
    )


def _confirmed(again: CallView, criterion: Criterion, result: CriterionResult) -> CriterionResult:
    second = judge_criterion(again, criterion)
    if not is_confirmed(second, again.dialogue):
        return result
    text = f"{second.reason} {reason(again.language, 'heard_again')}"
    return replace(second, confidence=min(second.confidence, _CONFIRMED), reason=text)


def _type_shares(view: CallView, call_type: CallType, book: RubricBook) -> dict[str, float]:
    """Return the call type alone where it is sure, else what the guess leaves to the others."""
    if call_type.confidence >= view.thresholds.type_sure:
        return {call_type.id: 1.0}
    return dict(call_type.shares) or type_shares(view, book.call_types)


def choose_rubrics(dialogue: Dialogue, info: CallInfo, call_type: CallType, book: RubricBook) -> tuple[Rubric, ...]:
    """Return the rubric for this call: of its language, applying to it, given by hand first, then the most specific one."""
    language = info.language or dialogue.language or "ru"
    fitting = [rubric for rubric in book.rubrics if rubric.language == language and _applies(rubric, info, call_type)]
    best = max(fitting, key=lambda rubric: (rubric.extra, _specificity(rubric), rubric.id), default=None)
    return (best,) if best else ()


def _applies(rubric: Rubric, info: CallInfo, call_type: CallType) -> bool:
    applies = rubric.applies_to
    if applies.call_types and call_type.id not in applies.call_types:
        return False
    if applies.direction and info.direction and info.direction is not applies.direction:
        return False
    if applies.lines and info.did not in applies.lines:
        return False
    return not applies.queues or (info.queue or "").lower() in {queue.lower() for queue in applies.queues}


def _specificity(rubric: Rubric) -> tuple[bool, bool, bool, bool]:
    applies = rubric.applies_to
    return bool(applies.lines), bool(applies.queues), bool(applies.call_types), applies.direction is not None


def judge_criterion(view: CallView, criterion: Criterion) -> CriterionResult:
    """Return the verdict of one criterion on a prepared call."""
    applies = condition_holds(view, criterion.applies_when) if criterion.applies_when else Outcome.YES
    if applies is Outcome.NO:
        text = criterion.reasons.get(Verdict.NA) or reason(view.language, "not_applicable")
        return _result(criterion, Verdict.NA, 0.9, (), text)
    if not view.runs:
        return _result(criterion, Verdict.NA, 0.9, (), reason(view.language, "no_speech"))
    view.criterion = criterion.id
    found = run_check(view, criterion.check)
    if criterion.critical:
        found = never_alone(view, found)
    return replace(_verdict(view, criterion, applies, found), decided_by=found.decided_by)


def _verdict(view: CallView, criterion: Criterion, applies: Outcome, found: CheckResult) -> CriterionResult:
    if not found.applies:
        text = criterion.reasons.get(Verdict.NA) or found.reason
        return _result(criterion, Verdict.NA, found.confidence, found.evidence, text)
    is_end_doubtful = applies is Outcome.DOUBTFUL and _applies_if_ended(view, criterion)
    # What was said before a call perhaps broke off was said.
    if applies is Outcome.DOUBTFUL and not (is_end_doubtful and found.outcome is Outcome.YES):
        doubt = reason(view.language, "end_doubtful" if is_end_doubtful else "type_doubtful").lower()
        why = reason(view.language, "condition_doubtful", why=doubt)
        return _result(criterion, Verdict.UNSURE, min(0.5, found.confidence), found.evidence, why)
    verdict = _VERDICTS[found.outcome]
    return _result(criterion, verdict, found.confidence, _with_evidence(view, found), _explain(criterion, verdict, found))


def _applies_if_ended(view: CallView, criterion: Criterion) -> bool:
    condition = criterion.applies_when
    return condition is None or condition_holds(view, condition, ends_well=True) is Outcome.YES


def _with_evidence(view: CallView, found: CheckResult) -> Sequence[Evidence]:
    return found.evidence or (Evidence(span=Span(0, view.dialogue.duration_ms), role=None, text=""),)


def _explain(criterion: Criterion, verdict: Verdict, found: CheckResult) -> str:
    """Return the rubric's own sentence, followed by what was found."""
    own = criterion.reasons.get(verdict, "")
    return f"{own} {found.reason}" if own else found.reason


def _result(
    criterion: Criterion, verdict: Verdict, confidence: float, evidence: Sequence[Evidence], text: str
) -> CriterionResult:
    counts = verdict is not Verdict.NA
    return CriterionResult(
        criterion=criterion.id,
        verdict=verdict,
        confidence=max(0.0, min(1.0, confidence)),
        points=criterion.weight if verdict is Verdict.PASS else 0.0,
        max_points=criterion.weight if counts else 0.0,
        critical=criterion.critical,
        evidence=tuple(evidence),
        reason=text,
        sha256=criterion.sha256,
    )
