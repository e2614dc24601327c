"""The shop's file of operators (operators.csv) -> rows that the store keeps. All of it, or every row that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callscore.outside.cells import NOTHING, parse_amount, parse_moment
from callscore.outside.columns import Columns, Dictionary
from callscore.outside.pages import Reject
from callscore.outside.rows import RowError, clean_text
from callscore.outside.table import Row
from callscore.outside.table_files import TableFiles
from callscore.store.operators import OperatorEntry
from callscore.store.people_groups import fold_name

__all__ = ["KINDS", "OPERATOR_FIELDS", "StaffFile", "read_staff_file"]

OPERATOR_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "operator": (
        *("оператор", "сотрудник", "менеджер", "фио", "имя", "логин", "кто", "фио оператора", "имя оператора"),
        *("name", "login", "agent", "employee", "full name"),
    ),
    "names": (
        *("имена", "другие имена", "как ещё называется", "псевдонимы", "варианты", "внутренний номер", "внутренние номера"),
        *("внутренний", "добавочный", "aliases", "other names", "also known as", "extension", "extensions", "ids"),
    ),
    "team": ("команда", "группа", "отдел", "смена", "бригада", "group", "department"),
    "kind": ("вид", "тип", "занятость", "оформление", "type", "employment"),
    "cost_per_hour": (
        *("стоимость часа", "цена часа", "ставка", "ставка в час", "за час", "в час", "час", "руб в час", "стоимость в час"),
        *("cost per hour", "hourly cost", "hourly rate", "rate per hour", "hour"),
    ),
    "cost_per_call": (
        *("стоимость звонка", "цена звонка", "за звонок", "ставка за звонок", "стоимость за звонок", "звонок"),
        *("cost per call", "rate per call", "per call"),
    ),
    "from": ("с", "дата с", "начало", "действует с", "from", "since", "start", "starts on", "valid from"),
    "until": ("по", "дата по", "до", "конец", "окончание", "действует по", "until", "till", "to", "end", "ends on", "valid to"),
}
"""What the columns are called, in Russian and English."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "own": ("own", "свой", "своя", "свои", "штат", "штатный", "штатная", "в штате", "staff", "in-house", "inhouse", "офис"),
    "outsourced": (
        *("outsourced", "outsource", "outsourcing", "external", "аутсорс", "аутсорсинг", "внешний", "внешняя", "подрядчик"),
        *("партнер", "гпх"),
    ),
    "home": (
        *("home", "remote", "надомный", "надомная", "дом", "из дома", "на дому", "удаленный", "удаленная", "удаленно"),
        *("удаленка", "надомник"),
    ),
}
_DICTIONARY: Final = Dictionary(OPERATOR_FIELDS)
_SEPARATORS: Final = re.compile(r"[;|\n\r]+")
_KIND_BY_WORD: Final = {word: kind for kind, words in KINDS.items() for word in words}
_MOST: Final = 1e9
"""A cost above it is a slip of the keyboard, or a phone number in the wrong column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFile:
    """What a file of operators says; with `faults`, every row or pair of rows that is wrong, `entries` must not be used."""

    entries: tuple[OperatorEntry, ...]
    faults: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: OperatorEntry
    where: str


def read_staff_file(path: Path, timezone: str) -> StaffFile:
    """Read a file of operators; `timezone` is the IANA name of the zone in which its days begin.

    Raises:
        SourceError: if it is not there, is no table, or has no column with operators.
    """
    placed: list[_Placed] = []
    faults: list[Reject] = []
    for part in TableFiles(path=path, dictionary=_DICTIONARY, lacks=_lacks).iter_parts():
        for row in part.rows:
            if isinstance(row, Reject):
                faults.append(row)
                continue
            try:
                placed.append(_Placed(_entry(row, part.columns, timezone), row.where))
            except RowError as exc:
                faults.append(Reject(where=row.where, reason=str(exc)))
    faults.extend(_clashes(placed))
    if not placed and not faults:
        faults.append(Reject(where=path.name, reason="the file names no operator"))
    return StaffFile(entries=tuple(item.entry for item in placed), faults=tuple(faults))


def _lacks(columns: Columns) -> str:
    return "" if "operator" in columns.headings else "has no column with the names of operators"


def _entry(row: Row, columns: Columns, timezone: str) -> OperatorEntry:
    def text(name: str) -> str:
        value = row.values.get(columns.headings.get(name, ""), "")
        return "" if value.strip().casefold() in NOTHING else value

    operator = clean_text(text("operator"))
    if not operator:
        raise RowError("operator is missing")
    starts_on, ends_on = _day(text("from"), timezone, "from"), _day(text("until"), timezone, "until")
    if starts_on and ends_on and ends_on < starts_on:
        raise RowError(f"until ({ends_on}) is before from ({starts_on})")
    others = filter(None, map(clean_text, _SEPARATORS.split(text("names"))))
    return OperatorEntry(
        operator=operator,
        names=tuple(dict.fromkeys(map(fold_name, (operator, *others)))),
        team=clean_text(text("team")) or None,
        kind=_kind(clean_text(text("kind"))),
        cost_per_hour=_cost(text("cost_per_hour"), "cost_per_hour"),
        cost_per_call=_cost(text("cost_per_call"), "cost_per_call"),
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=_midnight(starts_on, timezone),
        ends_at=_midnight(ends_on + timedelta(days=1) if ends_on else None, timezone),
    )


def _kind(text: str) -> str | None:
    if not text:
        return None
    kind = _KIND_BY_WORD.get(fold_name(text))
    if kind is None:
        raise RowError(f"kind {text[:40]!r} is unknown: it must be {', '.join(KINDS)}")
    return kind


def _cost(text: str, name: str) -> Decimal | None:
    amount = parse_amount(text, name)
    if amount is None:
        return None
    if not 0 <= amount <= _MOST:
        raise RowError(f"{name} must be 0 or more, got {amount:g}" if amount < 0 else f"{name} is too large")
    return Decimal(str(round(amount, 2)))


def _day(text: str, timezone: str, name: str) -> date | None:
    at = parse_moment(text, timezone, name=name)
    return None if at is None else at.astimezone(ZoneInfo(timezone)).date()


def _midnight(day: date | None, timezone: str) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(ZoneInfo("UTC"))


def _clashes(placed: Sequence[_Placed]) -> Iterable[Reject]:
    """Yield each pair of rows that give one name to two rows at the same time; the later row is the one named."""
    by_name: dict[str, list[_Placed]] = {}
    for item in placed:
        told: set[str] = set()
        for name in item.entry.names:
            for other in by_name.setdefault(name, []):
                if _overlap(item.entry, other.entry) and other.where not in told:
                    told.add(other.where)
                    yield Reject(where=item.where, reason=_clash(name, item.entry, other))
            by_name[name].append(item)


def _overlap(one: OperatorEntry, two: OperatorEntry) -> bool:
    earliest, latest = date.min, date.max
    return (one.starts_on or earliest) <= (two.ends_on or latest) and (two.starts_on or earliest) <= (one.ends_on or latest)


def _clash(name: str, entry: OperatorEntry, other: _Placed) -> str:
    line = other.where.rpartition(":")[2]
    if fold_name(entry.operator) == fold_name(other.entry.operator):
        return f"{entry.operator} stands in line {line} already, for days that overlap: give the rows from and until"
    return f"the name {name!r} belongs to {other.entry.operator} (line {line}) on the same days"
