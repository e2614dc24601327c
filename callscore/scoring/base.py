"""What every check gives: its outcome, and how outcomes combine. Pure.

To add a kind of check: a record in rubric/schema.py, its reading in rubric/check_nodes.py, a file in scoring/checks/ with a
function `(view, spec) -> CheckResult`, and its line in scoring/checks/__init__.py; then tests/scoring/test_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from callscore.records import Evidence

__all__ = ["CheckResult", "Outcome", "all_of", "any_of", "inverted"]


class Outcome(IntEnum):
    """Whether what a check asks for is so; ordered, so that "any" is the maximum and "all" the minimum."""

    NO = 0
    DOUBTFUL = 1
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found. `reason` is one sentence in the rubric's language; `applies` is false where nothing was to check."""

    outcome: Outcome
    confidence: float
    evidence: tuple[Evidence, ...]
    reason: str
    applies: bool = True


def any_of(results: Iterable[CheckResult]) -> CheckResult:
    """Return the best of the results that apply; among equals the most confident. At least one result is needed."""
    found = list(results)
    applying = [result for result in found if result.applies] or found
    best = max(applying, key=lambda result: (result.outcome, result.confidence))
    if best.outcome is Outcome.NO:
        return CheckResult(
            outcome=Outcome.NO,
            confidence=min(result.confidence for result in applying),
            evidence=applying[0].evidence,
            reason=applying[0].reason,
            applies=applying[0].applies,
        )
    return best


def all_of(results: Iterable[CheckResult]) -> CheckResult:
    """Return the worst of the results that apply, with the evidence of all if they pass. At least one result is needed."""
    found = list(results)
    applying = [result for result in found if result.applies]
    if not applying:
        return found[0]
    worst = min(applying, key=lambda result: (result.outcome, result.confidence))
    if worst.outcome is not Outcome.YES:
        return worst
    return CheckResult(
        outcome=Outcome.YES,
        confidence=worst.confidence,
        evidence=tuple(evidence for result in applying for evidence in result.evidence),
        reason=" ".join(dict.fromkeys(result.reason for result in applying)),
    )


def inverted(result: CheckResult) -> CheckResult:
    """Return the opposite outcome with the same evidence."""
    opposite = {Outcome.YES: Outcome.NO, Outcome.NO: Outcome.YES, Outcome.DOUBTFUL: Outcome.DOUBTFUL}[result.outcome]
    return CheckResult(
        outcome=opposite,
        confidence=result.confidence,
        evidence=result.evidence,
        reason=result.reason,
        applies=result.applies,
    )
