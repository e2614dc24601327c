"""The work of operators as managers read it: talks, pauses, occupancy, and how many operators each hour needs. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from callscore.report.cells import count, day, decimal, duration, hours, interval, part_of, share
from callscore.report.labels import label
from callscore.report.view import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Report,
    Section,
    Unit,
    ViewOptions,
    cell,
    facts_section,
    figure,
)
from callscore.stats.workload import HourNeed, Norm
from callscore.store.call_hours import Patience
from callscore.store.workload import OperatorHour, OperatorLoad

__all__ = ["WorkAnswers", "workload_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkAnswers:
    """What was found for the days from `first_day` to `last_day`, both within.

    `patience_s` and `wrap_ms` are None where too little was seen to say.
    """

    first_day: date
    last_day: date
    loads: Sequence[OperatorLoad]
    hours: Sequence[OperatorHour]
    needs: Sequence[HourNeed]
    norm: Norm
    patience: Patience
    patience_s: float | None
    wrap_ms: float | None


def workload_report(found: WorkAnswers, options: ViewOptions, *, is_long: bool) -> Report:
    """Return the work of operators and the needs of hours; `is_long` adds operator by hour and week day by hour."""
    sections = [_totals(found, options), _operators(found, options), _hours(found, options)]
    if is_long:
        sections += [_operator_hours(found.hours, options), _week(found.needs, options)]
    keys = ["w_note_present", "w_note_need"]
    keys.append("w_note_wrap_unknown" if found.wrap_ms is None else "w_note_wrap")
    keys.append("w_note_patience_unknown" if found.patience_s is None else "w_note_patience")
    return Report(tuple(sections), "operators", tuple(label(key, options.language) for key in keys))


def _totals(found: WorkAnswers, options: ViewOptions) -> Section:
    busy = sum(each.busy_ms for each in found.hours)
    present = sum(each.present_ms for each in found.hours)
    promise = label("w_promise", options.language, share=f"{found.norm.share:.0%}", seconds=f"{found.norm.within_s:.0f}")
    facts = (
        ("first_day", "w_first_day", day(found.first_day)),
        ("last_day", "w_last_day", day(found.last_day)),
        ("days", "w_days", count(max((need.days for need in found.needs if need.weekday is None), default=0))),
        ("occupancy", "w_occupancy", share(busy / present if present else None)),
        ("norm", "w_norm", Cell(promise, found.norm.share)),
        ("patience_ms", "w_patience", duration(None if found.patience_s is None else round(found.patience_s * 1000))),
        ("gave_up_share", "w_gave_up", part_of(found.patience.gave_up, found.patience.calls, options)),
        ("wrap_ms", "w_wrap", duration(None if found.wrap_ms is None else round(found.wrap_ms))),
    )
    named = tuple((key, label(title, options.language), value) for key, title, value in facts)
    return facts_section("totals", label("w_title", options.language), named)


def _operators(found: WorkAnswers, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    time: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in found.hours:
        time[each.person][0] += each.busy_ms
        time[each.person][1] += each.present_ms
    columns = (
        Column("operator", say("w_operator")),
        Column("incoming", say("w_incoming"), is_number=True, unit=Unit.COUNT),
        Column("outgoing", say("w_outgoing"), is_number=True, unit=Unit.COUNT),
        Column("taken_over", say("w_taken_over"), is_number=True, unit=Unit.COUNT),
        Column("internal", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("talk_ms", say("w_talk"), is_number=True, unit=Unit.DURATION),
        Column("mean_talk_ms", say("w_mean_talk"), is_number=True, unit=Unit.DURATION),
        Column("mean_hold_ms", say("w_mean_hold"), is_number=True, unit=Unit.DURATION),
        Column("median_pause_ms", say("w_pause"), is_number=True, unit=Unit.DURATION),
        Column("wrap_ms", say("w_wrap_short"), is_number=True, unit=Unit.DURATION),
        Column("wraps", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("busy_ms", "", is_shown=False, is_number=True, unit=Unit.DURATION),
        Column("present_ms", say("w_present"), is_number=True, unit=Unit.DURATION),
        Column("occupancy", say("w_occupancy"), is_number=True, unit=Unit.SHARE),
    )
    rows = tuple(_operator_row(load, time.get(load.person or "", [0, 0]), options) for load in found.loads)
    chart = Chart(kind=ChartKind.BARS, along="operator", series=("occupancy",))
    return Section("operators", say("w_operators"), columns, rows, chart=chart)


def _operator_row(load: OperatorLoad, time: Sequence[int], options: ViewOptions) -> tuple[Cell, ...]:
    busy, present = time
    name = cell(load.person) if load.person else Cell(label("w_unknown", options.language), None)
    return (
        name,
        count(load.incoming),
        count(load.outgoing),
        count(load.taken_over),
        count(load.internal),
        hours(load.talk_ms),
        duration(round(load.talk_ms / load.timed) if load.timed else None),
        duration(round(load.hold_ms / load.heard) if load.heard else None),
        duration(load.median_pause_ms),
        duration(None if load.mean_wrap_ms is None else round(load.mean_wrap_ms)),
        count(load.wraps),
        hours(busy if present else None),
        hours(present or None),
        share(busy / present if present else None),
    )


def _hours(found: WorkAnswers, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    time: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in found.hours:
        time[each.hour][0] += each.busy_ms
        time[each.hour][1] += each.present_ms
        time[each.hour][2] += each.present_work_ms
    columns = (
        Column("hour", say("w_hour")),
        Column("calls", say("w_calls"), is_number=True, unit=Unit.NUMBER),
        Column("calls_low", "", is_shown=False, is_number=True, unit=Unit.NUMBER),
        Column("calls_high", "", is_shown=False, is_number=True, unit=Unit.NUMBER),
        Column("handle_ms", say("w_handle"), is_number=True, unit=Unit.DURATION),
        Column("present", say("w_at_phone"), is_number=True, unit=Unit.NUMBER),
        Column("occupancy", say("w_occupancy"), is_number=True, unit=Unit.SHARE),
        Column("needed_hurried", say("w_need_a"), is_number=True, unit=Unit.COUNT),
        Column("needed_calm", say("w_need_c"), is_number=True, unit=Unit.COUNT),
        Column("outgoing", say("w_outgoing_load"), is_number=True, unit=Unit.NUMBER),
    )
    rows = tuple(_hour_row(need, time[need.hour]) for need in found.needs if need.weekday is None)
    chart = Chart(kind=ChartKind.BARS, along="hour", series=("calls",), low="calls_low", high="calls_high")
    return Section("hours", say("w_hours"), columns, rows, chart=chart)


def _hour_row(need: HourNeed, time: Sequence[int]) -> tuple[Cell, ...]:
    busy, present, present_work = time
    return (
        Cell(f"{need.hour:02d}:00", need.hour),
        interval(need.calls, need.low, need.high),
        decimal(need.low),
        decimal(need.high),
        duration(None if need.handle_s is None else round(need.handle_s * 1000)),
        decimal(present_work / need.days / 3_600_000),
        share(busy / present if present else None),
        _needed(need.hurried),
        _needed(need.calm),
        decimal(need.outgoing),
    )


def _needed(found: Sequence[int]) -> Cell:
    """Return the number for the average day, and for both ends of its interval where they differ."""
    if not found:
        return cell(None)
    low, high = (found[1], found[2]) if len(found) == 3 else (found[0], found[0])
    return figure(
        found[0],
        lambda form: form.number(found[0]) if low == high else f"{form.number(found[0])} ({form.between(low, high, 0)})",
    )


def _operator_hours(found: Sequence[OperatorHour], options: ViewOptions) -> Section:
    columns = (
        Column("operator", label("w_operator", options.language)),
        Column("hour", label("w_hour", options.language)),
        Column("present_ms", label("w_present", options.language), is_number=True, unit=Unit.DURATION),
        Column("occupancy", label("w_occupancy", options.language), is_number=True, unit=Unit.SHARE),
    )
    rows = tuple(
        (
            cell(each.person),
            Cell(f"{each.hour:02d}:00", each.hour),
            hours(each.present_ms),
            share(each.busy_ms / each.present_ms),
        )
        for each in found
        if each.present_ms
    )
    chart = Chart(kind=ChartKind.HEAT, along="hour", down="operator", series=("occupancy",))
    return Section("operator_hours", label("w_operator_hours", options.language), columns, rows, chart=chart)


def _week(needs: Sequence[HourNeed], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("weekday", say("w_weekday")),
        Column("hour", say("w_hour")),
        Column("calls", say("w_calls"), is_number=True, unit=Unit.NUMBER),
        Column("needed_hurried", say("w_need_a"), is_number=True, unit=Unit.COUNT),
        Column("needed_calm", say("w_need_c"), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (
            Cell(say(f"w_day_{need.weekday}"), need.weekday),
            Cell(f"{need.hour:02d}:00", need.hour),
            interval(need.calls, need.low, need.high),
            _needed(need.hurried),
            _needed(need.calm),
        )
        for need in needs
        if need.weekday is not None
    )
    chart = Chart(kind=ChartKind.HEAT, along="hour", down="weekday", series=("calls",))
    return Section("week", say("w_week"), columns, rows, chart=chart)
