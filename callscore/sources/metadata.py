"""What a PBX knows about calls: tables (CSV, XLSX, JSONL, Parquet), sidecars and file names -> CallInfo."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from callscore.errors import ConfigError, nearest
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
MAX_TABLE_BYTES: Final = 256 * 1024 * 1024
MAX_TEXT: Final = 200

_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """How to read what has no unit of its own: the zone of bare times, the region of bare phone numbers (ISO 3166)."""

    timezone: str = "Europe/Moscow"
    phone_region: str = "RU"
    file_name_pattern: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table by column name, all as text (empty: unknown), and where it stands."""

    values: Mapping[str, str]
    where: str


def read_table(path: Path) -> tuple[Row, ...]:
    """Read a metadata table; the kind follows from the extension (.csv, .tsv, .xlsx, .jsonl, .parquet).

    Raises:
        ConfigError: unreadable, too large, no `file` column, or a column that looks like a typo of a known one.
    """
    readers = {".csv": _read_csv, ".tsv": _read_csv, ".xlsx": _read_xlsx, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ConfigError("the metadata must be .csv, .tsv, .xlsx, .jsonl or .parquet", where=str(path))
    try:
        rows = tuple(reader(path)) if path.stat().st_size <= MAX_TABLE_BYTES else None
    except OSError as exc:
        raise ConfigError(f"the metadata cannot be read: {exc.strerror or exc}", where=str(path)) from exc
    except ConfigError:
        raise
    except Exception as exc:  # openpyxl, pyarrow and csv raise many kinds on hostile files
        raise ConfigError(f"the metadata cannot be read: {type(exc).__name__}", where=str(path)) from exc
    if rows is None:
        raise ConfigError(f"the metadata is larger than {MAX_TABLE_BYTES // 2**20} MiB", where=str(path))
    if not rows:
        raise ConfigError("the metadata has no rows", where=str(path))
    _check_columns(rows[0].values, path)
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
        client_phone=_parse_phone(text.get("client_phone", ""), options.phone_region),
        did=_parse_phone(text.get("did", ""), options.phone_region),
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


def _parse_phone(text: str, region: str) -> str | None:
    """Return E.164 where the number can be parsed; extensions and short internal numbers stay as written."""
    if not text:
        return None
    import phonenumbers

    digits = re.sub(r"\D", "", text)
    try:
        # Eleven digits from 7 are a Russian number without its plus, as most Russian PBXs write it.
        number = phonenumbers.parse(f"+{digits}" if len(digits) == 11 and digits[0] == "7" else text, region)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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


def _read_csv(path: Path) -> Iterable[Row]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a Russian spreadsheet program saves as "CSV".
        text = raw.decode("cp1251")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    for cells in reader:
        if header is None:
            header = [cell.strip().lower() for cell in cells]
        elif any(cell.strip() for cell in cells):
            if len(cells) > len(header):
                raise ConfigError("a row has more cells than the header", where=f"{path}:{reader.line_num}")
            yield Row(dict(zip(header, cells, strict=False)), f"{path}:{reader.line_num}")


def _read_xlsx(path: Path) -> Iterable[Row]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        header: list[str] | None = None
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            if header is None:
                header = [_cell_text(cell).strip().lower() for cell in cells]
            elif any(cell is not None for cell in cells):
                yield Row(dict(zip(header, map(_cell_text, cells), strict=False)), f"{path}:{number}")
    finally:
        book.close()


def _read_jsonl(path: Path) -> Iterable[Row]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise ConfigError("the line is no JSON object", where=f"{path}:{number}")
        yield Row({str(key): _cell_text(value) for key, value in row.items()}, f"{path}:{number}")


def _read_parquet(path: Path) -> Iterable[Row]:
    # Outside store/ because this file comes from elsewhere and never meets the database.
    import pyarrow.parquet

    for number, row in enumerate(pyarrow.parquet.read_table(path).to_pylist(), 1):
        yield Row({str(key): _cell_text(value) for key, value in row.items()}, f"{path}: row {number}")


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
