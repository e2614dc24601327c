"""Printing what rescoring or other rubrics change: tables for people, everything for programs, call by call."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Final

import click

from callscore.cli.delivery import show_report
from callscore.cli.output import message
from callscore.report.differences import (
    CSV_COLUMNS,
    DifferencesView,
    call_value,
    csv_rows,
    differences_report,
    differences_value,
)
from callscore.report.view import ViewOptions
from callscore.rubric import RubricBook
from callscore.store.changes import ChangedCall, ChangeTotals, RubricChange
from callscore.store.compare import Comparison

__all__ = ["Differences", "note_edited", "print_differences"]

# As many changed calls as a person reads.
_SHOWN_CALLS: Final = 20
_NOTHING: Final = ChangeTotals(calls=0, changed_calls=0, changed_verdicts=0, reworded_calls=0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What to print; `differences` is None where nothing was scored."""

    differences: Comparison | None
    rubrics: tuple[RubricChange, ...]
    books: tuple[RubricBook, ...]
    summary: Mapping[str, object]
    how_to_see_all: str


def print_differences(found: Differences, options: ViewOptions, format_: str) -> ChangeTotals:
    """Print the differences to stdout and return how many there are; nothing but JSON is printed where there are none."""
    view = _view(found, options)
    calls: Iterable[ChangedCall] = found.differences.calls() if found.differences else ()
    if format_ == "json":
        _print_json({**found.summary, **differences_value(view)}, calls)
    elif format_ == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(CSV_COLUMNS)
        writer.writerows(csv_rows(calls))
    elif view.rubrics or view.totals.changed_calls or view.totals.reworded_calls:
        show_report(differences_report(view, options), format_, options)
    return view.totals


def note_edited(rubrics: Iterable[RubricChange]) -> None:
    """Name the rubrics that changed without a new version: old and new verdicts then carry the same number."""
    names = [change.rubric for change in rubrics if change.old_version == change.new_version]
    if names:
        message(f"note: changed without a new version number: {', '.join(names)}")


def _view(found: Differences, options: ViewOptions) -> DifferencesView:
    compared = found.differences
    return DifferencesView(
        totals=compared.totals() if compared else _NOTHING,
        rubrics=found.rubrics,
        moves=compared.rubric_moves() if compared else (),
        criteria=compared.criteria() if compared else (),
        operators=compared.operators() if compared else (),
        calls=tuple(compared.calls(_SHOWN_CALLS)) if compared else (),
        titles=_titles(found.books, options.language),
        how_to_see_all=found.how_to_see_all,
    )


def _titles(books: Iterable[RubricBook], language: str) -> dict[tuple[str, str], str]:
    titles: dict[tuple[str, str], str] = {}
    for rubric in (rubric for book in books for rubric in book.rubrics):
        titles[rubric.id, ""] = rubric.title.in_language(language)
        titles |= {(rubric.id, item.id): item.title.in_language(language) for item in rubric.criteria}
    return titles


def _print_json(head: Mapping[str, object], calls: Iterable[ChangedCall]) -> None:
    """Print one object whose last key holds the calls, one after another: there may be more than fit into memory."""
    text = json.dumps(head, ensure_ascii=False, indent=2, default=str)
    click.echo(text.removesuffix("\n}") + ',\n  "calls": [', nl=False)
    for number, call in enumerate(calls):
        click.echo(
            (",\n    " if number else "\n    ") + json.dumps(call_value(call), ensure_ascii=False, default=str), nl=False
        )
    click.echo("\n  ]\n}")
