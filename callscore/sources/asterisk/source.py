"""The files of an Asterisk as a source of calls: a slice of time after the other, each with its rows, events and recordings."""

from __future__ import annotations

import gc
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from callscore.errors import RecordingError, SourceError
from callscore.outside.links import recording_stem
from callscore.outside.pages import CallPage, Finding, Reject, Tools, Window
from callscore.outside.rows import RowError
from callscore.records import CallRecord, RecordingLink
from callscore.sources.asterisk.calls import build_call
from callscore.sources.asterisk.cdr import CdrRow, group_rows
from callscore.sources.asterisk.cel import CelEvent, CelFacts, gather_cel
from callscore.sources.asterisk.channels import CallRules, direction_of
from callscore.sources.asterisk.checks import check_logs
from callscore.sources.asterisk.legs import legs_of
from callscore.sources.asterisk.logs import Logs
from callscore.sources.asterisk.matching import Matched, goes_on, is_running, match_traces
from callscore.sources.asterisk.queue_log import QueueEvent, QueueTrace, closed, trace_queues
from callscore.sources.asterisk.queued import learn_extensions, queue_call, staff_votes
from callscore.sources.asterisk.recordings import EMPTY_BYTES, GUESSED, RecordingRules, Shelf, leg_names
from callscore.sources.asterisk.settings import PbxSettings, rules_of
from callscore.sources.asterisk.slices import Sliding, days_of, slices_of
from callscore.sources.asterisk.stereo import merge_legs, wrap_raw

__all__ = ["AsteriskSource"]

_VOTES: Final = 40
"""So many talks of a member are looked at to learn the extension behind a name."""


@dataclass(frozen=True, slots=True)
class _Around:
    """Everything around a slice: groups of rows, what the queue log and CEL tell of them, and the names learnt from both."""

    groups: Sequence[tuple[CdrRow, ...]]
    matched: Matched
    cel: CelFacts
    rules: CallRules


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is open while a window is read."""

    logs: Logs
    rows: Sliding[CdrRow]
    events: Sliding[QueueEvent]
    channel_events: Sliding[CelEvent]
    shelf: Shelf | None


class AsteriskSource:
    """Calls of one PBX, from its logs; recordings that lie on disk are given as they lie.

    Args:
        name: of the source.
        settings: what logs of both kinds have.
        tools: zone and region.
        open_logs: called for each reading; raises SourceError.
        kind: of source.
    """

    def __init__(
        self, name: str, settings: PbxSettings, tools: Tools, open_logs: Callable[[], Logs], kind: str = "asterisk"
    ) -> None:
        self._settings = settings
        self._zone = tools.timezone
        self._open_logs = open_logs
        self._rules = replace(rules_of(settings, name, tools), source=kind)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages; a page is a day, and its covered_until the day's end."""
        logs = self._open_logs()
        try:
            yield from self._pages(window, logs)
        except OSError as exc:
            raise SourceError(f"the files cannot be read: {exc.strerror or type(exc).__name__}") from exc
        finally:
            logs.close()

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; two legs are merged into a stereo file in `folder`, and so is stereo without a header."""
        root = self._settings.recordings
        pure = PurePosixPath(recording.rec_id)
        if root is None or pure.is_absolute() or ".." in pure.parts:
            raise RecordingError("the recording is not below the folder of recordings")
        path = root / pure
        stem = recording_stem(folder, call.call_id, pure.stem)
        target = stem.with_name(f"{stem.name}.wav")
        legs = leg_names(str(pure), self._settings.leg_endings)
        for name in legs or (str(pure),):
            _check_sound(root / name)
        if legs:
            return merge_legs(root / legs[0], root / legs[1], target, self._settings.raw_rate_hz)
        if path.suffix.lower() == ".raw":
            return wrap_raw(path, target, self._settings.raw_rate_hz)
        return path

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        return check_logs(self, self._settings, self._open_logs())

    def close(self) -> None:
        """See Source.close; files are open only while they are read."""

    def _pages(self, window: Window, logs: Logs) -> Iterator[CallPage]:
        opened = _Opened(logs, Sliding(logs.cdr), Sliding(logs.queue), Sliding(logs.cel), self._shelf())
        for part in slices_of(window, logs.spans(window)):
            with _few_collections():
                records, rejects = self._read(part, opened)
            at = 0
            for day in days_of(part):
                end = bisect_left(records, day.end, lo=at, key=lambda record: record.started_at)
                yield CallPage(records=tuple(records[at:end]), rejects=tuple(rejects), covered_until=day.end)
                at, rejects = end, []

    def _read(self, part: Window, opened: _Opened) -> tuple[list[CallRecord], list[Reject]]:
        """Return the calls that began in a slice, in order of time, and what could not be used."""
        cel = gather_cel(sorted(opened.channel_events.around(part), key=lambda event: event.at), self._rules)
        groups = group_rows(opened.rows.around(part), cel.linked)
        matched = match_traces(groups, trace_queues(opened.events.around(part)), cel.linked)
        around = _Around(groups, matched, cel, self._learn(groups, matched, cel))
        if opened.shelf is not None:
            opened.shelf.fill(part)
        rejects = list(opened.logs.take_rejects())
        records = sorted(self._records(part, around, opened, rejects), key=lambda record: record.started_at)
        return records, rejects

    def _records(self, part: Window, around: _Around, opened: _Opened, rejects: list[Reject]) -> Iterator[CallRecord]:
        logs, shelf = opened.logs, opened.shelf
        for number, group in enumerate(around.groups):
            trace = around.matched.by_group.get(number)
            if not part.holds(group[0].start) or is_running(group, logs.newest_row):
                continue
            if trace is not None and goes_on(trace, group, logs.newest_event):
                continue
            if trace is not None and trace.left_at is None:
                trace = closed(trace, max(row.end for row in group))
            try:
                record = build_call(group, around.rules, trace, around.cel)
            except RowError as error:
                rejects.append(Reject(where=group[0].where, reason=str(error)))
                continue
            yield record if shelf is None else _linked(record, group, shelf)
        for trace in around.matched.lonely:
            if goes_on(trace, (), logs.newest_event):
                continue
            try:
                record = queue_call(trace if trace.left_at else closed(trace, trace.last_at), around.rules, around.cel)
            except RowError as error:
                rejects.append(Reject(where=trace.where, reason=str(error)))
                continue
            if part.holds(record.started_at):
                yield record if shelf is None else _linked(record, (), shelf)

    def _learn(self, groups: Sequence[tuple[CdrRow, ...]], matched: Matched, cel: CelFacts) -> CallRules:
        """Return the rules with names and extensions that the logs tell; the settings' own count more."""
        votes: list[tuple[str, str]] = []
        asked: Counter[str] = Counter()
        for number, trace in matched.by_group.items():
            names_seen = [leg.operator_name for leg in trace.legs if leg.answered_at is not None and leg.operator_name]
            asked.update(names_seen)
            if any(asked[name] <= _VOTES for name in names_seen):
                votes.extend(self._votes(groups[number], trace))
        learnt = learn_extensions(votes)
        names = {**cel.names, **{extension: name for name, extension in learnt.items()}, **self._rules.names}
        known = {name: extension for extension, name in cel.names.items()}
        return replace(self._rules, names=names, extensions={**known, **learnt, **self._rules.extensions})

    def _votes(self, group: Sequence[CdrRow], trace: QueueTrace) -> list[tuple[str, str]]:
        try:
            legs = legs_of(group, direction_of(group, self._rules), self._rules)
        except RowError:
            return []  # it is named when its call is built
        return list(staff_votes(trace, legs, self._rules))

    def _shelf(self) -> Shelf | None:
        settings = self._settings
        if settings.recordings is None:
            return None
        rules = RecordingRules(
            leg_endings=settings.leg_endings,
            channel_side=settings.channel_side,
            guess_within=timedelta(seconds=settings.guess_within_s),
            zone=self._zone,
        )
        return Shelf(settings.recordings, rules)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Keep the garbage collector from looking at each of some 100,000 rows again and again: a third of the time.

    Nothing here refers to itself, so that all memory is freed without it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _linked(record: CallRecord, rows: Sequence[CdrRow], shelf: Shelf) -> CallRecord:
    links, is_guess = shelf.link(record, rows)
    if not links:
        return record
    return replace(record, recordings=links, tags=(*record.tags, GUESSED) if is_guess else record.tags)


def _check_sound(path: Path) -> None:
    """Raise RecordingError unless there is a file with sound in it."""
    try:
        n_bytes = path.stat().st_size if path.is_file() else None
    except OSError as exc:
        raise RecordingError(f"the recording cannot be read: {exc.strerror}") from exc
    if n_bytes is None:
        raise RecordingError("the recording, or one of its legs, is not there any more")
    if n_bytes <= EMPTY_BYTES:
        raise RecordingError("the recording is empty")
