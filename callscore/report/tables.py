"""Lists: calls, criteria, flags. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callscore.report.cells import bound, count, duration, score, share, when
from callscore.report.form import Form
from callscore.report.labels import flag_text, label
from callscore.report.text import UNKNOWN
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell, figure
from callscore.stats.corrected import corrected_passes
from callscore.stats.interval import share_interval
from callscore.store.entries import CallRow, CriterionCount, CriterionEntry, FlagRow
from callscore.store.people import AnswerRow

__all__ = ["any_title", "calls_report", "criteria_report", "criterion_title", "flags_report"]

Titles = Mapping[tuple[str, int], str]
Criteria = Mapping[tuple[str, int, str], CriterionEntry]


def calls_report(calls: Sequence[CallRow], options: ViewOptions, *, limit: int | None = None) -> Report:
    """Return a line per call and rubric; `limit`, if given, says that only so many of `calls` are to be shown."""

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("started_at", say("started"), unit=Unit.TIME),
        Column("call_id", say("call")),
        Column("recording", "", is_shown=False),
        Column("operator", say("operator")),
        Column("direction", "", is_shown=False),
        Column("call_type", say("call_type")),
        Column("duration_ms", say("duration"), is_number=True, unit=Unit.DURATION),
        Column("rubric", "", is_shown=False),
        Column("score", say("score"), is_number=True, unit=Unit.SCORE),
        Column("score_low", "", is_shown=False, unit=Unit.SCORE),
        Column("score_high", "", is_shown=False, unit=Unit.SCORE),
        Column("critical_failed", "", is_shown=False, unit=Unit.YES_NO),
        Column("unsure", say("unsure"), is_number=True, unit=Unit.COUNT),
        Column("flags", say("n_flags"), is_number=True, unit=Unit.COUNT),
        Column("status", say("status")),
    )
    rows = tuple(_call_row(row, options) for row in calls[:limit])
    return Report((Section("calls", say("calls"), columns, rows),), "calls", _more_note(len(calls), limit, options))


def _call_row(row: CallRow, options: ViewOptions) -> tuple[Cell, ...]:
    return (
        when(row.started_at, options),
        cell(row.call_id),
        cell(row.recording),
        cell(row.operator),
        cell(row.direction),
        cell(row.call_type),
        duration(row.duration_ms),
        cell(row.rubric),
        score(row.score, row.score_low, row.score_high),
        bound(row.score_low),
        bound(row.score_high),
        Cell("", row.critical_failed),
        count(row.n_unsure if row.rubric else None),
        count(row.n_flags),
        Cell(label(f"status_{row.status}", options.language), row.status),
    )


def criteria_report(
    counts: Sequence[CriterionCount],
    titles: Titles,
    criteria: Criteria,
    options: ViewOptions,
    answers: Sequence[AnswerRow] = (),
) -> Report:
    """Return how often each criterion is met, with the interval that covers sampling and unsure verdicts.

    Where `answers` of people in a random sample suffice, the share as they would find it stands beside it.
    """

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("rubric", say("rubric")),
        Column("rubric_version", "", is_shown=False, unit=Unit.COUNT),
        Column("criterion", say("criterion")),
        Column("pass_frac", say("pass_share"), is_number=True, unit=Unit.SHARE),
        Column("pass_low", "", is_shown=False, unit=Unit.SHARE),
        Column("pass_high", "", is_shown=False, unit=Unit.SHARE),
        Column("n_pass", "", is_shown=False, unit=Unit.COUNT),
        Column("n_fail", say("n_fail"), is_number=True, unit=Unit.COUNT),
        Column("n_unsure", say("n_unsure"), is_number=True, unit=Unit.COUNT),
        Column("n_na", say("n_na"), is_number=True, unit=Unit.COUNT),
        Column("pass_corrected", say("people_corrected"), is_number=True, is_shown=bool(answers), unit=Unit.SHARE),
        Column("corrected_low", "", is_shown=False, unit=Unit.SHARE),
        Column("corrected_high", "", is_shown=False, unit=Unit.SHARE),
        Column("enough_calls", say("note"), unit=Unit.YES_NO),
    )
    found: dict[tuple[str, int, str], dict[tuple[str, str], int]] = {}
    for row in answers:
        found.setdefault((row.rubric, row.rubric_version, row.criterion), {})[row.machine, row.truth] = row.n
    rows = tuple(
        _criterion_row(entry, titles, criteria, options, found.get((entry.rubric, entry.rubric_version, entry.criterion), {}))
        for entry in counts
    )
    chart = Chart(kind=ChartKind.INTERVALS, along="criterion", series=("pass_frac",), low="pass_low", high="pass_high")
    section = Section("criteria", say("criteria"), columns, rows, chart=chart)
    return Report((section,), "criteria", (say("note_interval"),))


def criterion_title(rubric: str, version: int, criterion: str, criteria: Criteria, language: str) -> str:
    """Return the criterion's title in `language`, in the other one where it has none, else its id."""
    entry = criteria.get((rubric, version, criterion))
    if entry is None:
        return criterion
    first, second = (entry.title_ru, entry.title_en) if language == "ru" else (entry.title_en, entry.title_ru)
    return first or second or criterion


def _criterion_row(
    entry: CriterionCount, titles: Titles, criteria: Criteria, options: ViewOptions, found: Mapping[tuple[str, str], int]
) -> tuple[Cell, ...]:
    decided = entry.n_pass + entry.n_fail
    arose = decided + entry.n_unsure
    low = share_interval(entry.n_pass, arose).low
    high = share_interval(entry.n_pass + entry.n_unsure, arose).high
    enough = decided >= options.min_calls
    corrected = corrected_passes({"pass": entry.n_pass, "fail": entry.n_fail, "unsure": entry.n_unsure}, found)
    value, interval = corrected or (None, None)

    def passed(form: Form) -> str:
        part = form.percent(entry.n_pass / decided) if decided else UNKNOWN
        bounds = form.between(100 * low, 100 * high, outwards=True)
        return label("share_of", options.language, share=f"{part} ({bounds})", base=form.number(decided))

    return (
        Cell(titles.get((entry.rubric, entry.rubric_version)) or entry.rubric, entry.rubric),
        count(entry.rubric_version),
        Cell(criterion_title(entry.rubric, entry.rubric_version, entry.criterion, criteria, options.language), entry.criterion),
        figure(entry.n_pass / decided if decided else None, passed) if arose else cell(None),
        bound(low if arose else None),
        bound(high if arose else None),
        count(entry.n_pass),
        count(entry.n_fail),
        count(entry.n_unsure),
        count(entry.n_na),
        share(value, interval.low, interval.high) if interval else cell(None),
        bound(interval.low if interval else None),
        bound(interval.high if interval else None),
        Cell("" if enough or not arose else label("not_enough_calls", options.language), enough),
    )


def any_title(criterion: str | None, criteria: Criteria, language: str) -> str:
    """Return the title of a criterion in whatever rubric has it, the newest version first; "-" for none."""
    for rubric, version, name in sorted(criteria, reverse=True):
        if name == criterion:
            return criterion_title(rubric, version, name, criteria, language)
    return criterion or UNKNOWN


def flags_report(flags: Sequence[FlagRow], criteria: Criteria, options: ViewOptions, *, limit: int | None = None) -> Report:
    """Return what to listen to, in the order given; `limit`, if given, says that only so many are to be shown."""

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("severity", say("severity")),
        Column("call_id", say("call")),
        Column("operator", say("operator")),
        Column("started_at", say("started"), unit=Unit.TIME),
        Column("start_ms", say("place_in_call"), is_number=True, unit=Unit.DURATION),
        Column("end_ms", "", is_shown=False, unit=Unit.DURATION),
        Column("reason", say("reason")),
        Column("criterion", say("criterion")),
        Column("detail", say("detail")),
    )
    rows = tuple(_flag_row(row, criteria, options) for row in flags[:limit])
    return Report((Section("flags", say("flags"), columns, rows),), "flags", _more_note(len(flags), limit, options))


def _flag_row(row: FlagRow, criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    flag = row.flag
    return (
        Cell(label(f"severity_{flag.severity}", options.language), flag.severity),
        cell(row.call_id),
        cell(row.operator),
        when(row.started_at, options),
        duration(flag.start_ms),
        duration(flag.end_ms),
        Cell(flag_text(flag.reason, options.language), flag.reason),
        Cell(any_title(flag.criterion, criteria, options.language), flag.criterion),
        cell(flag.detail),
    )


def _more_note(n_rows: int, limit: int | None, options: ViewOptions) -> tuple[str, ...]:
    if limit is None or n_rows <= limit:
        return ()
    return (label("note_more", options.language, limit=limit),)
