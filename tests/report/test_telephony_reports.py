"""Reports on telephony as commands print them: what they say, and what they refuse to say."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import NothingToDoError
from callscore.records import CallRecord, Direction, Disposition, OrderRecord, Outcome
from callscore.report.ask.workload import whole_days
from callscore.store import open_store
from callscore.store.call_hours import CallSpan
from callscore.store.feeds import Feed, FeedBatch, JoinRow
from callscore.store.telephony import Window
from tests.telephony_shop import NEW_LINE, SILENT_LINE, make_shop, store_shop

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
REPORTS = ("missed", "lines", "workload", "health")
FEED = Feed(source="pbx", kind="asterisk")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with a generated shop."""
    path = tmp_path_factory.mktemp("shop") / "x.duckdb"
    store_shop(make_shop(12_000), path)
    return path


def call(number: int, **changed: Any) -> CallRecord:
    """Return an answered incoming call of three minutes."""
    at = AT + timedelta(minutes=10 * number)
    values: dict[str, Any] = {
        "source": "asterisk",
        "account": "pbx",
        "call_id": f"p{number}",
        "started_at": at,
        "direction": Direction.INBOUND,
        "disposition": Disposition.ANSWERED,
        "answered_at": at + timedelta(seconds=10),
        "ended_at": at + timedelta(seconds=190),
        "client_phone": f"+7900000000{number % 10}",
        "line_phone": "+74950000001",
        "operator_name": "anna",
        "wait_ms": 10_000,
        "talk_ms": 180_000,
        **changed,
    }
    return CallRecord(**values)


def store(path: Path, calls: Sequence[CallRecord], orders: Sequence[OrderRecord] = (), joins: Sequence[JoinRow] = ()) -> None:
    """Put calls and orders into a database."""
    with open_store(path) as writer:
        writer.save_batch(FeedBatch(feed=FEED, at=AT, calls=tuple(calls), orders=tuple(orders)))
        writer.replace_joins(joins, [])


def run(db: Path, *arguments: str) -> Result:
    """Run a report."""
    return CliRunner().invoke(cli, ["report", *arguments, "--db", str(db)])


def values(db: Path, *arguments: str) -> Any:
    """Return a report's values."""
    done = run(db, *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} in {arguments}"))


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("format_", ["table", "json", "csv", "md", "html"])
def test_every_format_works(shop: Path, report: str, format_: str) -> None:
    """A whole shop comes out in every form, without a number that is none."""
    done = run(shop, report, "--format", format_, *(["--limit", "5"] if report == "missed" else []))
    assert done.exit_code == 0, done.output
    assert not {"nan", "inf", "None"} & set(done.stdout.replace("<", " ").replace(">", " ").split())


@pytest.mark.parametrize("report", ["missed", "lines", "workload"])
def test_a_store_without_telephony_says_what_to_do(tmp_path: Path, report: str) -> None:
    """Without a source there is nothing to tell, and the message says how to add one."""
    with open_store(tmp_path / "x.duckdb"):
        pass
    done = run(tmp_path / "x.duckdb", report)
    assert isinstance(done.exception, NothingToDoError)
    assert done.exception.message == "no telephony system was read yet"


@pytest.mark.parametrize("report", ["lines", "workload"])
def test_a_period_without_calls_says_so(shop: Path, report: str) -> None:
    """An empty period is told apart from an empty store."""
    done = run(shop, report, "--since", "2020-01-01", "--until", "2020-02-01")
    assert isinstance(done.exception, NothingToDoError)
    assert "widen --since or --until" in done.exception.hint


def test_a_period_without_missed_calls_is_a_report_of_zeros(shop: Path) -> None:
    """Nothing missed is an answer, not an error."""
    assert values(shop, "missed", "--since", "2020-01-01", "--until", "2020-02-01")["totals"]["calls"] == 0


def test_one_call_is_enough_for_every_report(tmp_path: Path) -> None:
    """One call of one operator: no interval, no patience, no finding, and no division by zero."""
    store(tmp_path / "x.duckdb", [call(0)])
    assert values(tmp_path / "x.duckdb", "missed")["missed"] == []
    (line,) = values(tmp_path / "x.duckdb", "lines")["line"]
    assert (line["few"], line["conversion"], line["won"]) == (True, None, None)
    work = values(tmp_path / "x.duckdb", "workload")
    assert [(row["operator"], row["incoming"], row["occupancy"]) for row in work["operators"]] == [("anna", 1, 1.0)]
    assert (work["totals"]["patience_ms"], work["hours"][0]["needed_hurried"]) == (None, None)
    assert [row["finding"] for row in values(tmp_path / "x.duckdb", "health")["levels"]] in ([], ["new"])


def test_odd_calls_break_nothing(tmp_path: Path) -> None:
    """No number, no operator, no end, an end before the start, a talk without times, an unknown direction."""
    odd = [
        call(0, client_phone=None, operator_name=None, disposition=Disposition.ABANDONED, answered_at=None, talk_ms=None),
        call(1, ended_at=None, talk_ms=None),
        call(2, ended_at=AT - timedelta(days=1)),
        call(3, answered_at=None, ended_at=None, talk_ms=None, wait_ms=None),
        call(4, direction=None, disposition=Disposition.UNKNOWN),
        call(5, line_phone=None, queue=None, operator_name=None),
    ]
    store(tmp_path / "x.duckdb", odd)
    for report in REPORTS:
        assert values(tmp_path / "x.duckdb", report)


def test_duplicate_orders_count_once_and_returns_stand_apart(tmp_path: Path) -> None:
    """The same order from two systems is one sale; a return is no sale and takes nothing off the revenue."""
    db, calls = tmp_path / "x.duckdb", [call(number) for number in range(40)]
    facts = (("a1", "17", 900.0, "crm"), ("b1", "17", 900.0, "books"), ("r1", "17", -300.0, "books"))
    with open_store(db) as writer:
        writer.save_batch(FeedBatch(feed=FEED, at=AT, calls=tuple(calls)))
        for order_id, number, amount, source in facts:
            order = OrderRecord(
                source="amocrm",
                account=source,
                order_id=order_id,
                created_at=AT,
                outcome=Outcome.WON,
                number=number,
                amount=amount,
                client_phones=("+79000000000",),
            )
            writer.save_batch(FeedBatch(feed=Feed(source=source, kind="amocrm"), at=AT, orders=(order,)))
        joins = [
            JoinRow(
                outcome_id=order_id,
                source="pbx",
                pbx_call_id="p0",
                call_id="p0",
                place=0,
                rule="phone_before",
                certainty="likely",
                gap_ms=0,
            )
            for order_id, *_ in facts
        ]
        writer.replace_joins(joins, [])
    (line,) = values(db, "lines")["line"]
    assert (line["won"], line["amount"], line["returns"], line["returned"]) == (1, 900.0, 1, -300.0)
    assert math.isclose(line["conversion_own"], 1 / 40)
    assert line["conversion_low"] < 1 / 40 < line["conversion_high"]


def test_groups_can_be_chosen(shop: Path) -> None:
    """--by leaves only what is asked for; the list stays."""
    found = values(shop, "missed", "--by", "hour", "--limit", "1")
    assert {key for key in found if key.startswith("by_")} == {"by_hour"}
    assert len(found["missed"]) == 1


def test_a_silent_line_is_reported_and_a_new_one_is_not(shop: Path) -> None:
    """The line that fell silent stands first with a reason to call it; a line of two weeks is too new to judge."""
    levels = values(shop, "health")["levels"]
    findings = {(row["source"], row["did"]): row["finding"] for row in levels}
    assert findings["pbx", SILENT_LINE] == "silent"
    assert findings["pbx", NEW_LINE] == "new"
    others = [finding for (_, did), finding in findings.items() if did not in (SILENT_LINE, NEW_LINE)]
    assert set(others) <= {"usual", "too_few"}
    assert levels[0]["finding"] == "silent"


def test_every_number_of_needed_operators_has_its_range(shop: Path) -> None:
    """By hours: Erlang A never asks for more than Erlang C, and the mean lies in its interval."""
    for row in values(shop, "workload")["hours"]:
        assert row["calls_low"] <= row["calls"] <= row["calls_high"]
        assert row["needed_hurried"] <= row["needed_calm"]


def test_half_a_day_is_left_out_of_averages() -> None:
    """Averages are over whole local days: the day that is not over yet would pull them down; asked-for ends stay."""
    span = CallSpan(first_at=AT - timedelta(days=100), last_at=AT, covered_until=AT)
    chosen = whole_days(Window(), span, "Europe/Moscow")
    assert (chosen.since, chosen.until) == (
        datetime(2026, 8, 9, 21, tzinfo=UTC),
        datetime(2026, 10, 4, 21, tzinfo=UTC),
    )
    asked = Window(since=AT - timedelta(days=9), until=AT - timedelta(days=2))
    assert whole_days(asked, span, "Europe/Moscow") == asked
    fresh = CallSpan(first_at=AT - timedelta(hours=3), last_at=AT, covered_until=None)
    assert whole_days(Window(), fresh, "Europe/Moscow").until == AT + timedelta(milliseconds=1)
