"""The orders of a window, page by page, though others add and delete orders meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.crm.odata.service import NotPublishedError, RefusedError, Service
from callscore.errors import SourceError, SourceUnavailableError
from callscore.outside.pages import Patience, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text

__all__ = ["Listing"]

OVERLAP: Final = 20
"""A page starts so far before the end of the last one: a twentieth of it."""
_MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How the orders of one document are listed; `select` is the option for that, if any."""

    service: Service
    document: str
    select: Mapping[str, str]
    page_size: int
    zone: str
    patience: Patience

    def pages(self, window: Window) -> Iterator[list[Any]]:
        """Yield the rows of each answer that may hold orders of `window`; rows come twice, and others come too.

        Some installations refuse to filter by date: there orders are read from the newest back.

        Raises:
            SourceError: 1С refuses every way to list them, or as for `Web.ask`.
        """
        ascending = {"$filter": self._within(window), "$orderby": "Date,Ref_Key", **self.select, "allowedOnly": "true"}
        backwards = {"$orderby": "Date desc", **self.select, "allowedOnly": "true"}
        for query in (ascending, backwards, {"$orderby": "Date desc"}):
            pages = self._follow(query)
            try:
                first = next(pages, None)
            except RefusedError:
                continue
            except NotPublishedError:
                break
            if first is not None:
                yield from self._rest(first, pages, None if query is ascending else window.start)
            return
        raise SourceError(
            f"{self.document} cannot be listed", where=self.service.host, hint="publish it for OData, and let the user read it"
        )

    def newest(self, number: int) -> list[Any]:
        """Return the newest orders.

        Raises:
            NotPublishedError: there are no such orders.
            SourceError: as for `Web.ask`.
        """
        for query in ({"$orderby": "Date desc", **self.select, "allowedOnly": "true"}, {"$orderby": "Date desc"}):
            try:
                return self.service.rows(self.document, {**query, "$top": number}).rows
            except RefusedError:
                continue
        return []

    def _rest(self, first: list[Any], pages: Iterator[list[Any]], start: datetime | None) -> Iterator[list[Any]]:
        """Yield all pages; with `start`, those of a list from the newest back end where it is passed."""
        rows: list[Any] | None = first
        try:
            while rows is not None:
                yield rows
                if start is not None and self._is_past(rows, start):
                    return
                rows = next(pages, None)
        except (RefusedError, NotPublishedError):
            raise SourceError(f"a further page of {self.document} was refused", where=self.service.host) from None

    def _is_past(self, rows: list[Any], start: datetime) -> bool:
        dates = [at for row in rows if (at := self._date(row)) is not None]
        return bool(dates) and max(dates) < start and dates == sorted(dates, reverse=True)

    def _follow(self, query: Mapping[str, str]) -> Iterator[list[Any]]:
        seen: set[str] = set()
        skip = n_odd = n_overlap = 0
        while True:
            place = {"$top": self.page_size, "$skip": skip, "$inlinecount": "allpages"}
            answer = self.service.rows(self.document, {**query, **place})
            if not answer.rows:
                return
            keys = [_key(row) for row in answer.rows]
            known = [key for key in keys if key]
            is_repeated = bool(known) and seen.issuperset(known)
            is_torn = n_overlap > 0 and seen.isdisjoint(key for key in keys[:n_overlap] if key)
            if is_repeated and (len(answer.rows) < self.page_size if answer.count is None else len(seen) >= answer.count):
                return  # the server does not know $skip, and this was all
            n_odd += is_repeated or is_torn or not known
            if n_odd > self.patience.attempts:
                raise SourceUnavailableError(
                    "the list of orders changes faster than it can be read",
                    where=self.service.host,
                    hint="run it again later; what was read is kept",
                )
            if is_repeated or is_torn:
                # Torn: orders before this place were deleted, so that later ones moved up behind us. Step back.
                skip, n_overlap = (max(0, skip - self.page_size // 2), 0) if is_torn else (skip, n_overlap)
                self.patience.sleep(self.patience.first_wait_s)
                continue
            seen.update(known)
            yield answer.rows
            if answer.count is not None and skip + len(answer.rows) >= answer.count:
                return
            n_overlap = len(answer.rows) // OVERLAP
            skip += len(answer.rows) - n_overlap

    def _within(self, window: Window) -> str:
        """Return a filter by local time, a little wider than the window."""
        zone = ZoneInfo(self.zone)
        start, end = (
            at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S") for at in (window.start - _MARGIN, window.end + _MARGIN)
        )
        return f"Date ge datetime'{start}' and Date lt datetime'{end}'"

    def _date(self, row: object) -> datetime | None:
        try:
            return from_text(Fields(row).text("Date"), self.zone)
        except RowError:
            return None


def _key(row: object) -> str | None:
    try:
        return Fields(row).text("Ref_Key")
    except RowError:
        return None
