"""Which recognisers are compared, whether they are here, and how one of them runs in a process of its own."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.hearing.records import Facts, Heard, Job, JobCall, SpokenTurn, SpokenWord

__all__ = ["CONTENDERS", "Contender", "read_job", "read_result", "run_one", "write_job"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A recogniser: its title in tables, the function that runs it ("module:name"), what it needs.

    `is_command`: it runs programs, so that the memory of the process that starts them is not its own.
    """

    title: str
    function: str
    package: str = "faster_whisper"
    is_command: bool = False
    runs_on_gpu: bool = False

    def is_installed(self) -> bool:
        """Tell whether its package can be found; programs are looked for elsewhere."""
        return importlib.util.find_spec(self.package) is not None


CONTENDERS: Final = {
    "callscore": Contender(
        title="callscore", function="benchmarks.hearing.own:hear_callscore", is_command=True, runs_on_gpu=True
    ),
    "callscore-once": Contender(
        title="callscore, no second listen", function="benchmarks.hearing.own:hear_callscore_once", is_command=True
    ),
    "batched": Contender(title="faster-whisper Batched", function="benchmarks.hearing.peers:hear_batched", runs_on_gpu=True),
    "sequential": Contender(title="faster-whisper sequential", function="benchmarks.hearing.peers:hear_sequential"),
    "ctranslate2": Contender(
        title="whisper-ctranslate2", function="benchmarks.hearing.peers:hear_ctranslate2", is_command=True
    ),
    "whisperx": Contender(title="whisperX", function="benchmarks.hearing.peers:hear_whisperx", package="whisperx"),
}


def run_one(job_file: Path, result_file: Path) -> None:
    """Do a job in this process and write what was heard and what it took."""
    job = read_job(job_file)
    module, name = CONTENDERS[job.contender].function.split(":")
    hear: Callable[[Job], tuple[dict[str, Heard], Facts]] = getattr(importlib.import_module(module), name)
    heard, facts = hear(job)
    result = {"facts": dataclasses.asdict(facts), "heard": {key: dataclasses.asdict(value) for key, value in heard.items()}}
    result_file.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


def write_job(job: Job, path: Path) -> None:
    """Write a job as JSON."""
    path.write_text(json.dumps(dataclasses.asdict(job), ensure_ascii=False), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read a job that `write_job` wrote."""
    row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    calls = (
        JobCall(
            call_id=call["call_id"],
            path=call["path"],
            n_channels=call["n_channels"],
            channels=tuple(call["channels"]),
            pbx=tuple((name, value) for name, value in call["pbx"]),
        )
        for call in row.pop("calls")
    )
    return Job(calls=tuple(calls), **row)


def read_result(path: Path) -> tuple[dict[str, Heard], Facts]:
    """Read what `run_one` wrote."""
    row = json.loads(path.read_text(encoding="utf-8"))
    heard = {
        call_id: Heard(
            words=tuple(SpokenWord(**word) for word in told["words"]),
            turns=tuple(SpokenTurn(**turn) for turn in told["turns"]),
            problem=told["problem"],
        )
        for call_id, told in row["heard"].items()
    }
    return heard, Facts(**row["facts"])
