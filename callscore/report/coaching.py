"""What each operator should work on, with examples of one's own. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.tables import any_title
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.coaching import Advice, Weakness, judge_progress
from callscore.store.coaching import COACHING_DAYS, Discussed, Example
from callscore.store.entries import CriterionEntry

__all__ = ["coaching_report"]

Criteria = Mapping[tuple[str, int, str], CriterionEntry]
Talks = Mapping[tuple[str, str], datetime]
_NOTHING = Cell("", None)


def coaching_report(
    advice: Sequence[Advice],
    examples: Sequence[Example],
    discussed: Sequence[Discussed],
    criteria: Criteria,
    options: ViewOptions,
) -> Report:
    """Return a row per operator and criterion to work on, most important first; an operator with none has a row that says so.

    `discussed` is what was talked over, with the verdicts before and since.
    """
    sections = (
        _topics(advice, discussed, criteria, options),
        _examples(examples, criteria, options),
        _discussed(discussed, criteria, options),
    )
    shown = tuple(section for section in sections if section.rows)
    return Report(shown, "coaching", tuple(_notes(advice, discussed, options)))


def _topics(advice: Sequence[Advice], discussed: Sequence[Discussed], criteria: Criteria, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"coach_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("calls", say("calls"), is_number=True, unit=Unit.COUNT),
        Column("rubric", say("rubric"), is_shown=False),
        Column("criterion", say("criterion")),
        Column("own", say("own"), is_number=True, unit=Unit.SHARE),
        Column("own_low", "", is_number=True, is_shown=False, unit=Unit.SHARE),
        Column("own_high", "", is_number=True, is_shown=False, unit=Unit.SHARE),
        Column("team", say("team"), is_number=True, unit=Unit.SHARE),
        Column("below", say("below")),
        Column("cost", say("cost"), is_number=True, unit=Unit.NUMBER),
        Column("sales", say("sales")),
        Column("discussed_at", say("discussed"), unit=Unit.TIME),
    )
    talks = {(one.operator, one.criterion): one.discussed_at for one in discussed}
    rows = tuple(row for one in advice for row in _operator_rows(one, talks, criteria, options))
    return Section("coaching", say("title"), columns, rows)


def _operator_rows(one: Advice, talks: Talks, criteria: Criteria, options: ViewOptions) -> Iterator[tuple[Cell, ...]]:
    head = (cell(one.operator), cells.count(one.calls))
    if not one.weaknesses:
        why = label("coach_nothing" if one.is_enough else "coach_few", options.language)
        yield (*head, cell(None), Cell(why, None), cell(None), _NOTHING, _NOTHING, *(cell(None) for _ in range(5)))
    for weakness in one.weaknesses:
        talked = talks.get((one.operator, weakness.topic.criterion))
        yield (*head, *_weakness(weakness, criteria, options), cells.when(talked, options))


def _weakness(one: Weakness, criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    return (
        cell(one.topic.rubric),
        Cell(any_title(one.topic.criterion, criteria, options.language), one.topic.criterion),
        cells.share(one.own.value, one.own.low, one.own.high),
        cells.bound(one.own.low),
        cells.bound(one.own.high),
        cells.share(one.team),
        Cell(label(f"coach_below_{one.below}", options.language), one.below),
        cells.decimal(one.cost),
        Cell(label("coach_helps", options.language), "helps") if one.helps_sales else cell(None),
    )


def _examples(examples: Sequence[Example], criteria: Criteria, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"coach_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("rubric", say("rubric"), is_shown=False),
        Column("criterion", say("criterion")),
        Column("kind", say("kind")),
        Column("call_id", say("call")),
        Column("started_at", say("when"), unit=Unit.TIME),
        Column("start_ms", say("at"), is_number=True, unit=Unit.DURATION),
        Column("quote", say("quote")),
        Column("decided_by", say("by")),
    )
    rows = tuple(
        (
            cell(one.topic.operator),
            cell(one.topic.rubric),
            Cell(any_title(one.topic.criterion, criteria, options.language), one.topic.criterion),
            Cell(say(one.verdict), one.verdict, one.verdict),
            cell(one.call_id),
            cells.when(one.started_at, options),
            cells.duration(one.start_ms),
            cell(f"«{one.quote}»" if one.quote else one.reason),
            Cell(say("human" if one.is_human else "machine"), "human" if one.is_human else "machine"),
        )
        for one in examples
    )
    return Section("examples", say("examples"), columns, rows)


def _discussed(discussed: Sequence[Discussed], criteria: Criteria, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"coach_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("criterion", say("criterion")),
        Column("discussed_at", say("discussed_at"), unit=Unit.TIME),
        Column("before", say("before"), is_number=True, unit=Unit.SHARE),
        Column("since", say("since"), is_number=True, unit=Unit.SHARE),
        Column("change", say("change")),
        Column("difference", say("difference"), is_number=True, unit=Unit.NUMBER),
    )
    return Section("discussed", say("discussed"), columns, tuple(_talk(one, criteria, options) for one in discussed))


def _talk(one: Discussed, criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    found = judge_progress(one, options.min_calls)
    key = str(found.finding.value)
    gain = None if found.before is None or found.since is None else found.since - found.before
    return (
        cell(one.operator),
        Cell(any_title(one.criterion, criteria, options.language), one.criterion),
        cells.when(one.discussed_at, options),
        cells.part_of(one.pass_before, found.n_before, options),
        cells.part_of(one.pass_since, found.n_since, options),
        Cell(label(f"coach_{key}", options.language), key),
        cells.points(gain, found.difference.low, found.difference.high) if found.difference else cell(None),
    )


def _notes(advice: Sequence[Advice], discussed: Sequence[Discussed], options: ViewOptions) -> Iterator[str]:
    def say(key: str) -> str:
        return label(f"coach_note_{key}", options.language)

    if len(advice) == 1 and advice[0].is_alone:
        yield say("alone")
    yield say("certain")
    yield label("coach_note_period", options.language, days=COACHING_DAYS)
    if any(one.weaknesses for one in advice):
        yield say("cost")
        yield say("order")
        yield say("team")
    if any(not one.weaknesses and one.is_enough for one in advice):
        yield say("nothing")
    if discussed:
        yield say("discussed")
