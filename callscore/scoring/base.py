"""What every check gives: its outcome, and how outcomes combine. Pure.

To add a kind of check: a record in rubric/schema.py, its reading in rubric/check_nodes.py, a file in scoring/checks/ with a
function `(view, spec) -> CheckResult`, and its line in scoring/checks/__init__.py; then tests/scoring/test_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from callscore.records import DecidedBy, Evidence

__all__ = ["CheckResult", "Outcome", "all_of", "any_of", "inverted"]


class Outcome(IntEnum):
    """Whether what a check asks for is so; ordered, so that "any" is the maximum and "all" the minimum."""

    NO = 0
    DOUBTFUL = 1
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found. `reason` is one sentence in the rubric's language; `applies` is false where nothing was to check.

    `decided_by` is the judge where nothing but a language model's answer gave this outcome.
    """

    outcome: Outcome
    confidence: float
    evidence: tuple[Evidence, ...]
    reason: str
    applies: bool = True
    decided_by: DecidedBy = DecidedBy.MACHINE

    @property
    def is_by_machine(self) -> bool:
        """Whether the outcome stands without a language model."""
        return self.decided_by is DecidedBy.MACHINE


def any_of(results: Iterable[CheckResult]) -> CheckResult:
    """Return the best of the results that apply; among equals one that needs no language model, then the most confident.

    At least one result is needed.
    """
    found = list(results)
    applying = [result for result in found if result.applies] or found
    best = max(applying, key=lambda result: (result.outcome, result.is_by_machine, result.confidence))
    if best.outcome is Outcome.NO:
        return CheckResult(
            outcome=Outcome.NO,
            confidence=min(result.confidence for result in applying),
            evidence=applying[0].evidence,
            reason=applying[0].reason,
            applies=applying[0].applies,
            decided_by=best.decided_by,
        )
    return best


def all_of(results: Iterable[CheckResult]) -> CheckResult:
    """Return the worst of the results that apply, with the evidence of all if they pass; at least one result is needed.

    Among equals one that needs no language model goes first, then the least confident.
    """
    found = list(results)
    applying = [result for result in found if result.applies]
    if not applying:
        return found[0]
    worst = min(applying, key=lambda result: (result.outcome, not result.is_by_machine, result.confidence))
    if worst.outcome is not Outcome.YES:
        return worst
    return CheckResult(
        outcome=Outcome.YES,
        confidence=min(result.confidence for result in applying),
        evidence=tuple(evidence for result in applying for evidence in result.evidence),
        reason=" ".join(dict.fromkeys(result.reason for result in applying)),
        decided_by=worst.decided_by,
    )


def inverted(result: CheckResult) -> CheckResult:
    """Return the opposite outcome with the same evidence."""
    opposite = {Outcome.YES: Outcome.NO, Outcome.NO: Outcome.YES, Outcome.DOUBTFUL: Outcome.DOUBTFUL}[result.outcome]
    return replace(result, outcome=opposite)
