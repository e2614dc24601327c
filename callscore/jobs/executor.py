"""Worker processes: each loads its models once and takes one job after another.

A worker that crashes, runs out of memory or stops answering fails the job it held, is replaced, and the batch goes on; that is
why even a single worker is a process of its own. Workers die with the process that started them. Nothing here knows what a
call is.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from callscore.errors import CallError, CallscoreError

__all__ = ["Executor", "Outcome", "ProcessExecutor", "Worker", "as_bug"]

# Until a worker knows how long a recording is, and on top of what the recording allows; enough to load models from a slow disk.
START_LIMIT_S: Final = 600.0
# The slowest sensible machine hears at half of real time, doubled for a busy night.
LIMIT_PER_AUDIO_S: Final = 4.0

# How long a wish to stop may go unnoticed.
LOOK_UP_S: Final = 0.2

_PR_SET_PDEATHSIG: Final = 1

# Models ask for the same tens of megabytes again and again. Unless told otherwise, glibc gives them back to the kernel each
# time, which clears them anew: a third of the time of Whisper's encoder. One heap, as the others cannot hold such pieces.
# Threads that wait for each other in OpenMP must not spin: on a busy machine that took ten times the work itself.
_WORKER_ENVIRONMENT: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 29),
    "OMP_WAIT_POLICY": "PASSIVE",
}

Job = TypeVar("Job")
Result = TypeVar("Result")
_Job_contra = TypeVar("_Job_contra", contravariant=True)
_Result_co = TypeVar("_Result_co", covariant=True)


class Worker(Protocol[_Job_contra, _Result_co]):
    """Does one job after another in a process of its own; built there by a picklable factory."""

    def run(self, job: _Job_contra, on_length: Callable[[int], None]) -> _Result_co:
        """Do the job; call `on_length(duration_ms)` as soon as the recording's length is known.

        Raises:
            CallError: this job failed.
            CallscoreError: of any other kind: no job can succeed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Job, Result]):
    """What became of a job: a result, or the error that ended it."""

    job: Job
    result: Result | None
    error: CallError | None


class Executor(Protocol[Job, Result]):
    """Runs jobs, in any order; the place to plug in an engine that spreads work over machines."""

    def run(self, jobs: Iterable[Job], is_stopped: Callable[[], bool]) -> Generator[Outcome[Job, Result], None, None]:
        """Yield an outcome for each job as it finishes; end the work at once when `is_stopped` or the generator is closed.

        Raises:
            CallscoreError: as soon as a worker says that no job can succeed.
        """
        ...


class ProcessExecutor(Generic[Job, Result]):
    """An Executor over `n_workers` processes of this machine, never more than there are jobs."""

    def __init__(self, factory: Callable[[], Worker[Job, Result]], n_workers: int) -> None:
        if n_workers < 1:
            raise ValueError(f"n_workers must be at least 1, got {n_workers}")
        self._factory = factory
        self._n_workers = n_workers

    def run(
        self, jobs: Iterable[Job], is_stopped: Callable[[], bool] = lambda: False
    ) -> Generator[Outcome[Job, Result], None, None]:
        """See Executor.run."""
        waiting = iter(jobs)
        slots = [_Slot[Job, Result](self._factory) for _ in range(self._n_workers)]
        try:
            for slot, job in zip(slots, waiting, strict=False):
                slot.give(job)
            while any(slot.busy for slot in slots) and not is_stopped():
                for slot in _ready(slots):
                    outcome = slot.read()
                    if outcome is None:
                        continue
                    for job in itertools.islice(waiting, 1):
                        slot.give(job)
                    yield outcome
        finally:
            for slot in slots:
                slot.stop()


class _Slot(Generic[Job, Result]):
    """One worker process with the job it holds; starts a new process when the old one is gone."""

    def __init__(self, factory: Callable[[], Worker[Job, Result]]) -> None:
        self._factory = factory
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._held: list[Job] = []
        self.deadline_s = 0.0

    @property
    def busy(self) -> bool:
        return bool(self._held)

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            raise ValueError("_Slot.connection is read before a job was given")
        return self._connection

    def give(self, job: Job) -> None:
        if self._process is None or not self._process.is_alive():
            self._start()
        self._held = [job]
        self.deadline_s = time.monotonic() + START_LIMIT_S
        with contextlib.suppress(OSError):  # a worker that died just now is noticed when its answer is read
            self.connection.send(job)

    def read(self) -> Outcome[Job, Result] | None:
        """Return the outcome if the worker has one, None if it only reported progress."""
        if not self.connection.poll():
            return self._lost("stopped answering and was ended")
        try:
            kind, value = self.connection.recv()
        except (EOFError, OSError):
            return self._lost("ended unexpectedly")
        if kind == "length":
            self.deadline_s = time.monotonic() + START_LIMIT_S + LIMIT_PER_AUDIO_S * value / 1000
            return None
        if kind == "stop":
            raise _rebuild(value)
        job = self._held.pop()
        if kind == "error":
            error = _rebuild(value)
            return Outcome(job, None, error if isinstance(error, CallError) else CallError(error.message))
        return Outcome(job, value, None)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lost(self, what: str) -> Outcome[Job, Result]:
        code = None
        if self._process is not None:
            self._process.join(timeout=1)
            code = self._process.exitcode
        self.stop()
        detail = f" (signal {signal.Signals(-code).name})" if code is not None and code < 0 else ""
        hint = "the recording may be broken or the memory too small; see the system log for out-of-memory kills"
        return Outcome(self._held.pop(), None, CallError(f"the worker process {what}{detail}", hint=hint))

    def _start(self) -> None:
        self.stop()
        for name, value in _WORKER_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._factory, os.getpid()), daemon=True)
        with _uninterrupted():
            process.start()
            self._process = process
            self._connection = ours
        theirs.close()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM: a worker stopped half-way into its start would be neither there nor gone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ready(slots: list[_Slot[Job, Result]]) -> list[_Slot[Job, Result]]:
    """Wait a moment for a worker that has something to say or is past its deadline, and return those there are."""
    busy = {slot.connection: slot for slot in slots if slot.busy}
    said = wait(list(busy), timeout=LOOK_UP_S)
    return [busy[item] for item in said if isinstance(item, Connection)] or [
        slot for slot in busy.values() if slot.deadline_s <= time.monotonic()
    ]


def _serve(connection: Connection, factory: Callable[[], Worker[Any, Any]], parent: int) -> None:
    """Run in the worker process: take jobs until the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))  # they were held back while this was started
    _die_with(parent)
    worker: Worker[Any, Any] | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            try:
                worker = worker or factory()
                result = worker.run(job, lambda duration_ms: connection.send(("length", duration_ms)))
            except CallscoreError as error:
                connection.send(("error" if isinstance(error, CallError) else "stop", _flatten(error)))
            except MemoryError:
                connection.send(("error", _flatten(CallError("there is not enough memory for this recording"))))
            except Exception as error:  # noqa: BLE001 - a bug met by one recording must not end the night
                connection.send(("error", _flatten(as_bug(error))))
            else:
                connection.send(("result", result))


def _die_with(parent: int) -> None:
    """Let the kernel end this worker when the parent dies, even by kill -9; Linux only, elsewhere the closed pipe does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _flatten(error: CallscoreError) -> tuple[type[CallscoreError], str, str, str]:
    return type(error), error.message, error.where, error.hint


def _rebuild(flat: tuple[type[CallscoreError], str, str, str]) -> CallscoreError:
    kind, message, where, hint = flat
    return kind(message, where=where, hint=hint)


def as_bug(error: Exception) -> CallError:
    """Return an unforeseen error by its kind and place, without its text: that might quote the call."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return CallError(f"unexpected {type(error).__name__} at {place}", hint="this is a bug in callscore: please report it")
