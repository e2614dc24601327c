"""`callscore map`: a guess that a person can confirm."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from callscore.cli import cli
from callscore.connectors import CONNECTORS
from callscore.errors import ConfigError, SourceError
from callscore.outside.settings import read_settings
from tests.connectors.story import FIXTURES

TABLES = FIXTURES / "csv_excel"


def run(*arguments: str) -> tuple[str, str]:
    """Run the command and return stdout and stderr."""
    outcome = CliRunner().invoke(cli, ["map", "--guess", *arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.stdout, outcome.stderr


def test_each_column_is_shown_with_what_it_is_taken_for(tmp_path: Path) -> None:
    """A person sees at a glance what is understood, what is not, and what would be lost."""
    table = tmp_path / "calls.csv"
    table.write_text("Дата;Куда;Цвет\n02.03.2026 10:02;79000000101;синий\nпотом;1;2\n", encoding="utf-8")
    out, err = run(str(table))
    assert [line.split() for line in out.splitlines()[1:4]] == [
        ["Дата", "started_at", "02.03.2026", "10:02"],
        ["Куда", "to_phone", "...0101"],
        ["Цвет", "not", "used", "-"],
    ]
    assert "1 of the first 2 rows can be read" in err
    assert "calls.csv:3: the start is not a time" in err


@pytest.mark.parametrize("name", ["calls_page1_cp1251.csv", "calls.xlsx", "orders.csv"])
def test_the_lines_for_the_settings_are_settings(name: str) -> None:
    """What is printed can be pasted as it is."""
    pasted = json.loads(run(str(TABLES / name), "--json")[0])["toml"]
    ((_, section),) = tomllib.loads(pasted)["sources"].items()
    assert read_settings(CONNECTORS[section.pop("kind")].settings, section, Path(), "test")


def test_orders_are_told_from_calls() -> None:
    """Nobody has to say which of both a table is."""
    assert json.loads(run(str(TABLES / "orders.csv"), "--json")[0])["kind"] == "order-table"
    assert json.loads(run(str(TABLES / "calls_canonical.csv"), "--json")[0])["kind"] == "table"


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    """A wrong guess is mended on the command line first, and the lines to paste say so."""
    table = tmp_path / "t.csv"
    table.write_text("Когда;Тел. 1;Тел. 2;Длительность\n02.03.2026;1;79000000101;5\n", encoding="utf-8")
    found = json.loads(run(str(table), "--column", "client_phone = Тел. 2", "--json")[0])
    assert {"field": "client_phone", "heading": "Тел. 2", "example": "...0101"} in found["columns"]
    assert '"client_phone = Тел. 2"' in found["toml"]


def test_a_table_without_a_time_says_what_it_lacks(tmp_path: Path) -> None:
    """Columns that nobody understands are still shown, with what to do."""
    table = tmp_path / "t.csv"
    table.write_text("а;б\n1;2\n", encoding="utf-8")
    out, err = run(str(table), "--kind", "table")
    assert "not used" in out
    assert "has no column with the time of calls; say which column is what with --column" in err


def test_addresses_are_shown_without_their_passwords(tmp_path: Path) -> None:
    """A link of a recording may hold a key; a screen is seen by others."""
    table = tmp_path / "t.csv"
    table.write_text("Дата;Запись\n02.03.2026;https://pbx.example.org/1?key=secret\n", encoding="utf-8")
    out, err = run(str(table))
    assert "https://pbx.example.org/1" in out
    assert "secret" not in out + err


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A table that is not there, and a column that is not in it, are named."""
    with pytest.raises(SourceError, match="cannot be read"):
        run(str(tmp_path / "none.csv"))
    with pytest.raises(ConfigError, match="has no column 'Этап'"):
        run(str(TABLES / "orders.csv"), "--column", "status = Этап")
    with pytest.raises(ConfigError, match="did you mean status"):
        run(str(TABLES / "orders.csv"), "--column", "statis = status")
