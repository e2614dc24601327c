"""What is unusual: lines against earlier weeks, recordings missing, recognition by line, unsure by criterion, changes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callscore.report.cells import bound, count, decimal, part_of, share, when
from callscore.report.labels import label
from callscore.report.view import Cell, Column, Section, Unit, ViewOptions, cell, figure
from callscore.stats.levels import Level, LevelVerdict, dispersion, judge_level, share_shift
from callscore.store.entries import CriterionEntry
from callscore.store.levels import (
    MOST_WEEKS,
    RECENT_DAYS,
    Change,
    HeardLine,
    HourLevel,
    LineLevel,
    RecordedLine,
    UnsureCriterion,
)

__all__ = ["LevelAnswers", "level_notes", "level_sections"]

_MOST_ROWS: Final = 30
_ALARMS: Final = (LevelVerdict.SILENT, LevelVerdict.FEWER, LevelVerdict.MORE)
_QUIET: Final = (LevelVerdict.SILENT, LevelVerdict.FEWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelAnswers:
    """What the store answered; `criteria` are by rubric, version and id; `days_off` are ISO 8601."""

    lines: Sequence[LineLevel]
    hours: Sequence[HourLevel]
    recorded: Sequence[RecordedLine]
    heard: Sequence[HeardLine]
    unsure: Sequence[UnsureCriterion]
    changes: Sequence[Change]
    criteria: Mapping[tuple[str, int, str], CriterionEntry]
    days_off: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A line with its last day, and how many calls are usual in the time since its last call."""

    line: LineLevel
    day: Level
    expected: float | None
    finding: str


def level_sections(found: LevelAnswers, options: ViewOptions) -> tuple[Section, ...]:
    """Return the sections in the order of reading; those without anything to tell are empty."""
    return (
        _levels(_judge(found, options.timezone), options),
        _hours(found, options),
        _recorded(found.recorded, options),
        _heard(found.heard, options),
        _unsure(found, options),
        _changes(found.changes, options),
    )


def level_notes(found: LevelAnswers, options: ViewOptions) -> tuple[str, ...]:
    """Return how to read the levels; a day on which every line is quiet is explained."""
    if not found.lines:
        return ()
    keys = ["v_note"]
    if any(each.finding == "with_all" for each in _judge(found, options.timezone)):
        keys.append("v_note_all")
    return tuple(label(key, options.language, weeks=MOST_WEEKS) for key in keys)


def _judge(found: LevelAnswers, timezone: str) -> list[_Judged]:
    lines = sorted(found.lines, key=lambda line: -sum(line.days.values()))
    judged = [_judge_line(line, found.days_off, ZoneInfo(timezone)) for line in lines]
    quiet = sum(each.finding in _QUIET for each in judged)
    able = sum(each.finding not in (LevelVerdict.NEW, LevelVerdict.TOO_FEW) for each in judged)
    if quiet > 1 and quiet > able / 2:
        judged = [
            _Judged(line=each.line, day=each.day, expected=each.expected, finding="with_all")
            if each.finding in _QUIET
            else each
            for each in judged
        ]
    order = {verdict: place for place, verdict in enumerate((*_ALARMS, "with_all"))}
    return sorted(judged, key=lambda each: order.get(each.finding, len(order)))


def _judge_line(line: LineLevel, days_off: Collection[str], zone: ZoneInfo) -> _Judged:
    weeks = range(1, line.weeks + 1)
    spread = dispersion([[line.days.get(7 * week + shift, 0) for week in range(line.weeks)] for shift in range(1, 7)])
    day = judge_level(line.days.get(0, 0), [line.days.get(7 * week, 0) for week in weeks], spread)
    silence = judge_level(0, line.silent_weeks[: line.weeks], spread)
    finding: str = LevelVerdict.SILENT if silence.verdict is LevelVerdict.SILENT else day.verdict
    last_days = {(line.end_at.astimezone(zone) - timedelta(hours=hours)).date().isoformat() for hours in (1, 24)}
    if finding in _QUIET and last_days & set(days_off):
        finding = "day_off"
    return _Judged(line=line, day=day, expected=silence.usual, finding=finding)


def _levels(judged: Sequence[_Judged], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("did", say("v_line")),
        Column("source", say("source"), is_shown=len({each.line.source for each in judged}) > 1),
        Column("calls", say("v_calls"), is_number=True, unit=Unit.COUNT),
        Column("usual", say("v_usual"), is_number=True, unit=Unit.NUMBER),
        Column("low", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("high", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("bounds", say("v_bounds"), is_number=True),
        Column("last_at", say("v_last"), unit=Unit.TIME),
        Column("expected", say("v_expected"), is_number=True, unit=Unit.NUMBER),
        Column("finding", say("v_verdict")),
    )
    rows = tuple(
        (
            cell(each.line.did),
            cell(each.line.source),
            count(each.day.count),
            decimal(each.day.usual),
            bound(each.day.low),
            bound(each.day.high),
            _bounds(each.day),
            when(each.line.last_at, options),
            decimal(each.expected),
            _finding(each.finding, options),
        )
        for each in judged[:_MOST_ROWS]
    )
    return Section("levels", say("v_levels"), columns, rows)


def _hours(found: LevelAnswers, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    known = {(line.source, line.did): line for line in found.lines}
    unusual = []
    for hour in found.hours:
        line = known.get((hour.source, hour.did))
        level = judge_level(hour.count, hour.weeks[: line.weeks] if line else ())
        if level.verdict in _ALARMS:
            unusual.append((hour, level))
    unusual.sort(key=lambda pair: (pair[0].hours_ago, pair[0].did or ""))
    columns = (
        Column("did", say("v_line")),
        Column("hour_at", say("v_hour"), unit=Unit.TIME),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("usual", say("v_usual"), is_number=True, unit=Unit.NUMBER),
        Column("bounds", say("v_bounds"), is_number=True),
        Column("finding", say("v_verdict")),
    )
    rows = tuple(
        (
            cell(hour.did),
            when(hour.end_at - timedelta(hours=hour.hours_ago + 1), options),
            count(hour.count),
            decimal(level.usual),
            _bounds(level),
            _finding("fewer" if level.verdict is LevelVerdict.SILENT else level.verdict, options),
        )
        for hour, level in unusual[:_MOST_ROWS]
    )
    return Section("unusual_hours", say("v_hours"), columns, rows)


def _recorded(lines: Sequence[RecordedLine], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language, days=RECENT_DAYS)

    columns = (
        Column("did", say("v_line")),
        Column("source", say("source")),
        Column("talks", say("v_talks"), is_number=True, unit=Unit.COUNT),
        Column("unrecorded", say("v_unrecorded"), is_number=True, unit=Unit.SHARE),
        Column("unfetched", say("v_unfetched"), is_number=True, unit=Unit.SHARE),
    )
    rows = tuple(
        (
            cell(line.did),
            cell(line.source),
            count(line.talks),
            part_of(line.unrecorded, line.talks, options),
            part_of(line.unfetched, line.talks, options),
        )
        for line in lines[:_MOST_ROWS]
    )
    return Section("recordings", say("v_recordings"), columns, rows)


def _heard(lines: Sequence[HeardLine], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language, days=RECENT_DAYS)

    columns = (
        Column("did", say("v_line")),
        Column("codec", say("v_codec")),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("mean_word_prob", say("v_word_prob"), is_number=True, unit=Unit.SHARE),
        Column("unrecognised_frac", say("v_unheard"), is_number=True, unit=Unit.SHARE),
        Column("silent_legs", say("v_silent_leg"), is_number=True, unit=Unit.COUNT),
        Column("swapped_legs", say("v_swapped"), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (
            cell(line.did),
            cell(line.codec),
            count(line.calls),
            share(line.word_prob),
            share(line.unrecognised_ms / line.speech_ms if line.speech_ms else None),
            count(line.silent_legs),
            count(line.swapped_legs),
        )
        for line in lines[:_MOST_ROWS]
    )
    return Section("heard", say("v_heard"), columns, rows)


def _unsure(found: LevelAnswers, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language, days=RECENT_DAYS)

    columns = (
        Column("rubric", "", is_shown=False),
        Column("criterion", say("v_criterion")),
        Column("verdicts", say("v_verdicts"), is_number=True, unit=Unit.COUNT),
        Column("unsure_frac", say("v_share"), is_number=True, unit=Unit.SHARE),
        Column("before_frac", say("v_before"), is_number=True, unit=Unit.SHARE),
        Column("change", say("v_change"), is_number=True, unit=Unit.NUMBER),
        Column("is_moved", say("v_moved"), unit=Unit.YES_NO),
    )
    rows = tuple(_unsure_row(each, found, options) for each in found.unsure if each.now[1])
    return Section("unsure", say("v_unsure"), columns, rows)


def _unsure_row(each: UnsureCriterion, found: LevelAnswers, options: ViewOptions) -> tuple[Cell, ...]:
    entry = found.criteria.get((each.rubric, each.rubric_version, each.criterion))
    title = (entry.title_ru if options.language == "ru" else entry.title_en) if entry else ""
    shift = share_shift(each.before, each.now, len(found.unsure))
    points = None if shift is None else 100 * shift.difference
    moved = shift is not None and shift.is_moved
    return (
        cell(each.rubric),
        Cell(title or each.criterion, each.criterion),
        count(each.now[1]),
        share(each.now[0] / each.now[1]),
        share(each.before[0] / each.before[1] if each.before[1] else None),
        cell(None) if points is None else figure(points, lambda form: f"{'+' if points > 0 else ''}{form.number(points, 1)}"),
        Cell(label("v_is_moved", options.language) if moved else "", moved),
    )


def _changes(changes: Sequence[Change], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("seen_at", say("v_when"), unit=Unit.TIME),
        Column("kind", say("v_what")),
        Column("name", say("v_name")),
        Column("version", say("v_version")),
        Column("calls", say("v_n_calls"), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (
            when(change.at, options),
            Cell(say(f"v_{change.kind}"), change.kind),
            cell(change.name),
            cell(change.version),
            count(change.calls),
        )
        for change in changes
    )
    return Section("changes", say("v_changes"), columns, rows)


def _bounds(level: Level) -> Cell:
    low, high = level.low, level.high
    if low is None or high is None:
        return cell(None)
    return figure(f"{low}-{high}", lambda form: form.between(low, high))


def _finding(finding: str, options: ViewOptions) -> Cell:
    key = "v_usual_level" if finding == LevelVerdict.USUAL else f"v_{finding}"
    return Cell(label(key, options.language), str(finding), "fail" if finding in _ALARMS else "")
