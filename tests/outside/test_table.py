"""Tables as they come out of Excel and Russian systems: what can be read is read, what cannot is named."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from callscore.outside.columns import CALLS
from callscore.outside.pages import Reject
from callscore.outside.table import Row, TableError, TableOptions, is_table, read_sheets
from callscore.outside.table_book import MAX_RATIO

OPTIONS = TableOptions(rate=CALLS.count, label="t")
HEADER = "Дата;Телефон;Сотрудник\n"
ROW = "02.03.2026;79000000101;Анна\n"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def write(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    """Write a table."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, options: TableOptions = OPTIONS) -> list[Row | Reject]:
    """Return all rows of all sheets."""
    return [row for sheet in read_sheets(path, options) for row in sheet.rows]


def values(rows: Iterable[Row | Reject]) -> list[list[str]]:
    """Return the cells of the rows that could be read."""
    return [list(row.values.values()) for row in rows if isinstance(row, Row)]


def rejects(rows: Iterable[Row | Reject]) -> list[tuple[str, str]]:
    """Return place and reason of those that could not."""
    return [(row.where, row.reason) for row in rows if isinstance(row, Reject)]


def header(path: Path, options: TableOptions = OPTIONS) -> tuple[str, ...]:
    """Return the headings of the first sheet."""
    return next(read_sheets(path, options)).header


def book(folder: Path, *rows: Sequence[object], name: str = "t.xlsx") -> Path:
    """Write a workbook of one sheet."""
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(list(row))
    made.save(folder / name)
    return folder / name


def parts(folder: Path, sheet: str, more: Mapping[str, str] | None = None, prefix: str = "") -> Path:
    """Write a workbook by its bare XML, as other programs than Excel do."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    declared = f'xmlns{":" + prefix.rstrip(":") if prefix else ""}="{space}"'
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" Type="{rels}/officeDocument" '
        'Target="/xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{rels}"><sheets><sheet name="A" sheetId="1" r:id="s"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="s" Type="{rels}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="t" Type="{rels}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f"<{prefix}worksheet {declared}>{sheet}</{prefix}worksheet>",
        **(more or {}),
    }
    with zipfile.ZipFile(folder / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return folder / "t.xlsx"


def inline(place: str, text: str, prefix: str = "") -> str:
    """Return a cell that holds its text itself."""
    return f'<{prefix}c r="{place}" t="inlineStr"><{prefix}is><{prefix}t>{text}</{prefix}t></{prefix}is></{prefix}c>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_line_end_says_the_same(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    """Nobody who exports a table knows what an encoding is."""
    if (encoding, end) == ("utf-16", "\r"):
        pytest.skip("nothing writes this")
    text = (HEADER + ROW + ROW).replace(";", delimiter).replace("\n", end)
    path = write(tmp_path, text.encode(encoding))
    assert header(path) == ("Дата", "Телефон", "Сотрудник")
    assert values(read(path)) == [["02.03.2026", "79000000101", "Анна"]] * 2


def test_a_file_put_together_from_two_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    """Exports are glued together, and nothing of either half is garbled."""
    path = write(tmp_path, (HEADER + ROW).encode() + ROW.encode("cp1251") + "03.03.2026;1;Пётр\n".encode())
    assert [row[2] for row in values(read(path))] == ["Анна", "Анна", "Пётр"]


def test_titles_totals_and_repeated_headers_are_no_rows(tmp_path: Path) -> None:
    """A report for printing has more than rows in it."""
    text = f"Отчёт по звонкам, март, 2026, офис\n\n{HEADER}{ROW}{HEADER}{ROW}\nИтого:;2;\nВсего звонков: 2;;\n"
    rows = read(write(tmp_path, text))
    assert len(values(rows)) == len(rows) == 2
    assert isinstance(rows[0], Row)
    assert rows[0].where == "t:4"


def test_a_name_that_begins_like_a_total_is_a_row(tmp_path: Path) -> None:
    """Only the word itself makes a total."""
    assert len(values(read(write(tmp_path, "Сотрудник;Дата\nИтоговский;02.03.2026\n")))) == 1


def test_excels_own_word_for_the_delimiter_counts(tmp_path: Path) -> None:
    """`sep=` on the first line is no row."""
    assert values(read(write(tmp_path, "sep=|\nДата|Телефон\n1;2,3|4\n"))) == [["1;2,3", "4"]]


def test_one_bad_row_does_not_spoil_the_others(tmp_path: Path) -> None:
    """Too many cells, an open quote in the middle: named by line, and every other row is there."""
    text = HEADER + ROW + "1;2;3;лишнее\n" + ROW + '"не закрыта;1;2\n' + ROW * 3
    rows = read(write(tmp_path, text))
    assert rejects(rows) == [("t:3", "a row has more cells than the header"), ("t:5", "a quote is not closed")]
    assert len(values(rows)) == 5


def test_two_open_quotes_do_not_swallow_what_lies_between(tmp_path: Path) -> None:
    """The second quote must not close the first one."""
    rows = read(write(tmp_path, HEADER + '"один;1;2\n' + ROW * 2 + 'два;"1;2\n' + ROW))
    assert len(values(rows)) == 3
    assert [where for where, _ in rejects(rows)] == ["t:2", "t:5"]


def test_line_breaks_quotes_and_delimiters_within_a_cell_are_kept(tmp_path: Path) -> None:
    """Comments are written by people."""
    rows = read(write(tmp_path, HEADER + '1;"ООО ""Ромашка""; склад";"а\nб"\n2;32" телевизор;x\n'))
    assert values(rows) == [["1", 'ООО "Ромашка"; склад', "а\nб"], ["2", '32" телевизор', "x"]]
    assert [row.where for row in rows] == ["t:2", "t:4"]


def test_cells_that_hide_numbers_from_excel_are_opened(tmp_path: Path) -> None:
    """Some systems write ="79000000101" so that Excel leaves the digits alone."""
    assert values(read(write(tmp_path, HEADER + '1;="79000000101";"=""101"""\n'))) == [["1", "79000000101", "101"]]


def test_a_line_without_end_is_one_bad_row(tmp_path: Path) -> None:
    """A line of many megabytes is not held in memory, and the next one is read."""
    rows = read(write(tmp_path, HEADER + "x" * 3_000_000 + "\n" + ROW))
    assert rejects(rows) == [("t:2", "the row is longer than 1 MiB")]
    assert len(values(rows)) == 1


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0", "old Excel workbook", "save it as .xlsx"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0", "old Excel workbook", "save it as .xlsx"),
        ("t.csv", b"PK\x03\x04", "ending of a text", "rename it to .xlsx"),
        ("t.csv", b"<html><table>", "web page", "save it as .xlsx"),
        ("t.csv", "Дата;1;2;3\n".encode("utf-16-le"), "is no text", "save it as CSV in UTF-8"),
        ("t.xlsx", b"no archive", "damaged", "save it anew"),
        ("t.parquet", b"PAR1", "damaged", "write it anew"),
        ("t.doc", b"", "must be .csv", "save it as .xlsx"),
    ],
)
def test_what_is_no_table_is_named_with_what_to_do(tmp_path: Path, name: str, content: bytes, message: str, hint: str) -> None:
    """Wrong files are common: old formats, web pages, renamed ones."""
    with pytest.raises(TableError, match=message) as caught:
        read(write(tmp_path, content, name))
    assert hint in caught.value.hint


def test_empty_tables_have_no_rows(tmp_path: Path) -> None:
    """Nothing, blank lines, a header alone: no error."""
    for content in ("", "\n \n;;\n", HEADER):
        assert read(write(tmp_path, content)) == []
    assert read(write(tmp_path, "", "t.jsonl")) == []


def test_what_excel_keeps_beside_an_open_workbook_is_no_table() -> None:
    """Lock files and hidden files end like tables."""
    assert [is_table(Path(name)) for name in ("a.XLSX", "~$a.xlsx", ".a.csv", "a.wav")] == [True, False, False, False]


def test_headings_that_come_twice_are_told_apart(tmp_path: Path) -> None:
    """The second column does not take the place of the first."""
    path = write(tmp_path, "Дата;Телефон;Телефон;\n1;2;3;\n")
    assert header(path) == ("Дата", "Телефон", "Телефон (2)")
    assert values(read(path)) == [["1", "2", "3"]]


def test_a_workbook_gives_dates_times_and_phones_as_people_read_them(tmp_path: Path) -> None:
    """Serials of days, fractions of a day and floats of phones are what a workbook really holds."""
    path = book(
        tmp_path,
        ("Отчёт за март",),
        (),
        ("Дата и время", "Телефон", "Ожидание", "Разговор", "Сумма"),
        (datetime(2026, 3, 2, 10, 2), 79000000101.0, time(0, 3, 4), timedelta(hours=25, seconds=1), 12490.5),  # noqa: DTZ001
        ("Итого", None, None, None, 12490.5),
    )
    assert header(path) == ("Дата и время", "Телефон", "Ожидание", "Разговор", "Сумма")
    assert values(read(path)) == [["2026-03-02T10:02:00", "79000000101", "0:03:04", "25:00:01", "12490.5"]]


def test_only_what_people_see_is_read(tmp_path: Path) -> None:
    """Hidden sheets hold lists and drafts; one that is asked for by name is read."""
    made = openpyxl.Workbook()
    for title, state in (("Черновик", "hidden"), ("Март", "visible"), ("Апрель", "visible")):
        sheet = made.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(["Дата", "Телефон"])
        sheet.append([title, "1"])
    del made["Sheet"]
    made.save(tmp_path / "t.xlsx")
    rows = read(tmp_path / "t.xlsx")
    assert [(row[0], row[1]) for row in values(rows)] == [("Март", "1"), ("Апрель", "1")]
    assert [row.where for row in rows] == ["t [Март]:2", "t [Апрель]:2"]
    assert values(read(tmp_path / "t.xlsx", TableOptions(sheet="Черновик"))) == [["Черновик", "1"]]
    with pytest.raises(TableError, match="no such sheet"):
        read(tmp_path / "t.xlsx", TableOptions(sheet="Май"))


def test_merged_cells_reach_down(tmp_path: Path) -> None:
    """A date that stands for several rows is the date of each of them, and headings of two rows are found."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in (
        ("Дата", "Клиент", None),
        (None, "Телефон", "Имя"),
        ("02.03.2026", "1", "а"),
        (None, "2", "б"),
        (None, "3", "в"),
    ):
        sheet.append(row)
    for cells in ("A1:A2", "B1:C1", "A3:A4"):
        sheet.merge_cells(cells)
    made.save(tmp_path / "t.xlsx")
    assert header(tmp_path / "t.xlsx") == ("Дата", "Телефон", "Имя")
    assert values(read(tmp_path / "t.xlsx")) == [["02.03.2026", "1", "а"], ["02.03.2026", "2", "б"], ["", "3", "в"]]


def test_workbooks_of_other_programs_are_read(tmp_path: Path) -> None:
    """Names of parts in other capitals, prefixes, cells without a place, read-aloud texts: all are seen in practice."""
    cells = '<x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c>'
    data = '<x:c><x:v>46083.4180555556</x:v></x:c><x:c t="n"><x:v>7.9000000101E10</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c>'
    texts = "<sst><si><t>Дата</t><rPh><t>da-ta</t></rPh></si><si><r><t>Теле</t></r><r><t>фон</t></r></si></sst>"  # rich text
    sheet = f"<x:sheetData><x:row>{cells}</x:row><x:row>{data}</x:row></x:sheetData>"
    path = parts(tmp_path, sheet, {"xl/SharedStrings.xml": texts}, prefix="x:")
    assert header(path) == ("Дата", "Телефон")
    assert values(read(path)) == [["46083.4180555556", "79000000101"]]


def test_days_counted_from_1904_are_the_same_days(tmp_path: Path) -> None:
    """Workbooks from a Mac count from another day."""
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.worksheets[0].append(["Дата"])
    made.worksheets[0].append([datetime(2026, 3, 2, 10, 2)])  # noqa: DTZ001
    made.save(tmp_path / "t.xlsx")
    assert values(read(tmp_path / "t.xlsx")) == [["2026-03-02T10:02:00"]]


def test_a_workbook_that_unpacks_to_a_flood_is_refused(tmp_path: Path) -> None:
    """A few kilobytes must not become gigabytes."""
    flood = "<sheetData>" + " " * (100 * 1024 * 1024) + "</sheetData>"
    path = parts(tmp_path, flood)
    assert path.stat().st_size * MAX_RATIO < len(flood)
    with pytest.raises(TableError, match="more than a table can need"):
        read(path)


def test_a_row_number_in_the_millions_makes_no_rows(tmp_path: Path) -> None:
    """One cell at the far end of the sheet costs nothing."""
    far = f'<row r="1">{inline("A1", "Дата")}</row><row r="1048576">{inline("XFD1048576", "x")}</row>'
    rows = read(parts(tmp_path, f'<dimension ref="A1:XFD1048576"/><sheetData>{far}</sheetData>'))
    assert rejects(rows) == [("t:1048576", "a row has more than 2000 cells")]


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    """A document type is how XML reads other files, or explodes."""
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
    with pytest.raises(TableError, match="document type"):
        read(parts(tmp_path, "<sheetData/>", {"xl/sharedStrings.xml": bomb}))


def test_rows_before_the_damage_are_given(tmp_path: Path) -> None:
    """A workbook that breaks off says so after what could be read."""
    rows = "".join(f'<row r="{n}">{inline(f"A{n}", f"Дата{n}")}</row>' for n in range(1, 4000))
    sheet = next(read_sheets(parts(tmp_path, f"<sheetData>{rows}<row"), OPTIONS))
    seen: list[Row | Reject] = []
    with pytest.raises(TableError, match="damaged or cut off"):
        seen.extend(sheet.rows)
    assert len(seen) > 1000


def test_json_lines_may_have_rows_of_different_fields(tmp_path: Path) -> None:
    """A field that comes later has its column; what is no object is named."""
    lines = [json.dumps({"Дата": 1.0, "Телефон": None}), "[1]", '{"cut": ', json.dumps({"Имя": [1], "Дата": True})]
    rows = read(write(tmp_path, "\ufeff" + "\n\n".join(lines), "t.jsonl"))
    assert values(rows) == [["1", "", ""], ["True", "", "[1]"]]
    assert rejects(rows) == [("t:3", "the line is no JSON object"), ("t:5", "the line is no JSON object")]


def test_parquet_gives_times_and_numbers_as_text(tmp_path: Path) -> None:
    """What programs write is read like what people write."""
    row = {"start": datetime(2026, 3, 2, 7, 2, tzinfo=UTC), "phone": 79000000101, "talk": timedelta(seconds=184), "wait": None}
    pyarrow.parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "t.parquet")
    assert values(read(tmp_path / "t.parquet")) == [["2026-03-02T07:02:00+00:00", "79000000101", "0:03:04", ""]]


def test_a_table_over_the_limit_is_refused(tmp_path: Path) -> None:
    """A limit is kept before anything is read."""
    with pytest.raises(TableError, match="larger than"):
        read(write(tmp_path, HEADER), TableOptions(max_bytes=10))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".csv", ".jsonl", ".xlsx", ".parquet"]))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    """Whatever is in a file, there are rows, rejects, or one error that names the table."""
    path = write(tmp_path_factory.mktemp("any"), content, f"t{ending}")
    with contextlib.suppress(TableError):
        read(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12), min_size=3, max_size=3)))
def test_what_csv_writers_write_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """Nothing of a well-formed row is lost, whatever it holds."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["Дата", "Телефон", "Сотрудник"])
    writer.writerows([["x", *row] for row in rows])
    wider = HEADER.replace("\n", ";Тег\n") + "".join(stream.getvalue().splitlines(keepends=True)[1:])
    path = write(tmp_path_factory.mktemp("any"), wider)
    expected = [["x", *row] for row in rows]
    found = values(read(path))
    assert found == [
        [cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell for cell in row]
        for row in expected
    ]
