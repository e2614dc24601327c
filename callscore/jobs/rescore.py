"""Scoring the archive again with today's rubrics: all of it or nothing, with every difference known."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from callscore import __version__
from callscore.config import Config
from callscore.errors import NothingToDoError, StoreError
from callscore.jobs.conversion import refresh_conversion
from callscore.jobs.entries import rubric_entries
from callscore.jobs.ingest import Progress
from callscore.jobs.operator_scores import write_operator_scores
from callscore.jobs.plan import scoring_part
from callscore.jobs.rubric_changes import book_rubrics, compare_rubrics, stored_rubrics
from callscore.jobs.score_stored import ChunkReport, RubricSide, ScoreSettings, score_stored
from callscore.jobs.stopping import stop_on_signals
from callscore.pipeline import scoring_hash
from callscore.rubric import RubricBook, load_book
from callscore.shipped import shipped_dir
from callscore.store import StoreWriter, open_reader, open_store
from callscore.store.changes import RubricChange
from callscore.store.chunks import ArchivePlan, plan_archive
from callscore.store.compare import Comparison, compare_scores
from callscore.store.entries import CallFilter, RunSummary
from callscore.store.work import require_database, take_snapshot, work_folder

__all__ = ["RescoreRequest", "RescoreSummary", "Rescored", "plan_calls_of", "rescoring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreRequest:
    """What the user asked for; with `is_full`, every criterion of every call is judged, changed or not."""

    rubric: Path | None = None
    since: datetime | None = None
    dry_run: bool = False
    is_full: bool = False
    workers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreSummary:
    """How it ended; `run_id` is empty where nothing was written.

    Of the verdicts, `judged` were found anew and `kept` taken over, for the rubrics cannot give others. `took_s` says which
    part took how long: reading, scoring and writing are added up over the workers; comparing and storing come after them.
    """

    run_id: str
    dry_run: bool
    found: int
    rescored: int
    up_to_date: int
    unscored: int
    judged: int
    kept: int
    wall_s: float
    took_s: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """The outcome, with the differences to ask for while the context lasts; None where every call was up to date."""

    summary: RescoreSummary
    book: RubricBook
    rubrics: tuple[RubricChange, ...] = ()
    differences: Comparison | None = None


@contextlib.contextmanager
def rescoring(config: Config, request: RescoreRequest, progress: Progress) -> Iterator[Rescored]:
    """Score the stored calls again that were scored with other rubrics, and give what changed.

    Whatever is raised on the way in, the stored scores are as before; on the way out, they are the new ones and only the copy
    for readers could not be written.

    Raises:
        RubricError: a rubric is wrong.
        NothingToDoError: no processed call is stored, or none matches.
        StoreBusyError: another run holds the database.
        StoreError: there is no database, or it cannot be read or written.
        KeyboardInterrupt: after Ctrl-C or SIGTERM.
    """
    begun = time.monotonic()
    book = load_book(config.rubrics.dir or shipped_dir("rubrics"), request.rubric)
    require_database(config.store.db)
    late: StoreError | None = None
    with work_folder(config.store.db) as folder:
        with stop_on_signals() as is_stopped:
            task = _Task(config=config, request=request, book=book, folder=folder)
            done: Rescored | None = None
            try:
                if request.dry_run:
                    done = _Rescore(task, progress, is_stopped).compare()
                else:
                    # The copy for readers, which is what gets scored, is whole and stays so while this run holds the store.
                    with open_store(config.store.db) as writer:
                        done = _Rescore(task, progress, is_stopped).store(writer)
            except StoreError as exc:
                if done is None:
                    raise
                late = exc  # the scores are stored and only the copy for readers could not be written: show what changed first
        yield replace(done, summary=replace(done.summary, wall_s=round(time.monotonic() - begun, 1)))
    if late is not None:
        raise late


def plan_calls_of(config: Config, snapshot: Path, since: datetime | None, scoring: str | None = None) -> ArchivePlan:
    """Return which calls to score again; see plan_archive.

    Raises:
        NothingToDoError: there is no call with a dialogue, or none that began since then.
    """
    plan = plan_archive(snapshot, CallFilter(since=since), scoring)
    if plan.chunks or plan.n_fresh:
        return plan
    if since is not None:
        raise NothingToDoError("no call matches", hint="widen --since")
    raise NothingToDoError("the store holds no call that was heard", where=str(config.store.db), hint="callscore ingest FOLDER")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    config: Config
    request: RescoreRequest
    book: RubricBook
    folder: Path


class _Rescore:
    """One rescoring: scores are staged and compared first, and stored last, in one transaction."""

    def __init__(self, task: _Task, progress: Progress, is_stopped: Callable[[], bool]) -> None:
        self._task = task
        self._progress = progress
        self._is_stopped = is_stopped
        self._run_id = ""
        self._took_s: dict[str, float] = {}
        self._snapshot = take_snapshot(task.config.store.db, task.folder)
        scoring = None if task.request.is_full else scoring_part(scoring_hash(task.book, task.config.judge))
        self._plan = plan_calls_of(task.config, self._snapshot, task.request.since, scoring)

    def compare(self) -> Rescored:
        """Score and compare, and leave the store alone."""
        if not self._plan.chunks:
            return Rescored(summary=self._summary(None), book=self._task.book)
        settings = ScoreSettings(
            config=self._task.config,
            snapshot=self._snapshot,
            folder=self._task.folder,
            sides={"new": RubricSide(book=self._task.book)},
            is_full=self._task.request.is_full,
        )
        workers = self._task.request.workers or self._task.config.run.workers
        report = score_stored(settings, self._plan, workers, self._is_stopped, self._progress)
        self._took_s |= {"read": report.read_s, "score": report.score_s, "write": report.write_s}
        with self._timed("compare"):
            differences = compare_scores(self._task.folder, self._snapshot, is_old_staged=False)
            with open_reader(self._snapshot) as reader:
                before = stored_rubrics(differences.old_rubrics(), reader.criteria())
        if self._is_stopped():
            raise KeyboardInterrupt
        return Rescored(
            summary=self._summary(report),
            book=self._task.book,
            rubrics=compare_rubrics(before, book_rubrics(self._task.book)),
            differences=differences,
        )

    def store(self, writer: StoreWriter) -> Rescored:
        """Score, compare, and put the new scores in place of the old ones."""
        if not self._plan.chunks:
            return self.compare()
        self._run_id = uuid.uuid4().hex[:12]
        begun = time.monotonic()
        writer.start_run(self._run_id, datetime.now(UTC), __version__)
        try:
            done = self.compare()
            with self._timed("store"), writer.together():
                writer.save_rubrics(rubric_entries(self._task.book))
                writer.save_timezone(self._task.config.report.timezone)
                writer.replace_scores(self._task.folder, self._run_id)
                write_operator_scores(writer, self._task.config.report.timezone)
                refresh_conversion(writer, self._task.config)
                writer.finish_run(self._closing("done", begun))
        except BaseException as exc:
            # The error is what counts; a run that cannot even be closed is marked as killed by the next one.
            with contextlib.suppress(StoreError):
                writer.finish_run(self._closing("interrupted" if isinstance(exc, KeyboardInterrupt) else "stopped", begun))
            raise
        return replace(done, summary=replace(done.summary, took_s=self._took_s))

    def _summary(self, report: ChunkReport | None) -> RescoreSummary:
        return RescoreSummary(
            run_id=self._run_id,
            dry_run=self._task.request.dry_run,
            found=self._plan.n_calls + self._plan.n_fresh,
            rescored=report.n_calls if report else 0,
            up_to_date=self._plan.n_fresh,
            unscored=report.n_unscored if report else 0,
            judged=report.n_judged if report else 0,
            kept=report.n_kept if report else 0,
            wall_s=0.0,
            took_s=self._took_s,
        )

    def _closing(self, status: str, begun: float) -> RunSummary:
        return RunSummary(
            run_id=self._run_id,
            finished_at=datetime.now(UTC),
            status=status,
            found=self._plan.n_calls + self._plan.n_fresh,
            done=self._plan.n_calls if status == "done" else 0,
            skipped=self._plan.n_fresh,
            failed=0,
            audio_ms=0,
            wall_ms=round(1000 * (time.monotonic() - begun)),
        )

    @contextlib.contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self._took_s[part] = time.perf_counter() - begun
