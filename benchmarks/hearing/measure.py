"""Run one recogniser in a process of its own and watch what it takes: memory of all its processes, the GPU's busy share."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.hearing.contenders import CONTENDERS, read_result, write_job
from benchmarks.hearing.records import Facts, Heard, Job

__all__ = ["Failed", "Measured", "run_job", "tree_bytes"]

_LOOK_EVERY_S: Final = 0.2
_GPU_EVERY_MS: Final = 250


class Failed(RuntimeError):  # noqa: N818 - says what became of it
    """A recogniser did not do its job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run heard and cost. `gpu_busy_frac` is the mean from the first busy moment to the last; None: no GPU was used."""

    heard: dict[str, Heard]
    facts: Facts
    peak_bytes: int
    gpu_busy_frac: float | None


def run_job(job: Job) -> Measured:
    """Do a job in a fresh process.

    Raises:
        Failed: if that process fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_job(job, folder / "job.json")
        command = [sys.executable, "-m", "benchmarks.hearing", "--one", job.contender]
        process = subprocess.Popen(  # noqa: S603 - this very program
            [*command, "--job", str(folder / "job.json"), "--result", str(folder / "result.json")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        peaks = [0]
        watcher = threading.Thread(target=_watch, args=(process, peaks, CONTENDERS[job.contender].is_command))
        with _gpu_samples(job.device) as busy:
            watcher.start()
            _out, said = process.communicate()
        watcher.join()
        if process.returncode:
            raise Failed(said.strip().splitlines()[-1] if said.strip() else f"ended with {process.returncode}")
        heard, facts = read_result(folder / "result.json")
    return Measured(heard=heard, facts=facts, peak_bytes=max(peaks), gpu_busy_frac=_mean_busy(busy))


def tree_bytes(pid: int, *, with_root: bool = True) -> int:
    """Return the resident memory of a process and all below it; what they share counts for each.

    Processes that end meanwhile count nothing.
    """
    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [*([root] if with_root else []), *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
    return total


def _watch(process: subprocess.Popen[str], peaks: list[int], is_command: bool) -> None:
    while process.poll() is None:
        peaks.append(tree_bytes(process.pid, with_root=not is_command))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_EVERY_S)


@contextlib.contextmanager
def _gpu_samples(device: str) -> Iterator[list[float]]:
    """Collect the GPU's busy share, 0..1, every quarter of a second, while the block runs."""
    samples: list[float] = []
    if device != "cuda":
        yield samples
        return
    command = [
        "nvidia-smi",
        "--query-gpu=utilization.gpu",
        "--format=csv,noheader,nounits",
        "-i",
        "0",
        "-lms",
        str(_GPU_EVERY_MS),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"}) as smi:  # noqa: S603 - a fixed command

        def collect() -> None:
            for line in smi.stdout or ():
                with contextlib.suppress(ValueError):
                    samples.append(float(line) / 100)

        reader = threading.Thread(target=collect)
        reader.start()
        try:
            yield samples
        finally:
            smi.terminate()
            reader.join()


def _mean_busy(samples: list[float]) -> float | None:
    busy = [number for number, share in enumerate(samples) if share]
    if not busy:
        return None
    during = samples[busy[0] : busy[-1] + 1]
    return sum(during) / len(during)
