"""Measure how fast a table of calls is read: a million rows in cp1251, as a spreadsheet program saves them.

Run: python -m benchmarks.tables [--rows 1000000] [--repeats 3]
The peer is Python's csv module, which splits the same rows into cells and does nothing else.
"""

from __future__ import annotations

import argparse
import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.outside.pages import Tools, Window
from callscore.sources.call_table import Settings, open_source

_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER: Final = (
    "Дата и время;Тип;Номер клиента;Номер линии;Сотрудник;Внутренний номер;Ожидание, сек;Разговор;Результат;"
    "Файл записи;ID звонка"
)


def main() -> None:
    """Make the table, read it in processes of their own, and print a line for each way of reading."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", choices=("callscore", "csv"), help=argparse.SUPPRESS)
    parser.add_argument("--table", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        _read(options.one, options.table)
        return
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "calls.csv"
        _write(table, options.rows)
        for reader in ("callscore", "csv"):
            runs = [_run(reader, table) for _ in range(options.repeats)]
            times, peak = sorted(seconds for seconds, _ in runs), max(mb for _, mb in runs)
            spread = f"{statistics.median(times):.1f} s ({times[0]:.1f}-{times[-1]:.1f})"
            print(f"{reader}: {options.rows} rows in {spread}, {peak:.0f} MB")  # noqa: T201 - the result of a benchmark


def _write(table: Path, n_rows: int) -> None:
    with table.open("w", encoding="cp1251", newline="\r\n") as stream:
        stream.write(_HEADER + "\n")
        for n in range(n_rows):
            at = _BEGIN + timedelta(seconds=7 * n)
            phone = f"8 (9{n % 100:02d}) {n // 1000 % 1000:03d}-{n // 10 % 100:02d}-{n % 100:02d}"
            text = f"{at:%d.%m.%Y %H:%M:%S};Входящий;{phone};+7 495 000-00-01;Соколова Анна;101;{n % 60};00:{n % 60:02d}:04"
            stream.write(f"{text};Отвечен;{n}.mp3;{n}\n")


def _run(reader: str, table: Path) -> tuple[float, float]:
    """Return the seconds and the peak of memory in MB that a process took."""
    command = [sys.executable, "-m", "benchmarks.tables", "--one", reader, "--table", str(table)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603 - ourselves
    return float(out[0]), float(out[1])


def _read(reader: str, table: Path) -> None:
    begun = time.perf_counter()
    if reader == "csv":
        with table.open(encoding="cp1251", newline="") as stream:
            n_rows = sum(1 for _ in csv.reader(stream, delimiter=";")) - 1
    else:
        source = open_source("big", Settings(path=table), Tools())
        window = Window(start=_BEGIN - timedelta(days=1), end=_BEGIN + timedelta(days=400))
        n_rows = sum(len(page.records) for page in source.iter_pages(window))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.3f} {peak:.0f} {n_rows}")  # noqa: T201 - read by the process that started this one


if __name__ == "__main__":
    main()
