"""The views with plain names that people write SQL against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from callscore.store import open_store
from tests.store.build import result


@pytest.fixture
def store(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a store of three calls in the time zone of Vladivostok, open for writing."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_timezone("Asia/Vladivostok")
        for number in range(3):
            writer.save_call(result(number, n_turns=2), "r1")
    with duckdb.connect(str(db)) as connection:
        yield connection


def test_times_are_local(store: duckdb.DuckDBPyConnection) -> None:
    """A manager reads the clock on the wall: 07:00 UTC is 17:00 in Vladivostok."""
    rows = store.execute("SELECT DISTINCT started::VARCHAR, hour FROM scored_calls WHERE call_id = 'c000000'").fetchall()
    assert rows == [("2026-10-05 17:00:00", 17)]


def test_the_latest_human_verdict_counts(store: duckdb.DuckDBPyConnection) -> None:
    """A correction shows beside the machine's verdict and never in its place."""
    sql = "SELECT criterion, verdict FROM verdicts WHERE call_id = 'c000000' AND criterion_no = 0"
    criterion, machine = store.execute(sql).fetchall()[0]
    for day, verdict in (("2026-10-06", "na"), ("2026-10-08", "unsure"), ("2026-10-07", "pass")):
        store.execute(
            "INSERT INTO reviews BY NAME SELECT $day AS review_id, v.call_id, v.rubric, v.rubric_version, v.criterion, "
            "$verdict AS verdict, 'r.petrova' AS reviewer, 'why' AS reason, $day::TIMESTAMP AS reviewed_at "
            "FROM verdicts v WHERE v.call_id = 'c000000' AND v.criterion_no = 0",
            {"day": day, "verdict": verdict},
        )
    found = store.execute(
        "SELECT verdict, machine_verdict, reviewer FROM explained_verdicts WHERE call_id = 'c000000' AND criterion = ?",
        [criterion],
    ).fetchall()
    assert found == [("unsure", machine, "r.petrova")]


def test_returns_are_no_sales(store: duckdb.DuckDBPyConnection) -> None:
    """An order with a negative amount is money given back; an order without a call is a sale all the same."""
    store.execute(
        "INSERT INTO outcomes BY NAME SELECT 'o' || n AS outcome_id, 'crm' AS source, 'done' AS status, amount, outcome "
        "FROM (VALUES (1, 1500, 'won'), (2, -1500, 'won'), (3, 900, 'lost'), (4, NULL, 'won')) orders(n, amount, outcome)"
    )
    assert store.execute("SELECT outcome_id FROM sales ORDER BY 1").fetchall() == [("o1",), ("o4",)]


def test_every_view_answers_an_empty_store(tmp_path: Path) -> None:
    """A query on the first day gives no rows, not an error."""
    db = tmp_path / "empty.duckdb"
    with open_store(db):
        pass
    with duckdb.connect(str(db), read_only=True) as connection:
        views = [row[0] for row in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        assert len(views) >= 6
        assert [connection.execute(f'SELECT * FROM "{view}"').fetchall() for view in views] == [[]] * len(views)


def test_the_origin_is_the_whole_name(store: duckdb.DuckDBPyConnection) -> None:
    """A call without a campaign has its utm_source as origin."""
    store.execute(
        "INSERT INTO pbx_calls BY NAME SELECT 'pbx' AS source, 'p1' AS pbx_call_id, 'p1' AS call_id, 'asterisk' AS kind, "
        "[]::VARCHAR[] AS linked_ids, 'inbound' AS direction, 'no_answer' AS disposition, "
        "TIMESTAMP '2026-10-05' AS started_at, []::VARCHAR[] AS tags, map{'utm_source': 'yandex'} AS utm, 0 AS n_recordings"
    )
    assert store.execute("SELECT origin FROM missed_calls").fetchall() == [("yandex",)]
