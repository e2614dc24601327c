"""Tables of text: CSV and TSV as spreadsheets and Russian systems write them -> lines of cells.

Nothing here stops at one bad row: what cannot be taken apart becomes a line with a fault, and the next line goes on.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from callscore.outside.table_line import MAX_COLUMNS, Line, TableError

__all__ = ["DELIMITERS", "iter_csv"]

DELIMITERS: Final = ";,\t|"
MAX_LINE_BYTES: Final = 1024 * 1024
# A comment in a cell may have line breaks; a quote that is open for longer was never closed.
MAX_RECORD_LINES: Final = 100
HEAD_BYTES: Final = 64 * 1024
HEAD_LINES: Final = 60
_TOO_LONG: Final = "\x00too long"
_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

_Numbered = tuple[int, str]


def iter_csv(path: Path, rate: Callable[[Sequence[str]], int]) -> Iterator[Line]:
    """Yield the rows of a table of text, blank ones left out.

    UTF-8 (with and without a mark), cp1251 and UTF-16 with a mark are told apart line by line, because files are put together
    from several. The delimiter is the one with which `rate`, the number of known headings in a row, is highest.

    Raises:
        TableError: if the file is no text at all.
        OSError: if it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        _refuse_foreign(head)
        stream.seek(0)
        lines = _iter_text(stream, head)
        known = deque(_take(lines, HEAD_LINES))
        delimiter = ""
        if known and known[0][1].strip().lower().startswith("sep=") and len(known[0][1].strip()) <= 5:
            # Excel's own way to say it: "sep=;" on the first line.
            delimiter = known.popleft()[1].strip()[4:] or "\t"
        delimiter = delimiter or _find_delimiter([text for _, text in known], rate)
        yield from _iter_rows(_Feed(known, lines), delimiter)


def _refuse_foreign(head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if head.startswith(b"PK\x03\x04"):
        raise TableError("is an Excel workbook with the ending of a text", "rename it to .xlsx")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise TableError("is a web page or XML, no table of text", "open it in Excel and save it as .xlsx")
    if head.count(b"\x00") > len(head) // 8 and head[:2] not in _UTF16:
        raise TableError("is no text", "save it as CSV in UTF-8")


def _iter_text(stream: BinaryIO, head: bytes) -> Iterator[_Numbered]:
    """Yield (number, line with its line end); a line too long to be one is replaced by a mark."""
    encoding = _UTF16.get(head[:2])
    if encoding:
        yield from _iter_utf16(stream, encoding)
        return
    if head.startswith(b"\xef\xbb\xbf"):
        stream.seek(3)
    number = 0
    while data := stream.readline(MAX_LINE_BYTES):
        if len(data) == MAX_LINE_BYTES and not data.endswith(b"\n"):
            if b"\r" in data[:HEAD_BYTES] and b"\r\n" not in data[:HEAD_BYTES]:
                raise TableError("has line ends of an old Macintosh", "save it as CSV in UTF-8")
            number += 1
            yield number, _TOO_LONG
            while data and not data.endswith(b"\n"):
                data = stream.readline(MAX_LINE_BYTES)
            continue
        for piece in data.split(b"\r") if b"\r" in data.rstrip(b"\r\n") and b'"' not in data else (data,):
            number += 1
            yield number, _decode(piece)


def _iter_utf16(stream: BinaryIO, encoding: str) -> Iterator[_Numbered]:
    stream.seek(2)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="\n")
    number = 0
    while line := text.readline(MAX_LINE_BYTES):
        number += 1
        yield number, line
    text.detach()


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # What a Russian spreadsheet program saves as "CSV". Cyrillic in cp1251 is never valid UTF-8 by chance for a whole line.
        return data.decode("cp1251", errors="replace")


def _take(lines: Iterator[_Numbered], n: int) -> Iterator[_Numbered]:
    for _, item in zip(range(n), lines, strict=False):
        yield item


def _find_delimiter(head: Sequence[str], rate: Callable[[Sequence[str]], int]) -> str:
    def worth(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(head, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        common = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
        return max(map(rate, rows), default=0), sum(width * n for width, n in common)

    return max(DELIMITERS, key=worth)


class _Feed:
    """Gives lines to csv.reader and knows which of them the row being read has taken."""

    def __init__(self, known: deque[_Numbered], lines: Iterator[_Numbered]) -> None:
        self._ahead = known
        self._lines = lines
        self.taken: list[_Numbered] = []
        self.ran_out = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            self.ran_out = True
            raise StopIteration
        item = self._ahead.popleft() if self._ahead else next(self._lines, None)
        if item is None:
            self.ran_out = bool(self.taken)
            raise StopIteration
        self.taken.append(item)
        return item[1]

    def start(self) -> None:
        """Forget the last row."""
        self.taken.clear()
        self.ran_out = False

    def put_back(self) -> int:
        """Keep only the first line of the row, let the others be read again, and return its number."""
        self._ahead.extendleft(reversed(self.taken[1:]))
        return self.taken[0][0]


def _iter_rows(feed: _Feed, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(feed, delimiter=delimiter)
    widths: set[int] = set()
    while True:
        feed.start()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            number = feed.put_back()
            reader = csv.reader(feed, delimiter=delimiter)
            yield Line(number, (), "the row cannot be taken apart")
            continue
        number, first = feed.taken[0]
        if feed.ran_out or (len(feed.taken) > 1 and widths and len(cells) not in widths):
            # The quote swallowed rows that are not its own.
            feed.put_back()
            reader = csv.reader(feed, delimiter=delimiter)
            yield Line(number, (), "a quote is not closed")
        elif first == _TOO_LONG:
            yield Line(number, (), f"the row is longer than {MAX_LINE_BYTES // 2**20} MiB")
        elif len(cells) > MAX_COLUMNS:
            yield Line(number, (), f"a row has more than {MAX_COLUMNS} cells")
        elif any(cells):
            widths.add(len(cells))
            yield Line(number, [_unwrap(cell) for cell in cells] if '="' in first else cells)


def _unwrap(cell: str) -> str:
    """Return what stands in ="..."; so some systems keep Excel from turning a phone into a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell
