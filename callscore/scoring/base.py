"""What every check takes and gives: thresholds, the outcome of a check, and how outcomes combine. Pure.

To add a kind of check: a record in rubric/schema.py, its reading in rubric/check_nodes.py, a file in scoring/checks/ with a
function `(view, spec) -> CheckResult`, and its line in scoring/checks/__init__.py; then tests/scoring/test_checks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from callscore.records import Evidence

__all__ = ["CheckResult", "Outcome", "Thresholds", "all_of", "any_of", "inverted"]


class Outcome(IntEnum):
    """Whether what a check asks for is so; ordered, so that "any" is the maximum and "all" the minimum."""

    NO = 0
    DOUBTFUL = 1
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where certainty ends. First values: chosen on exact and corrupted transcripts; to be fitted on labelled calls.

    Attributes:
        match_sure: strength 0..1 from which a match counts as said.
        match_grey: strength from which a match is doubtful instead of absent.
        single_sure: the same for a match of one short word, which is easily misheard as another.
        long_word: letters from which one word is as good as several.
        exact: strength from which the words themselves are beyond doubt, even where the recogniser was not sure of them.
        word_sure: confidence 0..1 of the matched words below which a match that is not exact is doubtful.
        blame_sure: confidence of the words, exact or not, below which an unacceptable phrase is doubtful.
        blame_match: strength below which an unacceptable phrase is doubtful.
        capital_sure: probability of the words from which capital letters tell a company's name.
        role_sure: role confidence 0..1 below which it is doubtful who spoke.
        type_sure: confidence 0..1 of the call type below which conditions on it are doubtful.
        lost_ms: unrecognised speech in the window from which "not found" is doubtful.
        lost_frac: the same as a share of the window's speech.
        weak_prob: a word less probable than this was recognised badly.
        weak_frac: share of badly recognised words in the window from which "not found" is doubtful. On 36 labelled calls heard
            with whisper-base, two in five such verdicts were wrong from 0.3 on, one in twelve below.
    """

    match_sure: float = 0.8
    match_grey: float = 0.75
    single_sure: float = 0.88
    long_word: int = 9
    exact: float = 0.95
    word_sure: float = 0.5
    blame_sure: float = 0.6
    blame_match: float = 0.85
    capital_sure: float = 0.7
    role_sure: float = 0.6
    type_sure: float = 0.6
    lost_ms: int = 1500
    lost_frac: float = 0.3
    weak_prob: float = 0.5
    weak_frac: float = 0.3


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
