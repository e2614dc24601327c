"""callscore as its users run it: `callscore ingest` of files into a fresh store; what was heard is read from the store."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.hearing.clock import Stopwatch
from benchmarks.hearing.records import Facts, Heard, Job, JobCall, SpokenTurn, SpokenWord

__all__ = ["hear_callscore", "hear_callscore_once", "read_heard"]

_SOME_FAILED: Final = 20
SQL_WORDS: Final = """
SELECT call_id, t.channel, w.start_ms, w.end_ms, w.text FROM words w JOIN turns t USING (call_id, turn_no)
ORDER BY call_id, w.start_ms, w.end_ms
"""
SQL_TURNS: Final = "SELECT call_id, role, start_ms, end_ms FROM turns WHERE kind = 'speech' ORDER BY call_id, start_ms"


def hear_callscore(job: Job) -> tuple[dict[str, Heard], Facts]:
    """Run it with its default settings."""
    return _hear(job, second_listen=True)


def hear_callscore_once(job: Job) -> tuple[dict[str, Heard], Facts]:
    """Run it without the second listen."""
    return _hear(job, second_listen=False)


def _hear(job: Job, *, second_listen: bool) -> tuple[dict[str, Heard], Facts]:
    """Ingest a second of speech for each core, which is what starting takes, then the calls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = []
        for number in range(job.threads):
            clip = folder / f"second-{number}.wav"
            shutil.copyfile(job.second, clip)
            clips.append(JobCall(clip.stem, str(clip), len(job.calls[0].channels), job.calls[0].channels))
        start = Stopwatch()
        if failed := _ingest(job, clips, folder / "start", second_listen=second_listen):
            raise RuntimeError(f"callscore failed on a second of speech: {next(iter(failed.values()))}")
        load = start.read()
        whole = Stopwatch()
        failed = _ingest(job, job.calls, folder / "calls", second_listen=second_listen)
        took = whole.read().beyond(load)
        heard = read_heard(folder / "calls" / "store.duckdb", [call.call_id for call in job.calls], failed)
    return heard, Facts(load_s=load.wall_s, work_s=took.wall_s, cpu_s=took.cpu_s)


def _ingest(job: Job, calls: Sequence[JobCall], folder: Path, *, second_listen: bool) -> dict[str, str]:
    """Run the command in an empty folder, so that nobody's settings count; return what became of calls that failed."""
    folder.mkdir()
    metadata = folder / "calls.jsonl"
    rows = ({**dict(call.pbx), "file": call.path, "call_id": call.call_id, "language": job.language} for call in calls)
    metadata.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    files = [call.path for call in calls]
    command = [sys.executable, "-m", "callscore", "ingest", *files, "--metadata", str(metadata), "--model", job.model]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--db", str(folder / "store.duckdb"), "--json"],
        cwd=folder,
        env={
            **os.environ,
            "CALLSCORE_TRANSCRIBE_DEVICE": job.device,
            "CALLSCORE_TRANSCRIBE_COMPUTE_TYPE": job.compute_type,
            "CALLSCORE_SECOND_LISTEN_ENABLED": str(second_listen).lower(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, _SOME_FAILED):
        raise RuntimeError(f"callscore ingest ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return {failure["call_id"]: failure["message"] for failure in json.loads(done.stdout)["failures"]}


def read_heard(db: Path, call_ids: Sequence[str], failed: Mapping[str, str]) -> dict[str, Heard]:
    """Return what a store holds of the calls; `failed` tells why of those that it holds nothing of."""
    words: dict[str, list[SpokenWord]] = {call_id: [] for call_id in call_ids}
    turns: dict[str, list[SpokenTurn]] = {call_id: [] for call_id in call_ids}
    with duckdb.connect(str(db), read_only=True) as connection:
        for call_id, channel, start_ms, end_ms, text in connection.execute(SQL_WORDS).fetchall():
            words[call_id].append(SpokenWord(channel, start_ms, end_ms, text))
        for call_id, role, start_ms, end_ms in connection.execute(SQL_TURNS).fetchall():
            turns[call_id].append(SpokenTurn(role, start_ms, end_ms))
    return {
        call_id: Heard(words=tuple(words[call_id]), turns=tuple(turns[call_id]), problem=failed.get(call_id, ""))
        for call_id in call_ids
    }
