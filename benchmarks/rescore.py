"""Measure `callscore rescore` on a generated archive: calls per second, peak memory, and where the time goes.

Run: python -m benchmarks.rescore [--calls 3000] [--repeats 3] [--noise 0.12] [--workers 0] [--peer-calls 100]

The archive is made once (see shop_calls.py) and scored once, which is not counted; then the limits of doubt and the version of
the most used rubric are changed there and back, so that every counted run scores every call again, keeps what it replaces, and
stores what differs. The peer is the path of `ingest` for calls
whose rubrics changed: read a call, score it, save it, one after another in one process.
"""

from __future__ import annotations

import argparse
import json
import os
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

import psutil

from benchmarks.shop_calls import generate_store, repeated_turns
from callscore.pipeline import score_dialogue
from callscore.records import CallRecord, CallResult, Recording
from callscore.rubric import load_book
from callscore.shipped import shipped_dir
from callscore.stats.flags import flag_call
from callscore.store import open_reader, open_store
from callscore.store.entries import CallFilter

OTHER_LIMITS = "format: 1\norigin: benchmark\nvalues: {match_sure: 0.84, weak_frac: 0.4, role_sure: 0.7}\n"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: wall time, peak memory of all its processes together, and what it printed."""

    wall_s: float
    peak_mb: float
    said: dict[str, Any]


def rescore(db: Path, rubrics: Path, workers: int) -> Run:
    """Run the real command and watch its memory."""
    command = [sys.executable, "-m", "callscore", "rescore", "--json", "--db", str(db), "--workers", str(workers)]
    environ = {**os.environ, "CALLSCORE_RUBRICS_DIR": str(rubrics)}
    begun = time.perf_counter()
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
    return Run(wall_s, max(peaks) / 1e6, said)


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
    book = load_book(rubrics)
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
                record=CallRecord(info=stored.info, recording=recording),
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


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--noise", type=float, default=0.12, help="share of the words that are garbled")
    parser.add_argument("--workers", type=int, default=0, help="0: one per core")
    parser.add_argument("--peer-calls", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rubrics = _rubrics(folder)
        db = folder / "archive.duckdb"
        begun = time.perf_counter()
        generate_store(db, options.calls, noise=options.noise)
        _say(f"{options.calls} calls made in {time.perf_counter() - begun:.0f} s, {_shape(db)}")
        first = rescore(db, rubrics[0], options.workers)
        _say(f"first scoring, not counted: {_text(first)}")
        runs = []
        for number in range(options.repeats):
            runs.append(rescore(db, rubrics[(number + 1) % 2], options.workers))
            _say(f"run {number + 1}: {_text(runs[-1])}")
        rates = sorted(run.said["rescored"] / run.wall_s for run in runs)
        median = statistics.median(rates)
        spread = f"from {rates[0]:.1f} to {rates[-1]:.1f}"
        _say(f"median {median:.1f} calls/s, {spread}; 100,000 calls: {100_000 / median / 60:.1f} min")
        _say(f"peak memory of all processes together: {max(run.peak_mb for run in runs):.0f} MB")
        peer_s = one_by_one(db, rubrics[options.repeats % 2], min(options.peer_calls, options.calls))
        _say(f"peer, one call after another: {1 / peer_s:.1f} calls/s; rescore is {median * peer_s:.1f} times as fast")


def _rubrics(folder: Path) -> tuple[Path, Path]:
    """Return the shipped rubrics twice, with other limits of doubt and another version of one rubric in the second."""
    usual, other = folder / "usual", folder / "other"
    for target in (usual, other):
        shutil.copytree(shipped_dir("rubrics"), target)
    (other / "thresholds.yaml").write_text(OTHER_LIMITS, encoding="utf-8")
    sale = other / "incoming_sale.yaml"
    sale.write_text(sale.read_text(encoding="utf-8").replace("\nversion: 1\n", "\nversion: 2\n"), encoding="utf-8")
    return usual, other


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
        f"{said['rescored'] / run.wall_s:.1f} calls/s, {run.wall_s:.1f} s, peak {run.peak_mb:.0f} MB; workers: {shares}; "
        f"then compare {took['compare']:.1f} s, store {took['store']:.1f} s; {said['changed_verdicts']} verdicts changed"
    )


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
