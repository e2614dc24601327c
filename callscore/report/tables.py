"""Lists: operators, calls, criteria, flags. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callscore.report.labels import flag_text, label
from callscore.report.text import UNKNOWN, local_time, minutes, percent, score_text
from callscore.report.view import Cell, Column, Report, Section, ViewOptions, cell
from callscore.stats import share_interval
from callscore.store.entries import CallRow, CriterionCount, CriterionEntry, FlagRow, OperatorScore

__all__ = ["any_title", "calls_report", "criteria_report", "criterion_title", "flags_report", "operators_report", "place_range"]

Titles = Mapping[tuple[str, int], str]
Criteria = Mapping[tuple[str, int, str], CriterionEntry]


def operators_report(
    scores: Sequence[OperatorScore], titles: Titles, options: ViewOptions, *, by_score: bool = False
) -> Report:
    """Return operators with score and interval, per rubric; sorted by name, or by score with the places they may hold."""

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("operator", say("operator")),
        Column("rubric", say("rubric")),
        Column("rubric_version", "", is_shown=False),
        Column("calls", say("n_calls"), is_number=True),
        Column("scored_calls", "", is_shown=False),
        Column("score", say("score"), is_number=True),
        Column("score_low", "", is_shown=False),
        Column("score_high", "", is_shown=False),
        Column("place", say("place"), is_number=True, is_shown=by_score),
        Column("unsure", say("unsure"), is_number=True),
        Column("critical_failed", say("criticals"), is_number=True),
        Column("enough_calls", say("note")),
    )

    def by_name(entry: OperatorScore) -> tuple[object, ...]:
        return (entry.rubric, -entry.rubric_version, entry.operator is None, entry.operator or "")

    def by_points(entry: OperatorScore) -> tuple[object, ...]:
        few = entry.scored_calls < options.min_calls
        return (entry.rubric, -entry.rubric_version, few, -(entry.score or 0.0), entry.operator or "")

    ordered = sorted(scores, key=by_points if by_score else by_name)
    rows = tuple(_operator_row(entry, ordered, titles, options) for entry in ordered)
    section = Section("operators", say("operators"), columns, rows)
    return Report((section,), "operators", (say("note_interval"),))


def place_range(entry: OperatorScore, others: Sequence[OperatorScore]) -> tuple[int, int]:
    """Return the best and the worst place `entry` may hold among `others` (itself included), judged by the intervals alone."""
    surely_better = sum(other.score_low > entry.score_high for other in others)
    surely_worse = sum(other.score_high < entry.score_low for other in others)
    return surely_better + 1, len(others) - surely_worse


def _operator_row(
    entry: OperatorScore, scores: Sequence[OperatorScore], titles: Titles, options: ViewOptions
) -> tuple[Cell, ...]:
    enough = entry.scored_calls >= options.min_calls
    key = (entry.rubric, entry.rubric_version)
    rivals = [s for s in scores if (s.rubric, s.rubric_version) == key and s.scored_calls >= options.min_calls]
    best, worst = place_range(entry, rivals) if enough else (0, 0)
    place = UNKNOWN if not enough else str(best) if best == worst else f"{best}-{worst}"
    unsure = label("share_of", options.language, share=percent(entry.n_unsure, entry.n_verdicts), base=entry.n_verdicts)
    return (
        cell(entry.operator),
        Cell(titles.get(key) or entry.rubric, entry.rubric),
        Cell(str(entry.rubric_version), entry.rubric_version),
        Cell(str(entry.calls), entry.calls),
        Cell("", entry.scored_calls),
        Cell(score_text(entry.score, entry.score_low, entry.score_high), entry.score),
        Cell("", entry.score_low),
        Cell("", entry.score_high),
        Cell(place, place if enough else None),
        Cell(unsure, entry.n_unsure / entry.n_verdicts if entry.n_verdicts else None),
        Cell(str(entry.n_critical_failed), entry.n_critical_failed),
        Cell("" if enough else label("not_enough_calls", options.language), enough),
    )


def calls_report(calls: Sequence[CallRow], options: ViewOptions, *, limit: int | None = None) -> Report:
    """Return a line per call and rubric; `limit`, if given, says that only so many of `calls` are to be shown."""

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("started_at", say("started")),
        Column("call_id", say("call")),
        Column("recording", "", is_shown=False),
        Column("operator", say("operator")),
        Column("direction", "", is_shown=False),
        Column("call_type", say("call_type")),
        Column("duration_ms", say("duration"), is_number=True),
        Column("rubric", "", is_shown=False),
        Column("score", say("score"), is_number=True),
        Column("score_low", "", is_shown=False),
        Column("score_high", "", is_shown=False),
        Column("critical_failed", "", is_shown=False),
        Column("unsure", say("unsure"), is_number=True),
        Column("flags", say("n_flags"), is_number=True),
        Column("status", say("status")),
    )
    rows = tuple(_call_row(row, options) for row in calls[:limit])
    return Report((Section("calls", say("calls"), columns, rows),), "calls", _more_note(len(calls), limit, options))


def _call_row(row: CallRow, options: ViewOptions) -> tuple[Cell, ...]:
    return (
        Cell(local_time(row.started_at, options.timezone), row.started_at.isoformat() if row.started_at else None),
        cell(row.call_id),
        cell(row.recording),
        cell(row.operator),
        cell(row.direction),
        cell(row.call_type),
        Cell(minutes(row.duration_ms), row.duration_ms),
        cell(row.rubric),
        Cell(score_text(row.score, row.score_low, row.score_high), row.score),
        Cell("", row.score_low),
        Cell("", row.score_high),
        Cell("", row.critical_failed),
        Cell(str(row.n_unsure) if row.rubric else UNKNOWN, row.n_unsure if row.rubric else None),
        Cell(str(row.n_flags), row.n_flags),
        Cell(label(f"status_{row.status}", options.language), row.status),
    )


def criteria_report(counts: Sequence[CriterionCount], titles: Titles, criteria: Criteria, options: ViewOptions) -> Report:
    """Return how often each criterion is met, with the interval that covers sampling and unsure verdicts."""

    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("rubric", say("rubric")),
        Column("rubric_version", "", is_shown=False),
        Column("criterion", say("criterion")),
        Column("pass_frac", say("pass_share"), is_number=True),
        Column("pass_low", "", is_shown=False),
        Column("pass_high", "", is_shown=False),
        Column("n_pass", "", is_shown=False),
        Column("n_fail", say("n_fail"), is_number=True),
        Column("n_unsure", say("n_unsure"), is_number=True),
        Column("n_na", say("n_na"), is_number=True),
        Column("enough_calls", say("note")),
    )
    rows = tuple(_criterion_row(count, titles, criteria, options) for count in counts)
    section = Section("criteria", say("criteria"), columns, rows)
    return Report((section,), "criteria", (say("note_interval"),))


def criterion_title(rubric: str, version: int, criterion: str, criteria: Criteria, language: str) -> str:
    """Return the criterion's title in `language`, in the other one where it has none, else its id."""
    entry = criteria.get((rubric, version, criterion))
    if entry is None:
        return criterion
    first, second = (entry.title_ru, entry.title_en) if language == "ru" else (entry.title_en, entry.title_ru)
    return first or second or criterion


def _criterion_row(count: CriterionCount, titles: Titles, criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    decided = count.n_pass + count.n_fail
    arose = decided + count.n_unsure
    low = share_interval(count.n_pass, arose).low
    high = share_interval(count.n_pass + count.n_unsure, arose).high
    enough = decided >= options.min_calls
    share = f"{percent(count.n_pass, decided)} ({100 * low:.0f}-{100 * high:.0f})"
    return (
        Cell(titles.get((count.rubric, count.rubric_version)) or count.rubric, count.rubric),
        Cell(str(count.rubric_version), count.rubric_version),
        Cell(criterion_title(count.rubric, count.rubric_version, count.criterion, criteria, options.language), count.criterion),
        Cell(
            label("share_of", options.language, share=share, base=decided) if arose else UNKNOWN,
            count.n_pass / decided if decided else None,
        ),
        Cell("", low if arose else None),
        Cell("", high if arose else None),
        Cell(str(count.n_pass), count.n_pass),
        Cell(str(count.n_fail), count.n_fail),
        Cell(str(count.n_unsure), count.n_unsure),
        Cell(str(count.n_na), count.n_na),
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
        Column("started_at", say("started")),
        Column("start_ms", say("place_in_call"), is_number=True),
        Column("end_ms", "", is_shown=False),
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
        Cell(local_time(row.started_at, options.timezone), row.started_at.isoformat() if row.started_at else None),
        Cell(minutes(flag.start_ms), flag.start_ms),
        Cell(minutes(flag.end_ms), flag.end_ms),
        Cell(flag_text(flag.reason, options.language), flag.reason),
        Cell(any_title(flag.criterion, criteria, options.language), flag.criterion),
        cell(flag.detail),
    )


def _more_note(n_rows: int, limit: int | None, options: ViewOptions) -> tuple[str, ...]:
    if limit is None or n_rows <= limit:
        return ()
    return (label("note_more", options.language, limit=limit),)
