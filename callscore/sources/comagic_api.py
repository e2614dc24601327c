"""A conversation with Data API 2.0 of CoMagic and UIS: JSON-RPC with errors in status 200, limits, and paging by offset."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.errors import SourceAuthError, SourceError
from callscore.outside.pages import Patience, Window
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["Answer", "DataApi"]

PAGE_ROWS: Final = 1000
MOST_ROWS: Final = 100_000  # the offset of a report goes no further
SHORTEST: Final = timedelta(minutes=1)
_LIMIT_EXCEEDED, _INTERNAL = -32029, -32603
_REFUSED: Final[Mapping[int, str]] = {
    -32001: "check access_token: it may be expired, blocked, or a key of UIS where url is that of CoMagic",
    -32003: "put this machine's address on the white list in the cabinet, and give the API user the right to this method",
    -32008: "ask CoMagic or UIS for this component: it is not paid for",
    -32009: "the account is not active: look at its payment",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one answer, and how many there are in all (None: not said)."""

    rows: list[Any]
    n_all: int | None


@dataclass(slots=True)
class _Limits:
    """What the last answer said: requests left (None: not known), and seconds until there are more."""

    minute_left: int | None = None
    minute_reset_s: float = 60.0
    day_left: int | None = None
    day_reset_s: float = 3600.0


class DataApi:
    """One account; one request at a time."""

    def __init__(self, url: str, token: Secret, user_id: int, patience: Patience) -> None:
        """Prepare; nothing is sent yet. `user_id` names a client of an agent; 0: one's own account."""
        self._token = token
        self._user_id = user_id
        self._patience = patience
        self._numbers = itertools.count(1)
        self._limits = _Limits()
        headers = {"Content-Type": "application/json; charset=UTF-8"}
        self.web = Web(url, patience, headers=lambda: headers)

    @property
    def n_left_today(self) -> int | None:
        """How many requests are left for today, as the last answer said."""
        return self._limits.day_left

    def ask(self, method: str, params: Mapping[str, Any], seen: frozenset[Any] = frozenset()) -> Answer:
        """Call a method.

        Args:
            method: name of the method.
            params: without the key.
            seen: ids of rows given before; a page that holds only these came twice and is asked for again.

        Raises:
            SourceAuthError: key, white list or rights.
            SourceUnavailableError: it stays away, or the day's requests are used up.
            SourceError: anything else it refuses.
        """
        if self._limits.minute_left == 0:
            self._patience.sleep(min(self._limits.minute_reset_s, self._patience.longest_wait_s))
        own = {"user_id": self._user_id} if self._user_id else {}
        body = {
            "jsonrpc": "2.0",
            "id": f"callscore-{next(self._numbers)}",
            "method": method,
            "params": {"access_token": self._token.reveal(), **own, **params},
        }

        def read(response: Response) -> Answer:
            answer = self._read(response)
            ids = row_ids(answer.rows)
            if ids and ids <= seen:
                raise TryLaterError("a page came twice")
            if not answer.rows and params.get("offset", 0) < (answer.n_all or 0):
                raise TryLaterError("a page is empty though more rows are promised")
            return answer

        return self.web.ask(Request(what=method, method="POST", json=body), read)

    def pages(self, method: str, params: Mapping[str, Any]) -> Iterator[Answer]:
        """Call a method page by page until all rows are there."""
        offset, seen = 0, frozenset[Any]()
        while True:
            answer = self.ask(method, {**params, "limit": PAGE_ROWS, "offset": offset}, seen)
            yield answer
            offset += len(answer.rows)
            seen |= row_ids(answer.rows)
            is_more = len(answer.rows) == PAGE_ROWS if answer.n_all is None else offset < answer.n_all
            if not answer.rows or not is_more:
                return

    def report(self, method: str, span: Window, zone: str, fields: Sequence[str]) -> Iterator[list[Any]]:
        """Yield the rows of a report; a stretch of time with more rows than can be paged through is halved."""
        params = {
            "date_from": _text(span.start, zone),
            "date_till": _text(span.end, zone),
            "fields": list(fields),
            "sort": [{"field": "start_time", "order": "asc"}],
        }
        for answer in self.pages(method, params):
            if (answer.n_all or 0) > MOST_ROWS and span.end - span.start > SHORTEST:
                for half in span.parts((span.end - span.start) / 2 + timedelta(microseconds=1)):
                    yield from self.report(method, half, zone, fields)
                return
            yield answer.rows

    def _read(self, response: Response) -> Answer:
        answer = read_json(response)
        if not isinstance(answer, Mapping):
            raise TryLaterError("an answer that is no object")
        self._note_limits(answer)
        if answer.get("error") is not None:
            raise self._refusal(answer["error"], response.url.host)
        result = answer.get("result")
        if not isinstance(result, Mapping) or not isinstance(result.get("data"), list):
            raise TryLaterError("an answer without data")
        try:
            metadata = Fields(result).child("metadata")
            return Answer(result["data"], metadata.whole("total_items") if metadata is not None else None)
        except RowError:
            return Answer(result["data"], None)

    def _note_limits(self, answer: Mapping[str, Any]) -> None:
        """Keep what an answer, also one that refuses, says of limits; what cannot be read changes nothing."""
        try:
            error = Fields(answer).child("error")
            outer = Fields(answer).child("result") if error is None else error.child("data")
            metadata = outer.child("metadata") if outer is not None else None
            limits = metadata.child("limits") if metadata is not None else None
            if limits is None:
                self._limits.minute_left = None
                return
            self._limits = _Limits(
                limits.whole("minute_remaining"),
                max(limits.number("minute_reset") or 60.0, 1.0),
                limits.whole("day_remaining"),
                max(limits.number("day_reset") or 3600.0, 1.0),
            )
        except RowError:
            return

    def _refusal(self, error: Any, host: str) -> Exception:
        """Return what to raise for an error; of its own words only those that can be no secret are repeated."""
        try:
            code = Fields(error).whole("code") or 0
            data = Fields(error).child("data")
            word = (data.text("mnemonic") if data is not None else None) or ""
            is_of_day = "day" in (Fields(error).text("message") or "").lower()
        except RowError:
            return TryLaterError("an error without a code")
        reason = f"{word} ({code})" if re.fullmatch(r"[a-z_]{1,60}", word) else f"error {code}"
        if code == _LIMIT_EXCEEDED:
            limits = self._limits
            is_of_day = is_of_day or limits.day_left == 0
            return TryLaterError("limit of requests", limits.day_reset_s if is_of_day else limits.minute_reset_s)
        if code == _INTERNAL:
            return TryLaterError(reason)
        if code in _REFUSED:
            return SourceAuthError(f"the system refuses: {reason}", where=host, hint=_REFUSED[code])
        return SourceError(f"the system refuses the request: {reason}", where=host)


def row_ids(rows: Sequence[Any]) -> frozenset[str]:
    """Return the ids of rows; rows without one are left out.

    >>> sorted(row_ids([{"id": 1}, None, {"name": "x"}]))
    ['1']
    """
    return frozenset(str(row["id"]) for row in rows if isinstance(row, Mapping) and row.get("id") is not None)


def _text(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
