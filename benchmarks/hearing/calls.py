"""Find the labelled calls to measure on. Reads label files and decodes sound; changes nothing."""

from __future__ import annotations

import csv
import fnmatch
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.hearing.records import LAYOUTS, LabelledCall, LabelledTurn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Missing", "Wanted", "find_calls", "read_legs"]

_SIDES_OF: Final[Mapping[str, str]] = {"Agent": "operator", "Customer": "client"}
_RATE_HZ: Final = 16_000
_ALIKE: Final = 0.99


class Missing(SystemExit):
    """Something that the comparison needs is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls to take. `files` are patterns of file names (empty: all); `limit_minutes` is per layout (0: no limit)."""

    calls_dir: Path
    english_dir: Path
    layouts: tuple[str, ...] = LAYOUTS
    files: tuple[str, ...] = ()
    limit_minutes: float = 0.0


def find_calls(wanted: Wanted) -> tuple[LabelledCall, ...]:
    """Return the wanted calls by layout, in order of their names.

    A stereo file with one signal on both channels counts as mono: there is no leg to hear apart, and recognisers that hear each
    leg would pay twice for the same words. They get the first channel of it.

    Raises:
        Missing: if a folder, its labels or a recording are not there, or no call is left.
    """
    found = [*_russian(wanted)] if {"stereo", "mono"} & set(wanted.layouts) else []
    found += _english(wanted) if "english" in wanted.layouts else []
    kept: list[LabelledCall] = []
    for layout in wanted.layouts:
        seconds = 0.0
        for call in found:
            if call.layout == layout and not (wanted.limit_minutes and seconds >= wanted.limit_minutes * 60):
                kept.append(call)
                seconds += call.seconds
    if not kept:
        raise Missing(f"error: no labelled call fits --layout {' '.join(wanted.layouts)} and --files {' '.join(wanted.files)}")
    return tuple(kept)


def _is_wanted(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _russian(wanted: Wanted) -> Iterator[LabelledCall]:
    labels = wanted.calls_dir / "truth.jsonl"
    if not labels.is_file():
        raise Missing(
            f"error: there are no labelled calls: {labels} is missing\n  try: --calls DIR with recordings and truth.jsonl"
        )
    known = _pbx(wanted.calls_dir / "calls.csv")
    for line in labels.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not _is_wanted(row["file"], wanted.files):
            continue
        path = _present(wanted.calls_dir / row["file"])
        has_legs = row["layout"] == "stereo" and not _is_one_signal(path)
        yield LabelledCall(
            call_id=row["id"],
            path=str(path),
            layout="stereo" if has_legs else "mono",
            language="ru",
            channels=("operator", "client") if has_legs else ("",),
            turns=tuple(_turn(turn) for turn in row["turns"] if turn["kind"] == "speech"),
            seconds=row["seconds"],
            n_channels=2 if row["layout"] == "stereo" else 1,
            pbx=known.get(row["file"], ()),
        )


def _pbx(table: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what a metadata table says by file; nothing if there is none."""
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as rows:
        return {row["file"]: tuple((name, value) for name, value in row.items() if value) for row in csv.DictReader(rows)}


def _turn(row: Mapping[str, Any]) -> LabelledTurn:
    role = "system" if row["speaker"] == "ivr" else row["channel"]
    return LabelledTurn(row["channel"], role, row["text"], round(row["start"] * 1000), round(row["end"] * 1000))


def _english(wanted: Wanted) -> Iterator[LabelledCall]:
    labels = sorted(wanted.english_dir.glob("*.ref.json"))
    if not labels:
        raise Missing(
            f"error: there are no English calls in {wanted.english_dir}\n  try: --english DIR, or --layout without english"
        )
    for label in labels:
        path = label.with_name(label.name.removesuffix(".ref.json") + ".mp3")
        if not _is_wanted(path.name, wanted.files):
            continue
        turns = json.loads(label.read_text(encoding="utf-8"))["turns"]
        sides = [(_SIDES_OF[turn["speaker"]], turn["text"]) for turn in turns]
        yield LabelledCall(
            call_id=path.stem,
            path=str(_present(path)),
            layout="english",
            language="en",
            channels=("",),
            turns=tuple(LabelledTurn(side, side, text) for side, text in sides),
            seconds=len(read_legs(path)[0]) / _RATE_HZ,
        )


def _present(path: Path) -> Path:
    if not path.is_file():
        raise Missing(f"error: a labelled recording is missing: {path}")
    return path.resolve()


def read_legs(path: Path) -> list[NDArray[np.float32]]:
    """Return the first two channels of a file, or its only one: float32, -1..1, 16 kHz."""
    import av
    from faster_whisper import decode_audio

    with av.open(str(path)) as container:
        n_channels = container.streams.audio[0].channels
    return list(decode_audio(str(path), split_stereo=True)) if n_channels > 1 else [decode_audio(str(path))]


def _is_one_signal(path: Path) -> bool:
    import numpy as np

    left, right = read_legs(path)
    if not (left.any() and right.any()):
        return False
    return float(np.corrcoef(left, right)[0, 1]) > _ALIKE
