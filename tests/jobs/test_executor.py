"""Worker processes that crash, hang and fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from callscore.errors import AudioError, ModelError
from callscore.jobs import executor
from callscore.jobs.executor import ProcessExecutor


class Squares:
    """A worker that squares numbers and obeys a few words that break it."""

    def run(self, job: int | str, on_length: Callable[[int], None]) -> tuple[int, int]:
        """Return the square of a number and the worker's process id."""
        on_length(1000)
        if job == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if job == "exit":
            os._exit(3)
        if job == "bad":
            raise AudioError("no sound", where="a.wav", hint="listen")
        if job == "bug":
            raise KeyError("Иван Иванов")
        if job == "stop":
            raise ModelError("weights are missing", hint="pull them")
        if job == "hang":
            time.sleep(60)
        return int(job) ** 2, os.getpid()


def run(*jobs: int | str, n_workers: int = 2) -> dict[int | str, str]:
    """Return what became of each job."""
    outcomes = ProcessExecutor[int | str, tuple[int, int]](Squares, n_workers).run(jobs)
    return {item.job: str(item.result[0]) if item.result else f"{item.error!r}" for item in outcomes}


def test_every_job_has_an_outcome_when_some_crash_fail_or_have_a_bug() -> None:
    """A dead worker fails the job it held; all the others are done."""
    outcomes = run(1, "crash", 2, "bad", "bug", 3, "exit", 4)
    assert {job: outcomes[job] for job in (1, 2, 3, 4)} == {1: "1", 2: "4", 3: "9", 4: "16"}
    assert outcomes["crash"] == "CallError('the worker process ended unexpectedly (signal SIGSEGV)')"
    assert outcomes["exit"] == "CallError('the worker process ended unexpectedly')"
    assert outcomes["bad"] == "AudioError('no sound')"
    assert outcomes["bug"].startswith("CallError('unexpected KeyError at test_executor.py:")
    assert "Иван" not in outcomes["bug"]


def test_an_error_keeps_its_place_and_hint() -> None:
    """What a worker raises arrives whole."""
    error = next(iter(ProcessExecutor[int | str, tuple[int, int]](Squares, 1).run(["bad"]))).error
    assert error is not None
    assert (error.where, error.hint, error.exit_code) == ("a.wav", "listen", 21)


def test_an_error_of_the_run_ends_it() -> None:
    """Without weights no job can succeed."""
    with pytest.raises(ModelError, match="weights are missing"):
        run("stop", 1, 2, 3)


def test_a_hanging_worker_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording that never ends being heard costs its own call only."""
    monkeypatch.setattr(executor, "START_LIMIT_S", 2.0)
    monkeypatch.setattr(executor, "LIMIT_PER_AUDIO_S", 0.5)
    outcomes = run("hang", 5, n_workers=1)
    assert outcomes == {"hang": "CallError('the worker process stopped answering and was ended')", 5: "25"}


def test_workers_are_kept_between_jobs() -> None:
    """Models are loaded once for a worker, not once for a job."""
    outcomes = ProcessExecutor[int | str, tuple[int, int]](Squares, 1).run([1, 2, 3])
    assert len({item.result[1] for item in outcomes if item.result}) == 1


def test_workers_die_with_a_killed_parent() -> None:
    """After kill -9 of the run nothing of it is left working."""
    code = (
        "from tests.jobs.test_executor import Squares\n"
        "from callscore.jobs.executor import ProcessExecutor\n"
        "if __name__ == '__main__':\n"
        "    for item in ProcessExecutor(Squares, 1).run([7, 'hang']):\n"
        "        print(item.result[1], flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and is_alive(worker):
        time.sleep(0.05)
    assert not is_alive(worker)


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
