"""What rescoring or other rubrics change: the tables people read, and the plain values for programs. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callscore.records import Verdict
from callscore.report.cells import count
from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.text import UNKNOWN, minutes
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, figure
from callscore.store.changes import (
    CallShift,
    ChangedCall,
    ChangeTotals,
    CriterionMoves,
    OperatorShift,
    RubricChange,
    RubricMove,
    VerdictChange,
    WeightChange,
)

__all__ = ["CSV_COLUMNS", "DifferencesView", "call_value", "csv_rows", "differences_report", "differences_value"]

CSV_COLUMNS = (
    "call_id", "operator", "started_at", "old_rubric", "old_version", "old_score", "new_rubric", "new_version", "new_score",
    "criterion", "old", "new", "role", "start_ms", "old_quote", "new_quote", "old_reason", "new_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesView:
    """Everything that is shown; of the changed calls only the first, and `how_to_see_all` of them.

    `titles` are those of criteria by rubric and id, and of rubrics by rubric and "".
    """

    totals: ChangeTotals
    rubrics: tuple[RubricChange, ...]
    moves: tuple[RubricMove, ...]
    criteria: tuple[CriterionMoves, ...]
    operators: tuple[OperatorShift, ...]
    calls: tuple[ChangedCall, ...]
    titles: Mapping[tuple[str, str], str]
    how_to_see_all: str


def differences_report(view: DifferencesView, options: ViewOptions) -> Report:
    """Return what changed in rubrics, criteria and operators, and the first calls with quotes and reasons."""
    language = options.language
    notes = []
    if view.totals.changed_calls > len(view.calls):
        how = view.how_to_see_all
        notes.append(label("note_first_calls", language, limit=len(view.calls), total=view.totals.changed_calls, how=how))
    if view.totals.reworded_calls:
        notes.append(label("note_reworded", language, calls=view.totals.reworded_calls))
    sections = (
        _rubrics(view, language),
        _moves(view, language),
        _criteria(view, language),
        _operators(view, language),
        _calls(view, language),
    )
    return Report(tuple(section for section in sections if section.rows), "calls", tuple(notes))


def differences_value(view: DifferencesView) -> dict[str, object]:
    """Return everything but the calls as plain values with ids, for JSON."""
    return {
        "scored_calls": view.totals.calls,
        "changed_calls": view.totals.changed_calls,
        "changed_verdicts": view.totals.changed_verdicts,
        "reworded_calls": view.totals.reworded_calls,
        "rubrics": [dataclasses.asdict(change) for change in view.rubrics],
        "moves": [dataclasses.asdict(move) for move in view.moves],
        "criteria": [{**dataclasses.asdict(entry), "calls": entry.calls} for entry in view.criteria],
        "operators": [dataclasses.asdict(entry) for entry in view.operators],
    }


def call_value(call: ChangedCall) -> dict[str, object]:
    """Return one changed call as plain values, for JSON."""
    return {**dataclasses.asdict(call.shift), "verdicts": [dataclasses.asdict(change) for change in call.verdicts]}


def csv_rows(calls: Iterable[ChangedCall]) -> Iterator[Sequence[object]]:
    """Yield a row of CSV_COLUMNS per changed verdict, and one without a criterion where only the score changed."""
    for call in calls:
        shift = dataclasses.asdict(call.shift)
        for change in call.verdicts or (None,):
            values = {**shift, **(dataclasses.asdict(change) if change else {})}
            yield [values.get(column) for column in CSV_COLUMNS]


def _rubrics(view: DifferencesView, language: str) -> Section:
    columns = (
        Column("rubric", label("rubric", language)),
        Column("version", label("d_version", language)),
        Column("added", label("d_added", language)),
        Column("removed", label("d_removed", language)),
        Column("weights", label("d_weights", language)),
    )
    rows = tuple(
        (
            _rubric(view, change.rubric, language),
            _arrow(str(change.old_version), str(change.new_version)),
            _criteria_list(view, change.rubric, change.added),
            _criteria_list(view, change.rubric, change.removed),
            Cell("; ".join(_weight(view, change.rubric, item, language) for item in change.weights), None),
        )
        for change in view.rubrics
        if change.old_version != change.new_version or change.added or change.removed or change.weights
    )
    return Section("rubrics", label("d_rubrics", language), columns, rows)


def _moves(view: DifferencesView, language: str) -> Section:
    columns = (
        Column("old_rubric", label("d_was", language)),
        Column("new_rubric", label("d_is", language)),
        Column("calls", label("n_calls", language), is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (_rubric(view, move.old_rubric, language), _rubric(view, move.new_rubric, language), count(move.calls))
        for move in view.moves
    )
    return Section("moves", label("d_moves", language), columns, rows)


def _criteria(view: DifferencesView, language: str) -> Section:
    columns = (
        Column("rubric", label("rubric", language)),
        Column("criterion", label("criterion", language)),
        Column("calls", label("d_changed_calls", language), is_number=True, unit=Unit.COUNT),
        Column("moves", label("d_moved", language)),
    )
    rows = tuple(
        (
            _rubric(view, entry.rubric, language),
            _criterion(view, entry.rubric, entry.criterion),
            count(entry.calls),
            Cell(", ".join(f"{_change(move.old, move.new, language)}: {move.calls}" for move in entry.moves), None),
        )
        for entry in view.criteria
    )
    return Section("criteria", label("criteria", language), columns, rows)


def _operators(view: DifferencesView, language: str) -> Section:
    columns = (
        Column("operator", label("operator", language)),
        Column("rubric", label("rubric", language)),
        Column("calls", label("n_calls", language), is_number=True),
        Column("changed_calls", label("d_changed_calls", language), is_number=True, unit=Unit.COUNT),
        Column("score", label("score", language), is_number=True),
    )
    rows = tuple(
        (
            cell(entry.operator),
            _rubric(view, entry.rubric, language),
            _arrow(str(entry.old_calls), str(entry.new_calls)),
            count(entry.changed_calls),
            _points(entry.old_score, entry.new_score, 1),
        )
        for entry in view.operators
    )
    return Section("operators", label("operators", language), columns, rows)


def _calls(view: DifferencesView, language: str) -> Section:
    columns = (
        Column("call_id", label("call", language)),
        Column("operator", label("operator", language)),
        Column("score", label("score", language), is_number=True),
        Column("criterion", label("criterion", language)),
        Column("change", f"{label('d_was', language)} → {label('d_is', language).lower()}"),
        Column("quote", label("quote", language)),
        Column("reason", label("reason", language)),
    )
    rows = tuple(row for call in view.calls for row in _call_rows(view, call, language))
    return Section("calls", label("calls", language), columns, rows)


def _call_rows(view: DifferencesView, call: ChangedCall, language: str) -> Iterator[tuple[Cell, ...]]:
    """Yield a row per changed verdict; the call itself is named in the first one only."""
    shift = call.shift
    head = (cell(shift.call_id), cell(shift.operator), _points(shift.old_score, shift.new_score, 0))
    if shift.old_rubric != shift.new_rubric or not call.verdicts:
        yield (*head, cell(label("rubric", language)), _rubric_change(view, shift, language), Cell("", None), Cell("", None))
        head = (Cell("", None), Cell("", None), Cell("", None))
    for change in call.verdicts:
        rubric = shift.new_rubric or shift.old_rubric or ""
        if shift.old_rubric == shift.new_rubric or (change.old and change.new):
            place = f"{minutes(change.start_ms)} " if change.new_quote and change.start_ms is not None else ""
            yield (
                *head,
                _criterion(view, rubric, change.criterion),
                Cell(_change(change.old, change.new, language), None, verdict=change.new or ""),
                Cell(place + _quote(change, language), change.new_quote),
                cell(change.new_reason or change.old_reason),
            )
            head = (Cell("", None), Cell("", None), Cell("", None))


def _quote(change: VerdictChange, language: str) -> str:
    """Return the words that count now, or what counted before and does no longer."""
    if change.new_quote:
        return f"«{change.new_quote}»"
    return label("d_was_said", language, quote=change.old_quote) if change.old_quote else ""


def _rubric_change(view: DifferencesView, shift: CallShift, language: str) -> Cell:
    if shift.old_rubric == shift.new_rubric:
        return _rubric(view, shift.new_rubric, language)
    return _arrow(_rubric(view, shift.old_rubric, language).text, _rubric(view, shift.new_rubric, language).text)


def _rubric(view: DifferencesView, rubric: str | None, language: str) -> Cell:
    if rubric is None:
        return Cell(label("d_no_rubric", language), None)
    return Cell(view.titles.get((rubric, ""), rubric), rubric)


def _criterion(view: DifferencesView, rubric: str, criterion: str) -> Cell:
    return Cell(view.titles.get((rubric, criterion), criterion), criterion)


def _criteria_list(view: DifferencesView, rubric: str, criteria: Sequence[str]) -> Cell:
    return Cell(", ".join(_criterion(view, rubric, item).text for item in criteria), None)


def _weight(view: DifferencesView, rubric: str, item: WeightChange, language: str) -> str:
    parts = [_criterion(view, rubric, item.criterion).text]
    if item.old_weight != item.new_weight:
        parts.append(f"{item.old_weight:g} → {item.new_weight:g}")
    if item.old_critical != item.new_critical:
        parts.append(label("d_now_critical" if item.new_critical else "d_not_critical", language))
    return " ".join(parts)


def _change(old: Verdict | None, new: Verdict | None, language: str) -> str:
    return " → ".join(label(f"verdict_{verdict}", language) if verdict else UNKNOWN for verdict in (old, new))


def _arrow(old: str, new: str) -> Cell:
    return Cell(old if old == new else f"{old} → {new}", None)


def _points(old: float | None, new: float | None, digits: int) -> Cell:
    def write(form: Form) -> str:
        return _arrow(*(UNKNOWN if score is None else form.number(score, digits) for score in (old, new))).text

    return figure(None, write)
