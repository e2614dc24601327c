"""Catalogs of 1С, asked for what orders refer to and for nothing else: people, clients with phones, states, currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from callscore.crm.odata.model import Model
from callscore.crm.odata.service import NotPublishedError, RefusedError, Service
from callscore.outside.rows import Fields

__all__ = ["BATCH", "Directory", "reference_key", "valid_key"]

EMPTY_KEY: Final = "00000000-0000-0000-0000-000000000000"
BATCH: Final = 20
"""References in one filter: an address must stay below 2,000 characters for some web servers."""
REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "Партнер": ("Catalog_Партнеры",),
    "Контрагент": ("Catalog_Контрагенты",),
    "Менеджер": ("Catalog_Пользователи", "Catalog_Сотрудники"),
    "Ответственный": ("Catalog_Сотрудники", "Catalog_Пользователи"),
    "СостояниеЗаказа": ("Catalog_СостоянияЗаказовПокупателей",),
    "ВалютаДокумента": ("Catalog_Валюты",),
    "Валюта": ("Catalog_Валюты",),
}
"""The fields of an order that are followed, and the catalogs they lead to where $metadata does not say it."""
_FIELDS: Final = ("Ref_Key", "Description", "Code", "КонтактнаяИнформация")
_KEY: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_Row = Mapping[str, Any]


class Directory:
    """The catalog entries that orders of one document refer to; each is asked for once."""

    def __init__(self, service: Service, model: Model | None, document: str) -> None:
        """Prepare; nothing is sent yet."""
        self._service = service
        self._model = model
        self._document = document
        self._found: dict[tuple[str, str], _Row] = {}
        self._asked: set[tuple[str, str]] = set()
        self.missing: set[str] = set()
        """Catalogs that are needed and not published."""

    def learn(self, orders: Iterable[object]) -> None:
        """Ask for everything that some orders refer to.

        Raises:
            SourceError: as for `Web.ask`.
        """
        rows = [order for order in orders if isinstance(order, Mapping)]
        for reference in REFERENCES:
            keys = {key for row in rows if (key := valid_key(row.get(f"{reference}_Key")))}
            for catalog in self._catalogs(reference):
                # What one catalog does not have may be in the next.
                keys = {key for key in keys if (reference, key) not in self._found}
                self._learn(reference, catalog, sorted(key for key in keys if (catalog, key) not in self._asked))

    def entry(self, reference: str, key: str | None) -> Fields:
        """Return an entry by the field that refers to it; an empty one where it is not known."""
        return Fields(self._found.get((reference, key or ""), {}))

    def _catalogs(self, reference: str) -> tuple[str, ...]:
        target = self._model.targets.get((self._document, reference)) if self._model is not None else None
        return (target,) if target is not None else REFERENCES[reference]

    def _learn(self, reference: str, catalog: str, keys: list[str]) -> None:
        waiting = iter(keys)
        while batch := list(islice(waiting, BATCH)):
            if catalog in self.missing:
                return
            self._asked.update((catalog, key) for key in batch)
            try:
                rows = list(self._rows(catalog, batch))
            except NotPublishedError:
                self.missing.add(catalog)
                return
            for row in rows:
                if isinstance(row, Mapping) and (key := valid_key(row.get("Ref_Key"))):
                    self._found[reference, key] = row

    def _rows(self, catalog: str, keys: list[str]) -> Iterator[object]:
        condition = " or ".join(f"Ref_Key eq guid'{key}'" for key in keys)
        select = self._model.select(catalog, _FIELDS) if self._model is not None else {}
        try:
            yield from self._service.rows(catalog, {"$filter": condition, **select, "allowedOnly": "true"}).rows
        except RefusedError:
            for key in keys:
                try:
                    yield self._service.one(catalog, key)
                except (NotPublishedError, RefusedError):
                    continue


def reference_key(order: Fields, reference: str) -> str | None:
    """Return the key in a reference field of an order; None where it is empty or not there.

    Raises:
        RowError: if it is no text.
    """
    key = order.text(f"{reference}_Key")
    return None if key in (None, EMPTY_KEY) else key


def valid_key(value: object) -> str | None:
    """Return a reference that may stand in an address."""
    is_key = isinstance(value, str) and value != EMPTY_KEY and _KEY.fullmatch(value)
    return str(value) if is_key else None
