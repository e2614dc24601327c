"""How far reviewers agree with each other and with the machine, and how that changes. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.tables import any_title
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.alpha import Alpha
from callscore.stats.reviewers import (
    MIN_CALLS,
    MachineAgreement,
    Panel,
    Stand,
    judge_machine,
    judge_months,
    judge_panel,
    judge_panel_months,
    judge_stands,
)
from callscore.store.agreement import MachineRow, PanelRow, SampleRow, StandRow
from callscore.store.entries import CriterionEntry

__all__ = ["agreement_report"]

_RELIABLE: Final = 0.667
"""Krippendorff (Content Analysis, 2nd edition, 2004, 11.4.4): under this no conclusion should rest on the verdicts."""
_NOTHING: Final = Cell("", None)

Criteria = Mapping[tuple[str, int, str], CriterionEntry]


def agreement_report(
    samples: Sequence[SampleRow],
    panel: Sequence[PanelRow],
    machine: Sequence[MachineRow],
    stands: Sequence[StandRow],
    criteria: Criteria,
    options: ViewOptions,
) -> Report:
    """Return agreement by criterion, by month, and by rubric version and recogniser."""
    people = judge_panel(panel)
    compared = judge_machine(machine)
    sections = (
        _samples(samples, options),
        _panel(people, criteria, options),
        _machine(compared, criteria, options),
        _months(panel, stands, options),
        _stands(judge_stands(stands), options),
    )
    main = "panel" if people else "machine"
    return Report(tuple(section for section in sections if section.rows), main, tuple(_notes(people, compared, options)))


def _say(options: ViewOptions, key: str) -> str:
    return label(f"agree_{key}", options.language)


def _number(key: str, title: str, unit: Unit = Unit.COUNT, *, is_shown: bool = True) -> Column:
    return Column(key, title, is_number=True, unit=unit, is_shown=is_shown)


def _samples(rows: Sequence[SampleRow], options: ViewOptions) -> Section:
    columns = (
        Column("sample", _say(options, "sample")),
        *(_number(key, _say(options, key)) for key in ("reviews", "calls", "reviewers", "differs", "partly")),
        Column("counts", _say(options, "counts"), unit=Unit.YES_NO),
    )
    table = tuple(
        (
            Cell(_say(options, row.sample or ""), row.sample),
            *(cells.count(n) for n in (row.reviews, row.calls, row.reviewers, row.differs, row.partly)),
            Cell(_say(options, "yes" if row.sample in ("random", "blind") else "no"), row.sample in ("random", "blind")),
        )
        for row in rows
    )
    return Section("samples", _say(options, "samples"), columns, table)


def _panel(rows: Sequence[Panel], criteria: Criteria, options: ViewOptions) -> Section:
    columns = (
        Column("rubric", _say(options, "rubric")),
        Column("criterion", _say(options, "criterion")),
        _number("calls", _say(options, "calls")),
        _number("reviewers", _say(options, "reviewers")),
        _number("same", _say(options, "same"), Unit.SHARE),
        _number("alpha", _say(options, "alpha"), Unit.NUMBER),
        _number("alpha_low", "", Unit.NUMBER, is_shown=False),
        _number("alpha_high", "", Unit.NUMBER, is_shown=False),
        Column("says", _say(options, "says")),
    )
    table = tuple(
        (
            cell(row.rubric),
            Cell(any_title(row.criterion, criteria, options.language), row.criterion)
            if row.criterion
            else Cell(_say(options, "all"), None),
            cells.count(row.alpha.n_calls),
            cells.count(row.n_reviewers),
            cells.share(row.alpha.agreed),
            *_alpha(row.alpha, options),
            _finding(row.alpha, options),
        )
        for row in rows
    )
    chart = Chart(kind=ChartKind.INTERVALS, along="criterion", series=("alpha",), low="alpha_low", high="alpha_high")
    return Section("panel", _say(options, "panel"), columns, table, chart=chart)


def _alpha(alpha: Alpha, options: ViewOptions) -> tuple[Cell, Cell, Cell]:
    if alpha.value is None or alpha.interval is None:
        return cell(None), _NOTHING, _NOTHING
    if alpha.n_calls < MIN_CALLS:
        return Cell(_say(options, "few"), None), _NOTHING, _NOTHING
    low, high = alpha.interval.low, alpha.interval.high
    return cells.interval(alpha.value, low, high, 2), cells.bound(low), cells.bound(high)


def _finding(alpha: Alpha, options: ViewOptions) -> Cell:
    if alpha.why is not None:
        key = str(alpha.why.value)
    elif alpha.n_calls < MIN_CALLS or alpha.interval is None:
        key = "few"
    elif alpha.interval.low >= _RELIABLE:
        key = "reliable"
    else:
        key = "unreliable" if alpha.interval.high < _RELIABLE else "cannot_tell"
    return Cell(_say(options, key), key)


def _machine(rows: Sequence[MachineAgreement], criteria: Criteria, options: ViewOptions) -> Section:
    columns = (
        Column("rubric", _say(options, "rubric")),
        Column("criterion", _say(options, "criterion")),
        _number("calls", _say(options, "calls")),
        _number("right", _say(options, "right"), Unit.SHARE),
        _number("right_low", "", Unit.SHARE, is_shown=False),
        _number("right_high", "", Unit.SHARE, is_shown=False),
        _number("kappa", _say(options, "kappa"), Unit.NUMBER),
        _number("kappa_low", "", Unit.NUMBER, is_shown=False),
        _number("kappa_high", "", Unit.NUMBER, is_shown=False),
        _number("unsure", _say(options, "unsure")),
        _number("false_fail", _say(options, "false_fail")),
        _number("false_pass", _say(options, "false_pass")),
    )
    table = tuple(
        (
            cell(row.rubric),
            Cell(any_title(row.criterion, criteria, options.language), row.criterion),
            cells.count(row.n),
            *_share(row.right, row.decided, row.interval.low, row.interval.high, row.decided, options),
            *_kappa(row, options),
            cells.count(row.unsure),
            cells.count(row.false_fail),
            cells.count(row.false_pass),
        )
        for row in rows
    )
    chart = Chart(kind=ChartKind.INTERVALS, along="criterion", series=("right",), low="right_low", high="right_high")
    return Section("machine", _say(options, "machine"), columns, table, chart=chart)


def _share(right: int, decided: int, low: float, high: float, n_calls: int, options: ViewOptions) -> tuple[Cell, Cell, Cell]:
    if n_calls < MIN_CALLS or not decided:
        return Cell(_say(options, "few"), None), _NOTHING, _NOTHING
    return cells.share(right / decided, low, high), cells.bound(low), cells.bound(high)


def _kappa(row: MachineAgreement, options: ViewOptions) -> tuple[Cell, Cell, Cell]:
    if row.decided < MIN_CALLS:
        return Cell(_say(options, "few"), None), _NOTHING, _NOTHING
    if row.kappa is None or row.kappa.interval is None:
        return Cell(_say(options, "one_answer"), None), _NOTHING, _NOTHING
    low, high = row.kappa.interval.low, row.kappa.interval.high
    return cells.interval(row.kappa.value, low, high, 2), cells.bound(low), cells.bound(high)


def _months(panel: Sequence[PanelRow], stands: Sequence[StandRow], options: ViewOptions) -> Section:
    people, machine = judge_panel_months(panel), judge_months(stands)
    columns = (
        Column("month", _say(options, "month"), unit=Unit.DAY),
        _number("panel_calls", f"{_say(options, 'panel')}: {_say(options, 'calls').lower()}"),
        _number("alpha", _say(options, "alpha"), Unit.NUMBER),
        _number("alpha_low", "", Unit.NUMBER, is_shown=False),
        _number("alpha_high", "", Unit.NUMBER, is_shown=False),
        _number("machine_calls", f"{_say(options, 'machine')}: {_say(options, 'calls').lower()}"),
        _number("right", _say(options, "right"), Unit.SHARE),
        _number("right_low", "", Unit.SHARE, is_shown=False),
        _number("right_high", "", Unit.SHARE, is_shown=False),
    )
    table = []
    for month in sorted({*people, *machine}):
        alpha, share = people.get(month), machine.get(month)
        shown = _alpha(alpha, options) if alpha else (cell(None), _NOTHING, _NOTHING)
        right = (
            _share(share.right, share.decided, share.interval.low, share.interval.high, share.n_calls, options)
            if share
            else (cell(None), _NOTHING, _NOTHING)
        )
        n_calls = (cells.count(alpha.n_calls if alpha else None), cells.count(share.n_calls if share else None))
        table.append((Cell(f"{month:%Y-%m}", month.isoformat()), n_calls[0], *shown, n_calls[1], *right))
    chart = Chart(kind=ChartKind.LINES, along="month", series=("right",), low="right_low", high="right_high")
    return Section("months", _say(options, "months"), columns, tuple(table), chart=chart)


def _stands(rows: Sequence[Stand], options: ViewOptions) -> Section:
    columns = (
        Column("rubric", _say(options, "rubric")),
        _number("version", _say(options, "version")),
        Column("model", _say(options, "model")),
        Column("until", _say(options, "until"), unit=Unit.DAY),
        _number("calls", _say(options, "calls")),
        _number("right", _say(options, "right"), Unit.SHARE),
        _number("right_low", "", Unit.SHARE, is_shown=False),
        _number("right_high", "", Unit.SHARE, is_shown=False),
        _number("unsure", _say(options, "unsure")),
        Column("change", _say(options, "change")),
        _number("difference", _say(options, "difference"), Unit.NUMBER),
    )
    return Section("stands", _say(options, "stands"), columns, tuple(_stand(row, rows, options) for row in rows))


def _stand(row: Stand, rows: Sequence[Stand], options: ViewOptions) -> tuple[Cell, ...]:
    is_first = next(other for other in rows if other.rubric == row.rubric) is row
    share = row.share
    change: Cell = cell(None)
    if row.change is not None:
        change = Cell(_say(options, str(row.change.value)), str(row.change.value))
    elif not is_first:
        change = Cell(_say(options, "few"), None)
    difference = row.difference
    return (
        cell(row.rubric),
        cells.count(row.rubric_version),
        cell(row.model),
        cells.day(row.replaced_on) if row.replaced_on else Cell(_say(options, "now"), None),
        cells.count(share.n_calls),
        *_share(share.right, share.decided, share.interval.low, share.interval.high, share.n_calls, options),
        cells.count(share.unsure),
        change,
        cells.points(row.gain, difference.low, difference.high) if difference else cell(None),
    )


def _notes(people: Sequence[Panel], machine: Sequence[MachineAgreement], options: ViewOptions) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return label(f"agree_note_{key}", options.language, **values)

    yield say("sample")
    if people:
        yield say("alpha", least=f"{_RELIABLE:.2f}".replace(".", "," if options.language == "ru" else "."))
        if people[0].n_unsure:
            yield say("unsure", count=people[0].n_unsure)
    if machine:
        yield say("partly")
        yield say("kappa")
        yield say("latest")
    yield say("few", least=MIN_CALLS)
