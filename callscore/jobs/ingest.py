"""The nightly run: find calls, hear and score the stale ones, keep what came out, whatever breaks on the way."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

import psutil

from callscore import __version__
from callscore.config import Config
from callscore.errors import StoreError
from callscore.hearing import Heard
from callscore.jobs.collect import IngestRequest, collect_calls, find_folders, refuse_unknown_types
from callscore.jobs.conversion import refresh_conversion
from callscore.jobs.entries import model_entries, rubric_entries
from callscore.jobs.executor import Outcome, ProcessExecutor
from callscore.jobs.operator_scores import write_operator_scores
from callscore.jobs.plan import Plan, PlannedCall, plan_calls
from callscore.jobs.pull_calls import Pull, SourceFailure
from callscore.jobs.pull_orders import join_stored
from callscore.jobs.reviews import fold_reviews
from callscore.jobs.staff import refresh_staff
from callscore.jobs.stopping import stop_on_signals
from callscore.pipeline import CallJob, PipelineSettings
from callscore.records import CallInfo, CallResult, RecordedCall, Recording
from callscore.sources import Found, Problem
from callscore.stats.flags import flag_call
from callscore.store import StoreWriter, open_store
from callscore.store.entries import FailedCall, RunSummary

__all__ = ["Failure", "IngestSummary", "Progress", "run_ingest"]

_log = logging.getLogger(__name__)

# What one worker takes with whisper-base and pyannote.audio: up to 1.7 GB on calls of minutes, 2.1 GB on one of two hours.
WORKER_BYTES: Final = 1_800_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that failed: product.md's shape for `ingest --json`."""

    path: str
    call_id: str
    code: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """How a run ended; `audio_s` is the length of the recordings done in this run.

    `source_failures` are sources that could not be read to the end; what they gave before was processed.
    """

    run_id: str
    found: int
    done: int
    skipped: int
    failed: int
    audio_s: float
    wall_s: float
    failures: tuple[Failure, ...]
    remarks: tuple[str, ...]
    source_failures: tuple[SourceFailure, ...] = ()


class Progress(Protocol):
    """Hears how a run goes."""

    def note(self, text: str) -> None:
        """Tell how far the reading of a source is."""
        ...

    def begin(self, found: int, skipped: int, todo: int) -> None:
        """Tell how much there is to do."""
        ...

    def advance(self, recording: str, audio_ms: int, failure: Failure | None) -> None:
        """Tell that a call is done, or has failed."""
        ...

    def finish(self) -> None:
        """Tell that no more calls come."""
        ...


def run_ingest(config: Config, request: IngestRequest, progress: Progress) -> IngestSummary:
    """Process every stale call of the request and return the summary.

    Raises:
        CallscoreError: if the run cannot start or go on; what was committed before stays.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when everything done so far is stored and published.
    """
    begun = time.monotonic()
    # Rubrics are read and weights found before any work: a mistake there stops the run at once.
    settings = PipelineSettings.read(config, request.rubric)
    hashes = settings.hashes()
    folders = find_folders(config, request)
    with stop_on_signals() as is_stopped, open_store(config.store.db) as writer:
        pull = Pull(config=config, writer=writer, note=progress.note, since=request.since, is_stopped=is_stopped)
        collected = collect_calls(config, folders, pull)
        found = refuse_unknown_types(collected.found, settings.book)
        scripts = {call.info.call_id: settings.script_sha256(call) for call in found.calls}
        plan = plan_calls(found.calls, writer.known_fingerprints(), hashes, scripts)
        writer.save_rubrics(rubric_entries(settings.book))
        writer.save_models(model_entries(config))
        writer.save_timezone(config.report.timezone)
        remarks = refresh_staff(writer, config)
        run = _Run(config, writer, progress, found, plan, begun)
        with run.recorded():
            for problem in found.problems:
                run.fail(_record_of(problem), problem.code, problem.message, fingerprint="")
            for outcome in _execute(plan, settings, writer, is_stopped):
                run.keep(outcome)
            remarks += fold_reviews(writer, config)
            if is_stopped():
                raise KeyboardInterrupt
        join_stored(writer, config)
        writer.refresh_shifts(config.operators.shift_gap_hours)
        refresh_conversion(writer, config)
        summary = run.summary()
        return replace(summary, source_failures=collected.failures, remarks=summary.remarks + remarks)


def _execute(
    plan: Plan, settings: PipelineSettings, writer: StoreWriter, is_stopped: Callable[[], bool]
) -> Iterator[Outcome[CallJob, CallResult]]:
    jobs = (
        CallJob(record=call.record, fingerprint=call.fingerprint.text, heard=_stored(call, writer) if call.is_heard else None)
        for call in plan.todo
    )
    workers = _worker_count(settings.config, len(plan.todo))
    threads = settings.config.run.threads or max(1, (os.cpu_count() or 1) // workers)
    executor = ProcessExecutor[CallJob, CallResult](settings.with_threads(threads).build, workers)
    with contextlib.closing(executor.run(jobs, is_stopped)) as outcomes:
        yield from outcomes


def _stored(call: PlannedCall, writer: StoreWriter) -> Heard | None:
    """Return what was heard of a call before, so that it is scored again without its sound."""
    stored = writer.reader().call(call.record.info.call_id)
    if stored is None or stored.audio is None or stored.dialogue is None:
        return None
    return Heard(
        audio=stored.audio,
        layout=stored.dialogue.layout,
        dialogue=stored.dialogue,
        provenance=stored.provenance,
        notes=stored.notes,
    )


def _worker_count(config: Config, n_jobs: int) -> int:
    """Return how many calls to process at once: one per core while memory lasts."""
    if config.run.workers:
        return min(config.run.workers, max(1, n_jobs))
    fitting = psutil.virtual_memory().available // WORKER_BYTES
    return max(1, min(os.cpu_count() or 1, fitting, n_jobs))


class _Run:
    """The bookkeeping of one run: counts, failures, and every write to the store."""

    def __init__(self, config: Config, writer: StoreWriter, progress: Progress, found: Found, plan: Plan, begun: float) -> None:
        self._config = config
        self._writer = writer
        self._progress = progress
        self._found = found
        self._plan = plan
        self._begun = begun
        self._id = uuid.uuid4().hex[:12]
        self._done = 0
        self._audio_ms = 0
        self._n_unscored = 0
        self._failures: list[Failure] = []

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Record start and end of the run, also where it is interrupted or stopped by an error."""
        self._writer.start_run(self._id, datetime.now(UTC), __version__)
        n_found = len(self._found.calls) + len(self._found.problems)
        self._progress.begin(n_found, self._plan.n_skipped, len(self._plan.todo))
        status = "stopped"
        try:
            yield
            status = "done"
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        except StoreError:
            status = ""  # nothing more can be written; the next run marks this one as killed
            raise
        finally:
            self._progress.finish()
            if status:
                self._close(status)

    def keep(self, outcome: Outcome[CallJob, CallResult]) -> None:
        """Commit what became of one call."""
        record = outcome.job.record
        if outcome.result is None:
            error = outcome.error
            if error is None:
                raise ValueError("Outcome needs a result or an error")
            message = f"{error.message} ({error.hint})" if error.hint else error.message
            self.fail(record, error.exit_code, message, outcome.job.fingerprint)
            return
        self._writer.save_call(outcome.result, self._id, flag_call(outcome.result))
        self._done += 1
        self._n_unscored += not outcome.result.scores
        self._audio_ms += outcome.result.audio.duration_ms
        self._progress.advance(record.recording.name, outcome.result.audio.duration_ms, None)
        self._writer.publish_if_due(datetime.now(UTC), self._config.store.publish_every_s)

    def fail(self, record: RecordedCall, code: int, message: str, fingerprint: str) -> None:
        """Commit that a call failed."""
        failure = Failure(path=record.recording.name, call_id=record.info.call_id, code=code, message=message)
        self._failures.append(failure)
        self._writer.save_failure(
            FailedCall(
                record=record, code=code, message=message, run_id=self._id, at=datetime.now(UTC), fingerprint=fingerprint
            )
        )
        _log.info("call %s failed with code %d", record.info.call_id, code)
        self._progress.advance(record.recording.name, 0, failure)

    def summary(self) -> IngestSummary:
        """Return the counts as the command prints them."""
        return IngestSummary(
            run_id=self._id,
            found=len(self._found.calls) + len(self._found.problems),
            done=self._done,
            skipped=self._plan.n_skipped,
            failed=len(self._failures),
            audio_s=self._audio_ms / 1000,
            wall_s=round(time.monotonic() - self._begun, 1),
            failures=tuple(self._failures),
            remarks=self._found.remarks + self._remarks(),
        )

    def _remarks(self) -> tuple[str, ...]:
        if not self._n_unscored:
            return ()
        return (f"calls without verdicts: {self._n_unscored} (no rubric is for their call type, direction and language)",)

    def _close(self, status: str) -> None:
        write_operator_scores(self._writer, self._config.report.timezone)
        summary = self.summary()
        self._writer.finish_run(
            RunSummary(
                run_id=self._id,
                finished_at=datetime.now(UTC),
                status=status,
                found=summary.found,
                done=summary.done,
                skipped=summary.skipped,
                failed=summary.failed,
                audio_ms=self._audio_ms,
                wall_ms=round(summary.wall_s * 1000),
            )
        )


def _record_of(problem: Problem) -> RecordedCall:
    recording = Recording(path="", name=problem.recording, source=problem.source, sha256="", n_bytes=0)
    return RecordedCall(info=CallInfo(call_id=problem.call_id), recording=recording)
