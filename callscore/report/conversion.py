"""What goes with sales as managers read it. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from callscore.report.cells import bound, count, decimal, interval, points, score, share
from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.tables import criterion_title
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
from callscore.store.conversion_records import ConversionRow, OperatorConversion, QueueBalance
from callscore.store.entries import CriterionEntry

__all__ = ["conversion_report"]

_ORDER: Final = ("helps", "hurts", "no_effect", "not_enough")
_COLOURS: Final[Mapping[str, str]] = {"helps": "pass", "hurts": "fail"}
Criteria = Mapping[tuple[str, int, str], CriterionEntry]


def conversion_report(
    rows: Sequence[ConversionRow],
    operators: Sequence[OperatorConversion],
    queues: Sequence[QueueBalance],
    criteria: Criteria,
    options: ViewOptions,
) -> Report:
    """Return the criteria by finding, the largest difference first; a sentence for each; operators; and queues if there are."""

    def say(key: str) -> str:
        return label(f"conv_{key}", options.language)

    ordered = sorted(
        rows, key=lambda row: (_ORDER.index(row.finding), -abs(row.risk_difference or 0.0), row.rubric, row.criterion_no or 0)
    )
    notes = [say("note_association"), say("note_verdicts"), say("note_detectable")]
    if queues:
        notes.append(say("note_queue" if any(row.queue_difference is not None for row in rows) else "note_no_queue"))
    if operators:
        notes.append(say("note_operators"))
    sections = (
        *(_facts(name, [row for row in rows if row.rubric == name], options) for name in sorted({row.rubric for row in rows})),
        _criteria_section(ordered, criteria, options),
        _sentences_section(ordered, criteria, options),
        *((_operators_section(operators, options),) if operators else ()),
        *((_queues_section(queues, options),) if queues else ()),
    )
    return Report(sections, "conversion", tuple(notes), title=say("title"))


def _facts(rubric: str, rows: Sequence[ConversionRow], options: ViewOptions) -> Section:
    """Return what was looked at; the numbers are those of the criterion with most calls, for a rubric has them in all."""

    def say(key: str) -> str:
        return label(f"conv_{key}", options.language)

    first = max(rows, key=lambda row: row.n_calls or 0)
    known = [row.adjusted_for for row in rows if row.adjusted_for]
    starts_on, ends_on = first.starts_on, first.ends_on

    def period(form: Form) -> str:
        if starts_on is None or ends_on is None:
            return "-"
        return label("conv_days", options.language, first=form.day(starts_on), last=form.day(ends_on))

    facts = [
        ("rubric", label("rubric", options.language), cell(rubric)),
        ("period", say("period"), figure(starts_on.isoformat() if starts_on else None, period)),
        ("calls", say("calls"), count(first.n_calls)),
        ("unknown", say("unknown"), count(first.n_unknown)),
        ("no_operator", say("no_operator"), count(first.n_no_operator)),
    ]
    if known:
        facts.append(("adjusted_for", say("adjusted"), Cell(", ".join(say(name) for name in known[0].split(", ")), known[0])))
    return facts_section(f"totals_{rubric}", say("facts"), tuple(facts))


def _criteria_section(rows: Sequence[ConversionRow], criteria: Criteria, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"conv_{key}", options.language)

    hidden = {
        Unit.COUNT: ("rubric_version", "n", "n_pass", "n_fail", "n_unsure", "n_na", "n_operators", "queue_calls"),
        Unit.SHARE: ("risk_low", "risk_high", "queue_low", "queue_high"),
        Unit.NUMBER: ("odds_low", "odds_high", "p_value", "odds_unsure_low", "odds_unsure_high"),
        Unit.TEXT: ("reason", "design", "sentence"),
    }
    several = len({row.rubric for row in rows}) > 1
    has_queue = any(row.queue_difference is not None for row in rows)
    columns = (
        Column("criterion", say("criterion")),
        Column("rubric", label("rubric", options.language), is_shown=several),
        Column("finding", say("finding")),
        Column("conversion_pass", say("pass"), is_number=True, unit=Unit.SHARE),
        Column("conversion_fail", say("fail"), is_number=True, unit=Unit.SHARE),
        Column("risk_difference", say("difference"), is_number=True, unit=Unit.SHARE),
        Column("odds_ratio", say("odds"), is_number=True, unit=Unit.NUMBER),
        Column("q_value", say("q"), is_number=True, unit=Unit.NUMBER),
        Column("detectable", say("detectable"), is_number=True, unit=Unit.SHARE),
        Column("queue_difference", say("queue"), is_number=True, unit=Unit.SHARE, is_shown=has_queue),
        *(Column(name, "", is_shown=False, unit=unit) for unit, names in hidden.items() for name in names),
    )
    names = tuple(name for names in hidden.values() for name in names)
    chart = Chart(kind=ChartKind.INTERVALS, along="criterion", series=("odds_ratio",), low="odds_low", high="odds_high")
    cells = tuple(_criterion_row(row, names, criteria, options) for row in rows)
    drawn = chart if any(row.odds_ratio is not None for row in rows) else None
    return Section("conversion", say("title"), columns, cells, chart=drawn)


def _criterion_row(row: ConversionRow, hidden: Sequence[str], criteria: Criteria, options: ViewOptions) -> tuple[Cell, ...]:
    return (
        _title(row, criteria, options),
        cell(row.rubric),
        Cell(label(f"conv_{row.finding}", options.language), row.finding, _COLOURS.get(row.finding, "")),
        share(row.conversion_pass),
        share(row.conversion_fail),
        points(row.risk_difference, row.risk_low, row.risk_high),
        interval(row.odds_ratio, row.odds_low, row.odds_high, 2),
        _chance(row.q_value),
        points(row.detectable),
        points(row.queue_difference, row.queue_low, row.queue_high),
        *(_hidden(row, name, options) for name in hidden),
    )


def _chance(value: float | None) -> Cell:
    """Return a q-value; one that three decimals would show as none is told to be less."""
    if value is None or value >= 0.0005:
        return decimal(value, 3)
    return figure(value, lambda form: f"<{form.number(0.001, 3)}")


def _hidden(row: ConversionRow, name: str, options: ViewOptions) -> Cell:
    if name == "sentence":
        return Cell("", row.sentence_ru if options.language == "ru" else row.sentence_en)
    value = getattr(row, name)
    return bound(value) if isinstance(value, float) else Cell("", value)


def _sentences_section(rows: Sequence[ConversionRow], criteria: Criteria, options: ViewOptions) -> Section:
    columns = (
        Column("criterion", label("conv_criterion", options.language)),
        Column("sentence", label("conv_sentence", options.language)),
    )
    cells = tuple(
        (_title(row, criteria, options), cell(row.sentence_ru if options.language == "ru" else row.sentence_en)) for row in rows
    )
    return Section("sentences", label("conv_sentences", options.language), columns, cells)


def _operators_section(rows: Sequence[OperatorConversion], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"conv_{key}", options.language)

    several = len({row.rubric for row in rows}) > 1
    columns = (
        Column("operator", label("operator", options.language)),
        Column("rubric", label("rubric", options.language), is_shown=several),
        Column("n", label("n_calls", options.language), is_number=True, unit=Unit.COUNT),
        Column("conversion", say("sold"), is_number=True, unit=Unit.SHARE),
        Column("mean_score", say("mean_score"), is_number=True, unit=Unit.SCORE),
        Column("difference", say("ten_points"), is_number=True, unit=Unit.SHARE),
        Column("difference_low", "", is_shown=False, unit=Unit.SHARE),
        Column("difference_high", "", is_shown=False, unit=Unit.SHARE),
        Column("q_value", "", is_shown=False, unit=Unit.NUMBER),
        Column("finding", say("finding")),
    )
    cells = tuple(
        (
            cell(row.operator),
            cell(row.rubric),
            count(row.n),
            share(row.n_won / row.n if row.n else None),
            score(row.mean_score, None, None),
            points(row.difference, row.difference_low, row.difference_high),
            bound(row.difference_low),
            bound(row.difference_high),
            bound(row.q_value),
            Cell(say(row.finding), row.finding),
        )
        for row in rows
    )
    return Section("operators", say("operators"), columns, cells)


def _queues_section(rows: Sequence[QueueBalance], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"conv_{key}", options.language)

    columns = (
        Column("queue", say("of_queue")),
        Column("n", label("n_calls", options.language), is_number=True, unit=Unit.COUNT),
        Column("n_operators", say("n_operators"), is_number=True, unit=Unit.COUNT),
        Column("share_low", say("share_range"), is_number=True, unit=Unit.NUMBER),
        Column("share_high", "", is_shown=False, unit=Unit.NUMBER),
        Column("line_p", say("line_p"), is_number=True, unit=Unit.NUMBER),
        Column("repeat_p", say("repeat_p"), is_number=True, unit=Unit.NUMBER),
        Column("finding", say("finding")),
    )
    return Section("queues", say("queues"), columns, tuple(_queue_row(row, options) for row in rows))


def _queue_row(row: QueueBalance, options: ViewOptions) -> tuple[Cell, ...]:
    low, high = row.share_low, row.share_high
    parts = decimal(None) if low is None or high is None else figure(low, lambda form: form.between(low, high, 2))
    return (
        cell(row.queue),
        count(row.n),
        count(row.n_operators),
        parts,
        bound(high),
        decimal(row.line_p, 3),
        decimal(row.repeat_p, 3),
        Cell(label(f"conv_{row.finding}", options.language), row.finding),
    )


def _title(row: ConversionRow, criteria: Criteria, options: ViewOptions) -> Cell:
    version = row.rubric_version or 0
    return Cell(criterion_title(row.rubric, version, row.criterion, criteria, options.language), row.criterion)
