"""`judge`: a question that only understanding answers, put to a language model where one is configured. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import Judge
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.reasons import reason
from callscore.scoring.view import CallView
from callscore.scoring.windows import select_window

__all__ = ["check_judge"]


def check_judge(view: CallView, spec: Judge) -> CheckResult:
    """Return DOUBTFUL with the question to ask a person: no language model is configured."""
    searched = select_window(view, spec.roles, spec.window)
    return CheckResult(
        outcome=Outcome.DOUBTFUL,
        confidence=0.0,
        evidence=(Evidence(span=searched.span, role=None, text=""),),
        reason=reason(view.language, "judge_off", question=spec.question.in_language(view.language)),
    )
