"""Frozen records of what differs between two scorings of the same calls. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callscore.records import Role, Verdict

__all__ = [
    "CallShift",
    "ChangeTotals",
    "ChangedCall",
    "CriterionMoves",
    "Move",
    "OperatorShift",
    "RubricChange",
    "RubricMove",
    "VerdictChange",
    "WeightChange",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTotals:
    """How much differs, of so many calls that have a rubric before or after.

    `changed_calls` have another verdict, rubric or score; `reworded_calls` the same ones with other words.
    """

    calls: int
    changed_calls: int
    changed_verdicts: int
    reworded_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightChange:
    """A criterion whose weight, or whether it is critical, changed."""

    criterion: str
    old_weight: float
    new_weight: float
    old_critical: bool
    new_critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricChange:
    """How a rubric itself changed. With equal versions its text was changed under the same version number."""

    rubric: str
    old_version: int
    new_version: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    weights: tuple[WeightChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricMove:
    """So many calls that went from one rubric to another; None: no rubric."""

    old_rubric: str | None
    new_rubric: str | None
    calls: int


@dataclass(frozen=True, slots=True)
class Move:
    """So many calls in which a verdict became another one; None: the criterion was not, or is no longer, in the rubric."""

    old: Verdict | None
    new: Verdict | None
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionMoves:
    """How the verdicts of one criterion changed in calls that kept their rubric, commonest move first."""

    rubric: str
    criterion: str
    moves: tuple[Move, ...]

    @property
    def calls(self) -> int:
        """In how many calls the verdict changed."""
        return sum(move.calls for move in self.moves)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorShift:
    """An operator's mean call score 0..100 under a rubric, before and after; None where no call has one."""

    operator: str | None
    rubric: str
    old_calls: int
    old_score: float | None
    new_calls: int
    new_score: float | None
    changed_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShift:
    """A call with its rubric, version and score before and after; None where there is no rubric or no score."""

    call_id: str
    operator: str | None
    started_at: datetime | None
    old_rubric: str | None
    old_version: int | None
    old_score: float | None
    new_rubric: str | None
    new_version: int | None
    new_score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """One verdict that differs, with what each rests on. The words are empty where something was searched for in vain."""

    criterion: str
    old: Verdict | None
    new: Verdict | None
    old_reason: str | None
    new_reason: str | None
    old_quote: str | None
    new_quote: str | None
    role: Role | None
    start_ms: int | None


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """A call with every verdict that differs, in the rubric's order; none where only weights changed the score."""

    shift: CallShift
    verdicts: tuple[VerdictChange, ...]
