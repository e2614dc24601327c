"""Measure `callscore rescore` on a generated archive after an edit of one phrase set, and where everything is judged anew.

Run: python -m benchmarks.rescore [--calls 3000] [--scored 3000] [--edited farewell] [--repeats 3] [--noise 0.12] [--workers 0]
     [--peer-calls 100]

The archive is made once (see shop_calls.py) and `--scored` of its calls are scored once, which is not counted. Where it holds
more calls, the others get the facts, verdicts and evidence of those in turn: their words are their own, so that judging what
was edited costs what it costs, while what is taken over is somebody else's. Then a phrase is added to the edited set and taken
away again, so that every counted run scores every call, judges the criteria that use the set, and stores all again. `--full` is
measured on the scored calls alone. The peer is the path of `ingest` for calls whose rubrics changed: read a call, score it,
save it, one after another in one process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psutil

from benchmarks.shop_calls import generate_store, repeated_turns
from callscore.config import load_config
from callscore.pipeline import hashed_book, score_dialogue
from callscore.records import CallResult, RecordedCall, Recording
from callscore.rubric import load_book
from callscore.shipped import shipped_dir
from callscore.stats.flags import flag_call
from callscore.store import open_reader, open_store
from callscore.store.entries import CallFilter
from callscore.store.maintain import publish_store

PHRASE = "      - премного обязан вашему вниманию\n"
COPIED = ("call_metrics", "verdicts", "evidence", "call_scores", "flags")
SQL_COPY = """
INSERT INTO {table} BY NAME SELECT t.* REPLACE (n.call_id AS call_id)
FROM numbered n JOIN scored.{table} t ON t.call_id = n.like_id ORDER BY n.call_id
"""
SQL_FACTS = """
UPDATE calls SET direction = s.direction, queue = s.queue, call_type = s.call_type, call_type_reason = s.call_type_reason,
    call_type_confidence = s.call_type_confidence, call_type_shares = s.call_type_shares, fingerprint = s.fingerprint
FROM numbered n JOIN scored.calls s ON s.call_id = n.like_id WHERE calls.call_id = n.call_id
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: wall and processor time, peak memory of all its processes together, and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: dict[str, Any]


def rescore(db: Path, rubrics: Path, workers: int, *more: str) -> Run:
    """Run the real command and watch its memory."""
    command = [sys.executable, "-m", "callscore", "rescore", "--json", "--db", str(db), "--workers", str(workers), *more]
    environ = {**os.environ, "CALLSCORE_RUBRICS_DIR": str(rubrics)}
    begun, cpu_begun = time.perf_counter(), _children_s()
    with (
        tempfile.TemporaryFile() as out,
        subprocess.Popen(command, stdout=out, env=environ) as process,  # noqa: S603 - our own command
    ):
        peaks = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        code = process.wait()
        wall_s = time.perf_counter() - begun
        watcher.join()
        if code:
            raise SystemExit(f"rescore ended with {code}")
        out.seek(0)
        said = json.load(out)
    return Run(wall_s, _children_s() - cpu_begun, max(peaks) / 1e6, said)


def _children_s() -> float:
    """Return the processor time of the processes that ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while process.poll() is None:
        try:
            parent = psutil.Process(process.pid)
            peaks.append(sum(item.memory_info().rss for item in (parent, *parent.children(recursive=True))))
        except psutil.Error:
            pass  # a process ended while it was asked
        time.sleep(0.05)


def one_by_one(db: Path, rubrics: Path, n_calls: int) -> float:
    """Score `n_calls` calls again one after another and return the seconds that one takes."""
    book = hashed_book(load_book(rubrics), load_config(None).config.judge)
    with open_reader(db) as reader:
        ids = [row.call_id for row in reader.calls(CallFilter(limit=n_calls))]
    with open_store(db) as writer:
        writer.start_run("peer", datetime.now(UTC), "benchmark")
        begun = time.perf_counter()
        for call_id in ids:
            stored = writer.reader().call(call_id)
            if stored is None or stored.dialogue is None or stored.audio is None:
                raise SystemExit(f"{call_id} has no dialogue")
            made = score_dialogue(stored.dialogue, stored.info, book)
            recording = Recording(path="", name=stored.recording or "", source=stored.source, sha256="", n_bytes=0)
            result = CallResult(
                record=RecordedCall(info=stored.info, recording=recording),
                audio=stored.audio,
                layout=stored.dialogue.layout,
                dialogue=stored.dialogue,
                metrics=made.metrics,
                call_type=made.call_type,
                scores=made.scores,
                provenance=stored.provenance,
                fingerprint=stored.fingerprint or "",
            )
            writer.save_call(result, "peer", flag_call(result))
        return (time.perf_counter() - begun) / len(ids)


def fill(db: Path, scored: Path) -> None:
    """Give the calls of `db` what scoring gave those of `scored`, in turn."""
    with duckdb.connect(str(db)) as connection:
        connection.execute(f"ATTACH '{scored}' AS scored (READ_ONLY)")
        connection.execute(
            "CREATE TEMP TABLE numbered AS SELECT call_id, s.like_id FROM "
            "(SELECT call_id, row_number() OVER (ORDER BY call_id) - 1 AS number FROM calls) c JOIN "
            "(SELECT call_id AS like_id, row_number() OVER (ORDER BY call_id) - 1 AS number, count(*) OVER () AS n "
            "FROM scored.calls) s ON c.number % s.n = s.number"
        )
        for table in COPIED:
            connection.execute(SQL_COPY.format(table=table))
        connection.execute(SQL_FACTS)
    publish_store(db)


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--scored", type=int, default=3000, help="how many of them are scored really")
    parser.add_argument("--edited", default="farewell", help="the Russian phrase set that is edited")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--noise", type=float, default=0.12, help="share of the words that are garbled")
    parser.add_argument("--workers", type=int, default=0, help="0: one per core")
    parser.add_argument("--peer-calls", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usual, edited = _rubrics(folder, options.edited)
        scored, db = folder / "scored.duckdb", folder / "archive.duckdb"
        n_scored = min(options.scored, options.calls)
        begun = time.perf_counter()
        generate_store(scored, n_scored, noise=options.noise)
        generate_store(db, options.calls, noise=options.noise)
        _say(f"{options.calls} calls made in {time.perf_counter() - begun:.0f} s, {_shape(db)}")
        _say(f"first scoring of {n_scored} calls, not counted: {_text(rescore(scored, usual, options.workers))}")
        fill(db, scored)
        runs = [rescore(db, (edited, usual)[number % 2], options.workers) for number in range(options.repeats)]
        rate = _report(f"phrase set {options.edited} edited", runs)
        full = _report("--full", [rescore(scored, usual, options.workers, "--full") for _ in range(options.repeats)])
        peer = 1 / one_by_one(scored, usual, min(options.peer_calls, n_scored))
        gains = f"after the edit {rate / peer:.1f} times as fast, --full {full / peer:.1f} times"
        _say(f"peer, one call after another: {peer:.1f} calls/s; {gains}")


def _report(what: str, runs: list[Run]) -> float:
    """Print the runs of one kind and return the median of calls per second."""
    for number, run in enumerate(runs, 1):
        _say(f"{what}, run {number}: {_text(run)}")
    rates = sorted(run.said["rescored"] / run.wall_s for run in runs)
    median = float(statistics.median(rates))
    cpu_ms = statistics.median(1000 * run.cpu_s / run.said["rescored"] for run in runs)
    _say(
        f"{what}: median {median:.1f} calls/s, from {rates[0]:.1f} to {rates[-1]:.1f}; {cpu_ms:.1f} ms of processor a call; "
        f"100,000 calls: {100_000 / median / 60:.1f} min; peak {max(run.peak_mb for run in runs):.0f} MB"
    )
    return median


def _rubrics(folder: Path, edited: str) -> tuple[Path, Path]:
    """Return the shipped rubrics twice, with one more phrase in a set of the second."""
    usual, other = folder / "usual", folder / "other"
    for target in (usual, other):
        shutil.copytree(shipped_dir("rubrics"), target)
    for path in sorted((other / "phrases").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        found = re.search(rf"^  {edited}:\n(?:    .*\n)*?    phrases:\n", text, re.MULTILINE)
        if found and "\nlanguage: ru\n" in text:
            path.write_text(text[: found.end()] + PHRASE + text[found.end() :], encoding="utf-8")
            return usual, other
    raise SystemExit(f"there is no phrase set {edited}")


def _shape(db: Path) -> str:
    sql = "SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM words), (SELECT count(DISTINCT text) FROM words)"
    with open_reader(db) as reader:
        n_turns, n_words, n_distinct = reader.query(sql).rows[0]
        n_calls = reader.query("SELECT count(*) FROM calls").rows[0][0]
    per_call = f"{int(str(n_turns)) / int(str(n_calls)):.1f} turns and {int(str(n_words)) / int(str(n_calls)):.0f} words a call"
    return f"{per_call}, {n_distinct} different words, {repeated_turns(db):.0%} of the turns of three words or more repeated"


def _text(run: Run) -> str:
    took, said = run.said["took_s"], run.said
    workers_s = took["read"] + took["score"] + took["write"]
    shares = ", ".join(f"{part} {took[part] / workers_s:.0%}" for part in ("read", "score", "write"))
    return (
        f"{said['rescored'] / run.wall_s:.1f} calls/s, {run.wall_s:.1f} s, processor {run.cpu_s:.1f} s, "
        f"peak {run.peak_mb:.0f} MB; {said['judged']} verdicts judged, {said['kept']} kept; workers: {shares}; "
        f"then compare {took['compare']:.1f} s, store {took['store']:.1f} s; {said['changed_verdicts']} verdicts changed"
    )


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
