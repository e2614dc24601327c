"""Questions about what operators cost and bring, by operator, team or kind. Typed answers, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.store.asked import Queries
from callscore.store.shifts import TALKS, Presence, shifts_of, talk_values

__all__ = ["CostRow", "CostTotals", "read_cost_totals", "read_costs"]

_COSTS: Final = """
WITH {shifts}, priced AS (
    SELECT s.*, o.team, o.kind, epoch(s.last_at - s.first_at) / 3600 + $extra_min / 60 AS hours,
        CASE WHEN coalesce(o.cost_per_hour, o.cost_per_call) IS NOT NULL THEN
            coalesce((epoch(s.last_at - s.first_at) / 3600 + $extra_min / 60) * o.cost_per_hour::DOUBLE, 0)
            + coalesce(s.answered * o.cost_per_call::DOUBLE, 0) END AS cost
    FROM shifts s LEFT JOIN operators o USING (entry_no)
)
SELECT CASE $by WHEN 'team' THEN team WHEN 'kind' THEN kind ELSE person END AS name, count(DISTINCT person), count(*),
    sum(calls), sum(answered), sum(talk_ms), sum(hours), sum(sales), sum(amount), count(cost), sum(cost),
    coalesce(sum(answered) FILTER (cost IS NOT NULL), 0), coalesce(sum(sales) FILTER (cost IS NOT NULL), 0), sum(cost * cost),
    coalesce(sum(answered * answered) FILTER (cost IS NOT NULL), 0), coalesce(sum(sales * sales) FILTER (cost IS NOT NULL), 0),
    coalesce(sum(cost * answered), 0), coalesce(sum(cost * sales), 0),
    coalesce(list_sort(list(DISTINCT person) FILTER (cost IS NULL)), []), count(*) FILTER (hours > $long_hours)
FROM priced GROUP BY name ORDER BY sum(calls) DESC, name NULLS LAST
"""
SQL_TOTALS: Final = f"""
WITH {TALKS}, counted AS (
    SELECT count(*) AS calls, count(*) FILTER (is_answered AND coalesce(operator, operator_id, extension) IS NULL) AS of_nobody
    FROM talks
), won AS (
    SELECT coalesce(list_sort(list(DISTINCT o.currency) FILTER (o.amount > 0)), []) AS currencies,
        count(*) FILTER (o.amount < 0) AS returns
    FROM outcome_calls j JOIN outcomes o USING (outcome_id)
    WHERE j.place = 0 AND o.outcome = 'won' AND j.call_id IN (SELECT call_id FROM talks)
)
SELECT calls, of_nobody, (SELECT count(*) FROM operators), (SELECT count(*) FROM outcomes), currencies, returns
FROM counted, won
"""  # noqa: S608 - joins constants only
_LONG_SHIFT_HOURS: Final = 16
"""Longer than anybody works: a login that several people share, or a telephone that answers by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """What an operator, a team or a kind did and cost. `name` None: those without one.

    `hours` are of presence, from the first to the last call of each shift and the paid minutes around them. What begins with
    `priced` is of the shifts whose cost is known alone; the squares and products are over those shifts.
    """

    name: str | None
    people: int
    shifts: int
    calls: int
    answered: int
    talk_ms: int
    hours: float
    sales: int
    revenue: float
    priced_shifts: int
    cost: float | None
    priced_answered: int
    priced_sales: int
    cost_squared: float
    answered_squared: float
    sales_squared: float
    cost_answered: float
    cost_sales: float
    unpriced: tuple[str, ...]
    long_shifts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTotals:
    """What the rows do not show: all calls, answered ones of nobody known, whether there are a list and orders at all."""

    calls: int
    answered_by_nobody: int
    n_entries: int
    n_orders: int
    currencies: tuple[str, ...]
    returns: int


def read_costs(
    queries: Queries, by: str, presence: Presence, since: datetime | None, until: datetime | None
) -> tuple[CostRow, ...]:
    """Return the rows by `by` (operator, team, kind), most calls first."""
    values = {
        **talk_values(since, until),
        "by": by,
        "gap_hours": presence.gap_hours,
        "extra_min": presence.extra_min,
        "long_hours": _LONG_SHIFT_HOURS,
    }
    return tuple(
        CostRow(
            name=row[0],
            people=row[1],
            shifts=row[2],
            calls=int(row[3]),
            answered=int(row[4]),
            talk_ms=int(row[5]),
            hours=float(row[6]),
            sales=int(row[7]),
            revenue=float(row[8]),
            priced_shifts=row[9],
            cost=None if row[10] is None else float(row[10]),
            priced_answered=int(row[11]),
            priced_sales=int(row[12]),
            cost_squared=float(row[13] or 0),
            answered_squared=float(row[14]),
            sales_squared=float(row[15]),
            cost_answered=float(row[16]),
            cost_sales=float(row[17]),
            unpriced=tuple(row[18]),
            long_shifts=row[19],
        )
        for row in queries.execute(_COSTS.format(shifts=shifts_of(queries, presence)), values).fetchall()
    )


def read_cost_totals(queries: Queries, since: datetime | None, until: datetime | None) -> CostTotals:
    """Return what the rows by operator do not show."""
    row = queries.execute(SQL_TOTALS, talk_values(since, until)).fetchall()[0]
    return CostTotals(
        calls=row[0],
        answered_by_nobody=row[1],
        n_entries=row[2],
        n_orders=row[3],
        currencies=tuple(row[4]),
        returns=row[5],
    )
