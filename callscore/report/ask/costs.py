"""Costs: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.report.costs import costs_report
from callscore.report.teams import teams_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.costs import read_cost_totals, read_costs
from callscore.store.entries import CallFilter
from callscore.store.operators import read_operators
from callscore.store.shifts import Presence
from callscore.store.teams import read_team_sales, read_team_scores

__all__ = ["ask_costs", "ask_teams", "require_talks"]


def ask_costs(reader: StoreReader, wanted: CallFilter, by: str, presence: Presence, options: ViewOptions) -> Report:
    """Return costs and sales by `by`: operator, team or kind.

    Raises:
        NothingToDoError: if no call matches, no call names an operator, or teams are wanted without a list of operators.
    """
    with reader.asking() as queries:
        totals = read_cost_totals(queries, wanted.since, wanted.until)
        rows = read_costs(queries, by, presence, wanted.since, wanted.until)
    if by != "operator":
        _require_list(reader, by, is_there=totals.n_entries > 0)
    if not rows:
        require_talks(reader, wanted)
        raise NothingToDoError("no call names an operator", where=str(reader.path), hint="see the settings of its source")
    return costs_report(rows, totals, by, presence, options)


def ask_teams(reader: StoreReader, wanted: CallFilter, by: str, options: ViewOptions) -> Report:
    """Return scores and sales by `by`: team or kind.

    Raises:
        NothingToDoError: if no list of operators is stored, no call matches, or none is scored and none sold.
    """
    with reader.asking() as queries:
        entries = read_operators(queries)
        scores = read_team_scores(queries, by, wanted.since, wanted.until)
        sales = read_team_sales(queries, by, wanted.since, wanted.until)
    _require_list(reader, by, is_there=bool(entries))
    if not scores and not any(any(row.sold) for row in sales):
        require_talks(reader, wanted)
        raise NothingToDoError("no call of an operator is scored, and none led to a sale", where=str(reader.path))
    return teams_report(scores, sales, by, options)


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


def _require_list(reader: StoreReader, by: str, *, is_there: bool) -> None:
    if not is_there:
        raise NothingToDoError(
            f"no list of operators is stored, so nobody has a {by}",
            where=str(reader.path),
            hint="callscore operators import operators.csv",
        )
