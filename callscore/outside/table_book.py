"""What an XLSX workbook says beside its rows: which sheets there are, the texts they share, and which styles mean a time.

A reader of our own, because a million rows take the usual library minutes, and because workbooks of Russian systems often
break rules that it insists on (names of parts in other capitals, no styles). No part may hold a document type: no entities.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.parsers import expat

from callscore.outside.table_line import MAX_CELL, TableError

__all__ = ["CHUNK_BYTES", "Book", "TimeStyle", "local_name", "new_parser", "open_book"]

CHUNK_BYTES: Final = 256 * 1024
MAX_PARTS: Final = 10_000
MAX_UNPACKED_BYTES: Final = 2 * 1024**3
MAX_TEXTS_BYTES: Final = 512 * 1024**2
# Sheets shrink to a tenth or a thirtieth; a file of zeros to a thousandth.
MAX_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 64 * 1024**2
MAX_SMALL_PART_BYTES: Final = 32 * 1024**2
_BUILT_IN: Final = {**dict.fromkeys((14, 15, 16, 17, 22), "d"), **dict.fromkeys((18, 19, 20, 21, 45, 47), "h"), 46: "[h]"}
_ZIP_ENCRYPTED: Final = 1


class TimeStyle:
    """How a number with a style is meant."""

    DATE: Final = 1
    CLOCK: Final = 2


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet: its name, whether people see it, and its part in the archive."""

    name: str
    is_visible: bool
    part: str


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook; `time_styles` are the styles that mean a date or a time, `first_day` is that of serial 0."""

    archive: zipfile.ZipFile
    sheets: tuple[SheetPart, ...]
    texts: list[str]
    time_styles: Mapping[str, int]
    first_day: datetime


def open_book(archive: zipfile.ZipFile) -> Book:
    """Read everything but the rows.

    Raises:
        TableError: no workbook, a protected one, or one that unpacks to a flood.
    """
    _check_sizes(archive)
    parts = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
    start = next((target for kind, target in _relations(archive, parts, "").values() if kind == "officeDocument"), "")
    start = start if start in parts else "xl/workbook.xml"
    if start not in parts or start.endswith(".bin"):
        raise TableError("is no XLSX workbook", "save it as .xlsx")
    relations = _relations(archive, parts, start)
    sheets, is_1904 = _sheets(archive, parts[start], {key: parts[at] for key, (_, at) in relations.items() if at in parts})
    texts = next((at for kind, at in relations.values() if kind == "sharedStrings"), "")
    styles = next((at for kind, at in relations.values() if kind == "styles"), "")
    return Book(
        archive=archive,
        sheets=sheets,
        texts=_texts(archive, parts[texts]) if texts in parts else [],
        time_styles=_time_styles(archive, parts[styles]) if styles in parts else {},
        first_day=datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30),  # noqa: DTZ001 - a spreadsheet knows no zone
    )


def local_name(name: str) -> str:
    """Return the name of an element without its prefix."""
    return name.rpartition(":")[2]


def new_parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    """Return a parser that tells `start` of each element and refuses document types.

    Raises (later):
        TableError: for a document type.
    """

    def refuse(*_: object) -> None:
        raise TableError("holds a document type, which no workbook needs")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    return parser


def _check_sizes(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & _ZIP_ENCRYPTED for part in parts):
        raise TableError("is protected by a password", "save it without one")
    flood = any(part.file_size > RATIO_FROM_BYTES and part.file_size > MAX_RATIO * part.compress_size for part in parts)
    if flood or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise TableError("unpacks to more than a table can need")


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the elements of a small part with their attributes, all without prefixes, in order."""
    if archive.getinfo(name).file_size > MAX_SMALL_PART_BYTES:
        raise TableError("unpacks to more than a table can need")
    found: list[tuple[str, dict[str, str]]] = []
    parser = new_parser(
        lambda tag, attributes: found.append((local_name(tag), {local_name(key): value for key, value in attributes.items()}))
    )
    with archive.open(name) as stream:
        parser.ParseFile(stream)
    yield from found


def _relations(archive: zipfile.ZipFile, parts: Mapping[str, str], source: str) -> dict[str, tuple[str, str]]:
    """Return kind and target (lower case) of what a part refers to, by id; "" is the workbook file itself."""
    folder, name = posixpath.split(source)
    part = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    found = {}
    for tag, given in _elements(archive, part) if part else ():
        if tag == "Relationship" and given.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "").replace("\\", "/")))
            found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], target.lstrip("/").lower())
    return found


def _sheets(archive: zipfile.ZipFile, name: str, targets: Mapping[str, str]) -> tuple[tuple[SheetPart, ...], bool]:
    sheets, is_1904 = [], False
    for tag, given in _elements(archive, name):
        if tag == "workbookPr":
            is_1904 = given.get("date1904", "").lower() in ("1", "true")
        elif tag == "sheet" and given.get("id", "") in targets:
            sheets.append(SheetPart(given.get("name", ""), given.get("state", "visible") == "visible", targets[given["id"]]))
    return tuple(sheets), is_1904


def _texts(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return the shared texts; how a text is read aloud (rPh) is left out."""
    if archive.getinfo(name).file_size > MAX_TEXTS_BYTES:
        raise TableError("unpacks to more than a table can need")
    texts: list[str] = []
    pieces: list[str] = []
    is_text = is_phonetic = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal is_text, is_phonetic
        tag = local_name(tag)
        is_text = tag == "t" and not is_phonetic
        is_phonetic = is_phonetic or tag == "rPh"

    def end(tag: str) -> None:
        nonlocal is_text, is_phonetic
        tag = local_name(tag)
        is_text = False
        if tag == "rPh":
            is_phonetic = False
        elif tag == "si":
            texts.append("".join(pieces)[:MAX_CELL])
            pieces.clear()

    parser = new_parser(start)
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: pieces.append(text) if is_text else None
    with archive.open(name) as stream:
        parser.ParseFile(stream)
    return texts


def _time_styles(archive: zipfile.ZipFile, name: str) -> dict[str, int]:
    """Return which cell styles, by their number as text, mean a date or a time of day."""
    formats: dict[str, str] = {str(number): code for number, code in _BUILT_IN.items()}
    styles: dict[str, int] = {}
    number, is_cell_style = 0, False
    for tag, given in _elements(archive, name):
        if tag == "numFmt":
            formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            is_cell_style = tag == "cellXfs"
        elif tag == "xf" and is_cell_style:
            kind = _time_style(formats.get(given.get("numFmtId", ""), ""))
            if kind:
                styles[str(number)] = kind
            number += 1
    return styles


def _time_style(code: str) -> int:
    r"""Return what a number format means: TimeStyle, or 0.

    >>> _time_style("dd\\.mm\\.yyyy hh:mm"), _time_style("[h]:mm:ss"), _time_style('#,##0.00" сек"'), _time_style("General")
    (1, 2, 0, 0)
    """
    first = re.sub(r'"[^"]*"|\\.|_.|\*.', "", code).split(";")[0].lower()
    is_elapsed = re.search(r"\[(h+|m+|s+)\]", first)
    plain = re.sub(r"\[[^\]]*\]", "", first).replace("general", "").replace("am/pm", "")
    if is_elapsed or (re.search(r"[hs]", plain) and not re.search(r"[dy]", plain)):
        return TimeStyle.CLOCK
    return TimeStyle.DATE if re.search(r"[dmy]", plain) else 0
