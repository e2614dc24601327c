"""The journal in memory, by call, kept up to date by reading what was added since; safe for threads and for other servers."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from callscore.review.entries import (
    AppealDecided,
    AppealFiled,
    ClipRemoved,
    ClipTaken,
    Entry,
    SessionOpened,
)
from callscore.review.journal import Journal

__all__ = ["Known"]

_MOST_NOTES = 20


@dataclass(slots=True)
class _Entries:
    """Everything read so far."""

    every: list[Entry] = field(default_factory=list)
    by_call: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    call_of: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, SessionOpened] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    end: int = 0


class Known:
    """Answers from the journal. Every question first reads what other servers and processes added."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._entries = _Entries()

    @property
    def journal(self) -> Journal:
        """The journal behind it."""
        return self._journal

    def append(self, *entries: Entry) -> None:
        """Write entries to the journal; they count once this returns."""
        self._journal.append(*entries)

    def of_call(self, call_id: str) -> tuple[Entry, ...]:
        """Return what was said about a call, in the order of the journal."""
        with self._lock:
            self._catch_up()
            return tuple(self._entries.by_call.get(call_id, ()))

    def every(self) -> tuple[Entry, ...]:
        """Return all entries, in order."""
        with self._lock:
            self._catch_up()
            return tuple(self._entries.every)

    def call_of(self, thing_id: str) -> str | None:
        """Return the call of an appeal or a clip, None if there is none of that id."""
        with self._lock:
            self._catch_up()
            return self._entries.call_of.get(thing_id)

    def sessions(self) -> tuple[SessionOpened, ...]:
        """Return the calibration sessions, newest first."""
        with self._lock:
            self._catch_up()
            return tuple(reversed(self._entries.sessions.values()))

    def notes(self) -> tuple[str, ...]:
        """Return what was wrong with the journal, in plain words, newest last."""
        with self._lock:
            self._catch_up()
            return tuple(self._entries.notes)

    def _catch_up(self) -> None:
        part = self._journal.read(self._entries.end)
        if part.end < self._entries.end or (part.entries and part.entries[0] in self._entries.every[:1]):
            # Another journal was put in its place: everything was read again.
            self._entries = _Entries(notes=self._entries.notes)
        for entry in part.entries:
            self._add(entry)
        self._entries.end = part.end
        self._entries.notes = list(dict.fromkeys((*self._entries.notes, *part.notes)))[-_MOST_NOTES:]

    def _add(self, entry: Entry) -> None:
        known = self._entries
        known.every.append(entry)
        match entry:
            case AppealFiled():
                known.call_of[entry.appeal_id] = entry.call_id
            case ClipTaken():
                known.call_of[entry.clip_id] = entry.call_id
            case SessionOpened():
                known.sessions[entry.session_id] = entry
        call_id = getattr(entry, "call_id", None)
        if isinstance(entry, AppealDecided):
            call_id = known.call_of.get(entry.appeal_id)
        elif isinstance(entry, ClipRemoved):
            call_id = known.call_of.get(entry.clip_id)
        if call_id is not None:
            known.by_call[call_id].append(entry)
