"""The exchange by HTTP between a shop and 1С, with callscore in the place of 1С; it never marks orders as taken."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, Literal, TypeVar
from urllib.parse import parse_qsl

from callscore.crm.commerceml.documents import XmlText, is_whole
from callscore.crm.commerceml.files import unpack
from callscore.errors import SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web

__all__ = ["Exchange"]

MOST_PROGRESS: Final = 1000
"""A shop that prepares its answer says `progress` once a step; so many steps are a fault of it."""
_REFUSED: Final = (401, 403)
_T = TypeVar("_T")
_Mode = Literal["checkauth", "init", "query"]
# `success` is missing on purpose: it tells the shop that 1С has the orders, and the real 1С would never see them.


class _ProgressError(Exception):
    """The shop is not ready yet and wants to be asked again."""


class Exchange:
    """A shop's exchange address."""

    def __init__(self, url: str, username: str, password: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        base, _, query = url.partition("?")
        self._web = Web(base, patience, headers=self._headers)
        self._own_params = dict(parse_qsl(query))  # OpenCart's exchange is a route of index.php
        self._username = username
        self._password = password
        self._patience = patience
        self._cookie = ""
        self._session: Mapping[str, str] = {}

    @property
    def clock_skew_s(self) -> float | None:
        """How far the shop's clock is ahead of ours."""
        return self._web.clock_skew_s

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def sign_in(self) -> None:
        """Start a session.

        Raises:
            SourceAuthError: it is refused.
        """
        self._cookie, self._session = "", {}
        lines = self._ask("checkauth", self._read_sign_in)
        if len(lines) >= 3 and all(line.isascii() and line.isprintable() for line in lines[1:3]):
            self._cookie = f"{lines[1]}={lines[2]}"
        extra = dict(line.split("=", 1) for line in lines[3:] if "=" in line)
        self._session = {"sessid": extra["sessid"]} if "sessid" in extra else {}
        self._ask("init", self._read_lines)

    def texts(self) -> list[XmlText]:
        """Return the orders the shop has for 1С; they stay there.

        Raises:
            SourceError: it gives something else.
        """
        self.sign_in()
        return self._ask("query", self._read_orders)

    def _headers(self) -> Mapping[str, str]:
        login = base64.b64encode(f"{self._username}:{self._password.reveal()}".encode()).decode()
        return {"Authorization": f"Basic {login}", **({"Cookie": self._cookie} if self._cookie else {})}

    def _ask(self, mode: _Mode, read: Callable[[Response], _T]) -> _T:
        params = {**self._own_params, **self._session, "type": "sale", "mode": mode}
        for _ in range(MOST_PROGRESS):
            try:
                return self._web.ask(Request(what=f"exchange, {mode}", params=params), read)
            except _ProgressError:
                self._patience.sleep(self._patience.first_wait_s)
        raise SourceUnavailableError(f"exchange, {mode}: the shop stays busy", where=self._web.host, hint="run it again later")

    def _read_lines(self, response: Response) -> list[str]:
        """Return the lines of an answer; the first says how it went."""
        if response.status_code in _REFUSED:
            raise self._refused()
        if response.status_code >= 400:
            raise SourceError(
                f"the exchange answers HTTP {response.status_code}", where=self._web.host, hint="check url: it is that of 1С"
            )
        lines = _decode(response.content).split("\n")
        word = lines[0].strip().lower()
        if word == "progress":
            raise _ProgressError
        if word == "failure":
            raise SourceError(
                "the shop refuses the exchange", where=self._web.host, hint="look into the shop's exchange settings"
            )
        if word.startswith(("<html", "<!doctype html")):
            raise TryLaterError("a web page instead of an answer")
        return [line.strip() for line in lines]

    def _read_sign_in(self, response: Response) -> list[str]:
        try:
            lines = self._read_lines(response)
        except SourceAuthError:
            raise
        except SourceError as exc:
            raise (self._refused() if response.is_success else exc) from exc
        if lines[0].lower() != "success":
            raise TryLaterError("something else than a sign-in")
        return lines

    def _read_orders(self, response: Response) -> list[XmlText]:
        now, source = datetime.now(UTC), partial(io.BytesIO, response.content)
        if response.content.startswith(b"PK"):
            try:
                texts = list(unpack("exchange", now, source))
            except zipfile.BadZipFile:
                raise TryLaterError("a broken archive") from None
        else:
            self._read_lines(response)
            texts = [XmlText(name="exchange", arrived_at=now, open=source)]
        if not all(_is_sound(text) for text in texts):
            raise TryLaterError("half an answer")
        return texts

    def _refused(self) -> SourceAuthError:
        return SourceAuthError(
            "the sign-in was refused",
            where=self._web.host,
            hint="check username and password, and the user's right to exchange",
        )


def _decode(data: bytes) -> str:
    """Return the text of an answer, in whichever of the two encodings it is."""
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return data.decode("windows-1251", "replace").strip()


def _is_sound(text: XmlText) -> bool:
    try:
        return is_whole(text)
    except OSError:
        return False
