"""Speaking with RetailCRM, API v5: the key, pages of the sizes an account allows, and errors that say themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from callscore.crm.lookup import rows_of
from callscore.errors import SourceAuthError, SourceError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["Api"]

MIN_INTERVAL_S: Final = 0.1  # ten requests a second; over it the answer is 503, which Web waits out
LIMITS: Final = (100, 50, 20)
"""The sizes of a page; some accounts refuse the larger ones, and some give 20 whatever is asked."""
_REFUSED: Final = (401, 403)


class _LimitRefusedError(Exception):
    """The account does not give pages of this size."""


class Api:
    """A conversation with one account."""

    def __init__(self, url: str, api_key: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        self._api_key = api_key
        base = f"{url.rstrip('/').removesuffix('/api/v5')}/api/v5"
        self._web = Web(base, patience, min_interval_s=MIN_INTERVAL_S, headers=self._headers)
        self._limits: tuple[int, ...] = LIMITS

    @property
    def host(self) -> str:
        """The account's host, for messages."""
        return self._web.host

    @property
    def clock_skew_s(self) -> float | None:
        """How far the system's clock is ahead of ours."""
        return self._web.clock_skew_s

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def rows(self, path: str, key: str) -> list[object]:
        """Return the rows of an answer that comes whole, which may lie in an object keyed by code.

        Raises:
            SourceError: as `pages` does.
        """
        return self._rows(path, self._web.ask(Request(what=path, path=path), _read), key)

    def all_rows(self, path: str) -> list[object]:
        """Return the rows of all pages.

        Raises:
            SourceError: as `pages` does.
        """
        return [row for rows in self.pages(path, {}) for row in rows]

    def pages(self, path: str, filters: Mapping[str, str]) -> Iterator[list[object]]:
        """Yield the rows of each page; they lie under the name of `path`.

        Raises:
            SourceAuthError: the key or its rights are refused.
            SourceUnavailableError: the system stays away.
            SourceError: any other error the system tells of, or an answer that cannot be understood.
        """
        answer = self._first_page(path, filters)
        page, n_pages = 1, self._page_count(path, answer)
        while True:
            rows = self._rows(path, answer, path)
            if rows:
                yield rows
            if page >= n_pages:
                return
            page += 1
            answer = self._page(path, filters, page)
            n_pages = self._page_count(path, answer)  # orders are made while we read

    def _first_page(self, path: str, filters: Mapping[str, str]) -> Fields:
        while True:
            try:
                return self._page(path, filters, 1)
            except _LimitRefusedError:
                if len(self._limits) == 1:
                    raise SourceError(f"{path}: the account refuses every size of page", where=self.host) from None
                self._limits = self._limits[1:]

    def _page(self, path: str, filters: Mapping[str, str], page: int) -> Fields:
        def read(response: Response) -> Fields:
            answer = _read(response)
            pagination = answer.raw("pagination")
            said = pagination.get("currentPage") if isinstance(pagination, Mapping) else None
            if isinstance(said, int) and said != page:
                raise TryLaterError("another page than the one asked for")
            return answer

        params = {**{f"filter[{name}]": value for name, value in filters.items()}, "limit": self._limits[0], "page": page}
        return self._web.ask(Request(what=path, path=path, params=params), read)

    def _page_count(self, path: str, answer: Fields) -> int:
        try:
            pagination = answer.child("pagination")
            found = pagination.whole("totalPageCount") if pagination else None
        except RowError as error:
            raise SourceError(f"{path}: {error}", where=self.host) from error
        if found is None:
            raise SourceError(f"{path}: the answer does not tell how many pages there are", where=self.host)
        return found

    def _rows(self, path: str, answer: Fields, key: str) -> list[object]:
        try:
            return rows_of(answer.raw(key))
        except RowError as error:
            raise SourceError(f"{path}: {error}", where=self.host) from error

    def _headers(self) -> Mapping[str, str]:
        return {"X-API-KEY": self._api_key.reveal()}


def _read(response: Response) -> Fields:
    host = response.url.host
    said = _object(response)
    message = str(said.get("errorMsg", ""))
    if response.status_code in _REFUSED or "apikey" in message.lower():
        hint = "check url and api_key, and that the key may use orders, users and reference data of all shops"
        raise SourceAuthError("the key was refused, or may not do this", where=host, hint=hint)
    errors = said.get("errors")
    if isinstance(errors, Mapping) and "limit" in errors:
        raise _LimitRefusedError
    if said.get("success") is False:
        named = [name for name in errors if re.fullmatch(r"\w{1,40}", str(name))] if isinstance(errors, Mapping) else []
        where = f" ({', '.join(map(str, named))})" if named else ""
        raise SourceError(f"the system refused a request{where}", where=host)
    answer = read_json(response)
    if not isinstance(answer, Mapping) or answer.get("success") is not True:
        raise SourceError("the answer has another form than RetailCRM's", where=host, hint="check url")
    return Fields(answer)


def _object(response: Response) -> Mapping[str, Any]:
    try:
        said = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, Mapping) else {}
