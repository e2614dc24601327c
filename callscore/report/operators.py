"""Operators: scores with intervals, the same scores steadied, for equal calls and corrected, and trends. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.text import UNKNOWN
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.corrected import MIN_REVIEWED
from callscore.stats.operator_trends import MIN_WEEKS, OperatorTrend, TrendFinding
from callscore.store.entries import OperatorScore

__all__ = ["OperatorNumbers", "operators_report", "place_range"]

Titles = Mapping[tuple[str, int], str]
Rivals = Mapping[tuple[str, str, int], Sequence[OperatorScore]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorNumbers:
    """What the report shows: scores of one period or of several of `kind`, trends, and how many calls people reviewed.

    `everybody` are those among whom there are places, where not all of them are shown.
    """

    scores: Sequence[OperatorScore]
    everybody: Sequence[OperatorScore] = ()
    kind: str = "all"
    trends: Sequence[OperatorTrend] = ()
    n_reviewed: int = 0


def operators_report(
    numbers: OperatorNumbers, titles: Titles, options: ViewOptions, *, by_score: bool = False, limit: int | None = None
) -> Report:
    """Return operators with score and interval, per rubric and period; by name, or by score with the places they may hold.

    Periods are latest first; `limit`, if given, says how many lines are shown of them.
    """
    few = options.min_calls

    def by_name(entry: OperatorScore) -> tuple[object, ...]:
        return (_age(entry), entry.rubric, -entry.rubric_version, entry.operator is None, entry.operator or "")

    def by_points(entry: OperatorScore) -> tuple[object, ...]:
        is_few = entry.scored_calls < few
        return (_age(entry), entry.rubric, -entry.rubric_version, is_few, -(entry.score or 0.0), entry.operator or "")

    ordered = sorted(numbers.scores, key=by_points if by_score else by_name)
    n_found = len(ordered)
    ordered = ordered[: limit if numbers.kind != "all" else None]
    rivals = _rivals(numbers.everybody or ordered, options)
    sections = [_scores_section(ordered, rivals, titles, options, is_periodic=numbers.kind != "all", by_score=by_score)]
    if any(entry.score_adjusted is not None or entry.score_corrected is not None for entry in ordered):
        sections.append(_models_section(ordered, titles, options, is_periodic=numbers.kind != "all"))
    if any(trend.trend for trend in numbers.trends):
        sections.append(_trends_section(numbers.trends, titles, options))
    notes = tuple(_notes(numbers, options))
    if len(ordered) < n_found:
        notes = (label("note_more", options.language, limit=len(ordered)), *notes)
    return Report(tuple(sections), "operators", notes)


def place_range(entry: OperatorScore, others: Sequence[OperatorScore]) -> tuple[int, int]:
    """Return the best and the worst place `entry` may hold among `others` (itself included), judged by the intervals alone."""
    surely_better = sum(other.score_low > entry.score_high for other in others)
    surely_worse = sum(other.score_high < entry.score_low for other in others)
    return surely_better + 1, len(others) - surely_worse


def _scores_section(
    ordered: Sequence[OperatorScore], rivals: Rivals, titles: Titles, options: ViewOptions, *, is_periodic: bool, by_score: bool
) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    hidden = (
        "shrunk_low shrunk_high shrunk_weight score_adjusted adjusted_low adjusted_high score_corrected corrected_low "
        "corrected_high"
    )
    columns = (
        Column("period", say("people_period")),
        Column("operator", say("operator")),
        Column("rubric", say("rubric")),
        Column("rubric_version", "", is_shown=False, unit=Unit.COUNT),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("scored_calls", "", is_shown=False, unit=Unit.COUNT),
        Column("score", say("score"), is_number=True, unit=Unit.SCORE),
        Column("score_low", "", is_shown=False, unit=Unit.SCORE),
        Column("score_high", "", is_shown=False, unit=Unit.SCORE),
        Column("score_shrunk", say("people_shrunk"), is_number=True, unit=Unit.SCORE),
        Column("place", say("place"), is_number=True, is_shown=by_score),
        Column("unsure", say("unsure"), is_number=True, unit=Unit.SHARE),
        Column("critical_failed", say("criticals"), is_number=True, unit=Unit.COUNT),
        Column("enough_calls", say("note"), unit=Unit.YES_NO),
        *(Column(key, "", is_shown=False, unit=Unit.NUMBER if "weight" in key else Unit.SCORE) for key in hidden.split()),
        Column("n_reviewed", "", is_shown=False, unit=Unit.COUNT),
    )
    rows = tuple(_score_row(entry, rivals[_team(entry)], titles, options) for entry in ordered)
    chart = None
    if not is_periodic:
        chart = Chart(kind=ChartKind.INTERVALS, along="operator", series=("score",), low="score_low", high="score_high")
    # Without periods there is no such column, so that the first one is the operator's, as ever.
    first = 0 if is_periodic else 1
    return Section("operators", say("operators"), columns[first:], tuple(row[first:] for row in rows), chart=chart)


def _age(entry: OperatorScore) -> int:
    return -entry.starts_on.toordinal() if entry.starts_on else 0


def _team(entry: OperatorScore) -> tuple[str, str, int]:
    return (entry.period, entry.rubric, entry.rubric_version)


def _rivals(scores: Sequence[OperatorScore], options: ViewOptions) -> Rivals:
    """Return by period and rubric those who can hold a place: people with enough calls."""
    teams: dict[tuple[str, str, int], list[OperatorScore]] = {_team(entry): [] for entry in scores}
    for entry in scores:
        if entry.scored_calls >= options.min_calls and entry.operator is not None:
            teams[_team(entry)].append(entry)
    return teams


def _score_row(entry: OperatorScore, rivals: Sequence[OperatorScore], titles: Titles, options: ViewOptions) -> tuple[Cell, ...]:
    enough = entry.scored_calls >= options.min_calls
    has_place = enough and entry.operator is not None
    best, worst = place_range(entry, rivals) if has_place else (0, 0)
    place = UNKNOWN if not has_place else str(best) if best == worst else f"{best}-{worst}"
    return (
        cell(entry.period),
        cell(entry.operator),
        Cell(titles.get((entry.rubric, entry.rubric_version)) or entry.rubric, entry.rubric),
        cells.count(entry.rubric_version),
        cells.count(entry.calls),
        cells.count(entry.scored_calls),
        cells.score(entry.score, entry.score_low, entry.score_high),
        cells.bound(entry.score_low),
        cells.bound(entry.score_high),
        cells.score(entry.score_shrunk, None, None),
        Cell(place, place if has_place else None),
        cells.part_of(entry.n_unsure, entry.n_verdicts, options),
        cells.count(entry.n_critical_failed),
        Cell("" if enough else label("not_enough_calls", options.language), enough),
        cells.bound(entry.shrunk_low),
        cells.bound(entry.shrunk_high),
        cells.bound(entry.shrunk_weight),
        cells.bound(entry.score_adjusted),
        cells.bound(entry.adjusted_low),
        cells.bound(entry.adjusted_high),
        cells.bound(entry.score_corrected),
        cells.bound(entry.corrected_low),
        cells.bound(entry.corrected_high),
        cells.count(entry.n_reviewed),
    )


def _models_section(ordered: Sequence[OperatorScore], titles: Titles, options: ViewOptions, *, is_periodic: bool) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    has_corrected = any(entry.score_corrected is not None for entry in ordered)
    has_adjusted = any(entry.score_adjusted is not None for entry in ordered)
    columns = (
        Column("period", say("people_period"), is_shown=is_periodic),
        Column("operator", say("operator")),
        Column("rubric", say("rubric")),
        Column("score", say("people_raw"), is_number=True, unit=Unit.SCORE),
        Column("score_shrunk", say("people_shrunk_full"), is_number=True, unit=Unit.SCORE),
        Column("score_adjusted", say("people_adjusted"), is_number=True, is_shown=has_adjusted, unit=Unit.SCORE),
        Column("score_corrected", say("people_corrected"), is_number=True, is_shown=has_corrected, unit=Unit.SCORE),
    )
    rows = tuple(
        (
            cell(entry.period),
            cell(entry.operator),
            Cell(titles.get((entry.rubric, entry.rubric_version)) or entry.rubric, entry.rubric),
            cells.score(entry.score, None, None),
            cells.score(entry.score_shrunk, entry.shrunk_low, entry.shrunk_high),
            cells.score(entry.score_adjusted, entry.adjusted_low, entry.adjusted_high),
            cells.score(entry.score_corrected, entry.corrected_low, entry.corrected_high),
        )
        for entry in ordered
        if entry.operator is not None
    )
    return Section("operator_models", say("people_models"), columns, rows)


def _trends_section(trends: Sequence[OperatorTrend], titles: Titles, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"people_{key}", options.language)

    columns = (
        Column("operator", label("operator", options.language)),
        Column("rubric", label("rubric", options.language)),
        Column("weeks", say("weeks"), is_number=True, unit=Unit.COUNT),
        Column("slope", say("slope"), is_number=True, unit=Unit.NUMBER),
        Column("slope_low", "", is_shown=False, unit=Unit.NUMBER),
        Column("slope_high", "", is_shown=False, unit=Unit.NUMBER),
        Column("finding", say("finding")),
        Column("step_on", say("step")),
        Column("step", "", is_shown=False, unit=Unit.NUMBER),
    )
    rows = tuple(_trend_row(trend, titles, options) for trend in trends)
    return Section("operator_trends", say("trends"), columns, rows)


def _trend_row(found: OperatorTrend, titles: Titles, options: ViewOptions) -> tuple[Cell, ...]:
    trend, step = found.trend, found.step
    finding = label(f"people_{found.finding}", options.language, n=found.n_weeks, least=MIN_WEEKS)
    verdict = {TrendFinding.UP: "pass", TrendFinding.DOWN: "fail"}.get(found.finding, "")
    step_text = UNKNOWN
    if step is not None:
        points = cells.decimal(step.difference).text
        step_text = label("people_step_text", options.language, day=cells.day(step.starts_on).text, points=points)
    return (
        cell(found.operator),
        Cell(titles.get((found.rubric, found.rubric_version)) or found.rubric, found.rubric),
        cells.count(found.n_weeks),
        cells.interval(trend.slope, trend.low, trend.high, digits=2) if trend else cell(None),
        cells.bound(trend.low if trend else None),
        cells.bound(trend.high if trend else None),
        Cell(finding, found.finding, verdict),
        Cell(step_text, step.starts_on.isoformat() if step else None),
        cells.bound(step.difference if step else None),
    )


def _notes(numbers: OperatorNumbers, options: ViewOptions) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return label(key, options.language, **values)

    yield say("note_interval")
    if any(entry.score_shrunk is not None for entry in numbers.scores):
        yield say("people_note_shrunk")
    if any(entry.score_adjusted is not None for entry in numbers.scores):
        yield say("people_note_adjusted")
    if any(entry.score_corrected is not None for entry in numbers.scores):
        yield say("people_note_corrected", n=numbers.n_reviewed)
    else:
        yield say("people_note_few_reviews", n=numbers.n_reviewed, least=MIN_REVIEWED)
    if numbers.kind == "all" and not any(trend.trend for trend in numbers.trends):
        yield say("people_note_weeks", least=MIN_WEEKS)
    elif numbers.trends:
        yield say("people_note_trend")
