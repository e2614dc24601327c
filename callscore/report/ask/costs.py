"""Costs: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.report.costs import costs_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.costs import read_cost_totals, read_costs
from callscore.store.entries import CallFilter
from callscore.store.shifts import Presence

__all__ = ["ask_costs", "require_talks"]


def ask_costs(reader: StoreReader, wanted: CallFilter, by: str, presence: Presence, options: ViewOptions) -> Report:
    """Return costs and sales by `by`: operator, team or kind.

    Raises:
        NothingToDoError: if no call matches, no call names an operator, or teams are wanted without a list of operators.
    """
    with reader.asking() as queries:
        totals = read_cost_totals(queries, wanted.since, wanted.until)
        rows = read_costs(queries, by, presence, wanted.since, wanted.until)
    if by != "operator" and not totals.n_entries:
        raise NothingToDoError(
            f"no list of operators is stored, so nobody has a {by}",
            where=str(reader.path),
            hint="callscore operators import operators.csv",
        )
    if not rows:
        require_talks(reader, wanted)
        raise NothingToDoError("no call names an operator", where=str(reader.path), hint="see the settings of its source")
    return costs_report(rows, totals, by, presence, options)


def require_talks(reader: StoreReader, wanted: CallFilter) -> None:
    """Go on if calls of the period are known.

    Raises:
        NothingToDoError: if not; says whether the store is empty or the period too narrow.
    """
    with reader.asking() as queries:
        if read_cost_totals(queries, wanted.since, wanted.until).calls:
            return
        everything = read_cost_totals(queries, None, None)
    if everything.calls:
        raise NothingToDoError("no call matches", hint="widen --since or --until")
    raise NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")
