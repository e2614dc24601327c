"""Recordings in MixMonitor's and FreePBX's folders: found by the ids in their names, and linked to calls. Opens none of them.

A call's recording is looked for in this order: what its rows name, its uniqueids, its linkedid; where a name holds no id, the
number and the time in it (a guess, and tagged as one).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Final
from zoneinfo import ZoneInfo

from callscore.errors import SourceError
from callscore.outside.pages import Window
from callscore.records import CallRecord, Direction, RecordingLink
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.folder import AUDIO_EXTENSIONS

__all__ = ["EMPTY_BYTES", "GUESSED", "LEG_ENDINGS", "RecordingRules", "Shelf", "Sound", "leg_names"]

LEG_ENDINGS: Final = ("-rx/-tx", "_rx/_tx", "-in/-out", "_in/_out")
EMPTY_BYTES: Final = 44
"""A WAV file of no more than this is a header without sound."""
GUESSED: Final = "recording-guessed"
_ID: Final = re.compile(r"(?<!\d)(\d{9,11}\.\d{1,10})(?!\d)")
_DATED: Final = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)[-_T ]?(\d\d)[-:_]?(\d\d)[-:_]?(\d\d)(?!\d)")
_PHONE: Final = re.compile(r"(?<!\d)\+?(\d{10,12})(?!\d)")
_DAY_FOLDER: Final = re.compile(r"(?:.*/)?(20\d\d)(?:[/-]?(\d\d)(?:[/-]?(\d\d)(?:/\d\d)?)?)?")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRules:
    """How recordings are named: endings of single legs, whose channel is recorded, how far a guess may reach, local zone."""

    leg_endings: tuple[str, ...] = LEG_ENDINGS
    channel_side: str = "caller"
    guess_within: timedelta = timedelta(0)
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Sound:
    """A file below the folder: its path there, and the part of its name that says which call it is."""

    path: str
    stem: str

    @property
    def is_raw(self) -> bool:
        """Whether it is MixMonitor's stereo without a header."""
        return self.path.lower().endswith(".raw")


@dataclass(slots=True)
class Shelf:
    """The files of some days, by id, by name, and by number where a name has no id.

    Args:
        root: the folder.
        rules: how recordings are named.
    """

    root: Path
    rules: RecordingRules
    _by_id: dict[str, list[Sound]] = field(default_factory=dict)
    _by_stem: dict[str, list[Sound]] = field(default_factory=dict)
    _by_phone: dict[str, list[tuple[datetime, Sound]]] = field(default_factory=dict)

    def fill(self, window: Window) -> None:
        """Look for the recordings of calls that began within a window; folders of other days are passed over.

        Raises:
            SourceError: the folder cannot be read.
        """
        for index in (self._by_id, self._by_stem, self._by_phone):
            index.clear()
        days = ((window.start - _DAY).date(), (window.end + _DAY).date())
        seconds = ((window.start - _DAY).timestamp(), (window.end + _DAY).timestamp())
        for path in self._walk(days):
            stem = PurePosixPath(path).stem
            ids = _ID.findall(stem)
            if ids and not any(seconds[0] <= float(found.split(".")[0]) <= seconds[1] for found in ids):
                continue
            sound = Sound(path, stem)
            self._by_stem.setdefault(stem.lower(), []).append(sound)
            for found in ids:
                self._by_id.setdefault(found, []).append(sound)
            if not ids and self.rules.guess_within:
                self._remember_number(sound)

    def link(self, call: CallRecord, rows: Sequence[CdrRow]) -> tuple[tuple[RecordingLink, ...], bool]:
        """Return the recordings of a call, and whether they are only guessed."""
        found: dict[str, Sound] = {}
        for row in rows:
            for name in (row.recordingfile, row.userfield):
                found.update((sound.path, sound) for sound in self._named(name))
        for text in (*(row.uniqueid for row in rows), call.call_id, *call.linked_ids):
            for each in _ID.findall(text):
                found.update((sound.path, sound) for sound in self._by_id.get(each, ()))
        is_guess = not found
        if is_guess:
            found.update((sound.path, sound) for sound in self._guess(call))
        links = tuple(self._links(sorted(found.values(), key=lambda sound: sound.path), call))
        return links, is_guess and bool(links)

    def _links(self, sounds: Sequence[Sound], call: CallRecord) -> Iterator[RecordingLink]:
        """Yield a link for each talk: two legs, or stereo without a header, rather than the mix of the same."""
        full = {sound.path: sound for sound in sounds if self._has_sound(sound.path)}
        legs = {path: leg_names(path, self.rules.leg_endings) for path in full}
        pairs = {names[0] for names in legs.values() if names and names[0] in full and names[1] in full}
        raw = {path for path, sound in full.items() if sound.is_raw and not legs[path]}
        heard = {found for path in pairs | raw for found in _ID.findall(full[path].stem)}
        mixed = {path for path in full if not legs[path] and path not in raw}
        same = {path for path in mixed if heard.intersection(_ID.findall(full[path].stem))}
        for path in sorted(pairs | raw):
            yield RecordingLink(rec_id=path, client_channel=self._client_channel(call))
        for path in sorted(mixed - same) or sorted(set(legs) - pairs - raw - mixed if not pairs | raw | mixed else ()):
            yield RecordingLink(rec_id=path)

    def _client_channel(self, call: CallRecord) -> int | None:
        """Return where the client is when the left channel holds what came from the recorded channel."""
        if call.direction not in (Direction.INBOUND, Direction.OUTBOUND):
            return None
        is_client = (call.direction is Direction.INBOUND) == (self.rules.channel_side == "caller")
        return 0 if is_client else 1

    def _named(self, name: str) -> list[Sound]:
        """Return the file that a column names: only its last part counts, so that no path leads out of the folder."""
        base = PurePosixPath(name.replace("\\", "/").rpartition(":")[2]).name
        if not base:
            return []
        suffix = PurePosixPath(base).suffix.lower()
        stem = (PurePosixPath(base).stem if suffix in AUDIO_EXTENSIONS else base).lower()
        ends = [f"{stem}{ending}".lower() for pair in self.rules.leg_endings for ending in ("", *pair.split("/"))]
        found = [sound for key in dict.fromkeys(ends) for sound in self._by_stem.get(key, ())]
        exact = [sound for sound in found if sound.path.endswith(name.lstrip("/"))]
        return exact or found

    def _guess(self, call: CallRecord) -> list[Sound]:
        """Return the recording with the client's number that began nearest to the call."""
        phone = (call.client_phone or "")[-10:]
        near = [
            (abs(at - call.started_at), sound.path, sound)
            for at, sound in self._by_phone.get(phone, ())
            if abs(at - call.started_at) <= self.rules.guess_within
        ]
        return [sound for _, _, sound in sorted(near, key=lambda item: item[:2])[:1]]

    def _remember_number(self, sound: Sound) -> None:
        dated = _DATED.search(sound.stem)
        if dated is None:
            return
        try:
            at = datetime(*(int(part) for part in dated.groups()), tzinfo=ZoneInfo(self.rules.zone)).astimezone(UTC)  # type: ignore[misc, arg-type]
        except (ValueError, OverflowError):
            return
        for phone in _PHONE.findall(sound.stem[: dated.start()] + " " + sound.stem[dated.end() :]):
            self._by_phone.setdefault(phone[-10:], []).append((at, sound))

    def _has_sound(self, path: str) -> bool:
        try:
            return (self.root / path).stat().st_size > EMPTY_BYTES
        except OSError:
            return False

    def _walk(self, days: tuple[date, date]) -> Iterator[str]:
        def stop(error: OSError) -> None:
            raise SourceError(f"the folder cannot be read: {error.strerror}", where=str(error.filename)) from error

        # Links are not followed: a loop must not hang the night, and nothing outside the folder is a recording.
        for folder, subfolders, names in os.walk(self.root, onerror=stop, followlinks=False):
            below = PurePosixPath(Path(folder).relative_to(self.root).as_posix())
            subfolders[:] = sorted(
                name for name in subfolders if not name.startswith(".") and _may_hold(str(below / name), days)
            )
            for name in sorted(names):
                if PurePosixPath(name).suffix.lower() in AUDIO_EXTENSIONS and not name.startswith("."):
                    yield str(below / name)


def leg_names(path: str, endings: Sequence[str]) -> tuple[str, str] | None:
    """Return the paths of the received and the transmitted leg where one of them is `path`; None for no leg.

    >>> leg_names("2026/a-tx.wav", ("-rx/-tx",))
    ('2026/a-rx.wav', '2026/a-tx.wav')
    """
    pure = PurePosixPath(path)
    for pair in endings:
        received, sent = pair.split("/")
        for ending in (received, sent):
            if pure.stem.endswith(ending) and pure.stem != ending:
                base = pure.stem.removesuffix(ending)
                return str(pure.with_name(base + received + pure.suffix)), str(pure.with_name(base + sent + pure.suffix))
    return None


def _may_hold(folder: str, days: tuple[date, date]) -> bool:
    """Tell whether a folder named like a year, month or day may hold recordings of some days; others may."""
    found = _DAY_FOLDER.fullmatch(folder)
    if found is None:
        return True
    year, month, day = (int(part) if part else 0 for part in found.groups())
    first = (year, month or 1, day or 1)
    last = (year, month or 12, day or 31)
    return last >= (days[0].year, days[0].month, days[0].day) and first <= (days[1].year, days[1].month, days[1].day)
