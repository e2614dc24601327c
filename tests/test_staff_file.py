"""The shop's file of operators: what is read, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from callscore.errors import SourceError
from callscore.staff_file import StaffFile, read_staff_file

HEAD = "operator;names;team;kind;cost_per_hour;cost_per_call;from;until\n"


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> StaffFile:
    """Read a file that holds `text`."""
    path = tmp_path / "operators.csv"
    path.write_bytes(text.encode(encoding))
    return read_staff_file(path, "Europe/Moscow")


def faults(tmp_path: Path, rows: str) -> list[tuple[str, str]]:
    """Return line and reason of everything that is wrong with `rows` under the usual header."""
    return [(fault.where.rpartition(":")[2], fault.reason) for fault in read(tmp_path, HEAD + rows).faults]


def test_a_row_gives_person_names_and_costs(tmp_path: Path) -> None:
    """Money has a decimal comma, names are folded and begin with the person's own."""
    (entry,) = read(tmp_path, HEAD + "Семёнова Анна;101|a.semenova;Продажи;own;412,50;;;\n").entries
    assert (entry.operator, entry.names) == ("Семёнова Анна", ("семенова анна", "101", "a.semenova"))
    assert (entry.team, entry.kind, entry.cost_per_hour, entry.cost_per_call) == ("Продажи", "own", Decimal("412.5"), None)


def test_russian_headings_in_the_code_page_of_excel(tmp_path: Path) -> None:
    """A table saved by a Russian Excel is read as it is."""
    text = "Оператор;Внутренний;Команда;Вид;Стоимость часа;С;По\nКравцов Олег;102;Опт;аутсорс;350,00;01.10.2026;15.10.2026\n"
    (entry,) = read(tmp_path, text, "cp1251").entries
    assert (entry.kind, entry.starts_on, entry.ends_on) == ("outsourced", date(2026, 10, 1), date(2026, 10, 15))
    assert entry.starts_at == datetime(2026, 9, 30, 21, tzinfo=UTC)
    assert entry.ends_at == datetime(2026, 10, 15, 21, tzinfo=UTC)


def test_somebody_may_change_the_team_in_mid_month(tmp_path: Path) -> None:
    """Rows of one person with days that do not overlap are periods of that person."""
    found = read(tmp_path, HEAD + "Анна;101;A;own;;;;15.10.2026\nАнна;101;B;home;;;16.10.2026;\n")
    assert (len(found.entries), found.faults) == (2, ())


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ("Анна;;A;own;;;;\nАнна;;B;own;;;;\n", "3", "Анна stands in line 2 already, for days that overlap"),
        ("Анна;;A;own;;;;15.10.2026\nАнна;;B;own;;;15.10.2026;\n", "3", "Анна stands in line 2 already"),
        ("Анна;101;;;;;;\nОлег;101;;;;;;\n", "3", "the name '101' belongs to Анна (line 2) on the same days"),
        ("Анна;;;freelance;;;;\n", "2", "kind 'freelance' is unknown: it must be own, outsourced, home"),
        ("Анна;;;own;-5;;;\n", "2", "cost_per_hour must be 0 or more, got -5"),
        ("Анна;;;own;много;;;\n", "2", "cost_per_hour is not a number"),
        ("Анна;;;own;;;10.10.2026;01.10.2026\n", "2", "until (2026-10-01) is before from (2026-10-10)"),
        ("Анна;;;own;;;скоро;\n", "2", "from is not a time"),
        (";101;A;own;;;;\n", "2", "operator is missing"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, rows: str, line: str, reason: str) -> None:
    """Each fault names its line and says what is wrong with it."""
    ((at, why),) = faults(tmp_path, rows)
    assert at == line
    assert why.startswith(reason)


def test_every_wrong_row_is_named_at_once(tmp_path: Path) -> None:
    """Nobody corrects a file one message at a time."""
    found = faults(tmp_path, "Анна;;;x;;;;\nОлег;;;own;;;;\nДарья;;;own;;-1;;\n")
    assert [line for line, _ in found] == ["2", "4"]


def test_a_file_with_a_header_alone_names_nobody(tmp_path: Path) -> None:
    """An empty list is a slip, not the wish to forget every operator."""
    assert [fault.reason for fault in read(tmp_path, HEAD).faults] == ["the file names no operator"]


@pytest.mark.parametrize("text", ["", "цвет;размер\nкрасный;42\n"])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    """Another table, or an empty file, is told apart from a wrong row."""
    with pytest.raises(SourceError):
        read(tmp_path, text)
