"""`event`: how often a hold, transfer or ring happened. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import EventCheck
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.reasons import reason
from callscore.scoring.view import CallView
from callscore.units import Span

__all__ = ["check_event"]


def check_event(view: CallView, spec: EventCheck) -> CheckResult:
    """Return YES where the number of events lies in the limits."""
    events = view.of_kind(spec.kind)
    inside = spec.at_least <= len(events) and (spec.at_most is None or len(events) <= spec.at_most)
    spans = [event.span for event in events] or [Span(0, view.dialogue.duration_ms)]
    return CheckResult(
        outcome=Outcome.YES if inside else Outcome.NO,
        confidence=0.9,
        evidence=tuple(Evidence(span=span, role=None, text="") for span in spans),
        reason=reason(view.language, "event_count", count=len(events)),
    )
