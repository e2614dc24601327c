"""What each operator should work on, with examples of one's own. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.tables import any_title
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.coaching import Advice, Weakness
from callscore.store.coaching import Example
from callscore.store.entries import CriterionEntry

__all__ = ["coaching_report"]

Criteria = Mapping[tuple[str, int, str], CriterionEntry]
_NOTHING = Cell("", None)


def coaching_report(
    advice: Sequence[Advice], examples: Sequence[Example], criteria: Criteria, options: ViewOptions, *, is_alone: bool = False
) -> Report:
    """Return a row per operator and criterion to work on, most important first; an operator with none has a row that says so.

    `is_alone` tells that there is no team to compare with.
    """
    sections = (_topics(advice, criteria, options), _examples(examples, criteria, options))
    shown = tuple(section for section in sections if section.rows)
    return Report(shown, "coaching", tuple(_notes(advice, options, is_alone=is_alone)))


def _topics(advice: Sequence[Advice], criteria: Criteria, options: ViewOptions) -> Section:
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
    )
    rows = tuple(row for one in advice for row in _operator_rows(one, criteria, options))
    return Section("coaching", say("title"), columns, rows)


def _operator_rows(one: Advice, criteria: Criteria, options: ViewOptions) -> Iterator[tuple[Cell, ...]]:
    head = (cell(one.operator), cells.count(one.calls))
    if not one.weaknesses:
        why = label("coach_nothing" if one.is_enough else "coach_few", options.language)
        yield (*head, cell(None), Cell(why, None), cell(None), _NOTHING, _NOTHING, *(cell(None) for _ in range(4)))
    for weakness in one.weaknesses:
        yield (*head, *_weakness(weakness, criteria, options))


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


def _notes(advice: Sequence[Advice], options: ViewOptions, *, is_alone: bool) -> Iterator[str]:
    def say(key: str) -> str:
        return label(f"coach_note_{key}", options.language)

    if is_alone:
        yield say("alone")
    yield say("certain")
    if any(one.weaknesses for one in advice):
        yield say("cost")
        yield say("order")
        yield say("team")
    if any(not one.weaknesses and one.is_enough for one in advice):
        yield say("nothing")
