"""Orders of 1С and of shops in CommerceML: from the files of an exchange, or asked from a shop as 1С asks for them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from callscore.crm.base import Crm
from callscore.crm.checkup import check_orders
from callscore.crm.commerceml.documents import ForeignXmlError, XmlText, generated_at, is_whole, iter_documents
from callscore.crm.commerceml.exchange import Exchange
from callscore.crm.commerceml.files import arrival, find_files, open_file, unpack
from callscore.crm.commerceml.orders import DocumentReader, ReadOrder
from callscore.crm.outcome import OrderSettings
from callscore.errors import ConfigError
from callscore.outside.checkup import check_clock
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import setting
from callscore.records import OrderRecord

__all__ = ["CommerceMl", "Settings", "open_crm"]

PAGE_SIZE: Final = 500
CHECKED_ORDERS: Final = 200
_LATE: Final = timedelta(days=2)
"""How much the clocks of those who write files may differ from ours."""
_STALE: Final = timedelta(days=4)
"""An exchange that has written nothing for longer than a long weekend has stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """Where the orders are: files of an exchange, or a shop's exchange address."""

    path: Path | None = setting(None, "folder with the XML or zip files, one file, or a pattern such as exchange/orders-*.xml")
    url: str = setting("", "instead of path: the shop's exchange address, as it is set in 1С")
    username: str = setting("", "with url: login for the exchange")
    password: Secret | None = setting(None, 'with url: its password, such as "env:EXCHANGE_PASSWORD"')
    operations: tuple[str, ...] = setting(("Заказ товара",), "documents with this ХозОперация are orders")
    status_requisites: tuple[str, ...] = setting(("Статус заказа", "Статус"), "requisites that hold the status, best first")
    responsible_requisites: tuple[str, ...] = setting(
        ("Менеджер", "Ответственный"), "requisites that hold the name of the responsible, best first"
    )


class CommerceMl:
    """The orders in some CommerceML texts."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is read yet.

        Raises:
            ConfigError: if it is not said where the orders are, or how to sign in.
        """
        self._path = settings.path
        self._exchange: Exchange | None = None
        if settings.url and settings.path is None and settings.username and settings.password is not None:
            self._exchange = Exchange(settings.url, settings.username, settings.password, tools.patience)
        elif settings.url or settings.path is None:
            raise ConfigError(
                f"source {name!r} needs either path, or url with username and password",
                hint='path = "exchange/orders-*.xml"  # a copy of the files that 1С and the shop exchange',
            )
        self._zone = tools.timezone
        self._reader = DocumentReader(
            account=name,
            settings=settings,
            zone=tools.timezone,
            region=tools.region,
            operations=settings.operations,
            status_names=settings.status_requisites,
            responsible_names=settings.responsible_requisites,
        )

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the orders that were created or changed, or came in a file that was written, within `window`; see Crm.

        An exchange gives an order when it has changed, and often does not say when that was: the file's time stands for it.
        A later file comes later, so that its state of an order counts.
        """
        texts, rejects = self._texts()
        for text in texts:
            yield from self._read(text, window, rejects)
        yield OrderPage(records=(), rejects=tuple(rejects), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, or read the newest files, and tell what is missing, see Crm."""
        if self._exchange is not None:
            self._exchange.sign_in()
            yield Finding(level=Level.FINE, subject="sign-in", text="accepted")
            yield Finding(
                level=Level.ADVICE,
                subject="exchange",
                text="orders are not asked for in a check, because that moves a mark in some shops",
                hint="a copy of the files that 1С gets, as path, disturbs nobody",
            )
            yield from check_clock(self._exchange.clock_skew_s)
            return
        texts, rejects = self._texts()
        yield _check_age(texts)
        found: dict[str, OrderRecord] = {}
        for text in reversed(texts):
            read = islice(self._orders(text, rejects), CHECKED_ORDERS - len(found))
            found = {**{item.order.order_id: item.order for item in read}, **found}
        yield from check_orders(list(found.values()), rejects, f"the newest {CHECKED_ORDERS}")

    def close(self) -> None:
        """Close the connections."""
        if self._exchange is not None:
            self._exchange.close()

    def _texts(self) -> tuple[list[XmlText], list[Reject]]:
        """Return the whole texts, oldest first, and those that are not; they are read when they are whole."""
        rejects: list[Reject] = []
        texts = []
        for text in self._exchange.texts() if self._exchange is not None else self._files(rejects):
            try:
                if is_whole(text):
                    texts.append((generated_at(text, self._zone) or text.arrived_at, text.name, text))
                else:
                    rejects.append(Reject(where=text.name, reason="the file is cut off; it is read when it is whole"))
            except OSError as exc:
                rejects.append(_unreadable(text.name, exc))
        return [text for _, _, text in sorted(texts, key=lambda item: item[:2])], rejects

    def _files(self, rejects: list[Reject]) -> Iterator[XmlText]:
        for path in find_files(self._path) if self._path is not None else ():
            try:
                if path.suffix.lower() == ".zip":
                    yield from unpack(path.name, arrival(path), partial(open_file, path))
                else:
                    yield XmlText(name=path.name, arrived_at=arrival(path), open=partial(open_file, path))
            except zipfile.BadZipFile:
                rejects.append(Reject(where=path.name, reason="the archive is cut off or too big"))
            except OSError as exc:
                rejects.append(_unreadable(path.name, exc))

    def _read(self, text: XmlText, window: Window, rejects: list[Reject]) -> Iterator[OrderPage]:
        written_at = generated_at(text, self._zone) or text.arrived_at
        if max(written_at, text.arrived_at) < window.start - _LATE:
            return  # nothing in it can have happened later than it was written
        is_new = window.holds(written_at) or window.holds(text.arrived_at)
        read = self._orders(text, rejects)
        while batch := list(islice(read, PAGE_SIZE)):
            within = (item for item in batch if is_new or window.holds(item.order.created_at) or window.holds(item.changed_at))
            latest = {item.order.order_id: item.order for item in within}
            yield OrderPage(records=tuple(latest.values()))

    def _orders(self, text: XmlText, rejects: list[Reject]) -> Iterator[ReadOrder]:
        number = 0
        try:
            for number, document in enumerate(iter_documents(text), start=1):
                if self._reader.is_order(document):
                    try:
                        yield self._reader.read(document)
                    except RowError as exc:
                        rejects.append(Reject(where=f"{text.name}: document {number}", reason=str(exc)))
        except ForeignXmlError as exc:
            where = f"{text.name}:{exc.line}" if exc.line else text.name
            rejects.append(Reject(where=where, reason=f"{exc}; {number} documents before that were read"))
        except OSError as exc:
            rejects.append(_unreadable(text.name, exc))


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the texts as a source of orders; nothing is read yet."""
    return CommerceMl(name, settings, tools)


def _check_age(texts: list[XmlText]) -> Finding:
    newest = max((text.arrived_at for text in texts), default=None)
    age = None if newest is None else datetime.now(UTC) - newest
    text = f"{len(texts)} whole files" + ("" if age is None else f", the newest {age / timedelta(days=1):.1f} days old")
    is_fresh = age is not None and age < _STALE
    hint = "" if is_fresh else "is the exchange still running, and does it write here?"
    return Finding(level=Level.FINE if is_fresh else Level.ADVICE, subject="files", text=text, hint=hint)


def _unreadable(name: str, error: OSError) -> Reject:
    return Reject(where=name, reason=f"the file cannot be read: {error.strerror or type(error).__name__}")
