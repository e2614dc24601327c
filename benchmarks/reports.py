"""Measure how long every report takes over a million calls, and how large its page is.

Run: python -m benchmarks.reports [--calls 1000000] [--repeats 3] [--folder DIR]
Each report is a command of its own, from its start to its last line, as a manager runs it; reports are taken from the command
line itself, so that none is left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.big_store import make_store
from callscore.cli.report import REPORTS

# These take an argument.
_ARGUMENTS: Final = {"call": ("c1",), "compare": ("operator1", "operator2")}


def measure(db: Path, arguments: tuple[str, ...], repeats: int) -> tuple[list[float], int]:
    """Return the seconds of each run, and the bytes it printed.

    Raises:
        SystemExit: if the command fails.
    """
    walls, size = [], 0
    for _ in range(repeats):
        begun = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "callscore", *arguments, "--db", str(db)], capture_output=True, check=False
        )
        walls.append(time.perf_counter() - begun)
        size = len(done.stdout)
        if done.returncode:
            raise SystemExit(f"error: callscore {' '.join(arguments)} ended with {done.returncode}\n{done.stderr.decode()}")
    return walls, size


def main() -> None:
    """Print a line per report: median and slowest as a table, and the size of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keeps the store there, and takes it from there if it is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        db = (options.folder or Path(name)) / "big.duckdb"
        db.parent.mkdir(parents=True, exist_ok=True)
        if not db.exists():
            begun = time.perf_counter()
            make_store(db, options.calls)
            sys.stderr.write(
                f"{options.calls} calls made in {time.perf_counter() - begun:.0f} s: {db.stat().st_size / 1e6:.0f} MB\n"
            )
        _say(f"{options.calls} calls, {len(os.sched_getaffinity(0))} cores, {options.repeats} runs each")
        _say("| report | s, median | s, slowest | page, kB |\n| --- | ---: | ---: | ---: |")
        for report in (*(("report", name) for name in REPORTS), ("flags",)):
            arguments = (*report, *_ARGUMENTS.get(report[-1], ()))
            walls, _ = measure(db, arguments, options.repeats)
            _, size = measure(db, (*arguments, "--format", "html"), 1)
            _say(f"| {' '.join(report)} | {statistics.median(walls):.2f} | {max(walls):.2f} | {size / 1000:.0f} |")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
