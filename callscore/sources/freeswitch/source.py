"""FreeSWITCH's files as a source of calls: which are read, which recording belongs to which leg. Reads only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from callscore.errors import RecordingError, SourceError
from callscore.outside.checkup import check_calls, check_sound, last_days
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.rows import RowError
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.records import CallRecord, RecordingLink
from callscore.sources.freeswitch.calls import CallMaker, make_calls
from callscore.sources.freeswitch.cdr_csv import iter_lines, parse_line
from callscore.sources.freeswitch.cdr_variables import parse_file
from callscore.sources.freeswitch.legs import FsLeg

__all__ = ["FreeSwitch", "Settings", "open_source"]

KIND: Final = "freeswitch"
CHECK_DAYS: Final = 3
SUBFOLDERS: Final = ("", "cdr-csv", "json_cdr", "xml_cdr", "format_cdr")
# Legs of a call may start before and after it; a day is more than the longest call.
MARGIN: Final = timedelta(days=1)
# A WAV file of a header alone: recording was switched on, and nothing was recorded.
EMPTY_BYTES: Final = 44
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """Where FreeSWITCH's files are, and how it records."""

    folder: Path = need("/var/log/freeswitch", "folder with cdr-csv, json_cdr or xml_cdr, or one of these itself")
    recordings: Path | None = setting(None, "folder of recordings, searched with subfolders")
    columns: tuple[str, ...] = setting((), "variables of your own cdr_csv template in order; empty: a stock template")
    recorder_leg: str = setting("a", 'which leg runs record_session: "a" (the caller\'s) or "b"')
    stereo_swap: bool = setting(False, "whether RECORD_STEREO_SWAP turns the channels around")

    def __post_init__(self) -> None:
        """Check what has only some values."""
        if self.recorder_leg not in ("a", "b"):
            raise ValueError('recorder_leg must be "a" or "b"')
        if self.columns and not {"uuid", "end_stamp"} <= set(self.columns):
            raise ValueError("columns must name uuid and end_stamp")


def open_source(name: str, settings: Settings, tools: Tools) -> FreeSwitch:
    """Return the configured source; nothing is read yet."""
    return FreeSwitch(name, settings, tools)


class FreeSwitch:
    """See Source. All records of a window are read, then put together, because legs of one call stand in several files."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages; one page a day, and those of the first with all rejects."""
        wider = Window(start=window.start - MARGIN, end=window.end + MARGIN)
        rejects: list[Reject] = []
        legs = [leg for leg in self._legs(wider, rejects) if wider.holds(leg.start)]
        records, unfit = make_calls(legs, self._maker())
        rejects += unfit
        for part in window.parts(timedelta(days=1)):
            within = tuple(record for record in records if part.holds(record.started_at))
            yield CallPage(records=within, rejects=tuple(rejects), covered_until=part.end)
            rejects.clear()

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; the recording is on this machine."""
        del call, folder
        root = self._settings.recordings
        path = (root / recording.rec_id).resolve() if root is not None else None
        if root is None or path is None or not path.is_relative_to(root.resolve()):
            raise RecordingError("the recording lies outside the folder of recordings")
        if not path.is_file():
            raise RecordingError("the recording is not there (any more, or not yet)")
        if path.stat().st_size <= EMPTY_BYTES:
            raise RecordingError("the recording is empty")
        return path

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        window = last_days(CHECK_DAYS)
        n_files = sum(1 for _ in self._files())
        yield Finding(level=Level.FINE, subject="files", text=f"{n_files} files with records of calls")
        if not n_files:
            hint = "load mod_cdr_csv, mod_json_cdr or mod_xml_cdr, and check folder"
            yield Finding(level=Level.PROBLEM, subject="files", text="there is none to read", hint=hint)
            return
        pages = list(self.iter_pages(window))
        records = [record for page in pages for record in page.records]
        yield from check_calls(records, sum(len(page.rejects) for page in pages), f"the last {CHECK_DAYS} days")
        if records and all(record.wait_ms is None for record in records):
            hint = "load mod_json_cdr as well: cdr-csv does not tell when a person took the call"
            yield Finding(level=Level.ADVICE, subject="waiting", text="how long clients waited is not told", hint=hint)
        if self._settings.recordings is None:
            yield Finding(level=Level.ADVICE, subject="recordings", text="recordings is not set", hint="name their folder")
            return
        yield from check_sound(records, self.fetch, "set RECORD_STEREO=true before record_session")

    def close(self) -> None:
        """See Source.close."""

    def _maker(self) -> CallMaker:
        index = _index(self._settings.recordings)

        def files_of(leg: FsLeg) -> Sequence[str]:
            told = [found for path in leg.files for found in index.get(re.split(r"[\\/]", path)[-1], ())]
            missing = [re.split(r"[\\/]", path)[-1] for path in leg.files] if self._settings.recordings else []
            return told or index.get(leg.uuid.lower(), ()) or missing

        return CallMaker(
            source=KIND,
            account=self._name,
            region=self._tools.region,
            files_of=files_of,
            is_second_recorder=self._settings.recorder_leg == "b",
            is_swapped=self._settings.stereo_swap,
        )

    def _files(self) -> Iterator[Path]:
        root = self._settings.folder
        if not root.is_dir():
            raise SourceError("there is no such folder", where=str(root), hint="check folder")
        for name in SUBFOLDERS:
            folder = root / name
            if not folder.is_dir():
                continue
            try:
                names = sorted(path.name for path in folder.iterdir())
            except OSError as exc:
                raise SourceError("no permission to read the folder", where=str(folder)) from exc
            yield from (folder / file for file in names if _is_record(file) and (folder / file).is_file())

    def _legs(self, window: Window, rejects: list[Reject]) -> Iterator[FsLeg]:
        oldest = (window.start - _DONE).timestamp()
        for path in self._files():
            try:
                # A record is written when its leg ends: what was written before the window tells nothing of it.
                if path.stat().st_mtime < oldest:
                    continue
                yield from self._table(path, rejects) if path.name.startswith("Master.csv") else self._single(path, rejects)
            except OSError as exc:
                raise SourceError(f"the file cannot be read: {exc.strerror}", where=str(path)) from exc

    def _table(self, path: Path, rejects: list[Reject]) -> Iterator[FsLeg]:
        for number, line in iter_lines(path):
            if not line:
                continue
            where = f"{path.name}:{number}"
            try:
                yield parse_line(line, where, self._tools.timezone, self._settings.columns)
            except RowError as exc:
                rejects.append(Reject(where=where, reason=str(exc)))

    def _single(self, path: Path, rejects: list[Reject]) -> Iterator[FsLeg]:
        try:
            leg = parse_file(path, self._tools.timezone)
        except RowError as exc:
            rejects.append(Reject(where=path.name, reason=str(exc)))
            return
        if leg is not None:
            yield leg


def _is_record(name: str) -> bool:
    return re.fullmatch(r"Master\.csv(?:\.[\d-]+)?|[^.].*\.(?:json|xml)", name) is not None


def _index(root: Path | None) -> Mapping[str, list[str]]:
    """Return the recordings by file name and by the uuids within it, as paths below `root`."""
    found: dict[str, list[str]] = {}
    if root is None:
        return found
    if not root.is_dir():
        raise SourceError("there is no such folder", where=str(root), hint="check recordings")
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        for name in sorted(names):
            path = Path(folder, name).relative_to(root).as_posix()
            for key in {name, *(uuid.lower() for uuid in _UUID.findall(name))}:
                found.setdefault(key, []).append(path)
    return found
