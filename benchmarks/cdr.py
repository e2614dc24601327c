"""Measure how fast call records of an Asterisk are read: a million lines of Master.csv, all of them and the last night.

Run: python -m benchmarks.cdr [--lines 1000000] [--days 365] [--queue-log] [--folder DIR]
The files are made by a seeded generator: queue calls over Local channels with members that do not answer, outgoing and internal
calls, lines of 18 and of 21 columns mixed, and some that are cut off. Each reading has its own process, so that the peak of
memory is its own.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.outside.pages import Tools, Window
from callscore.sources.asterisk import Settings, open_source

_BEGIN: Final = datetime(2025, 3, 1, tzinfo=UTC)
_BROKEN_FRAC: Final = 0.0005


class Pbx:
    """Makes the lines of calls, one call after the other."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - test data
        self._channel = 0

    def call(self, at: datetime) -> tuple[list[str], list[str]]:
        """Return the lines of CDR and of the queue log of a call that comes at a time."""
        kind = self._random.random()
        if kind < 0.25:
            return [self._outgoing(at)], []
        return ([self._internal(at)], []) if kind < 0.3 else self._queue_call(at)

    def _queue_call(self, at: datetime) -> tuple[list[str], list[str]]:
        uid = self._uid(at)
        client = f"79{self._random.randrange(10**9):09d}"
        trunk = f"PJSIP/trunk-msk-{self._next():08x}"
        log = [f"{at.timestamp() + 2:.0f}|{uid}|600|NONE|ENTERQUEUE||{client}|1"]
        lines, now = [], at + timedelta(seconds=2)
        for _ in range(self._random.choice((0, 0, 1, 2))):
            member = self._random.randrange(101, 140)
            local = f"Local/{member}@from-queue-{self._next():08x}"
            end = now + timedelta(seconds=15)
            lines.append(self._line(uid, client, "600", trunk, f"{local};1", (now, None, end), "NO ANSWER"))
            log.append(f"{end.timestamp():.0f}|{uid}|600|Оператор {member}|RINGNOANSWER|15000")
            now = end
        if self._random.random() < 0.12:
            end = now + timedelta(seconds=self._random.randrange(5, 120))
            lines.append(self._line(uid, client, "600", trunk, "", (now, at, end), "ANSWERED"))
            log.append(f"{end.timestamp():.0f}|{uid}|600|NONE|ABANDON|1|1|{(end - at).seconds}")
            return lines, log
        member = self._random.randrange(101, 140)
        channel = f"PJSIP/{member}-{self._next():08x}"
        answer = now + timedelta(seconds=self._random.randrange(2, 14))
        talk_s = self._random.randrange(10, 600)
        end = answer + timedelta(seconds=talk_s)
        lines.append(self._line(uid, client, "600", trunk, channel, (now, answer, end), "ANSWERED"))
        log.append(f"{answer.timestamp():.0f}|{uid}|600|Оператор {member}|CONNECT|{(answer - at).seconds - 2}|{uid}|4")
        log.append(f"{end.timestamp():.0f}|{uid}|600|Оператор {member}|COMPLETECALLER|{(answer - at).seconds - 2}|{talk_s}|1")
        return lines, log

    def _outgoing(self, at: datetime) -> str:
        member = self._random.randrange(101, 140)
        answer = at + timedelta(seconds=self._random.randrange(5, 30))
        end = answer + timedelta(seconds=self._random.randrange(5, 400))
        channels = (f"PJSIP/{member}-{self._next():08x}", f"PJSIP/trunk-msk-{self._next():08x}")
        dialled = f"89{self._random.randrange(10**9):09d}"
        return self._line(self._uid(at), str(member), dialled, *channels, (at, answer, end), "ANSWERED", "from-internal")

    def _internal(self, at: datetime) -> str:
        end = at + timedelta(seconds=40)
        channels = (f"PJSIP/101-{self._next():08x}", f"PJSIP/102-{self._next():08x}")
        return self._line(self._uid(at), "101", "102", *channels, (at, at, end), "ANSWERED", "from-internal")

    def _line(
        self,
        uid: str,
        src: str,
        dst: str,
        channel: str,
        dstchannel: str,
        times: tuple[datetime, datetime | None, datetime],
        disposition: str,
        context: str = "ext-queues",
    ) -> str:
        start, answer, end = times
        app = "Queue" if context == "ext-queues" else "Dial"
        told = [f'"{at:%Y-%m-%d %H:%M:%S}"' if at else "" for at in (start, answer, end)]
        spent = (int((end - start).total_seconds()), int((end - answer).total_seconds()) if answer else 0)
        line = (
            f'"","{src}","{dst}","{context}","""Имя {src[-4:]}"" <{src}>","{channel}","{dstchannel}","{app}",'
            f'"{dst},tTrR,,,300",{",".join(told)},{spent[0]},{spent[1]},"{disposition}","DOCUMENTATION","{uid}","did=74950000001"'
        )
        if self._random.random() < 0.5:
            line += f',"","{uid}",{self._channel}'
        return line[: len(line) // 3] if self._random.random() < _BROKEN_FRAC else line

    def _uid(self, at: datetime) -> str:
        return f"{at.timestamp():.0f}.{self._next()}"

    def _next(self) -> int:
        self._channel += 1
        return self._channel


def write_files(folder: Path, n_lines: int, days: int) -> datetime:
    """Write Master.csv and queue_log of so many lines over so many days; return when they end."""
    pbx, at, written = Pbx(5), _BEGIN, 0
    step = timedelta(days=days) / n_lines * 1.6  # a call has about so many lines
    with (folder / "Master.csv").open("w", encoding="utf-8") as cdr, (folder / "queue_log").open("w", encoding="utf-8") as log:
        while written < n_lines:
            lines, events = pbx.call(at)
            cdr.write("".join(f"{line}\n" for line in lines))
            log.write("".join(f"{event}\n" for event in events))
            written += len(lines)
            at += step
    return at.replace(microsecond=0)


def read_files(folder: Path, window: Window, *, queue_log: bool) -> Iterator[int]:
    """Yield the number of records of each page."""
    settings = Settings(cdr=folder / "Master.csv", queue_log=folder / "queue_log" if queue_log else None)
    for page in open_source("bench", settings, Tools()).iter_pages(window):
        yield len(page.records)


def main() -> None:
    """Write the files, read them in processes of their own, and print a line for each reading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--queue-log", action="store_true", help="read the queue log as well")
    parser.add_argument("--folder", type=Path, help="read the files there instead of making them")
    parser.add_argument("--window", nargs=2, type=datetime.fromisoformat, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.window:
        began, window = time.perf_counter(), Window(start=options.window[0], end=options.window[1])
        n_calls = sum(read_files(options.folder, window, queue_log=options.queue_log))
        spent_s, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
        cpu_s, peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        text = f"{n_calls} calls in {spent_s:.1f} s ({cpu_s:.1f} s of processor time), {peak_mb:.0f} MB at the most"
        print(f"{window.end - window.start}: {text}", flush=True)  # noqa: T201 - this is what it is for
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        end = _BEGIN + timedelta(days=options.days) if options.folder else write_files(folder, options.lines, options.days)
        for start in (_BEGIN - timedelta(days=1), end - timedelta(days=2)):
            command = [sys.executable, "-m", "benchmarks.cdr", "--folder", str(folder), "--window", str(start), str(end)]
            subprocess.run([*command, *(["--queue-log"] if options.queue_log else [])], check=True)  # noqa: S603 - ourselves


if __name__ == "__main__":
    main()
