"""What holds for every source of orders, whichever system it reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.errors import CallscoreError, SourceError
from callscore.outside.pages import Level, Window
from callscore.records import OrderRecord
from tests.connectors.api_server import Reply
from tests.connectors.case import ORDER_KINDS, CrmCase, open_crm_case
from tests.connectors.story import LATER, OPERATORS, ORDER_WINDOW, ORDERS, StoryOrder, quick_tools


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture(params=ORDER_KINDS)
def case(request: pytest.FixtureRequest, tmp_path: Path, naps: list[float]) -> Iterator[CrmCase]:
    """Return each kind of CRM in turn, telling the story."""
    with open_crm_case(request.param, tmp_path, quick_tools(naps)) as opened:
        yield opened


@pytest.fixture
def online(case: CrmCase) -> CrmCase:
    """Return those that speak over HTTP."""
    if case.server is None:
        pytest.skip("this system is read from files")
    return case


def read(case: CrmCase, window: Window = ORDER_WINDOW) -> dict[str, OrderRecord]:
    """Return the orders of a window by the story's id, the latest state of each."""
    latest: dict[str, OrderRecord] = {}
    for page in case.crm.iter_pages(window):
        latest.update({case.order_ids.get(record.order_id, record.order_id): record for record in page.records})
    return latest


def told(case: CrmCase, order_id: str, record: OrderRecord) -> StoryOrder:
    """Return a record as an order of the story, with the story's own words where the system tells nothing."""
    expected = next(order for order in ORDERS if order.order_id == order_id)
    names = {name: extension for extension, name in OPERATORS.items()} | dict(case.operators)
    found = {
        "outcome": record.outcome,
        "created_at": record.created_at,
        "closed_at": record.closed_at,
        "amount": record.amount,
        "client_phone": record.client_phones[0] if record.client_phones else "",
        "extension": next((names[key] for key in (record.responsible_name, record.responsible_id) if key in names), ""),
    }
    known = {name: value for name, value in found.items() if not {name, f"{order_id}.{name}"} & case.unknown}
    return StoryOrder(**{**vars(expected), **known})


def test_the_story_is_the_same_in_every_system(case: CrmCase) -> None:
    """The four orders come out equal, but for what a system does not tell."""
    found = read(case)
    assert {order.order_id for order in ORDERS} <= set(found)
    assert [told(case, order.order_id, found[order.order_id]) for order in ORDERS] == list(ORDERS)


def test_reading_twice_gives_the_same(case: CrmCase) -> None:
    """Each night reads the last days again."""
    assert read(case) == read(case)


def test_the_last_page_covers_the_window(case: CrmCase) -> None:
    """The watermark moves to what has been read."""
    assert list(case.crm.iter_pages(ORDER_WINDOW))[-1].covered_until == ORDER_WINDOW.end


def test_a_day_without_orders_is_empty(case: CrmCase) -> None:
    """What lies outside the window is left out, and an empty answer is no error."""
    pages = list(case.crm.iter_pages(LATER))
    assert [record for page in pages for record in page.records] == []
    assert pages[-1].covered_until == LATER.end


def test_a_check_finds_nothing_wrong(case: CrmCase) -> None:
    """A source that works is told to work."""
    assert [finding for finding in case.crm.check() if finding.level is Level.PROBLEM] == []


def test_nothing_is_changed(online: CrmCase) -> None:
    """Reading and checking send no request that deletes or writes."""
    read(online)
    list(online.crm.check())
    assert online.server is not None
    assert {item.method for item in online.server.asked} <= {"GET", "POST", "HEAD"}


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=500),
        Reply(status=503),
        Reply(status=429, headers={"Retry-After": "7"}),
        Reply(status=429),
        Reply("<html>работы на сервере</html>"),
        Reply(b"0123456789", cut_after=3),
        Reply(wait_s=1.4),
    ],
    ids=["500", "503", "429 with a pause", "429", "a web page", "half an answer", "a time-out"],
)
def test_a_passing_error_is_tried_again(online: CrmCase, naps: list[float], fault: Reply) -> None:
    """One failed answer is no reason to lose a night."""
    assert online.server is not None
    online.server.faults.append(fault)
    assert len(read(online)) >= len(ORDERS)
    assert naps
    if "Retry-After" in fault.headers:
        assert 7.0 in naps


def test_a_server_that_stays_away_is_named(online: CrmCase) -> None:
    """Whoever reads the message knows which system."""
    assert online.server is not None
    online.server.faults += [Reply(status=503) for _ in range(50)]
    with pytest.raises(SourceError) as caught:
        read(online)
    assert "127.0.0.1" in caught.value.where


def test_secrets_are_seen_nowhere(online: CrmCase, caplog: pytest.LogCaptureFixture) -> None:
    """No message, log or repr holds the key, whatever the system answers."""
    assert online.server is not None
    assert online.secret
    caplog.set_level("DEBUG")
    texts = [repr(online.crm)]
    for fault in (Reply(status=401), Reply({"error": "x"}, status=403), Reply("<html>", status=404), Reply(status=500)):
        online.server.faults[:] = [fault] * 20
        try:
            read(online)
        except CallscoreError as error:
            texts += [error.message, error.where, error.hint, str(error)]
    online.server.faults.clear()
    read(online)
    assert any(online.secret in f"{item.path}{item.raw_query}{item.headers}{item.body!r}" for item in online.server.asked)
    assert [text for text in [*texts, caplog.text] if online.secret in text] == []
