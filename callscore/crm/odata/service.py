"""Speaking with 1С over OData (standard.odata): sign-in, addresses in Cyrillic, answers in JSON, and its kinds of refusal."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from callscore.crm.odata.model import Model, parse_model
from callscore.errors import SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["Answer", "NotPublishedError", "RefusedError", "Service"]

ROOT: Final = "odata/standard.odata"
_PLAIN: Final = "',/()"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, (402, 403), 404


class NotPublishedError(Exception):
    """What is asked for is not there: another configuration, or not ticked for publication."""


class RefusedError(Exception):
    """1С does not do what the query asks for, such as filtering by a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of an answer, and how many there are in all where it says so."""

    rows: list[Any]
    count: int | None


class Service:
    """One publication of an infobase. One request at a time, because each occupies a licence."""

    def __init__(self, url: str, username: str, password: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        base = url.rstrip("/")
        self._web = Web(
            base if base.endswith("standard.odata") else f"{base}/{ROOT}",
            patience,
            headers=self._headers,
            pause_asked=self._note_fault,
        )
        self._username = username
        self._password = password
        self._said_why = False

    @property
    def host(self) -> str:
        """The host, for messages."""
        return self._web.host

    @property
    def clock_skew_s(self) -> float | None:
        """How far the server's clock is ahead of ours."""
        return self._web.clock_skew_s

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def model(self) -> Model | None:
        """Return what is published; None where even that is not told.

        Raises:
            SourceAuthError: the sign-in is refused.
        """
        request = Request(what="metadata", path="$metadata", headers={"Accept": "application/xml"})
        try:
            return self._web.ask(request, self._read_model)
        except (NotPublishedError, RefusedError):
            return None

    def rows(self, entity: str, query: Mapping[str, object]) -> Answer:
        """Return rows of an entity such as `Catalog_Валюты`; `query` is made of OData options.

        Raises:
            NotPublishedError: there is no such entity.
            RefusedError: the query is not understood.
            SourceError: as for `Web.ask`.
        """
        answer = self._ask(entity, query)
        value = answer.get("value")
        if not isinstance(value, list):
            raise SourceError("the answer holds no list", where=self.host)
        return Answer(rows=value, count=_count(answer))

    def one(self, entity: str, key: str) -> Mapping[str, Any]:
        """Return one object by its reference.

        Raises:
            NotPublishedError: it is not there.
            RefusedError: it cannot be asked for.
        """
        return self._ask(f"{entity}(guid'{key}')", {})

    def _headers(self) -> Mapping[str, str]:
        login = base64.b64encode(f"{self._username}:{self._password.reveal()}".encode()).decode()
        return {"Authorization": f"Basic {login}", "Accept": "application/json"}

    def _ask(self, path: str, query: Mapping[str, object]) -> Mapping[str, Any]:
        # Blanks as %20: 1С takes a plus sign for what it is.
        options = "&".join(f"{name}={quote(str(value), safe=_PLAIN)}" for name, value in {"$format": "json", **query}.items())
        request = Request(what=path.partition("(")[0], path=f"{quote(path, safe=_PLAIN)}?{options}")
        self._said_why = False
        try:
            return self._web.ask(request, self._read)
        except SourceUnavailableError:
            if self._said_why:
                raise RefusedError from None
            raise

    def _note_fault(self, response: Response) -> None:
        """Note a passing error that explains itself: 1С answers 500 for what it does not understand, too."""
        self._said_why = response.status_code == 500 and b"odata.error" in response.content

    def _judge(self, status: int) -> None:
        if status == _UNAUTHORIZED:
            raise SourceAuthError("the sign-in was refused", where=self.host, hint="check username and password")
        if status in _FORBIDDEN:
            hint = "give the user the right to read orders, clients and users over OData"
            raise SourceAuthError("the user may not read this", where=self.host, hint=hint)
        if status == _NOT_FOUND:
            raise NotPublishedError
        if status >= 400:
            raise RefusedError

    def _read(self, response: Response) -> Mapping[str, Any]:
        self._judge(response.status_code)
        if "atom" in response.headers.get("Content-Type", ""):
            hint = "the platform is too old for JSON; 8.3.5 and newer have it"
            raise SourceError("1С answers in Atom instead of JSON", where=self.host, hint=hint)
        answer = read_json(response)
        if not isinstance(answer, Mapping):
            raise SourceError("the answer is none of OData", where=self.host, hint="check url")
        if "odata.error" in answer:
            raise RefusedError
        return answer

    def _read_model(self, response: Response) -> Model:
        self._judge(response.status_code)
        model = parse_model(response.content)
        if model is None:
            raise TryLaterError("something else than metadata")
        return model


def _count(answer: Mapping[str, Any]) -> int | None:
    """Return the number of all rows: a text, and only where it was asked for."""
    try:
        return Fields(answer).whole("odata.count")
    except RowError:
        return None
