"""The rows of XLSX workbooks: values as they were last computed, dates and times as text, merged cells filled downwards."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from xml.parsers import expat

from callscore.outside.table_book import CHUNK_BYTES, Book, SheetPart, TimeStyle, local_name, new_parser, open_book
from callscore.outside.table_line import MAX_CELL, MAX_COLUMNS, Line, TableError, clock_text

__all__ = ["iter_book"]

OLE: Final = b"\xd0\xcf\x11\xe0"
MAX_MERGED: Final = 200_000
# From this serial on, 1954, a number in the style of a time of day is a date of which only the time is shown.
_DATE_FROM: Final = 20_000
_LAST_DAY: Final = 2_958_466
_DIGITS: Final = "0123456789"
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')

_Merged = dict[int, list[tuple[int, int]]]
"""First row -> (column from 0, last row) of merged cells that are more than one row high."""


def iter_book(path: Path, wanted: str = "") -> Iterator[tuple[str, Iterator[Line]]]:
    """Yield the visible sheets, each with its rows, blank ones left out; or only the sheet named `wanted`, even if hidden.

    The name is "" where there is but one.

    Raises:
        TableError: no workbook, an old .xls, a protected one, one that unpacks to a flood, or no such sheet. While rows are
            read: if the rest of them is damaged.
        OSError: if the file cannot be read.
    """
    with path.open("rb") as stream:
        if stream.read(4) == OLE:
            raise TableError(
                "is an old Excel workbook (.xls) or protected by a password", "save it as .xlsx without a password"
            )
    with _damage_named(), zipfile.ZipFile(path) as archive:
        book = open_book(archive)
        sheets = [sheet for sheet in book.sheets if (sheet.name == wanted if wanted else sheet.is_visible)]
        if not sheets:
            names = ", ".join(sheet.name for sheet in book.sheets if sheet.is_visible)
            raise TableError("has no such sheet" if wanted else "has no visible sheet", f"its sheets are: {names}"[:200])
        for sheet in sheets:
            yield sheet.name if len(sheets) > 1 else "", _iter_rows(book, sheet)


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, expat.ExpatError, UnicodeError) as exc:
        raise TableError("is damaged or cut off", "save it anew as .xlsx") from exc


def _iter_rows(book: Book, sheet: SheetPart) -> Iterator[Line]:
    with _damage_named():
        filler = _Filler(_merged_cells(book, sheet.part))
        rows = _Rows(book)
        with book.archive.open(sheet.part) as stream:
            chunk = b"-"
            while chunk:
                chunk = stream.read(CHUNK_BYTES)
                rows.parser.Parse(chunk, not chunk)
                for line in rows.take():
                    filler.fill(line)
                    if line.fault or any(line.cells):
                        yield line


def _merged_cells(book: Book, part: str) -> _Merged:
    """Return the merged cells that are more than one row high; the file lists them after its rows."""
    merged: _Merged = {}
    tail, n_found = b"", 0
    with book.archive.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            block = tail + chunk
            tail = block[-100:]
            for found in _MERGED.finditer(block) if b"mergeCell " in block else ():
                column, first, last = _column(found[1].decode()), int(found[2]), int(found[3])
                n_found += 1
                if last > first and n_found <= MAX_MERGED and (column, last) not in merged.get(first, ()):
                    merged.setdefault(first, []).append((column, last))
    return merged


class _Filler:
    """Writes the text of a merged cell into the rows below, of which the file says nothing."""

    def __init__(self, merged: _Merged) -> None:
        self._merged = merged
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, line: Line) -> None:
        """Fill the cells of the next row in place."""
        if not self._merged:
            return
        cells = line.cells
        if isinstance(cells, list) and self._open:
            for column, (last, text) in list(self._open.items()):
                if line.number > last:
                    del self._open[column]
                elif any(cells):
                    cells.extend([""] * (column + 1 - len(cells)))
                    cells[column] = cells[column] or text
        for column, last in self._merged.get(line.number, ()):
            if column < len(cells) and cells[column]:
                self._open[column] = (last, cells[column])


class _Rows:
    """Takes the rows of one sheet out of its XML."""

    def __init__(self, book: Book) -> None:
        self._texts = book.texts
        self._styles = book.time_styles
        self._first_day = book.first_day
        self._columns: dict[str, int] = {}
        self._lines: list[Line] = []
        self._number = 0
        self._cells: list[str] = []
        self._fault = ""
        self._at = -1
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._is_value = self._is_phonetic = False
        self.parser = new_parser(self._start)
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hear

    def take(self) -> list[Line]:
        """Return the rows read since the last time."""
        lines, self._lines = self._lines, []
        return lines

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if ":" in tag:
            tag = local_name(tag)
        if tag == "c":
            place = given.get("r", "").rstrip(_DIGITS)
            self._at = self._columns[place] if place in self._columns else self._new_column(place)
            self._kind = given.get("t", "n")
            self._style = given.get("s", "")
        elif tag in {"v", "t"}:
            self._is_value = not self._is_phonetic
        elif tag == "row":
            number = given.get("r", "")
            self._number = int(number) if number.isdecimal() and len(number) < 9 else self._number + 1
            self._cells, self._fault, self._at = [], "", -1
        elif tag == "rPh":
            self._is_phonetic = True

    def _new_column(self, place: str) -> int:
        if not place:
            return self._at + 1
        self._columns[place] = _column(place) if place.isalpha() and place.isascii() and len(place) < 4 else MAX_COLUMNS
        return self._columns[place]

    def _hear(self, text: str) -> None:
        if self._is_value:
            self._pieces.append(text)

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = local_name(tag)
        if tag == "c":
            if self._pieces:
                self._place("".join(self._pieces))
                self._pieces.clear()
        elif tag in {"v", "t"}:
            self._is_value = False
        elif tag == "row":
            self._lines.append(Line(self._number, self._cells, self._fault))
        elif tag == "rPh":
            self._is_phonetic = False

    def _place(self, raw: str) -> None:
        if self._at >= MAX_COLUMNS:
            self._fault = f"a row has more than {MAX_COLUMNS} cells"
            return
        cells = self._cells
        if len(cells) <= self._at:
            cells.extend([""] * (self._at + 1 - len(cells)))
        cells[self._at] = self._text(raw)

    def _text(self, raw: str) -> str:
        if self._kind == "s":
            # A number that no text has is a text that is not known.
            return self._texts[int(raw)] if raw.isdecimal() and int(raw) < len(self._texts) else ""
        if self._kind == "n":
            style = self._styles.get(self._style)
            return self._time(raw, style) if style else _number(raw)
        return "" if self._kind == "e" else raw[:MAX_CELL]

    def _time(self, raw: str, style: int) -> str:
        try:
            serial = float(raw)
        except ValueError:
            return raw[:MAX_CELL]
        if not 0 <= serial < _LAST_DAY:
            return _number(raw)
        if serial < 1 or (style == TimeStyle.CLOCK and serial < _DATE_FROM):
            return clock_text(serial * 86_400)
        # Serials are fractions with an error of microseconds.
        return (self._first_day + timedelta(seconds=round(serial * 86_400, 2))).isoformat(timespec="seconds")


def _column(letters: str) -> int:
    """Return the number of a column from 0.

    >>> _column("A"), _column("AB")
    (0, 27)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _number(raw: str) -> str:
    """Return a number as people write it: a phone that is stored as 7.9000000101E10 has its digits back.

    >>> _number("7.9000000101E10"), _number("12490.5"), _number("101")
    ('79000000101', '12490.5', '101')
    """
    if raw.isdecimal():
        return raw[:MAX_CELL]
    try:
        value = float(raw)
    except ValueError:
        return raw[:MAX_CELL].strip()
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
