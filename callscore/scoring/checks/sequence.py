"""`sequence`: words before and after every hold or transfer, or steps said one after another. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import EventKind, Said, Sequence, Steps
from callscore.scoring.base import CheckResult, Outcome, all_of
from callscore.scoring.checks.found import absent, best_hit, certainty, evidence_of, outcome_of, said_result, traced
from callscore.scoring.doubt import find_trace, heard_share, is_badly_heard
from callscore.scoring.reasons import clock, reason
from callscore.scoring.view import CallView, Event, Hit
from callscore.scoring.windows import Searched, find_said, select_window
from callscore.units import Span

__all__ = ["check_sequence", "check_steps"]


def check_sequence(view: CallView, spec: Sequence) -> CheckResult:
    """Return YES where the words stand around every event of the kind; does not apply without such an event."""
    events = view.of_kind(spec.around)
    if not events:
        return CheckResult(
            outcome=Outcome.YES,
            confidence=0.9,
            evidence=(Evidence(span=Span(0, view.dialogue.duration_ms), role=None, text=""),),
            reason=reason(view.language, f"no_event_{EventKind(spec.around)}"),
            applies=False,
        )
    return all_of(_around(view, spec, event) for event in events)


def _around(view: CallView, spec: Sequence, event: Event) -> CheckResult:
    sides = []
    if spec.before is not None:
        sides.append(_side(view, spec.before, _before(view, spec, event), event, "before_missing"))
    if spec.after is not None and event.is_heard:
        sides.append(_side(view, spec.after, _after(view, spec, event), event, "after_missing"))
    return all_of(sides)


def _before(view: CallView, spec: Sequence, event: Event) -> Searched:
    """Return the last turns begun before the event; all of the call for an event that only the PBX reports."""
    roles = spec.before.roles if spec.before else ()
    runs = view.of_roles(roles)
    if not event.is_heard:
        return Searched(runs, event.span)
    runs = tuple(run for run in runs if run.span.start_ms < event.span.start_ms)[-spec.turns :]
    start = runs[0].span.start_ms if runs else 0
    return Searched(runs, Span(start, max(start, event.span.start_ms)), is_bound=True)


def _after(view: CallView, spec: Sequence, event: Event) -> Searched:
    roles = spec.after.roles if spec.after else ()
    runs = tuple(run for run in view.of_roles(roles) if run.span.end_ms > event.span.end_ms)[: spec.turns]
    end = max([event.span.end_ms, *(run.span.end_ms for run in runs)])
    return Searched(runs, Span(event.span.start_ms, end), is_bound=True)


def _side(view: CallView, said: Said, searched: Searched, event: Event, missing: str) -> CheckResult:
    hit = best_hit(view, find_said(view, said, searched))
    if hit is not None:
        return said_result(view, hit)
    trace = find_trace(view, said.phrases, searched)
    if trace is not None:
        return traced(view, trace)
    doubtful = is_badly_heard(view, said.roles, searched)
    key = "around_doubtful" if doubtful else missing
    return CheckResult(
        outcome=Outcome.DOUBTFUL if doubtful else Outcome.NO,
        confidence=0.5 if doubtful else 0.85,
        evidence=(Evidence(span=searched.span, role=said.roles[0], text=" ".join(run.text for run in searched.runs[-1:])),),
        reason=reason(
            view.language, key, at=clock(event.span.start_ms), heard=f"{heard_share(view, said.roles, searched):.0%}"
        ),
    )


def check_steps(view: CallView, spec: Steps) -> CheckResult:
    """Return YES where the steps are said in the given order, each after the one before."""
    found: list[Hit] = []
    for step in spec.steps:
        searched = select_window(view, step.roles, step.window)
        hits = find_said(view, step, searched)
        later = [hit for hit in hits if not found or hit.match.span.start_ms >= found[-1].match.span.end_ms]
        if not later:
            return absent(view, step.roles, searched, step.phrases, "steps_missing")
        sure = [hit for hit in later if outcome_of(view, hit) is Outcome.YES]
        found.append((sure or later)[0])
    outcome = min(outcome_of(view, hit) for hit in found)
    weakest = min(found, key=certainty)
    return CheckResult(
        outcome=outcome,
        confidence=certainty(weakest),
        evidence=tuple(evidence_of(hit) for hit in found),
        reason=said_result(view, weakest).reason,
    )
