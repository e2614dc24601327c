"""`phrase`: somebody says it inside the window; with several parts, all of them. Pure."""

from __future__ import annotations

from callscore.rubric.schema import Phrase
from callscore.scoring.base import CheckResult, all_of
from callscore.scoring.checks.found import absent, best_hit, said_result
from callscore.scoring.view import CallView
from callscore.scoring.windows import find_said, select_window

__all__ = ["check_phrase"]


def check_phrase(view: CallView, spec: Phrase) -> CheckResult:
    """Return YES where every part is said by one of its roles inside its window."""
    results = []
    for part in spec.parts:
        searched = select_window(view, part.roles, part.window)
        hit = best_hit(view, find_said(view, part, searched))
        results.append(said_result(view, hit) if hit else absent(view, part.roles, searched, part.phrases))
    return all_of(results)
