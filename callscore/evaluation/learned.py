"""What was learnt from people's verdicts: phrases, limits of doubt, and what both would change. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from callscore.evaluation.calibration import Calibration
from callscore.stats.wordings import Wording
from callscore.store.changes import ChangeTotals, OperatorShift
from callscore.store.labels import ReviewLabel

__all__ = ["ArchiveChange", "Effect", "Learned", "Proposal", "Proposals", "Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A phrase to add to a set.

    `wording` tells in how many corrected calls it is said and in how many others; of the `n_failed` calls that people failed
    it is in none. `file` is named within the folder of rubrics.
    """

    rubric: str
    criterion: str
    set_id: str
    file: str
    phrase: str
    wording: Wording
    n_failed: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A phrase that is not proposed, or all of a set (`phrase` empty), and why in one sentence."""

    set_id: str
    phrase: str
    why: str


@dataclass(slots=True)
class Proposals:
    """What is proposed, what was refused, and how many corrections no phrase can help: their criteria look at other things."""

    accepted: list[Proposal] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    n_corrected: int = 0
    n_beyond_phrases: int = 0
    n_explained: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """Stored calls and operators for whom a phrase turns a verdict into a pass."""

    calls: int
    operators: int


@dataclass(frozen=True, slots=True)
class ArchiveChange:
    """What accepting everything would change on `found` stored calls, and the operators whose score moves."""

    found: int
    totals: ChangeTotals
    operators: Sequence[OperatorShift]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What was learnt. `draft` holds the rubrics of `folder` with the changes, `diff` is what differs, as a unified diff.

    Labels of `n_rate_calls` calls may serve for thresholds, which takes `least_calls`; with fewer `calibration` is None.
    `archive` is None where nothing is proposed; `effects` are in the order of the accepted proposals.
    """

    labels: Sequence[ReviewLabel]
    n_rate_calls: int
    least_calls: int
    calibration: Calibration | None
    proposals: Proposals
    diff: str
    folder: Path
    draft: Path
    archive: ArchiveChange | None
    effects: Sequence[Effect]
