"""Reading systems into the store: nothing lost, nothing doubled, whatever breaks between two pages."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callscore import connectors
from callscore.config import Config, load_config
from callscore.connectors import Connector
from callscore.errors import ConfigError, RecordingError, SourceUnavailableError
from callscore.jobs.collect import IngestRequest, collect_calls, find_folders
from callscore.jobs.feeds import named_sources
from callscore.jobs.pull_calls import Pull, pull_calls
from callscore.jobs.pull_orders import join_stored, pull_orders
from callscore.outside.pages import CallPage, Finding, OrderPage, Reject, Tools, Window
from callscore.outside.settings import ConnectorSettings
from callscore.records import CallRecord, Direction, Disposition, OrderRecord, Outcome, RecordingLink
from callscore.store import StoreWriter, open_store
from tests.connectors.story import beep

NOW = datetime(2026, 3, 3, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def call(name: str, hours: float = 0, **other: object) -> CallRecord:
    """Return an answered call with a recording."""
    known: dict[str, object] = {
        "direction": Direction.INBOUND,
        "disposition": Disposition.ANSWERED,
        "client_phone": "+79000000101",
        "operator_name": "Соколова Анна",
        "recordings": (RecordingLink(rec_id=f"rec-{name}", client_channel=0),),
        **other,
    }
    at = NOON + timedelta(hours=hours)
    return CallRecord(source="fake", account="pbx", call_id=name, started_at=at, **known)  # type: ignore[arg-type]


@dataclass
class System:
    """A telephony system in memory: its pages, the windows it was asked for, and where it fails."""

    pages: list[CallPage | Exception] = field(default_factory=list)
    orders: list[OrderPage | Exception] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield the pages, or fail where an error stands."""
        self.windows.append(window)
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:  # noqa: ARG002 - the protocol
        """Write a beep."""
        self.fetched.append(recording.rec_id)
        if recording.rec_id in self.absent:
            raise RecordingError("there is none")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{recording.rec_id}.wav"
        path.write_bytes(beep() + recording.rec_id.encode())
        return path

    def check(self) -> Iterator[Finding]:
        """Find nothing."""
        return iter(())

    def close(self) -> None:
        """Hold nothing."""


class _Orders(System):
    def iter_pages(self, window: Window) -> Iterator[OrderPage]:  # type: ignore[override]
        """Yield the orders, or fail where an error stands."""
        self.windows.append(window)
        for page in self.orders:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> _Orders:
    """Return a system that is known as the kinds "fake" (calls) and "fake-crm" (orders)."""
    made = _Orders()
    module = types.ModuleType("fake_system")
    module.Settings = ConnectorSettings  # type: ignore[attr-defined]

    class Calls:
        """The same system, giving calls."""

        iter_pages = staticmethod(lambda window: System.iter_pages(made, window))
        fetch, check, close = made.fetch, made.check, made.close

    def open_source(name: str, settings: ConnectorSettings, tools: Tools) -> Calls:
        return Calls()

    def open_crm(name: str, settings: ConnectorSettings, tools: Tools) -> _Orders:
        return made

    module.open_source, module.open_crm = open_source, open_crm  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_system", module)
    monkeypatch.setitem(connectors.CONNECTORS, "fake", Connector("fake", "Fake", "fake_system"))
    crm = Connector("fake-crm", "Fake CRM", "fake_system", has_orders=True)
    monkeypatch.setitem(connectors.CONNECTORS, "fake-crm", crm)
    return made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings with a source of each sort."""
    text = '[sources.pbx]\nkind = "fake"\n[sources.crm]\nkind = "fake-crm"\n'
    (tmp_path / "callscore.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path / "callscore.toml", environ={}).config


@pytest.fixture
def writer(config: Config) -> Iterator[StoreWriter]:
    """Return an open store."""
    with open_store(config.store.db) as opened:
        yield opened


def pull(config: Config, writer: StoreWriter, now: datetime = NOW) -> Pull:
    """Return what reading is given."""
    return Pull(config=config, writer=writer, note=lambda _: None, now=now)


def rows(writer: StoreWriter, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    return list(writer.reader().query(sql).rows)


def test_calls_and_recordings_come_into_the_store(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """What a PBX knows is kept of every call; those with a recording are there to be heard, with the operator's side."""
    missed = call("2", 1, disposition=Disposition.ABANDONED, recordings=(), operator_name=None)
    system.pages = [CallPage(records=(call("1"), missed), covered_until=NOW)]
    found, failure = pull_calls(config.sources[0], pull(config, writer))
    assert failure is None
    assert [(c.info.call_id, c.info.operator, c.info.operator_channel, c.recording.source) for c in found.calls] == [
        ("1", "Соколова Анна", 1, "pbx")
    ]
    assert Path(found.calls[0].recording.path).parent == config.store.db.parent / "recordings" / "pbx" / "2026-03"
    known = rows(writer, "SELECT call_id, disposition, n_recordings FROM pbx_calls ORDER BY call_id")
    assert known == [("1", "answered", 1), ("2", "abandoned", 0)]


def test_the_second_run_reads_two_days_again_and_fetches_nothing_twice(
    config: Config, writer: StoreWriter, system: _Orders
) -> None:
    """The overlap brings late changes; a row that changed is replaced, not doubled."""
    system.pages = [CallPage(records=(call("1"),), covered_until=NOW)]
    pull_calls(config.sources[0], pull(config, writer))
    system.pages = [CallPage(records=(call("1", tags=("Заказ",)), call("1", tags=("Заказ",))), covered_until=NOW)]
    found, _ = pull_calls(config.sources[0], pull(config, writer, NOW + timedelta(days=1)))
    assert system.windows[1].start == NOW - timedelta(days=2)
    assert system.fetched == ["rec-1"]
    assert len(found.calls) == 1
    assert rows(writer, "SELECT call_id, tags FROM pbx_calls") == [("1", ["Заказ"])]


def test_a_system_that_fails_between_pages_loses_nothing(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """The first page stays with its watermark, the failure is told, and the next run goes on from there."""
    system.pages = [CallPage(records=(call("1"),), covered_until=NOON), SourceUnavailableError("no answer")]
    found, failure = pull_calls(config.sources[0], pull(config, writer))
    assert [c.info.call_id for c in found.calls] == ["1"]
    assert failure is not None
    assert (failure.source, failure.code, failure.message) == ("pbx", 12, "no answer")
    assert rows(writer, "SELECT covered_until, error FROM source_progress") == [(NOON.replace(tzinfo=None), "no answer")]
    system.pages = [CallPage(records=(call("1"), call("2", 2)), covered_until=NOW)]
    found, failure = pull_calls(config.sources[0], pull(config, writer))
    assert failure is None
    assert system.windows[1].start == NOON - timedelta(days=2)
    assert sorted(c.info.call_id for c in found.calls) == ["1", "2"]
    assert rows(writer, "SELECT error FROM source_progress") == [(None,)]


def test_a_recording_that_is_late_is_fetched_later(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """Its call is read again however long ago, named as a failure after an hour, and heard once it is there."""
    system.pages = [CallPage(records=(call("1", -150),), covered_until=NOW)]
    system.absent = {"rec-1"}
    found, _ = pull_calls(config.sources[0], pull(config, writer))
    assert [(p.source, p.call_id, p.code) for p in found.problems] == [("pbx", "1", 24)]
    system.absent = set()
    found, _ = pull_calls(config.sources[0], pull(config, writer, NOW + timedelta(days=1)))
    assert system.windows[1].start == NOON - timedelta(hours=150)
    assert [c.info.call_id for c in found.calls] == ["1"]
    assert found.problems == ()


def test_a_recording_that_is_not_ready_is_no_failure_yet(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """Minutes after a call its recording is still being made."""
    system.pages = [CallPage(records=(call("1"),), covered_until=NOON)]
    system.absent = {"rec-1"}
    found, _ = pull_calls(config.sources[0], pull(config, writer, NOON + timedelta(minutes=5)))
    assert found.problems == ()
    assert found.remarks == ("pbx: 1 recordings are not ready yet; the next run fetches them",)


def test_each_recording_of_a_call_is_a_call_of_its_own(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """After a transfer each operator is scored by the part they talked in."""
    from callscore.records import CallLeg, LegKind

    legs = (
        CallLeg(kind=LegKind.TALK, operator_name="Кравцов Олег", answered_at=NOON),
        CallLeg(kind=LegKind.TRANSFER_BLIND, operator_name="Лис Дарья", extension="103", answered_at=NOON),
    )
    links = (RecordingLink(rec_id="a", leg=0), RecordingLink(rec_id="b", leg=1))
    system.pages = [CallPage(records=(call("5", legs=legs, recordings=links),), covered_until=NOW)]
    found, _ = pull_calls(config.sources[0], pull(config, writer))
    assert [(c.info.call_id, c.info.operator, c.info.transferred_to) for c in found.calls] == [
        ("5", "Кравцов Олег", "103"),
        ("5+2", "Лис Дарья", None),
    ]


def test_internal_calls_are_kept_and_not_heard(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """Talks between employees are nobody's business here."""
    system.pages = [CallPage(records=(call("1", direction=Direction.INTERNAL),), covered_until=NOW)]
    found, _ = pull_calls(config.sources[0], pull(config, writer))
    assert (found.calls, system.fetched) == ((), [])
    assert rows(writer, "SELECT direction FROM pbx_calls") == [("internal",)]


def test_two_sources_with_the_same_id_keep_their_calls_apart(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """Ids such as 7002 are unique in one system only."""
    system.pages = [CallPage(records=(call("1"),), covered_until=NOW)]
    other = replace(config.sources[0], name="branch")
    ids = [pull_calls(source, pull(config, writer))[0].calls[0].info.call_id for source in (config.sources[0], other) * 2]
    assert ids == ["1", "1@branch", "1", "1@branch"]


def test_rows_that_cannot_be_used_are_kept_with_their_reason(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """A reject stays visible, once, however often it is read."""
    page = CallPage(records=(), rejects=(Reject(where="Master.csv:7", reason="the line is cut off"),), covered_until=NOW)
    system.pages = [page, page]
    found, _ = pull_calls(config.sources[0], pull(config, writer))
    assert found.remarks == ("pbx: 2 rows could not be used; `callscore report health` names them",)
    assert rows(writer, "SELECT source, place, reason FROM source_rejects") == [("pbx", "Master.csv:7", "the line is cut off")]


def test_the_watermark_never_runs_ahead_of_the_clock(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """A system whose clock is three hours ahead is read to our now, and its late calls again."""
    system.pages = [CallPage(records=(call("1", 16),), covered_until=NOW + timedelta(days=1))]
    pull_calls(config.sources[0], pull(config, writer))
    assert rows(writer, "SELECT covered_until FROM source_progress") == [(NOW.replace(tzinfo=None),)]
    assert system.windows[0].end == NOW + timedelta(days=1)
    assert system.windows[0].start == NOW - timedelta(days=7)


def test_reading_since_a_date_leaves_no_gap(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """A reading that begins after the last one ended does not move the watermark over what nobody has read."""
    system.pages = [CallPage(records=(), covered_until=NOW)]
    pull_calls(config.sources[0], pull(config, writer))
    late = NOW + timedelta(days=9)
    system.pages = [CallPage(records=(), covered_until=late)]
    pull_calls(config.sources[0], replace(pull(config, writer, late), since=NOW + timedelta(days=8)))
    assert rows(writer, "SELECT covered_until FROM source_progress") == [(NOW.replace(tzinfo=None),)]
    pull_calls(config.sources[0], pull(config, writer, late))
    assert system.windows[-1].start == NOW - timedelta(days=2)
    assert rows(writer, "SELECT covered_until FROM source_progress") == [(late.replace(tzinfo=None),)]


def test_orders_are_joined_to_calls(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """An order finds its call; a changed order replaces the old state; the rule and its certainty are stored."""
    system.pages = [CallPage(records=(call("1"), call("2", -1)), covered_until=NOW)]
    pull_calls(config.sources[0], pull(config, writer))
    order = OrderRecord(
        source="fake-crm",
        account="crm",
        order_id="1001",
        created_at=NOON + timedelta(minutes=4),
        outcome=Outcome.OPEN,
        status_raw="Новый",
        amount=12490.5,
        client_phones=("+79000000101",),
        responsible_name="Соколова Анна",
    )
    closed = replace(order, outcome=Outcome.WON, closed_at=NOW, status_raw="Выполнен")
    lonely = replace(order, order_id="1002", client_phones=())
    system.orders = [OrderPage(records=(order,)), OrderPage(records=(closed, lonely), covered_until=NOW)]
    summary = pull_orders(config.sources[1], pull(config, writer))
    assert (summary.orders, summary.failure) == (3, None)
    joined = join_stored(writer, config)
    assert (joined.orders, joined.joined, joined.by_certainty, joined.by_reason) == (
        2,
        1,
        (("likely", 1),),
        (("no_phone", 1),),
    )
    sql = "SELECT outcome_id, outcome, status, amount, call_id, join_rule, join_certainty FROM outcomes ORDER BY outcome_id"
    assert rows(writer, sql) == [
        ("1001", "won", "Выполнен", 12490.5, "1", "phone_before", "likely"),
        ("1002", "open", "Новый", 12490.5, None, "no_phone", None),
    ]
    assert rows(writer, "SELECT call_id, place, gap_ms FROM outcome_calls ORDER BY place") == [
        ("1", 0, 240000),
        ("2", 1, 3840000),
    ]


def test_somebody_who_asks_to_stop_is_heard_between_recordings(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """Ctrl-C during a long reading ends it; what was read and fetched stays."""
    system.pages = [CallPage(records=(call("1"), call("2", 1)), covered_until=NOW)]
    asked = replace(pull(config, writer), is_stopped=lambda: bool(system.fetched))
    with pytest.raises(KeyboardInterrupt):
        pull_calls(config.sources[0], asked)
    assert rows(writer, "SELECT pbx_call_id, status FROM pbx_recordings ORDER BY 1") == [("1", "fetched"), ("2", "wanted")]


def test_only_sources_of_calls_are_ingested(config: Config, writer: StoreWriter, system: _Orders) -> None:
    """`ingest` without names leaves CRM systems alone; naming one says which command is meant."""
    system.pages = [CallPage(records=(call("1"),), covered_until=NOW)]
    request = IngestRequest(paths=(), since=NOON - timedelta(days=1))
    asked = replace(pull(config, writer, datetime.now(UTC)), since=request.since)
    collected = collect_calls(config, find_folders(config, request), asked)
    assert [c.info.call_id for c in collected.found.calls] == ["1"]
    assert len(system.windows) == 1
    with pytest.raises(ConfigError, match="source 'crm' holds orders") as caught:
        named_sources(config, ("crm",), with_orders=False)
    assert caught.value.hint == "callscore outcomes pull --source crm"


def test_an_unknown_kind_names_the_nearest(config: Config, writer: StoreWriter) -> None:
    """A typo is met with the right word."""
    source = replace(config.sources[0], kind="onlinepbxx")
    with pytest.raises(ConfigError, match="unknown kind") as caught:
        pull_calls(source, pull(config, writer))
    assert caught.value.hint == "did you mean onlinepbx?"
