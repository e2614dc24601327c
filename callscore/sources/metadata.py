"""What a PBX knows about calls: tables (CSV, XLSX, JSONL, Parquet), sidecars and file names -> CallInfo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from callscore.errors import ConfigError, nearest
from callscore.outside.pages import Reject
from callscore.outside.phones import phone_or_text
from callscore.outside.table import Row, TableError, TableOptions, read_sheets
from callscore.records import CallInfo, Direction

__all__ = ["COLUMNS", "MetadataOptions", "Row", "parse_info", "read_table"]

COLUMNS: Final = (
    "file", "call_id", "operator", "extension", "direction", "started_at", "client_phone", "did", "queue", "wait_s",
    "transferred_to", "operator_channel", "call_type", "language",
)  # fmt: skip

DIRECTIONS: Final[Mapping[str, Direction]] = {
    **dict.fromkeys(("inbound", "in", "incoming", "входящий", "входящая", "вх"), Direction.INBOUND),
    **dict.fromkeys(("outbound", "out", "outgoing", "исходящий", "исходящая", "исх"), Direction.OUTBOUND),
}
CHANNELS: Final[Mapping[str, int]] = {"left": 0, "l": 0, "0": 0, "right": 1, "r": 1, "1": 1}
TIME_FORMATS: Final = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S")
ENDINGS: Final = (".csv", ".tsv", ".xlsx", ".jsonl", ".parquet")
MAX_TABLE_BYTES: Final = 256 * 1024 * 1024
MAX_TEXT: Final = 200

_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """How to read what has no unit of its own: the zone of bare times, the region of bare phone numbers (ISO 3166)."""

    timezone: str = "Europe/Moscow"
    phone_region: str = "RU"
    file_name_pattern: str = ""


def read_table(path: Path) -> tuple[Row, ...]:
    """Read a metadata table; the kind follows from the extension (.csv, .tsv, .xlsx, .jsonl, .parquet).

    Raises:
        ConfigError: unreadable, too large, no `file` column, or a column that looks like a typo of a known one.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError("the metadata must be .csv, .tsv, .xlsx, .jsonl or .parquet", where=str(path))
    try:
        rows = tuple(_iter_rows(path))
    except TableError as exc:
        raise ConfigError(f"the metadata {_reason(exc)}", where=str(path), hint=exc.hint) from exc
    if not rows:
        raise ConfigError("the metadata has no rows", where=str(path))
    return rows


def parse_info(values: Mapping[str, str], call_id: str, options: MetadataOptions, where: str) -> CallInfo:
    """Return what `values` say of a call, under its `call_id`.

    Raises:
        ConfigError: for a direction, time, number or channel that cannot be understood.
    """
    text = {name: _clean(value) for name, value in values.items()}
    return CallInfo(
        call_id=call_id,
        started_at=_parse_time(text.get("started_at", ""), options.timezone, where),
        direction=_lookup(text, "direction", DIRECTIONS, where),
        operator=text.get("operator") or None,
        extension=text.get("extension") or None,
        client_phone=phone_or_text(text.get("client_phone", ""), options.phone_region),
        did=phone_or_text(text.get("did", ""), options.phone_region),
        queue=text.get("queue") or None,
        wait_ms=_parse_wait(text.get("wait_s", ""), where),
        transferred_to=text.get("transferred_to") or None,
        operator_channel=_lookup(text, "operator_channel", CHANNELS, where),
        call_type=text.get("call_type") or None,
        language=_parse_language(text.get("language", ""), where),
    )


def _clean(value: str) -> str:
    """Make a foreign text harmless: one line, no control characters, no endless length."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value).strip()[:MAX_TEXT]


def _lookup(text: Mapping[str, str], name: str, known: Mapping[str, _Known], where: str) -> _Known | None:
    value = text.get(name, "").lower()
    if value and value not in known:
        raise ConfigError(f"{name} {value!r} is not known", where=where, hint=f"use one of: {', '.join(known)}")
    return known.get(value)


def _parse_time(text: str, timezone: str, where: str) -> datetime | None:
    if not text:
        return None
    at: datetime | None = None
    if re.fullmatch(r"\d{10}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        for layout in TIME_FORMATS:
            try:
                at = datetime.strptime(text, layout)  # noqa: DTZ007 - the zone is added below
                break
            except ValueError:
                continue
    if at is None or not 1970 < at.year < 9999:
        raise ConfigError(f"started_at {text!r} is no time", where=where, hint="write it as 2026-10-05T10:12:40+03:00")
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _parse_wait(text: str, where: str) -> int | None:
    if not text:
        return None
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 7 * 24 * 3600:
        raise ConfigError(f"wait_s {text!r} is no number of seconds", where=where)
    return round(seconds * 1000)


def _parse_language(text: str, where: str) -> str | None:
    if text and not re.fullmatch("[a-z]{2}", text.lower()):
        raise ConfigError(f"language {text!r} is no ISO 639-1 code", where=where, hint="write it as ru or en")
    return text.lower() or None


def _iter_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of the first table; one row that cannot be read stops it, as nobody may look at the messages at night."""
    options = TableOptions(rate=_count_known, header_within=1, max_bytes=MAX_TABLE_BYTES)
    for sheet in read_sheets(path, options):
        is_checked = False
        for row in sheet.rows:
            if isinstance(row, Reject):
                raise ConfigError(f"the metadata cannot be read: {row.reason}", where=row.where)
            if not is_checked:
                _check_columns(map(str.lower, sheet.header), path)
                is_checked = True
            yield Row({name.lower(): value for name, value in row.values.items()}, row.where)
        return


def _count_known(cells: Sequence[str]) -> int:
    return sum(cell.strip().lower() in COLUMNS for cell in cells)


def _reason(error: TableError) -> str:
    return error.reason if error.reason.startswith("cannot be read") else f"cannot be read: it {error.reason}"


def _check_columns(columns: Iterable[str], path: Path) -> None:
    names = list(columns)
    if "file" not in names:
        raise ConfigError(
            "the metadata has no column 'file'", where=f"{path}:1", hint=f"its columns are: {', '.join(map(str, names))}"
        )
    for name in names:
        near = nearest(name, COLUMNS, cutoff=0.8)
        if name not in COLUMNS and near and near not in names:
            raise ConfigError(f"unknown column {name!r}", where=f"{path}:1", hint=f"did you mean {near}?")
