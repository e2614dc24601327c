"""`manual`: a question only a person can answer. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import Manual
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.reasons import reason
from callscore.scoring.view import CallView
from callscore.units import Span

__all__ = ["check_manual"]


def check_manual(view: CallView, spec: Manual) -> CheckResult:
    """Return DOUBTFUL with the question to ask: the machine never decides it."""
    return CheckResult(
        outcome=Outcome.DOUBTFUL,
        confidence=0.0,
        evidence=(Evidence(span=Span(0, view.dialogue.duration_ms), role=None, text=""),),
        reason=reason(view.language, "manual", question=spec.question.in_language(view.language)),
    )
