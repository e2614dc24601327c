"""The comparison: every recogniser over every layout, some times, in turns; then what they heard against the labels."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.hearing.calls import read_legs
from benchmarks.hearing.contenders import CONTENDERS
from benchmarks.hearing.measure import Failed, Measured, run_job
from benchmarks.hearing.metrics import Scores, score_call
from benchmarks.hearing.quiet import write_wav
from benchmarks.hearing.records import Job, JobCall, LabelledCall

__all__ = ["Plan", "Row", "compare", "say"]

_RATE_HZ: Final = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to compare on what. `commands` names programs by contender; `absent` says why a contender cannot run."""

    contenders: tuple[tuple[str, str], ...]
    repeats: int
    model: str
    threads: int
    commands: Mapping[str, str]
    absent: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Row:
    """One recogniser on one layout over all repeats. Word counts come from the first repeat; `note` says why nothing ran.

    `failed` says why single calls failed; their words count as missing.
    """

    contender: str
    device: str
    layout: str
    note: str = ""
    audio_s: float = 0.0
    runs: list[Measured] = field(default_factory=list)
    scores: Scores = field(default_factory=Scores)
    by_call: dict[str, Scores] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    is_same_each_time: bool = True

    @property
    def title(self) -> str:
        """The name in tables."""
        title = CONTENDERS[self.contender].title
        return f"{title}, GPU" if self.device == "cuda" else title

    def speeds(self) -> list[float]:
        """Return seconds of calls per second without loading, of each run that took longer than loading by itself."""
        return [self.audio_s / run.facts.work_s for run in self.runs if run.facts.work_s > 0]

    def speeds_with_load(self) -> list[float]:
        """Return seconds of calls per second, starting and loading included, of each run."""
        return [self.audio_s / (run.facts.work_s + run.facts.load_s) for run in self.runs]

    def cpu_s_per_minute(self) -> float | None:
        """Return the median of processor seconds per minute of calls."""
        return statistics.median(60 * run.facts.cpu_s / self.audio_s for run in self.runs) if self.runs else None


def compare(plan: Plan, calls: Sequence[LabelledCall]) -> list[Row]:
    """Run everything; a recogniser that fails gets a note and is not tried again on that layout."""
    layouts = list(dict.fromkeys(call.layout for call in calls))
    rows = {
        (layout, *contender): Row(
            contender=contender[0], device=contender[1], layout=layout, note=plan.absent.get(contender[0], "")
        )
        for layout in layouts
        for contender in plan.contenders
    }
    begun = time.monotonic()
    turns = list(_turns(plan, layouts))
    with tempfile.TemporaryDirectory() as name:
        for number, (repeat, layout, contender, device) in enumerate(turns, 1):
            row = rows[layout, contender, device]
            if row.note:
                continue
            own = [call for call in calls if call.layout == layout]
            say(f"{number}/{len(turns)} {time.monotonic() - begun:5.0f} s: {row.title}, {layout}, run {repeat + 1}")
            try:
                measured = run_job(_make_job(plan, contender, device, own, _start_clip(own, Path(name))))
            except Failed as error:
                row.note = f"failed: {error}"
                say(row.note)
                continue
            _enter(row, measured, own)
    return list(rows.values())


def _turns(plan: Plan, layouts: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    """Yield repeat, layout, contender and device; each repeat begins with another contender; quiet sounds are heard once."""
    for repeat in range(plan.repeats):
        at = repeat % len(plan.contenders)
        for layout in layouts if repeat == 0 else [name for name in layouts if name != "quiet"]:
            for contender, device in (*plan.contenders[at:], *plan.contenders[:at]):
                yield repeat, layout, contender, device


def _make_job(plan: Plan, contender: str, device: str, calls: Sequence[LabelledCall], second: Path) -> Job:
    """Return the job of one recogniser over calls of one language."""
    return Job(
        contender=contender,
        calls=tuple(
            JobCall(call.call_id, call.path, call.n_channels, tuple(range(len(call.channels))), call.pbx) for call in calls
        ),
        language=calls[0].language,
        model=plan.model,
        device=device,
        compute_type="float16" if device == "cuda" else "int8",
        threads=plan.threads,
        second=str(second),
        command=plan.commands.get(contender, ""),
    )


def _enter(row: Row, measured: Measured, calls: Sequence[LabelledCall]) -> None:
    if row.runs:
        row.is_same_each_time &= measured.heard == row.runs[0].heard
    else:
        for call in calls:
            row.audio_s += call.seconds
            row.by_call[call.call_id] = score_call(call, measured.heard[call.call_id])
            row.scores.add(row.by_call[call.call_id])
    row.failed |= {call_id: heard.problem for call_id, heard in measured.heard.items() if heard.problem}
    row.runs.append(measured)


def _start_clip(calls: Sequence[LabelledCall], folder: Path) -> Path:
    """Write a second from within the first long turn, with a channel for each leg, and return its path."""
    call = calls[0]
    path = folder / f"{call.layout}-second.wav"
    if path.is_file():
        return path
    spoken = next((turn.start_ms for turn in call.turns if turn.start_ms is not None and len(turn.text.split()) > 4), 2000)
    legs = read_legs(Path(call.path))[: len(call.channels)]
    at = (spoken or 0) * _RATE_HZ // 1000 + _RATE_HZ // 2
    write_wav(path, [leg[at : at + _RATE_HZ] for leg in legs])
    return path


def say(text: str) -> None:
    """Tell the user how far things are."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
