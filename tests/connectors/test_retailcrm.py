"""What is particular to RetailCRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.base import Crm
from callscore.crm.retailcrm import open_crm
from callscore.errors import SourceAuthError, SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.cases.retailcrm import Account, fixture, playing
from tests.connectors.story import FIXTURES, LATER, ORDER_WINDOW, quick_tools


@pytest.fixture
def account() -> Account:
    """Return an account with the story."""
    return Account()


@pytest.fixture
def server(account: Account) -> Iterator[ApiServer]:
    """Return the account as a server."""
    with playing(account) as site:
        yield site


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def crm(account: Account, server: ApiServer, naps: list[float]) -> Iterator[Crm]:
    """Return the source."""
    with closing(open_crm("shop", account.settings(server), quick_tools(naps))) as opened:
        yield opened


def read(crm: Crm, window: Window = ORDER_WINDOW) -> dict[str, OrderRecord]:
    """Return the orders by id."""
    return {order.order_id: order for page in crm.iter_pages(window) for order in page.records}


def rejected(crm: Crm) -> list[Reject]:
    """Return the rows that could not be read."""
    return [reject for page in crm.iter_pages(ORDER_WINDOW) for reject in page.rejects]


def test_an_order_carries_all_it_tells(crm: Crm) -> None:
    """Number, status by name, both phones and the client's, money, manager and marketing."""
    order = read(crm)["1002"]
    assert (order.number, order.status_raw, order.amount, order.currency) == ("1002C", "Отменён", 7990.0, "RUB")
    assert order.client_phones == ("+79000000102", "+79000000202")
    assert (order.client_id, order.responsible_id, order.responsible_name) == ("5102", "12", "Кравцов Олег")
    assert order.utm == (("utm_source", "yandex"), ("utm_medium", "cpc"), ("utm_campaign", "teapots"))


def test_the_last_change_of_status_stands_for_the_closing(crm: Crm) -> None:
    """There is no time of closing; the day on which an order was paid is another thing."""
    order = read(crm)["1001"]
    assert (order.closed_at, order.closed_at_is_estimate) == (datetime(2026, 3, 5, 12, tzinfo=UTC), True)


def test_a_status_means_what_its_group_means(account: Account, crm: Crm) -> None:
    """Users make their own statuses, in the groups that the system gives."""
    account.rows["orders"][0]["status"] = "no-call"
    order = read(crm)["1001"]
    assert (order.outcome, order.status_raw) == (Outcome.LOST, "Недозвон")


@pytest.mark.parametrize("words", ["assembling", "Комплектация", "комплектуется"])
def test_the_users_own_words_come_first(account: Account, server: ApiServer, words: str) -> None:
    """A status or its whole group is named, by code or as people see it."""
    settings = account.settings(server, won_statuses=(words,))
    with closing(open_crm("shop", settings, quick_tools())) as crm:
        assert read(crm)["1004"].outcome is Outcome.WON


def test_times_are_those_of_the_accounts_zone(account: Account, server: ApiServer) -> None:
    """They carry none; asking by days goes by the same zone."""
    tools = replace(quick_tools(), timezone="Asia/Yekaterinburg")
    with closing(open_crm("shop", account.settings(server), tools)) as crm:
        assert read(crm)["1001"].created_at == datetime(2026, 3, 2, 5, 6, tzinfo=UTC)
    assert server.asked[0].query["filter[createdAtFrom]"] == "2026-03-02"
    assert server.asked[0].query["filter[createdAtTo]"] == "2026-03-07"


def test_an_older_order_comes_when_its_status_changes(account: Account, crm: Crm) -> None:
    """Last month's order is delivered today; it comes once, and so does a new one."""
    account.rows["orders"][2].update(status="complete", statusUpdatedAt="2026-05-01 12:00:00")
    records = [order for page in crm.iter_pages(LATER) for order in page.records]
    assert [(order.order_id, order.outcome) for order in records] == [("1004", Outcome.WON)]
    assert len([order for page in crm.iter_pages(ORDER_WINDOW) for order in page.records]) == 4


@pytest.mark.parametrize(("limits", "sizes"), [(("20", "50"), ["100", "50"]), (("20",), ["100", "50", "20"])])
def test_pages_are_as_large_as_the_account_allows(
    account: Account, server: ApiServer, crm: Crm, limits: tuple[str, ...], sizes: list[str]
) -> None:
    """A refused size is not asked for again."""
    account.limits = limits
    assert len(read(crm)) == 4
    asked = [item.query["limit"] for item in server.asked if "limit" in item.query]
    assert asked[: len(sizes)] == sizes
    assert set(asked[len(sizes) :]) == {sizes[-1]}


def test_a_refusal_of_every_size_is_an_error(account: Account, crm: Crm) -> None:
    """It must not go on for ever."""
    account.limits = ()
    with pytest.raises(SourceError, match="every size"):
        read(crm)


def test_a_page_that_comes_twice_is_asked_for_again(server: ApiServer, crm: Crm) -> None:
    """Nothing behind it is lost."""
    expected = read(crm)
    answer, faults = server.handler, [Reply(fixture("orders_page1.json"))]

    def repeat(asked: Asked) -> Reply:
        is_second = asked.path.endswith("/orders") and asked.query["page"] == "2"
        return faults.pop() if is_second and faults else answer(asked)

    server.handler = repeat
    assert read(crm) == expected
    assert faults == []


def test_over_the_limit_a_page_of_html_is_waited_out(server: ApiServer, crm: Crm, naps: list[float]) -> None:
    """503 means too many requests here; it is no JSON."""
    page = Path(FIXTURES / "retailcrm" / "error_rate.txt").read_text(encoding="utf-8")
    server.faults.append(Reply(page, status=503, headers={"Content-Type": "text/html"}))
    assert len(read(crm)) == 4
    assert any(nap >= 0.3 for nap in naps)


@pytest.mark.parametrize(
    ("body", "status", "error", "words"),
    [
        (fixture("error_key.json"), 403, SourceAuthError, "the key was refused"),
        (fixture("error_key.json"), 200, SourceAuthError, "the key was refused"),
        ({"success": False, "errorMsg": "x", "errors": {"filter": "bad"}}, 400, SourceError, "refused a request .filter."),
        ({"success": False, "errorMsg": "x", "errors": ["bad"]}, 200, SourceError, "refused a request"),
        ({"orders": []}, 200, SourceError, "another form"),
        ([], 200, SourceError, "another form"),
        ({"success": True, "orders": []}, 200, SourceError, "how many pages"),
    ],
)
def test_errors_say_what_to_do(server: ApiServer, crm: Crm, body: Any, status: int, error: type[Exception], words: str) -> None:
    """Also those in an answer of status 200; what the system says is not repeated, it may hold anything."""
    server.faults.append(Reply(body, status=status))
    with pytest.raises(error, match=words):
        read(crm)


def test_lists_come_in_either_form(account: Account, crm: Crm) -> None:
    """As a list, or as an object keyed by code."""
    expected = read(crm)
    statuses = account.references["reference/statuses"]
    statuses["statuses"] = list(statuses["statuses"].values())
    groups = account.references["reference/status-groups"]
    groups["statusGroups"] = list(groups["statusGroups"].values())
    assert read(crm) == expected


def test_empty_objects_come_as_lists(account: Account, crm: Crm) -> None:
    """PHP knows no other empty object."""
    account.rows["orders"][0].update(source=[], customer=[], contact=[])
    order = read(crm)["1001"]
    assert (order.utm, order.client_id, order.client_phones) == ((), None, ("+79000000101",))


def test_a_person_at_a_firm_can_be_the_caller(account: Account, crm: Crm) -> None:
    """Orders of firms have a client without phones and a contact with them."""
    account.rows["orders"][0].update(
        phone=None, customer={"type": "customer_corporate", "id": 7}, contact={"phones": [{"number": "8 900 000-03-03"}]}
    )
    assert read(crm)["1001"].client_phones == ("+79000000303",)


def test_orders_come_without_names_where_those_are_refused(account: Account, crm: Crm) -> None:
    """A right that is missing costs what it protects; statuses go by their code then."""
    account.refused = {"users", "reference/statuses", "reference/status-groups"}
    found = read(crm)
    assert [found[key].responsible_name for key in sorted(found)] == [None] * 4
    assert (found["1001"].outcome, found["1002"].outcome) == (Outcome.WON, Outcome.OPEN)


def test_missing_rights_are_found_by_a_check(account: Account, crm: Crm) -> None:
    """The check says what the key must be allowed."""
    account.refused = {"users", "reference/statuses"}
    assert [finding.level for finding in crm.check() if finding.subject == "rights"] == [Level.PROBLEM, Level.PROBLEM]


def test_hostile_rows_are_left_out_alone(account: Account, crm: Crm) -> None:
    """Each bad row is named once with its id where it has one; the others are read."""
    first = account.rows["orders"][0]
    account.rows["orders"] += [
        {**first, "id": 1011, "createdAt": None},
        {**first, "id": 1012, "createdAt": "2026-03-02 25:00:00"},
        {**first, "id": 1013, "totalSumm": ["12490"]},
        {**first, "id": 1014, "phone": "7,90000E+10", "customer": None},
        {**first, "id": None},
    ]
    account.page_size = 20
    assert sorted(read(crm)) == ["1001", "1002", "1004", "1005"]
    places = [reject.where for reject in rejected(crm)]
    assert sorted(places) == ["order 1011", "order 1012", "order 1013", "order 1014", "orders, row 1"]
