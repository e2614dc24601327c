"""What operators cost: whose a call is, how long somebody was there, and what is counted as sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from callscore.records import Direction
from callscore.store import open_reader, open_store
from callscore.store.costs import CostRow, read_cost_totals, read_costs
from callscore.store.operators import read_call_names
from callscore.store.shifts import Presence
from tests.store.build import result
from tests.store.staffed_shop import Talk, fill_shop, staff

NINE = datetime(2026, 10, 5, 6, tzinfo=UTC)
"""Nine in the morning in Moscow."""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return where a test's database goes."""
    return tmp_path / "x.duckdb"


def costs(db: Path, by: str = "operator", extra_min: int = 0) -> dict[str | None, CostRow]:
    """Return the rows by name."""
    with open_reader(db) as reader, reader.asking() as queries:
        return {row.name: row for row in read_costs(queries, by, Presence(gap_hours=8, extra_min=extra_min), None, None)}


def test_presence_lasts_from_the_first_to_the_last_call(db: Path) -> None:
    """Hours are told by calls, with the paid minutes around them, and cost what the list says."""
    fill_shop(
        db, [Talk(at=NINE + timedelta(hours=h), operator="Анна", talk_s=3600) for h in (0, 7)], [staff("Анна", hour="400")]
    )
    row = costs(db, extra_min=30)["Анна"]
    assert (row.shifts, row.hours, row.cost) == (1, 8.5, 3400.0)


def test_a_night_is_one_shift(db: Path) -> None:
    """Midnight ends no shift; a pause of more than eight hours does."""
    fill_shop(db, [Talk(at=NINE + timedelta(hours=h), operator="Анна") for h in (11, 14, 17, 20, 35)])
    row = costs(db)["Анна"]
    assert (row.shifts, row.cost) == (2, None)


def test_an_extension_and_a_login_are_one_person(db: Path) -> None:
    """Every spelling of the list counts for the person; somebody who is not on it stays as the calls name him."""
    talks = [
        Talk(at=NINE, operator=" анна "),
        Talk(at=NINE, operator="a.smirnova"),
        Talk(at=NINE, operator=None, extension="101"),
        Talk(at=NINE, operator="Олег", extension="102"),
    ]
    fill_shop(db, talks, [staff("Анна", "a.smirnova", "101", team="A", call="50")])
    assert {name: row.calls for name, row in costs(db).items()} == {"Анна": 3, "Олег": 1}
    assert {name: row.unpriced for name, row in costs(db, "team").items()} == {"A": (), None: ("Олег",)}


def test_who_moves_in_mid_month_counts_for_each_team_in_turn(db: Path) -> None:
    """A row of the list holds on its days only, in the shop's own time zone."""
    split = datetime(2026, 10, 15, 21, tzinfo=UTC)
    entries = [
        staff("Анна", team="A", hour="100", ends_on=date(2026, 10, 15), ends_at=split),
        staff("Анна", team="B", hour="200", starts_on=date(2026, 10, 16), starts_at=split),
    ]
    fill_shop(db, [Talk(at=split + timedelta(hours=h), operator="Анна", talk_s=3600) for h in (-9, -1, 9)], entries)
    found = costs(db, "team")
    assert {name: (row.calls, row.cost) for name, row in found.items()} == {"A": (2, 900.0), "B": (1, 200.0)}


def test_sales_without_a_cost_are_no_part_of_cost_per_sale(db: Path) -> None:
    """An operator without a cost is named, and never makes the others' sales cheap."""
    talks = [Talk(at=NINE, operator="Анна", sale=1000), Talk(at=NINE, operator="Олег", sale=3000)]
    fill_shop(db, talks, [staff("Анна", team="A", call="50"), staff("Олег", team="A")])
    row = costs(db, "team")["A"]
    assert (row.sales, row.revenue, row.cost, row.priced_sales, row.unpriced) == (2, 4000.0, 50.0, 1, ("Олег",))


def test_a_return_is_no_sale(db: Path) -> None:
    """A negative amount is left out of sales and revenue, and counted."""
    fill_shop(db, [Talk(at=NINE, operator="Анна", sale=-500), Talk(at=NINE, operator="Анна", sale=700)])
    row = costs(db)["Анна"]
    assert (row.sales, row.revenue) == (1, 700.0)
    with open_reader(db) as reader, reader.asking() as queries:
        assert read_cost_totals(queries, None, None).returns == 1


def test_only_answered_calls_are_paid_by_the_call(db: Path) -> None:
    """An attempt that nobody answered costs no fee; a call of nobody known is counted apart; internal calls never count."""
    talks = [
        Talk(at=NINE, operator="Анна"),
        Talk(at=NINE, operator="Анна", direction=Direction.OUTBOUND, is_answered=False),
        Talk(at=NINE, operator=None),
        Talk(at=NINE, operator="Анна", direction=Direction.INTERNAL),
    ]
    fill_shop(db, talks, [staff("Анна", call="50")])
    row = costs(db)["Анна"]
    assert (row.calls, row.answered, row.cost) == (2, 1, 50.0)
    with open_reader(db) as reader, reader.asking() as queries:
        totals = read_cost_totals(queries, None, None)
    assert (totals.calls, totals.answered_by_nobody) == (3, 1)


def test_names_of_calls_say_whom_they_are_taken_for(db: Path) -> None:
    """A name that the list does not know is told from one that it does."""
    fill_shop(db, [Talk(at=NINE, operator="Олег"), Talk(at=NINE, operator=None, extension="101")], [staff("Анна", "101")])
    with open_reader(db) as reader, reader.asking() as queries:
        names = read_call_names(queries)
    assert {(row.name, row.person, row.is_listed) for row in names} == {("Олег", "Олег", False), ("101", "Анна", True)}


def test_stored_shifts_say_what_is_found_anew(db: Path) -> None:
    """Reports are the same from the stored table; for another pause the shifts are found anew."""
    talks = [Talk(at=NINE + timedelta(hours=h), operator="Анна", sale=100 if h % 2 else None) for h in (0, 7, 11, 27, 30)]
    fill_shop(db, talks, [staff("Анна", team="A", hour="400")])
    found = costs(db, "team")
    with open_store(db) as writer:
        writer.refresh_shifts(8)
    assert costs(db, "team") == found
    with open_reader(db) as reader, reader.asking() as queries:
        (row,) = read_costs(queries, "team", Presence(gap_hours=2, extra_min=0), None, None)
    assert (found["A"].shifts, row.shifts) == (2, 5)


def test_a_call_told_by_telephony_and_by_its_recording_counts_once(db: Path) -> None:
    """A folder of recordings beside a telephony system holds the same calls again."""
    fill_shop(db, [Talk(at=NINE, operator="Анна")])
    with open_store(db) as writer:
        made = result(0, n_turns=1)
        record = replace(made.record, info=replace(made.record.info, call_id="k0000000", operator="Анна", started_at=NINE))
        writer.save_call(replace(made, record=record), "r1")
    assert costs(db)["Анна"].calls == 1
