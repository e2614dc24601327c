"""The deals of a window, page by page: the filter by days, the pages, and what to do where a filter is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from callscore.crm.megaplan.api import Api, RefusedError
from callscore.errors import SourceError, SourceUnavailableError
from callscore.outside.pages import Patience, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text

__all__ = ["iter_answers"]

FIELDS: Final = (
    "id", "number", "contractor", "contractorPhone", "contact", "manager", "price", "timeCreated", "timeUpdated", "state",
    "stateTimeUpdated", "result", "program",
)  # fmt: skip
_DAY: Final = timedelta(days=1)
_Rows = list[Any]


def iter_answers(api: Api, window: Window, program: str, page_size: int, patience: Patience) -> Iterator[_Rows]:
    """Yield the rows of each answer that may hold deals created or changed within `window`; more than those may come.

    Filters know whole days in the account's zone, and one that names a field the server cannot filter by is ignored by some
    servers and refused by others. Where it is refused, deals are read from the last changed back to the start of the window.
    """
    query = {"limit": page_size, "fields": list(FIELDS), "sortBy": [_sort("timeCreated", is_descending=False)]}
    pages = _follow(api, {**query, "filter": _changed_since(window, program)}, patience)
    try:
        first = next(pages, None)
    except RefusedError:
        pages = _follow(api, {**query, "sortBy": [_sort("timeUpdated", is_descending=True)]}, patience)
        yield from _until_old(api, pages, window.start)
        return
    if first is not None:
        yield first
        try:
            yield from pages
        except RefusedError:
            raise SourceError("a further page of deals was refused", where=api.host) from None


def _until_old(api: Api, pages: Iterator[_Rows], start: datetime) -> Iterator[_Rows]:
    """Yield pages sorted from the last changed back, up to the first with nothing but older deals."""
    try:
        for rows in pages:
            yield rows
            changed = [at for row in rows if (at := _changed_at(row)) is not None]
            if changed and max(changed) < start:
                return
    except RefusedError:
        raise SourceError("the list of deals was refused", where=api.host, hint="check program and the user's rights") from None


def _follow(api: Api, query: Mapping[str, Any], patience: Patience) -> Iterator[_Rows]:
    """Yield page after page; a page that brings nothing new is asked for again, because more must come."""
    seen: set[str] = set()
    last: Mapping[str, str] | None = None
    n_repeats = 0
    while True:
        answer = api.get("deal", {**query, "pageAfter": last} if last else query)
        rows = answer.get("data")
        count, limit = _pagination(answer, int(query["limit"]))
        if not isinstance(rows, list):
            raise SourceError("the answer holds no list of deals", where=api.host)
        if not rows:
            return
        ids = [deal_id for row in rows if (deal_id := _deal_id(row))]
        if not ids:
            yield rows
            if len(rows) >= (count or 0):
                return
            raise SourceError("a page of deals holds no ids to go on from", where=api.host)
        if set(ids) <= seen:
            if len(rows) < limit if count is None else len(seen) >= count:
                return
            n_repeats += 1
            if n_repeats >= patience.attempts:
                raise SourceUnavailableError(
                    "the list of deals gives the same page again and again",
                    where=api.host,
                    hint="run it again later; what was read is kept",
                )
            patience.sleep(patience.first_wait_s)
            continue
        n_repeats = 0
        seen.update(ids)
        yield rows
        if count is not None and len(seen) >= count and len(rows) < limit:
            return
        last = {"contentType": "Deal", "id": ids[-1]}


def _changed_since(window: Window, program: str) -> Mapping[str, Any]:
    """Return a filter by the day of the last change, from the window's start until tomorrow.

    Whatever was created within the window was changed then or later. A day more on both sides, for the account's zone.
    """
    until = max(window.end, datetime.now(UTC)) + _DAY
    days = {"contentType": "IntervalDates", "from": _day((window.start - _DAY).date()), "to": _day(until.date())}
    term = {"contentType": "FilterTermDate", "field": "timeUpdated", "comparison": "equals", "value": days}
    group = {"contentType": "FilterTermGroup", "join": "and", "terms": [term]}
    scheme = {"program": {"contentType": "Program", "id": program}} if program else {}
    return {
        "contentType": "TradeFilter",
        "id": None,
        **scheme,
        "config": {"contentType": "FilterConfig", "termGroup": group},
    }


def _day(day: date) -> Mapping[str, Any]:
    # Months are counted from 0 as in JavaScript: 2 is March.
    return {"contentType": "DateOnly", "year": day.year, "month": day.month - 1, "day": day.day}


def _sort(field: str, *, is_descending: bool) -> Mapping[str, Any]:
    return {"contentType": "SortField", "fieldName": field, "desc": is_descending}


def _pagination(answer: Mapping[str, Any], asked_limit: int) -> tuple[int | None, int]:
    """Return the number of all deals, where it is told, and the size of a page, which a server may lower."""
    try:
        meta = Fields(answer).child("meta")
        pagination = meta.child("pagination") if meta else None
        return (pagination.whole("count"), pagination.whole("limit") or asked_limit) if pagination else (None, asked_limit)
    except RowError:
        return None, asked_limit


def _deal_id(row: object) -> str | None:
    try:
        return Fields(row).text("id")
    except RowError:
        return None


def _changed_at(row: object) -> datetime | None:
    try:
        value = Fields(row).child("timeUpdated")
        return from_text(value.text("value") if value else None, "UTC")
    except RowError:
        return None
