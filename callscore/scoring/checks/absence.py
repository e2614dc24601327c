"""`absence`: it must not be said. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import Absence
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.checks.found import best_hit, certainty, evidence_of, outcome_of, quote, span_text
from callscore.scoring.doubt import heard_share, is_badly_heard
from callscore.scoring.reasons import clock, reason, role_name
from callscore.scoring.view import CallView
from callscore.scoring.windows import find_said, select_window

__all__ = ["check_absence"]

_CLEAN_CONFIDENCE = 0.85


def check_absence(view: CallView, spec: Absence) -> CheckResult:
    """Return NO where it is said, YES where it is not; DOUBTFUL for a weak match or a call that was heard badly."""
    said = spec.said
    searched = select_window(view, said.roles, said.window)
    hit = best_hit(view, find_said(view, said, searched))
    if hit is None:
        unheard = is_badly_heard(view, said.roles, searched)
        heard = heard_share(view, said.roles, searched)
        return CheckResult(
            outcome=Outcome.DOUBTFUL if unheard else Outcome.YES,
            confidence=0.5 if unheard else max(0.5, _CLEAN_CONFIDENCE * heard),
            evidence=(Evidence(span=searched.span, role=said.roles[0] if len(said.roles) == 1 else None, text=""),),
            reason=reason(
                view.language, "unheard" if unheard else "clean", span=span_text(searched.span), heard=f"{heard:.0%}"
            ),
        )
    limits = view.thresholds
    is_clear = hit.match.confidence >= limits.blame_sure and hit.match.strength >= limits.blame_match
    is_sure = outcome_of(view, hit) is Outcome.YES and is_clear
    return CheckResult(
        outcome=Outcome.NO if is_sure else Outcome.DOUBTFUL,
        confidence=certainty(hit),
        evidence=(evidence_of(hit),),
        reason=reason(
            view.language,
            "forbidden" if is_sure else "forbidden_doubtful",
            role=role_name(hit.run.role, view.language),
            at=clock(hit.match.span.start_ms),
            quote=quote(hit),
        ),
    )
