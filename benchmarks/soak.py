"""Run hours of calls through one `callscore ingest` and tell whether memory and speed stay the same.

Run: python -m benchmarks.soak [--hours 200] [--engine whisper|scripted] [--calls DIR]

The labelled calls are linked under new names, each with a call id of its own, until they last as long as asked. With `whisper`
200 hours take some hours of a machine with two cores; `--hours 2` shows what to expect. With `scripted` the words come from the
labels: no recognition, everything else for real. Progress is read from the published copy of the store, as reports do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.flatness import Flatness, Sample, judge_flatness
from benchmarks.hearing.measure import tree_bytes
from callscore.store.paths import published_path

SHARED = Path(__file__).resolve().parents[2] / "shared"
LOOK_EVERY_S = 2.0
COUNT_EVERY_S = 10.0


def link_calls(calls_dir: Path, folder: Path, hours: float) -> int:
    """Link labelled calls into `folder`, in turn, until they last `hours`; return how many.

    Beside each lies its transcript for the engine `scripted`.
    """
    labels = calls_dir / "truth.jsonl"
    if not labels.is_file():
        raise SystemExit(f"error: there are no labelled calls: {labels} is missing\n  try: --calls DIR")
    rows: list[dict[str, Any]] = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    left_s = hours * 3600
    for number, row in enumerate(cycle(rows), 1):
        name = f"{number:06d}-{row['file']}"
        (folder / name).symlink_to((calls_dir / row["file"]).resolve())
        transcript = json.dumps({"turns": row["turns"]}, ensure_ascii=False)
        (folder / f"{Path(name).stem}.turns.json").write_text(transcript, encoding="utf-8")
        left_s -= row["seconds"]
        if left_s <= 0:
            return number
    raise SystemExit(f"error: {labels} is empty")


def run(folder: Path, db: Path, engine: str) -> tuple[list[Sample], dict[str, Any]]:
    """Ingest a folder; return what was seen meanwhile and what the command printed."""
    command = [sys.executable, "-m", "callscore", "ingest", str(folder), "--db", str(db), "--engine", engine, "--json"]
    samples: list[Sample] = []
    audio_s, counted = 0.0, 0.0
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, stdout=out, cwd=db.parent) as process:  # noqa: S603 - our own command
        while process.poll() is None:
            now = time.monotonic() - begun
            if now - counted >= COUNT_EVERY_S:
                counted, before = now, audio_s
                audio_s = max(before, audio_done_s(db))
                if int(before / 3600) < int(audio_s / 3600):
                    _say(f"{now:6.0f} s: {audio_s / 3600:.1f} hours done, {samples[-1].n_bytes / 1e6:.0f} MB")
            samples.append(Sample(now, tree_bytes(process.pid), audio_s))
            time.sleep(LOOK_EVERY_S)
        out.seek(0)
        if process.returncode:
            raise SystemExit(f"error: callscore ingest ended with {process.returncode}")
        said: dict[str, Any] = json.load(out)
    return samples, said


def audio_done_s(db: Path) -> float:
    """Return the seconds of audio in the published copy of the store; 0 where there is none yet."""
    copy = published_path(db)
    if not copy.is_file():
        return 0.0
    with duckdb.connect(str(copy), read_only=True) as connection:
        found = connection.execute("SELECT coalesce(sum(duration_ms), 0) FROM calls").fetchone()
    return float(found[0]) / 1000 if found else 0.0


def describe(found: Flatness) -> str:
    """Return the quarters as lines, then what follows."""
    lines = [
        f"quarter {number}: {one.speed:.1f} x real time, {one.median_bytes / 1e6:.0f} MB, at most {one.peak_bytes / 1e6:.0f} MB"
        for number, one in enumerate(found.quarters, 1)
    ]
    growth = f"{found.bytes_per_audio_hour / 1e6:+.2f} MB per hour of audio"
    lines += [
        f"memory is {'flat' if found.is_memory_flat else 'NOT flat'}: last quarter / first {found.memory_ratio:.2f}, {growth}",
        f"speed is {'flat' if found.is_speed_flat else 'NOT flat'}: last quarter / first {found.speed_ratio:.2f}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the quarters of a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=200.0, help="of audio")
    parser.add_argument("--engine", choices=("whisper", "scripted"), default="whisper")
    parser.add_argument("--calls", type=Path, default=SHARED / "calls", help="recordings and truth.jsonl")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, db = Path(name) / "calls", Path(name) / "store.duckdb"
        folder.mkdir()
        n_calls = link_calls(options.calls, folder, options.hours)
        _say(f"{n_calls} calls, {options.hours:g} hours, engine {options.engine}, {len(os.sched_getaffinity(0))} cores")
        samples, said = run(folder, db, options.engine)
        speed = f"{said['audio_s'] / 3600:.1f} hours in {said['wall_s'] / 60:.1f} minutes"
        _say(f"{said['done']} done, {said['failed']} failed; {speed}; store {db.stat().st_size / 1e6:.0f} MB")
        try:
            sys.stdout.write(describe(judge_flatness(samples)) + "\n")
        except ValueError as error:
            raise SystemExit(f"error: {error}\n  try: more --hours") from error


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
