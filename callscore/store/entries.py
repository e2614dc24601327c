"""Frozen records that go into or come out of the store and that no other stage knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from callscore.records import (
    AudioInfo,
    CallInfo,
    CallMetrics,
    CallScore,
    CallType,
    Dialogue,
    Direction,
    Provenance,
    RecordedCall,
    Verdict,
)

__all__ = [
    "CallFilter",
    "CallRow",
    "CriterionCount",
    "CriterionEntry",
    "FailedCall",
    "FailureRow",
    "FeedRow",
    "Flag",
    "FlagRow",
    "Health",
    "LineCount",
    "ModelEntry",
    "OperatorScore",
    "OperatorSums",
    "QueryResult",
    "RecordingFile",
    "RejectRow",
    "RubricEntry",
    "RunRow",
    "RunSummary",
    "StoredCall",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A reason for a person to listen to a call.

    `severity` is 3 (listen today), 2 (this week) or 1 (when there is time); `start_ms`/`end_ms` say where, None: anywhere.
    """

    reason: str
    severity: int
    detail: str
    criterion: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    def __post_init__(self) -> None:
        if self.severity not in (1, 2, 3):
            raise ValueError(f"Flag.severity must be 1, 2 or 3, got {self.severity!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """An attempt that failed. `record` carries what is known about the call; `at` is aware UTC."""

    record: RecordedCall
    code: int
    message: str
    run_id: str
    at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run ended. `status` is done, interrupted or stopped; times in ms."""

    run_id: str
    finished_at: datetime
    status: str
    found: int
    done: int
    skipped: int
    failed: int
    audio_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionEntry:
    """A criterion as reports name it; empty texts where the rubric has none."""

    criterion: str
    section: str
    title_ru: str
    title_en: str
    weight: float
    critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricEntry:
    """A rubric version that was applied, with its text."""

    rubric: str
    version: int
    sha256: str
    language: str
    title: str
    body: str
    criteria: tuple[CriterionEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """Weights a run used."""

    name: str
    kind: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSums:
    """What the calls of one operator, rubric version and period add up to; `combine` is plain addition.

    `n` counts calls with a score; `n_bounds` those with bounds (with or without a score). `squares` are sums of squares,
    `low_high` is the sum of products. Sums are exact decimals, so that the order of the calls never shows in the result.
    """

    period: str
    period_kind: str
    starts_on: date | None
    operator: str | None
    rubric: str
    rubric_version: int
    calls: int
    n: int
    total: Decimal
    squares: Decimal
    n_bounds: int
    total_low: Decimal
    squares_low: Decimal
    total_high: Decimal
    squares_high: Decimal
    low_high: Decimal
    n_critical_failed: int
    n_verdicts: int
    n_unsure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorScore:
    """A row of operator_scores: the mean score of an operator with its 95 % interval, all 0..100.

    `score_shrunk` is drawn towards the team, with `shrunk_weight` 0..1 its own; `score_adjusted` is for the team's mix of
    calls; `score_corrected` is as people would score, from `n_reviewed` calls of the random sample. Each is None where it
    cannot be told.
    """

    period: str
    period_kind: str
    starts_on: date | None
    operator: str | None
    rubric: str
    rubric_version: int
    calls: int
    scored_calls: int
    score: float | None
    score_low: float
    score_high: float
    n_critical_failed: int
    n_verdicts: int
    n_unsure: int
    score_shrunk: float | None = None
    shrunk_low: float | None = None
    shrunk_high: float | None = None
    shrunk_weight: float | None = None
    score_adjusted: float | None = None
    adjusted_low: float | None = None
    adjusted_high: float | None = None
    score_corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    n_reviewed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls a question is about; None: no condition. Times are aware UTC, `until` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    operator: str | None = None
    call_id: str | None = None
    rubric: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One line of a list of calls. The score fields are None where no rubric applied."""

    call_id: str
    recording: str | None
    started_at: datetime | None
    direction: Direction | None
    call_type: str | None
    operator: str | None
    duration_ms: int | None
    status: str
    rubric: str | None
    score: float | None
    score_low: float | None
    score_high: float | None
    critical_failed: bool
    n_unsure: int
    n_flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """Where a recording lay when it was heard, and the sha256 it had, hexadecimal."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """Everything the store holds about one call. Of a failed call only the facts and the failures are there."""

    info: CallInfo
    source: str
    recording: str | None
    status: str
    fingerprint: str | None
    audio: AudioInfo | None
    call_type: CallType | None
    dialogue: Dialogue | None
    metrics: CallMetrics | None
    scores: tuple[CallScore, ...]
    provenance: tuple[Provenance, ...]
    notes: tuple[str, ...]
    flags: tuple[Flag, ...]
    failures: tuple[FailureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """A recording whose last attempt failed."""

    path: str
    call_id: str
    code: int
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRow:
    """A flag with the call it belongs to."""

    call_id: str
    operator: str | None
    started_at: datetime | None
    duration_ms: int | None
    flag: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionCount:
    """How often each verdict was given for a criterion."""

    rubric: str
    rubric_version: int
    criterion: str
    n_pass: int
    n_fail: int
    n_na: int
    n_unsure: int

    def count(self, verdict: Verdict) -> int:
        """Return the number of calls with `verdict`."""
        return {
            Verdict.PASS: self.n_pass,
            Verdict.FAIL: self.n_fail,
            Verdict.NA: self.n_na,
            Verdict.UNSURE: self.n_unsure,
        }[verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as the store knows it; counts are None while it runs or if it was killed."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    found: int | None
    done: int | None
    skipped: int | None
    failed: int | None
    audio_ms: int | None
    wall_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCount:
    """How many calls of a line (the number called; None where unknown) have a note or a flag, of how many processed ones."""

    code: str
    did: str | None
    calls: int
    line_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """How a source is read: how far, and what is missing of its recordings."""

    source: str
    kind: str
    covered_until: datetime | None
    read_at: datetime
    error: str | None
    calls: int
    orders: int
    unrecorded: int
    unfetched: int
    rejects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRow:
    """A row of a source that could not be used."""

    source: str
    place: str
    reason: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How well the store is fed: last runs, open failures, how much was heard and decided, what recordings suffer from.

    `notes` and `flags` count calls by code and line, most calls first; a note's code ends before its colon. `feeds` are the
    sources that were read, `rejects` the last rows of them that could not be used.
    """

    runs: tuple[RunRow, ...]
    failures: tuple[FailureRow, ...]
    notes: tuple[LineCount, ...]
    flags: tuple[LineCount, ...]
    calls_done: int
    calls_failed: int
    audio_ms: int
    n_words: int
    mean_word_prob: float | None
    speech_ms: int
    unrecognised_ms: int
    n_verdicts: int
    n_unsure: int
    feeds: tuple[FeedRow, ...] = ()
    rejects: tuple[RejectRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The answer to a query typed by a person."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
