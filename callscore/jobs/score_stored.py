"""Scoring stored calls again in worker processes, from their words alone; what comes out is staged, not stored."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callscore.config import Config
from callscore.errors import CallError, CallscoreError
from callscore.jobs.executor import ProcessExecutor, as_bug
from callscore.jobs.ingest import Progress
from callscore.jobs.plan import rescored_fingerprint, scoring_part
from callscore.jobs.reuse import Reuse
from callscore.pipeline import Earlier, hashed_book, open_ask, score_dialogue, scoring_hash
from callscore.records import Dialogue
from callscore.rubric import RubricBook
from callscore.stats.flags import flag_scores
from callscore.store.archive import ArchivedCall, ArchiveReader
from callscore.store.chunks import ArchivePlan, CallChunk
from callscore.store.staging import ScoredCall, ScoreStage, Side, prepare_stage

__all__ = ["ChunkReport", "RubricSide", "ScoreSettings", "score_stored"]

# New objects between two looks for garbage: about what a chunk of calls consists of.
GARBAGE_THRESHOLD: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricSide:
    """Rubrics to score with; with `only`, calls that another rubric of the book is for get no verdicts."""

    book: RubricBook
    only: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """What a worker needs: the store as it was when the command began, where results go, and the rubrics by side.

    With `is_full`, every criterion is judged; else stored verdicts are taken over where the rubrics cannot give others.
    """

    config: Config
    snapshot: Path
    folder: Path
    sides: Mapping[Side, RubricSide]
    is_full: bool = False

    def build(self) -> ChunkScorer:
        """Return the worker; the factory of a worker process."""
        return ChunkScorer(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkReport:
    """How much was done and how long reading, scoring and writing took; `n_unscored` calls fit no rubric.

    Of the verdicts, `n_judged` were found anew and `n_kept` taken over as they were stored.
    """

    n_calls: int
    n_unscored: int
    n_judged: int
    n_kept: int
    read_s: float
    score_s: float
    write_s: float


class ChunkScorer:
    """Reads a chunk of calls, scores each under every side's rubrics, and stages the results."""

    def __init__(self, settings: ScoreSettings) -> None:
        self._reader = ArchiveReader(settings.snapshot)
        self._only = {name: side.only for name, side in settings.sides.items()}
        judge = settings.config.judge
        stored = frozenset() if settings.is_full else self._reader.hashes()
        self._reuse = {name: Reuse(hashed_book(side.book, judge), stored) for name, side in settings.sides.items()}
        self._hashes = frozenset().union(*(reuse.hashes for reuse in self._reuse.values()))
        self._scoring = {name: scoring_part(scoring_hash(side.book, judge)) for name, side in settings.sides.items()}
        self._asks = {name: open_ask(settings.config, side.book) for name, side in settings.sides.items()}
        self._stages = {name: ScoreStage(settings.folder, settings.snapshot, name) for name in settings.sides}
        # The rubrics are a million objects that live as long as this process: looking at them again and again for garbage
        # took half of the time of reading and a tenth of that of scoring.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)

    def run(self, job: CallChunk, on_length: Callable[[int], None]) -> ChunkReport:
        """See Worker.run."""
        on_length(job.duration_ms)
        begun = time.perf_counter()
        calls = self._reader.read(job, self._hashes)
        earlier = {name: [reuse.earlier(call) for call in calls] for name, reuse in self._reuse.items()}
        wordy = [call for call, *known in zip(calls, *earlier.values(), strict=True) if self._needs_words(call, known)]
        dialogues = self._reader.dialogues(job, wordy)
        read = time.perf_counter()
        scored = {
            name: [
                self._score(name, call, dialogues.get(call.info.call_id, call.outline), known)
                for call, known in zip(calls, earlier[name], strict=True)
            ]
            for name in self._reuse
        }
        judged = time.perf_counter()
        for name, stage in self._stages.items():
            stage.write(job.number, scored[name])
        n_kept = sum(_n_kept(*pair) for name in scored for pair in zip(scored[name], earlier[name], strict=True))
        n_verdicts = sum(len(score.results) for found in scored.values() for item in found for score in item.scores)
        return ChunkReport(
            n_calls=len(calls),
            n_unscored=sum(not any(item.scores for item in found) for found in zip(*scored.values(), strict=True)),
            n_judged=n_verdicts - n_kept,
            n_kept=n_kept,
            read_s=read - begun,
            score_s=judged - read,
            write_s=time.perf_counter() - judged,
        )

    def _needs_words(self, call: ArchivedCall, known: Sequence[Earlier | None]) -> bool:
        return any(reuse.needs_words(call, item) for reuse, item in zip(self._reuse.values(), known, strict=True))

    def _score(self, name: Side, call: ArchivedCall, dialogue: Dialogue, earlier: Earlier | None) -> ScoredCall:
        reuse, call_id = self._reuse[name], call.info.call_id
        book = reuse.book if earlier else reuse.whole_book
        try:
            made = score_dialogue(dialogue, call.info, book, self._asks[name], earlier, call.notes)
        except (CallscoreError, MemoryError):
            raise
        except Exception as exc:
            raise CallError(f"call {call_id} cannot be scored: {as_bug(exc).message}") from exc
        scores = tuple(score for score in made.scores if self._only[name] in ("", score.rubric))
        return ScoredCall(
            call_id=call_id,
            fingerprint=made.stored_as(rescored_fingerprint(call.fingerprint, self._scoring[name])),
            metrics=made.metrics,
            call_type=made.call_type,
            scores=scores,
            flags=flag_scores(scores, made.metrics, troubles=made.troubles),
        )


def _n_kept(call: ScoredCall, earlier: Earlier | None) -> int:
    known = earlier.results if earlier else {}
    return sum(result.sha256 in known for score in call.scores for result in score.results)


def score_stored(
    settings: ScoreSettings, plan: ArchivePlan, n_workers: int, is_stopped: Callable[[], bool], progress: Progress
) -> ChunkReport:
    """Score every call of the plan and return the sum of the reports, times added up over the workers.

    Args:
        settings: what to score with.
        plan: which calls.
        n_workers: how many processes; 0: as many as there are cores.
        is_stopped: asked now and then.
        progress: hears of every call.

    Raises:
        StoreError: the store cannot be read or the results not written.
        KeyboardInterrupt: if `is_stopped` before the end.
        CallscoreError: a call cannot be scored; names it.
    """
    prepare_stage(settings.folder, settings.snapshot, tuple(settings.sides))
    reports: list[ChunkReport] = []
    workers = max(1, min(n_workers or os.cpu_count() or 1, len(plan.chunks)))
    executor = ProcessExecutor[CallChunk, ChunkReport](settings.build, workers)
    progress.begin(plan.n_calls + plan.n_fresh, plan.n_fresh, plan.n_calls)
    try:
        with contextlib.closing(executor.run(plan.chunks, is_stopped)) as outcomes:
            for outcome in outcomes:
                if outcome.result is None:
                    raise _failure(outcome.error)
                reports.append(outcome.result)
                for _ in range(outcome.result.n_calls):
                    progress.advance("", 0, None)
    finally:
        progress.finish()
    if is_stopped():
        raise KeyboardInterrupt
    return ChunkReport(
        n_calls=sum(report.n_calls for report in reports),
        n_unscored=sum(report.n_unscored for report in reports),
        n_judged=sum(report.n_judged for report in reports),
        n_kept=sum(report.n_kept for report in reports),
        read_s=sum(report.read_s for report in reports),
        score_s=sum(report.score_s for report in reports),
        write_s=sum(report.write_s for report in reports),
    )


def _failure(error: CallError | None) -> CallscoreError:
    """Return a worker's failure as one of the whole command: nothing is stored unless every call could be scored."""
    if error is None:
        raise ValueError("Outcome needs a result or an error")
    hint = error.hint or "this is a bug in callscore: please report it"
    return CallscoreError(f"{error.message}; nothing has changed", hint=hint)
