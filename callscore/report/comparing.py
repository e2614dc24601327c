"""Operators compared: better, worse or cannot tell. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.comparing import Finding
from callscore.stats.operator_comparisons import OperatorComparison, Side

__all__ = ["compare_report"]

Titles = Mapping[tuple[str, int], str]

_VERDICTS = {Finding.BETTER: "pass", Finding.WORSE: "fail"}


def compare_report(
    found: Sequence[OperatorComparison], titles: Titles, options: ViewOptions, split_at: datetime | None = None
) -> Report:
    """Return a row per comparison; `split_at`, if given, parts the two periods that were compared."""

    def say(key: str) -> str:
        return label(f"people_{key}", options.language)

    columns = (
        Column("operator", label("operator", options.language)),
        Column("against", say("other")),
        Column("rubric", label("rubric", options.language)),
        Column("rubric_version", "", is_shown=False, unit=Unit.COUNT),
        Column("calls", label("n_calls", options.language), is_number=True, unit=Unit.COUNT),
        Column("score", say("raw"), is_number=True, unit=Unit.SCORE),
        Column("their_calls", say("other_calls"), is_number=True, unit=Unit.COUNT),
        Column("their_score", say("other_score"), is_number=True, unit=Unit.SCORE),
        Column("difference", say("difference"), is_number=True, unit=Unit.NUMBER),
        Column("difference_low", "", is_shown=False, unit=Unit.NUMBER),
        Column("difference_high", "", is_shown=False, unit=Unit.NUMBER),
        Column("is_corrected", "", is_shown=False, unit=Unit.YES_NO),
        Column("finding", say("finding")),
    )
    rows = tuple(_row(entry, titles, options, is_split=split_at is not None) for entry in found)
    title = say("comparison")
    if split_at is not None:
        day = cells.when(split_at, options).text
        title = label("people_before_after", options.language, day=day)
    chart = Chart(
        kind=ChartKind.INTERVALS, along="operator", series=("difference",), low="difference_low", high="difference_high"
    )
    section = Section("comparison", title, columns, rows, chart=chart if rows else None)
    return Report((section,), "comparison", tuple(_notes(found, options, is_split=split_at is not None)))


def _row(entry: OperatorComparison, titles: Titles, options: ViewOptions, *, is_split: bool) -> tuple[Cell, ...]:
    comparison = entry.comparison
    score, other = _score(entry.side, entry), _score(entry.other_side, entry)
    difference = score - other if comparison and score is not None and other is not None else None
    low, high = (comparison.low, comparison.high) if comparison else (None, None)
    finding = comparison.finding if comparison else "too_few_calls"
    against = "self" if is_split else "others"
    return (
        cell(entry.operator),
        Cell(entry.other or "", entry.other)
        if entry.other and not is_split
        else Cell(label(f"people_{against}", options.language), against),
        Cell(titles.get((entry.rubric, entry.rubric_version)) or entry.rubric, entry.rubric),
        cells.count(entry.rubric_version),
        cells.count(entry.side.calls),
        cells.score(score, None, None),
        cells.count(entry.other_side.calls),
        cells.score(other, None, None),
        cells.interval(difference, low, high),
        cells.bound(low),
        cells.bound(high),
        Cell("", entry.is_corrected),
        Cell(
            label(f"people_{finding}", options.language),
            str(finding),
            _VERDICTS.get(Finding(finding), "") if comparison else "",
        ),
    )


def _score(side: Side, entry: OperatorComparison) -> float | None:
    return side.corrected.value if entry.is_corrected and side.corrected else side.score


def _notes(found: Sequence[OperatorComparison], options: ViewOptions, *, is_split: bool) -> Iterator[str]:
    judged = sum(entry.comparison is not None for entry in found)
    if judged:
        yield label("people_note_compared", options.language, n=judged)
    if any(entry.comparison and not entry.is_corrected for entry in found):
        yield label("people_note_bounds", options.language)
    if is_split:
        yield label("people_note_periods", options.language)
