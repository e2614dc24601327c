"""`callscore report costs` and `callscore operators`: what is shown, and what is refused in words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError
from callscore.store import open_store
from tests.store.build import result
from tests.store.staffed_shop import Talk, fill_shop, staff

NINE = datetime(2026, 10, 5, 6, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return where a test's database goes."""
    return tmp_path / "x.duckdb"


def run(*arguments: object) -> Result:
    """Run a command as a user does."""
    return CliRunner().invoke(cli, [*map(str, arguments)])


def rows(db: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the main table of the costs report."""
    result = run("report", "costs", "--db", db, "--format", "json", *arguments)
    assert result.exception is None, result.output
    return list(json.loads(result.stdout)["costs"])


def month(operator: str, n_days: int, per_day: int, sell_every: int) -> list[Talk]:
    """Return calls on `n_days`, a call an hour, of which every `sell_every`th sells."""
    return [
        Talk(
            at=NINE + timedelta(days=day, hours=hour),
            operator=operator,
            talk_s=120 + 10 * hour,
            sale=1000.0 if (day * per_day + hour + day // 3) % sell_every == 0 else None,
        )
        for day in range(n_days)
        for hour in range(per_day)
    ]


def test_cost_per_sale_has_an_interval(db: Path) -> None:
    """With enough sales the interval covers the cost of a sale, and stands beside it."""
    fill_shop(db, [Talk(at=NINE, operator="Анна", sale=900), *month("Анна", 20, 8, 4)], [staff("Анна", hour="400")])
    (row,) = rows(db)
    assert (row["answered"], row["sales"]) == (161, 41)
    assert row["per_sale_low"] < row["per_sale"] < row["per_sale_high"]
    assert row["cost"] == pytest.approx(row["per_sale"] * 41)


def test_few_sales_are_not_enough(db: Path) -> None:
    """One lucky sale gives no cost per sale."""
    fill_shop(db, [Talk(at=NINE, operator="Анна", sale=900), *month("Анна", 6, 1, 50)], [staff("Анна", call="40")])
    (row,) = rows(db)
    assert (row["sales"], row["per_sale"]) == (2, None)
    assert "мало данных" in run("report", "costs", "--db", db).stdout


def test_who_has_no_cost_is_named_and_not_free(db: Path) -> None:
    """An unknown cost is no cost of 0."""
    fill_shop(db, [*month("Анна", 6, 6, 3), *month("Олег", 6, 6, 3)], [staff("Анна", call="40"), staff("Олег")])
    found = {row["name"]: (row["cost"], row["per_answered"]) for row in rows(db)}
    assert found == {"Анна": (1440.0, 40.0), "Олег": (None, None)}
    assert "Стоимость не указана" in run("report", "costs", "--db", db).stdout


def test_orders_in_two_currencies_give_no_revenue(db: Path) -> None:
    """Roubles and tenge do not add up; the sales still count."""
    talks = month("Анна", 6, 6, 3)
    fill_shop(db, [replace(talks[0], currency="KZT"), *talks[1:]])
    assert [(row["sales"], row["revenue"]) for row in rows(db)] == [(12, None)]


def test_without_orders_sales_are_unknown_not_none(db: Path) -> None:
    """No orders at all is not the same as nothing sold."""
    fill_shop(db, month("Анна", 6, 6, 1000)[1:], [staff("Анна", call="40")])
    (row,) = rows(db)
    assert (row["sales"], row["revenue"], row["per_sale"]) == (None, None, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "team"), "no list of operators is stored"),
        (("--since", "2030-01-01"), "no call matches"),
    ],
)
def test_what_cannot_be_told_is_said(db: Path, arguments: tuple[str, ...], words: str) -> None:
    """A question that the store cannot answer ends with exit code 8 and a reason."""
    fill_shop(db, month("Анна", 1, 2, 1))
    result = run("report", "costs", "--db", db, *arguments)
    assert isinstance(result.exception, CallscoreError)
    assert result.exception.exit_code == 8
    assert words in result.exception.message


def test_calls_of_nobody_are_refused_and_an_empty_store_too(db: Path) -> None:
    """Calls without operators cannot be told apart by operator."""
    with open_store(db):
        pass
    assert "holds no calls" in str(run("report", "costs", "--db", db).exception)
    fill_shop(db, [Talk(at=NINE, operator=None)])
    assert "no call names an operator" in str(run("report", "costs", "--db", db).exception)


def test_explain_prints_the_queries_of_the_costs(db: Path) -> None:
    """Every number can be traced."""
    fill_shop(db, month("Анна", 1, 2, 1))
    text = run("report", "costs", "--db", db, "--explain").stdout
    assert "AS shift_no" in text


def test_a_list_is_imported_whole_or_not_at_all(db: Path, tmp_path: Path) -> None:
    """A wrong row keeps the stored list; each is named with its line."""
    fill_shop(db, month("Анна", 6, 6, 3))
    file = tmp_path / "operators.csv"
    file.write_text("operator,team,kind,cost_per_call\nАнна,A,own,40\n", encoding="utf-8")
    assert run("operators", "import", file, "--db", db).exception is None
    file.write_text("operator,team,kind,cost_per_call\nАнна,B,own,-1\nОлег,B,nobody,1\n", encoding="utf-8")
    refused = run("operators", "import", file, "--db", db).exception
    assert isinstance(refused, CallscoreError)
    assert refused.exit_code == 3
    assert "operators.csv:2: cost_per_call must be 0 or more" in refused.where
    assert "operators.csv:3: kind 'nobody' is unknown" in refused.where
    assert [row["name"] for row in rows(db, "--by", "team")] == ["A"]


def test_check_names_strangers_on_both_sides(db: Path, tmp_path: Path) -> None:
    """A name that only calls have, and one that only the file has, are both told; nothing is stored."""
    fill_shop(db, month("Олег", 6, 6, 3))
    file = tmp_path / "operators.csv"
    file.write_text("operator,team\nАнна,A\n", encoding="utf-8")
    told = run("operators", "check", file, "--db", db).stderr
    assert "not in the file: Олег (36 calls)" in told
    assert "no call knows: Анна" in told
    assert "without a cost: Анна" in told
    assert json.loads(run("operators", "list", "--json", "--db", db).stdout)[0]["person"] is None


def test_teams_have_scores_and_sales_with_intervals(db: Path) -> None:
    """Operators of a team count together, each person once, whatever the calls call them."""
    talks = [*month("Анна", 6, 6, 3), *month("a.s", 6, 6, 4), *month("Олег", 6, 6, 9)]
    fill_shop(db, talks, [staff("Анна", "a.s", team="A"), staff("Олег", team="B", kind="home")])
    with open_store(db) as writer:
        for number in range(12):
            made = result(number, n_turns=1)
            info = replace(made.record.info, operator="Анна" if number % 2 else "Олег", started_at=NINE)
            writer.save_call(replace(made, record=replace(made.record, info=info)), "r1")
    report = json.loads(run("report", "teams", "--db", db, "--format", "json").stdout)
    assert [(row["name"], row["people"], row["calls"]) for row in report["scores"]] == [("A", 1, 6), ("B", 1, 6)]
    assert all(row["score_low"] < row["score"] < row["score_high"] for row in report["scores"])
    sales = {row["name"]: (row["people"], row["calls"], row["sold"]) for row in report["sales"]}
    assert sales == {"A": (1, 78, 22), "B": (1, 42, 4)}
    kinds = json.loads(run("report", "teams", "--by", "kind", "--db", db, "--format", "json").stdout)["sales"]
    assert [row["name"] for row in kinds] == ["home", None]


def test_teams_need_a_list(db: Path) -> None:
    """Without a list nobody has a team."""
    fill_shop(db, month("Анна", 1, 2, 1))
    assert "no list of operators" in str(run("report", "teams", "--db", db).exception)
