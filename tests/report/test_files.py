"""Reports as workbooks, Parquet and CSV: typed cells, and no text that becomes a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from callscore.report.parquet import write_parquet
from callscore.report.render import csv_text, json_value
from callscore.report.view import Cell, Report, cell
from callscore.report.workbook import sheet_names, write_workbook
from tests.report.sample_report import ABOUT, NAMES, OPTIONS, operators, report


def workbook(made: Report) -> openpyxl.Workbook:
    """Return the report as a workbook, read again."""
    stream = io.BytesIO()
    write_workbook(made, stream, ABOUT, OPTIONS)
    return openpyxl.load_workbook(io.BytesIO(stream.getvalue()))


def test_cells_of_a_workbook_have_types() -> None:
    """Numbers can be added up, shares are percent, times are times in the zone of reports."""
    sheet = workbook(report())["Операторы"]
    row = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (row["Звонков"].value, row["Балл"].value, row["score_low"].value) == (1200, 90.5, 80)
    assert (row["Конверсия"].value, row["Конверсия"].number_format) == (0.125, "0.0%")
    assert (row["Сумма"].value, row["Сумма"].number_format) == (1234567.5, "#,##0")
    assert row["Последний звонок"].value == datetime.fromisoformat("2026-10-05T10:12")
    assert row["Последний звонок"].number_format == "dd.mm.yyyy hh:mm"
    assert row["Работает с"].value == datetime.fromisoformat("2025-02-01")
    assert row["Разговоры"].number_format == "[h]:mm:ss"
    assert row["Разговоры"].value == timedelta(seconds=93_784)
    assert row["Примечание"].value is True


def test_a_sheet_can_be_worked_with() -> None:
    """The header stays, can be filtered, and every section has its sheet."""
    book = workbook(report())
    assert book.sheetnames[:1] == ["Итоги"]
    assert {"Операторы", "Линии", "По дням", "По часам", "График", "Об отчёте"} <= set(book.sheetnames)
    assert book.active is not None
    assert book.active.title == "Операторы"
    assert book["Операторы"].freeze_panes == "A2"
    assert book["Операторы"].auto_filter.ref == "A1:K9"


def test_a_chart_is_drawn_by_the_workbook_itself() -> None:
    """Points, bars and lines are charts of the cells; a field of squares colours them."""
    book = workbook(report())
    charts = [chart for sheet in book for chart in sheet._charts]  # type: ignore[attr-defined]
    assert len(charts) == 3
    assert book["По часам"].conditional_formatting


def test_no_text_becomes_a_formula_or_a_link() -> None:
    """What begins like a formula is a text as it was written."""
    sheet = workbook(report())["Операторы"]
    found = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in found if cell.value is not None} == {"s"}
    assert [cell.value for cell in found][3:5] == list(NAMES[3:5])
    assert all(cell.hyperlink is None for cell in found)


def test_what_a_workbook_cannot_hold_is_left_out() -> None:
    """Control characters and what is over 32,767 letters."""
    section = operators(1)
    row = (cell("a\x00b\x0b" + "я" * 40_000), *section.rows[0][1:])
    made = Report((replace(section, rows=(row,)),), "operators")
    value = workbook(made)["Операторы"]["A2"].value
    assert isinstance(value, str)
    assert len(value) == 32_767
    assert value.startswith("abя")


def test_sheet_names_are_such_as_excel_takes() -> None:
    """31 letters, none forbidden, no two alike; also for titles that hold nothing else."""
    names = sheet_names(["x" * 40, "X" * 40, "[a]/b", "", "'", "История: апрель?"])
    assert names == ["x" * 31, "X" * 29 + " 2", "a b", "Sheet", "Sheet 2", "История апрель"]


def test_values_that_do_not_fit_their_unit_are_texts() -> None:
    """A wrong day or words instead of a number are kept as they are."""
    section = operators(1)
    row = [*section.rows[0]]
    row[1], row[9] = Cell("около ста", "около ста"), Cell("?", "2026-99-99")
    made = Report((replace(section, rows=(tuple(row),)),), "operators")
    sheet = workbook(made)["Операторы"]
    assert (sheet["B2"].value, sheet["J2"].value) == ("около ста", "2026-99-99")
    stream = io.BytesIO()
    write_parquet(made, stream)
    table = pq.read_table(io.BytesIO(stream.getvalue()))
    assert table.column("calls").to_pylist() == ["около ста"]


def test_parquet_has_types_and_utc() -> None:
    """Programs need not guess."""
    stream = io.BytesIO()
    write_parquet(report(), stream)
    table = pq.read_table(io.BytesIO(stream.getvalue()))
    types = {field.name: field.type for field in table.schema}
    assert types["last_at"] == pa.timestamp("us", tz="UTC")
    assert (types["since"], types["calls"], types["score"]) == (pa.date32(), pa.int64(), pa.float64())
    assert (types["talk_ms"], types["enough_calls"]) == (pa.int64(), pa.bool_())
    first = table.to_pylist()[0]
    assert first["last_at"] == datetime(2026, 10, 5, 7, 12, tzinfo=UTC)
    assert (first["since"], first["conversion"], first["operator"]) == (date(2025, 2, 1), 0.125, "Анна Смирнова")


def test_csv_runs_nothing_and_spoils_no_number() -> None:
    """Only texts that are formulas get an apostrophe; phones and negative numbers stay."""
    section = operators(8)
    rows = list(section.rows)
    rows[0] = (rows[0][0], Cell("-5", -5), *rows[0][2:])
    found = list(csv.DictReader(io.StringIO(csv_text(Report((replace(section, rows=tuple(rows)),), "operators")))))
    assert found[3]["operator"] == '\'=HYPERLINK("http://example.com","x")'
    assert (found[4]["operator"], found[0]["calls"], found[7]["operator"]) == ("+7 900 123-45-67", "-5", "-")


def test_values_for_programs_do_not_depend_on_the_language() -> None:
    """JSON and CSV hold numbers and ISO 8601, whatever people read."""
    rows = json_value(report())["operators"]
    assert isinstance(rows, list)
    row = rows[0]
    assert (row["score"], row["last_at"], row["since"]) == (90.5, "2026-10-05T07:12:00+00:00", "2025-02-01")
