"""Sources as a user meets them: listed, checked, ingested, killed between two pages, and what reports say of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_ingest import callscore, rows
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.cases.onlinepbx import DOMAIN, KEY, Pbx
from tests.connectors.story import ORDERS

SETTINGS = """
[sources.pbx]
kind = "onlinepbx"
domain = "{domain}"
auth_key = "env:PBX_KEY"
url = "{url}"
allow_hosts = ["127.0.0.1"]

[sources.shop]
kind = "order-table"
path = "orders.csv"
"""
ORDER_TABLE = """order_id;created;closed;phone;amount;status;manager
1001;02.03.2026 10:06;05.03.2026 15:00;+7 900 000-01-01;12 490,00;Выполнен;Соколова Анна
1002;02.03.2026 10:18;03.03.2026 12:00;8 900 000 01 02;7990;Отменен;Кравцов Олег
1004;02.03.2026 11:10;;79000000104;3490,00 руб;В работе;Соколова Анна
1005;02.03.2026 12:06;04.03.2026 18:30;+79000000105;24 900,00;Выполнен;Лис Дарья
1006;02.03.2026 12:30;;;100;В работе;Лис Дарья
"""
SINCE = ("--since", "2026-03-01")


@pytest.fixture
def pbx() -> Iterator[tuple[Pbx, ApiServer]]:
    """Run an onlinePBX that tells the story."""
    system = Pbx()
    with serving(system.answer) as server:
        system.url = server.url
        yield system, server


@pytest.fixture
def shop(tmp_path: Path, pbx: tuple[Pbx, ApiServer], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with the PBX and a table of orders."""
    (tmp_path / "callscore.toml").write_text(SETTINGS.format(domain=DOMAIN, url=pbx[1].url), encoding="utf-8")
    (tmp_path / "orders.csv").write_text(ORDER_TABLE, encoding="cp1251")
    monkeypatch.setenv("PBX_KEY", KEY)
    return tmp_path


def ingest(shop: Path, *args: str) -> dict[str, object]:
    """Run the night over the PBX; nobody has transcribed its beeps, so the calls themselves fail."""
    done = callscore(shop, "ingest", "--source", "pbx", *SINCE, "--engine", "scripted", "--workers", "1", "--json", *args)
    assert done.stdout, done.stderr
    summary: dict[str, object] = json.loads(done.stdout)
    return summary


def test_sources_are_listed_and_checked(shop: Path) -> None:
    """`check` signs in and tells what it found; nothing is stored by it."""
    listed = callscore(shop, "sources", "list")
    assert listed.returncode == 0
    assert [line.split()[:3] for line in listed.stdout.splitlines()[1:]] == [
        ["pbx", "onlinepbx", "calls"],
        ["shop", "order-table", "orders"],
    ]
    checked = callscore(shop, "sources", "check", "--json")
    assert checked.returncode == 0, checked.stdout
    assert [(item["source"], item["fine"]) for item in json.loads(checked.stdout)] == [("pbx", True), ("shop", True)]
    assert not (shop / "data").exists()


def test_a_refused_key_is_named_without_itself(shop: Path) -> None:
    """The exit status is that of a refused sign-in, and the key is in no output."""
    done = callscore(shop, "sources", "check", "pbx", PBX_KEY="WRONG-SECRET")
    assert done.returncode == 11
    assert "problem" in done.stdout
    assert "WRONG-SECRET" not in done.stdout + done.stderr
    missing = callscore(shop, "sources", "check", "pbx", PBX_KEY="")
    assert missing.returncode == 3
    assert "export PBX_KEY" in missing.stdout


def test_a_night_over_a_pbx_and_a_table_of_orders(shop: Path) -> None:
    """Calls, legs and missed calls are stored, recordings lie on disk, and orders find their calls."""
    ingest(shop)
    db = shop / "data" / "callscore.duckdb"
    known = rows(db, "SELECT disposition, count(*) FROM pbx_calls GROUP BY ALL ORDER BY ALL")
    assert dict(known)["answered"] >= 4
    fetched = rows(db, "SELECT path FROM pbx_recordings WHERE status = 'fetched'")
    assert len(fetched) >= 4
    assert all(Path(path).read_bytes()[:4] == b"RIFF" for (path,) in fetched)
    pulled = callscore(shop, "outcomes", "pull", "--since", "2026-03-01", "--json")
    assert pulled.returncode == 0, pulled.stderr
    assert json.loads(pulled.stdout)["joined"] == {
        "orders": 5,
        "joined": 4,
        "by_certainty": {"likely": 4},
        "without_a_call": {"no_phone": 1},
    }
    joined = rows(db, "SELECT order_id, p.client_phone FROM outcomes o JOIN pbx_calls p USING (call_id) ORDER BY 1")
    assert joined == [(order.order_id, order.client_phone) for order in ORDERS]


def test_reports_tell_what_the_pbx_knows(shop: Path) -> None:
    """Missed calls, lines, orders and the state of sources, for people and for programs."""
    ingest(shop)
    callscore(shop, "outcomes", "import", "orders.csv")
    missed = json.loads(callscore(shop, "report", "missed", "--format", "json").stdout)
    assert [row["client_phone"] for row in missed["missed"]] == ["+79000000103"]
    assert (missed["missed"][0]["out_of_hours"], missed["missed"][0]["disposition"]) == (False, "abandoned")
    lines = json.loads(callscore(shop, "report", "lines", "--format", "json").stdout)["line"]
    assert [(row["name"], row["calls"], row["answered"], row["won"]) for row in lines] == [
        ("+74950000001", 2, 1, 1),
        ("+74950000002", 2, 2, 1),
    ]
    unmatched = json.loads(callscore(shop, "report", "outcomes", "--unmatched", "--format", "json").stdout)
    assert [(row["outcome_id"], row["rule"]) for row in unmatched["outcomes"]] == [("1006", "no_phone")]
    health = json.loads(callscore(shop, "report", "health", "--format", "json").stdout)
    assert [(row["source"], row["unrecorded"], row["unfetched"]) for row in health["feeds"]] == [
        ("file", 0, 0),
        ("pbx", 0, 0),
    ]
    for report in ("missed", "lines", "outcomes", "health"):
        assert callscore(shop, "report", report).returncode == 0


def test_the_second_night_doubles_nothing(shop: Path, pbx: tuple[Pbx, ApiServer]) -> None:
    """The same window again: the same rows, and no recording is fetched a second time."""
    ingest(shop)
    db = shop / "data" / "callscore.duckdb"
    tables = ("pbx_calls", "pbx_legs", "pbx_recordings")
    before = [rows(db, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    pbx[1].asked.clear()
    ingest(shop)
    assert [rows(db, f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before
    assert [path for path in pbx[1].paths() if path.startswith("/calls-records/")] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", [4, 9])
def test_a_kill_between_requests_loses_and_doubles_nothing(shop: Path, pbx: tuple[Pbx, ApiServer], moment: int) -> None:
    """Killed at any request of the reading, the next run ends like an undisturbed one."""
    system, server = pbx
    calm = shop / "calm.duckdb"
    ingest(shop, "--db", str(calm))
    server.asked.clear()
    started = threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def killing(asked: Asked) -> Reply:
        if len(server.asked) == moment:
            started.wait(30)
            os.kill(process[0].pid, signal.SIGKILL)
        return system.answer(asked)

    server.handler = killing
    command = [sys.executable, "-m", "callscore", "ingest", "--source", "pbx", *SINCE, "--engine", "scripted", "--json"]
    process.append(subprocess.Popen(command, cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    started.set()
    assert process[0].wait(120) == -signal.SIGKILL
    server.handler = system.answer
    ingest(shop)
    wanted = (
        "SELECT * FROM pbx_calls ORDER BY ALL",
        "SELECT * FROM pbx_legs ORDER BY ALL",
        "SELECT pbx_call_id, rec_id, call_id, status, attempts FROM pbx_recordings ORDER BY ALL",
    )
    for sql in wanted:
        assert rows(shop / "data" / "callscore.duckdb", sql) == rows(calm, sql)


def test_a_source_that_stays_away_is_named_and_the_rest_goes_on(shop: Path, pbx: tuple[Pbx, ApiServer]) -> None:
    """The exit status and the summary tell; an unreachable address is not waited for without end."""
    text = (shop / "callscore.toml").read_text(encoding="utf-8")
    (shop / "callscore.toml").write_text(text.replace(pbx[1].url, "http://127.0.0.1:9"), encoding="utf-8")
    done = callscore(shop, "ingest", "--source", "pbx", *SINCE, "--engine", "scripted", "--json")
    assert done.returncode == 12
    failures = json.loads(done.stdout)["source_failures"]
    assert [(item["source"], item["code"]) for item in failures] == [("pbx", 12)]
    assert "no connection" in failures[0]["message"]


def test_a_broken_table_of_orders_is_named_by_row(shop: Path) -> None:
    """Rows that cannot be used are counted and kept with file and line; the others are stored."""
    (shop / "orders.csv").write_text(ORDER_TABLE.replace("12 490,00", "много").replace("02.03.2026 10:18", "вчера"), "utf-8")
    done = callscore(shop, "outcomes", "import", "orders.csv", "--json")
    assert done.returncode == 20
    summary = json.loads(done.stdout)["sources"][0]
    assert (summary["orders"], summary["rejected"]) == (3, 2)
    places = rows(shop / "data" / "callscore.duckdb", "SELECT place FROM source_rejects ORDER BY 1")
    assert [Path(place).name for (place,) in places] == ["orders.csv:2", "orders.csv:3"]


def test_a_row_that_changes_later_is_replaced(shop: Path, pbx: tuple[Pbx, ApiServer]) -> None:
    """What a system corrects a day later is corrected here."""
    ingest(shop)
    system = pbx[0]
    system.rows = [json.loads(json.dumps(row).replace("79000000102", "79000000177")) for row in system.rows]
    ingest(shop)
    phones = rows(shop / "data" / "callscore.duckdb", "SELECT client_phone FROM pbx_calls ORDER BY 1")
    assert ("+79000000177",) in phones
    assert ("+79000000102",) not in phones
