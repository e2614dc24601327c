"""Which closed orders had all their lines cancelled: «Закрыт» alone is said of sales and of lost orders alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from callscore.crm.odata.directory import BATCH, valid_key
from callscore.crm.odata.model import Model
from callscore.crm.odata.service import NotPublishedError, RefusedError, Service
from callscore.crm.onec_words import guess_outcome
from callscore.outside.rows import Fields, RowError
from callscore.records import Outcome

__all__ = ["CancelledLines"]

_CANCELLED: Final = "Отменено"


class CancelledLines:
    """Asks for the lines of closed orders, where the table of goods is published and its lines can be cancelled."""

    def __init__(self, service: Service, model: Model | None, document: str) -> None:
        """Prepare; nothing is sent yet."""
        self._service = service
        self._table = f"{document}_Товары"
        self._is_told = model is not None and _CANCELLED in model.fields.get(self._table, ())

    def orders(self, rows: Iterable[object]) -> frozenset[str]:
        """Return the keys of those orders among `rows` whose lines are all cancelled.

        Raises:
            SourceError: as for `Web.ask`.
        """
        waiting = iter([key for row in rows if isinstance(row, Mapping) and (key := self._closed(row))])
        states: dict[str, list[bool]] = {}
        while self._is_told and (batch := list(islice(waiting, BATCH))):
            condition = " or ".join(f"Ref_Key eq guid'{key}'" for key in batch)
            query = {"$filter": condition, "$select": f"Ref_Key,LineNumber,{_CANCELLED}", "allowedOnly": "true"}
            try:
                lines = self._service.rows(self._table, query).rows
            except (NotPublishedError, RefusedError):
                self._is_told = False
                break
            for line in lines:
                _note(line, states)
        return frozenset(key for key, cancelled in states.items() if all(cancelled))

    def _closed(self, row: Mapping[str, Any]) -> str | None:
        status = row.get("Статус")
        is_closed = isinstance(status, str) and guess_outcome(status) is Outcome.WON
        return valid_key(row.get("Ref_Key")) if is_closed else None


def _note(line: object, states: dict[str, list[bool]]) -> None:
    try:
        fields = Fields(line)
        states.setdefault(fields.need_text("Ref_Key"), []).append(fields.flag(_CANCELLED) is True)
    except RowError:
        return
