"""Speaking with amoCRM, API v4: the long-lived token, its pace, pages that end in more than one way, and its errors."""

from __future__ import annotations

import itertools
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

PAGE_SIZE: Final = 250
MIN_INTERVAL_S: Final = 0.2  # seven requests a second are allowed, and who does not keep to it is shut out by address
_HINTS: Final[Mapping[int, tuple[str, str]]] = {
    401: ("the token was refused", "make a new long-lived token in the settings of your integration, and check url"),
    402: ("the account is not paid", "pay for amoCRM, or wait until the payment is noticed"),
    403: ("no right to this, or our address is shut out", "the token's owner must be an administrator; else ask the support"),
}


class Api:
    """A conversation with one account."""

    def __init__(self, url: str, token: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        self._token = token
        base = f"{url.rstrip('/').removesuffix('/api/v4')}/api/v4"
        self._web = Web(base, patience, min_interval_s=MIN_INTERVAL_S, headers=self._headers)

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

    def get(self, path: str, params: Mapping[str, Any] | None = None, page: int | None = None) -> Fields:
        """Return an answer; one without a body, which means that there is nothing, has no fields.

        Raises:
            SourceAuthError: token, payment or rights.
            SourceUnavailableError: the system stays away.
            SourceError: an answer that cannot be understood.
        """

        def read(response: Response) -> Fields:
            answer = _read(response)
            said = answer.raw("_page")
            if page is not None and isinstance(said, int) and said != page:
                raise TryLaterError("another page than the one asked for")
            return answer

        return self._web.ask(Request(what=path, path=path, params=params), read)

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[object]]:
        """Yield the rows of each page. They lie under the last part of `path`.

        The address of the next page that an answer may hold is not followed: the token must not go to another host.

        Raises:
            SourceError: as `get` does.
        """
        before: list[object] = []
        for page in itertools.count(1):
            answer = self.get(path, {**params, "limit": PAGE_SIZE, "page": page}, page)
            try:
                rows = rows_of(inner.raw(path.rpartition("/")[2])) if (inner := answer.child("_embedded")) else []
                has_more = bool((links := answer.child("_links")) and links.raw("next"))
            except RowError as error:
                raise SourceError(f"{path}: {error}", where=self.host) from error
            if rows and rows == before:
                raise SourceError(f"{path}: the same page comes again and again", where=self.host)
            if rows:
                yield rows
            before = rows
            # Some answers promise a next page that turns out to be empty.
            if not rows or not has_more:
                return

    def rows(self, path: str, params: Mapping[str, Any] | None = None) -> list[object]:
        """Return the rows of all pages.

        Raises:
            SourceError: as `get` does.
        """
        return [row for rows in self.pages(path, params or {}) for row in rows]

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token.reveal()}"}


def _read(response: Response) -> Fields:
    host = response.url.host
    if response.status_code in _HINTS:
        message, hint = _HINTS[response.status_code]
        raise SourceAuthError(message, where=host, hint=hint)
    answer = read_json(response)
    if answer is None:
        return Fields({})
    if not isinstance(answer, Mapping):
        raise SourceError("the answer has another form than amoCRM's", where=host, hint="check url")
    return Fields(answer)
