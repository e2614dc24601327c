"""Tables of call facts in every accepted shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from callscore.errors import ConfigError
from callscore.sources.metadata import MetadataOptions, parse_info, read_table

ROW = {"file": "a.wav", "call_id": "7", "operator": "Анна", "wait_s": "12"}


def test_all_formats_give_the_same_rows(tmp_path: Path) -> None:
    """CSV of any delimiter and encoding, XLSX, JSONL and Parquet say the same."""
    header, cells = list(ROW), list(ROW.values())
    (tmp_path / "comma.csv").write_text(",".join(header) + "\n" + ",".join(cells) + "\n", encoding="utf-8-sig")
    (tmp_path / "excel.csv").write_bytes((";".join(header) + "\r\n" + ";".join(cells) + "\r\n").encode("cp1251"))
    (tmp_path / "tab.tsv").write_text("\t".join(header) + "\n" + "\t".join(cells) + "\n", encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text(json.dumps({**ROW, "wait_s": 12}, ensure_ascii=False) + "\n", encoding="utf-8")
    pyarrow.parquet.write_table(pa.Table.from_pylist([{**ROW, "wait_s": 12.0}]), tmp_path / "table.parquet")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(header)
    sheet.append([*cells[:3], 12])
    book.save(tmp_path / "book.xlsx")
    for name in ("comma.csv", "excel.csv", "tab.tsv", "lines.jsonl", "table.parquet", "book.xlsx"):
        assert dict(read_table(tmp_path / name)[0].values) == ROW, name


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "call_id,operator\n1,x\n", "the metadata has no column 'file'"),
        ("a.csv", "file,operater\na.wav,x\n", "unknown column 'operater'"),
        ("a.csv", "file,call_id\n", "the metadata has no rows"),
        ("a.csv", "file\na.wav,extra\n", "a row has more cells than the header"),
        ("a.csv", 'file\n"a.wav\n', "the metadata cannot be read"),
        ("a.xlsx", "no workbook", "the metadata cannot be read"),
        ("a.parquet", "no parquet", "the metadata cannot be read"),
        ("a.jsonl", "[1]\n", "the line is no JSON object"),
        ("a.doc", "", "the metadata must be .csv"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    """Each wrong table gives one message with its place."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path / name)
    assert message in caught.value.message
    assert name in caught.value.where


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    """A table that is not there is an error of the configuration."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_table(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T10:12:40+03:00", datetime(2026, 10, 5, 7, 12, 40, tzinfo=UTC)),
        ("2026-10-05 10:12:40", datetime(2026, 10, 5, 7, 12, 40, tzinfo=UTC)),
        ("05.10.2026 10:12", datetime(2026, 10, 5, 7, 12, tzinfo=UTC)),
        ("1791184360", datetime(2026, 10, 5, 7, 12, 40, tzinfo=UTC)),
    ],
)
def test_times_become_utc(text: str, expected: datetime) -> None:
    """A time without an offset is local to the configured zone."""
    assert parse_info({"started_at": text}, "1", MetadataOptions(), "x").started_at == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8 (900) 111-20-03", "+79001112003"),
        ("79001112004", "+79001112004"),
        ("900 111 20 07", "+79001112007"),
        ("+375 29 123-45-67", "+375291234567"),
        ("101", "101"),
        ("скрыт", "скрыт"),
    ],
)
def test_phones_become_e164_where_they_are_phones(text: str, expected: str) -> None:
    """Every Russian spelling is one number; what is none stays as it is."""
    assert parse_info({"client_phone": text}, "1", MetadataOptions(), "x").client_phone == expected


@pytest.mark.parametrize(
    ("column", "value"),
    [("started_at", "soon"), ("wait_s", "-1"), ("operator_channel", "middle"), ("direction", "up"), ("language", "russian")],
)
def test_a_value_that_means_nothing_is_refused(column: str, value: str) -> None:
    """A fact that cannot be understood is never guessed."""
    with pytest.raises(ConfigError, match=column):
        parse_info({column: value}, "1", MetadataOptions(), "calls.csv:2")


def test_hostile_text_is_made_harmless() -> None:
    """Control characters and endless names do not reach the store."""
    info = parse_info({"operator": "a\x1b[31mb\n" + "x" * 500}, "1", MetadataOptions(), "x")
    assert info.operator is not None
    assert info.operator.startswith("a [31mb ")
    assert len(info.operator) == 200
