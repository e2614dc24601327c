"""What is particular to Мегаплан."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callscore.crm.megaplan import Settings
from callscore.errors import SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Reject, Window
from callscore.outside.secret import Secret
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import Reply
from tests.connectors.case import CrmCase
from tests.connectors.cases.megaplan import Site, answer, open_site
from tests.connectors.story import LATER, ORDER_WINDOW, quick_tools


@pytest.fixture
def site() -> Site:
    """Return an account with the story's deals."""
    return Site()


@pytest.fixture
def case(site: Site) -> Iterator[CrmCase]:
    """Return the connector before that account."""
    with open_site(quick_tools(), site) as opened:
        yield opened


def read(case: CrmCase, window: Window = ORDER_WINDOW) -> tuple[dict[str, OrderRecord], list[Reject]]:
    """Return the deals of a window by id, and the rows that were rejected."""
    pages = list(case.crm.iter_pages(window))
    orders = {record.order_id: record for page in pages for record in page.records}
    return orders, [reject for page in pages for reject in page.rejects]


def asked(case: CrmCase, path: str) -> list[str]:
    """Return the queries with which a path was asked for."""
    assert case.server is not None
    return [item.raw_query for item in case.server.asked if item.path.startswith(path)]


def deal(site: Site, number: str) -> dict[str, Any]:
    """Return a deal of the account, to be changed."""
    return next(item for item in site.deals if item["id"] == number)


def test_an_object_is_found_where_the_answer_wrote_it_out(case: CrmCase) -> None:
    """The client of 1003 is a bare link; its phone stands in 1001 of the same answer, and nothing more is asked for."""
    orders, _ = read(case)
    assert orders["1003"].client_phones == ("+79000000101",)
    assert orders["1004"].responsible_name == "Соколова Анна"
    assert asked(case, "/api/v3/contractorHuman") == []


def test_an_object_written_out_nowhere_is_fetched_once(case: CrmCase, site: Site) -> None:
    """A client known by its link only costs one request, however many deals it has."""
    site.deals = [deal(site, number) for number in ("1004", "1005")]
    for item in site.deals:
        item["contractor"], item["contractorPhone"] = {"contentType": "ContractorHuman", "id": "77"}, None
    client = {"contentType": "ContractorHuman", "id": "77", "contactInfo": [{"type": "whatsapp", "value": "8(900)0000177"}]}
    assert case.server is not None
    site.page_limit = 1

    def list_of_links(item: Any) -> Reply:
        reply = site(item)
        if item.path == "/api/v3/contractorHuman/77":
            return Reply({"meta": {"status": 200}, "data": client})
        return reply

    case.server.handler = list_of_links
    orders, _ = read(case)
    assert [order.client_phones for order in orders.values()] == [("+79000000177",)] * 2
    assert len(asked(case, "/api/v3/contractorHuman/77")) == 1


def test_a_client_that_must_not_be_seen_is_no_error(case: CrmCase, site: Site) -> None:
    """A deal without a phone is still a sale."""
    site.deals = [deal(site, "1003")]
    site.deals[0]["contractor"] = {"contentType": "ContractorHuman", "id": "404"}
    orders, rejects = read(case)
    assert orders["1003"].client_phones == ()
    assert rejects == []


def test_phones_of_the_deal_come_first_and_free_text_is_read(case: CrmCase, site: Site) -> None:
    """Contacts are of many types, and people write what they like into them."""
    item = deal(site, "1005")
    item["contractorPhone"]["value"] = "8 900 000 01 05 (жена), +7-900-000-02-05"
    item["contractor"]["contactInfo"] += [
        {"type": "telegram", "value": "@samovar"},
        {"type": "viber", "value": "+7 900 000 03 05"},
        {"type": "email", "value": "79000000999@example.org"},
    ]
    orders, _ = read(case)
    assert orders["1005"].client_phones == ("+79000000105", "+79000000205", "+79000000305")


def test_the_filter_counts_months_from_zero(case: CrmCase) -> None:
    """March is month 2; a day more is asked for on both sides, whatever the account's zone."""
    read(case)
    queries = asked(case, "/api/v3/deal")
    assert '"from":{"contentType":"DateOnly","year":2026,"month":1,"day":28}' in queries[0]
    assert '"pageAfter":{"contentType":"Deal","id":"1003"}' in queries[1]


def test_what_was_changed_later_comes_in_its_new_state(case: CrmCase, site: Site) -> None:
    """A deal that is won weeks after it was made is told again on the day it is won."""
    item = deal(site, "1004")
    item["result"] = "positive"
    for name in ("timeUpdated", "stateTimeUpdated"):
        item[name] = {"contentType": "DateTime", "value": "2026-05-01T12:00:00+03:00"}
    orders, _ = read(case, LATER)
    assert list(orders) == ["1004"]
    assert (orders["1004"].outcome, orders["1004"].closed_at) == (Outcome.WON, datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert orders["1004"].closed_at_is_estimate


def test_a_refused_filter_is_done_without(case: CrmCase, site: Site) -> None:
    """Whether deals can be filtered by their last change is not promised: then they are read from the last changed back."""
    site.refuses_filter = True
    site.page_limit = 1
    window = Window(start=datetime(2026, 3, 4, tzinfo=UTC), end=ORDER_WINDOW.end)
    orders, _ = read(case, window)
    assert list(orders) == ["1001", "1005"]
    assert len(asked(case, "/api/v3/deal")) == 4


def test_an_old_token_is_renewed(case: CrmCase, site: Site) -> None:
    """A token ends in the middle of a night; the one for renewal gets another without the password."""
    read(case)
    site.tokens.clear()
    orders, _ = read(case)
    assert len(orders) == 5
    assert case.server is not None
    bodies = [item.body.decode() for item in case.server.asked if item.method == "POST"]
    assert ["refresh_token" in body for body in bodies] == [False, True]


def test_a_refused_renewal_falls_back_to_the_password(case: CrmCase, site: Site) -> None:
    """A token for renewal ends as well."""
    read(case)
    site.tokens.clear()
    site.renewals.clear()
    assert len(read(case)[0]) == 5


@pytest.mark.parametrize("status", [200, 401])
def test_a_token_refused_again_and_again_is_no_loop(case: CrmCase, site: Site, status: int) -> None:
    """The error may hide in an answer that HTTP calls a success."""
    assert case.server is not None
    case.server.handler = lambda item: site(item) if "auth" in item.path else Reply(answer("error_401.json"), status=status)
    with pytest.raises(SourceAuthError) as caught:
        read(case)
    assert "password" in caught.value.hint


@pytest.mark.parametrize("status", [200, 403])
def test_missing_rights_are_named(case: CrmCase, site: Site, status: int) -> None:
    """Whoever sees no deals is told which right to ask for."""
    assert case.server is not None
    case.server.handler = lambda item: site(item) if "auth" in item.path else Reply(answer("error_403.json"), status=status)
    with pytest.raises(SourceAuthError) as caught:
        list(case.crm.check())
    assert "right" in caught.value.hint


def test_a_wrong_password_is_named(case: CrmCase, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which settings to look at, and not what they hold."""
    monkeypatch.setenv("MEGAPLAN_TEST_PASSWORD", "wrong-one")
    with pytest.raises(SourceAuthError) as caught:
        read(case)
    assert caught.value.hint == "check username and password"
    assert "wrong-one" not in str(caught.value)


def test_a_repeated_page_loses_nothing(case: CrmCase, site: Site) -> None:
    """A server that gives the first page twice is asked for the second again."""
    read(case)
    assert case.server is not None
    first = site(next(item for item in case.server.asked if item.path == "/api/v3/deal"))
    pages = []
    for page in case.crm.iter_pages(ORDER_WINDOW):
        pages.append([record.order_id for record in page.records])
        if len(pages) == 1:
            case.server.faults.append(first)
    assert pages == [["1001", "1002", "1003"], ["1004", "1005"], []]


def test_a_server_that_knows_one_page_only_is_named(case: CrmCase, site: Site) -> None:
    """Half a list must not count as the whole."""
    assert case.server is not None
    page = answer("deals_page1.json")
    case.server.handler = lambda item: site(item) if "auth" in item.path else Reply(page)
    with pytest.raises(SourceUnavailableError):
        read(case)


def test_an_answer_without_paging_data_ends_at_an_empty_page(case: CrmCase, site: Site) -> None:
    """The envelope's numbers are a help, not a need."""
    assert case.server is not None

    def bare(item: Any) -> Reply:
        reply = site(item)
        if item.path == "/api/v3/deal":
            return Reply({"meta": {"status": 200}, "data": reply.body["data"]})
        return reply

    case.server.handler = bare
    assert len(read(case)[0]) == 5


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("timeCreated", None, "timeCreated is missing"),
        ("timeCreated", {"value": "вчера"}, "timeCreated is not a time"),
        ("timeCreated", {"value": 17}, "timeCreated is not a time"),
        ("price", {"value": "много"}, "value is not a number"),
        ("price", {"value": 1e999}, "value is not a number"),
        ("price", 5, "the row is not an object"),
        ("number", ["1"], "number is not a text"),
        ("contractorPhone", {"type": "phone", "value": "7,9E+10"}, "the phone number lost its digits"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(case: CrmCase, site: Site, field: str, value: object, reason: str) -> None:
    """The other deals of its page go on."""
    item = deal(site, "1002")
    item[field], item["contractor"] = value, None
    site.deals += [None, "deal", 7]
    assert case.server is not None

    def unsorted(request: Any) -> Reply:
        if request.path != "/api/v3/deal":
            return site(request)
        pagination = {"count": 5, "limit": 100}
        return Reply({"meta": {"status": 200, "pagination": pagination}, "data": copy.deepcopy(site.deals)})

    case.server.handler = unsorted
    orders, rejects = read(case)
    assert list(orders) == ["1001", "1003", "1004", "1005"]
    assert [reject.where for reject in rejects] == ["deal 1002", "row 6", "row 7", "row 8"]
    assert reason in rejects[0].reason


@pytest.mark.parametrize(("count", "is_all"), [(2, True), (9, False)])
def test_rows_without_ids_are_named_and_no_loop(case: CrmCase, site: Site, count: int, is_all: bool) -> None:
    """The next page follows a deal, and there is none; if more deals are said to be there, that is an error."""
    assert case.server is not None
    junk = Reply({"meta": {"status": 200, "pagination": {"count": count, "limit": 100}}, "data": [None, {"id": []}]})
    case.server.handler = lambda item: site(item) if "auth" in item.path else junk
    if is_all:
        assert [reject.where for reject in read(case)[1]] == ["row 1", "row 2"]
    else:
        with pytest.raises(SourceError):
            read(case)


def test_statuses_are_mapped_by_name_with_or_without_the_scheme(site: Site) -> None:
    """The user's words count before the system's."""
    with open_site(quick_tools(), site, lost_statuses=("в работе (Розничные продажи)",), open_statuses=("42",)) as case:
        orders, _ = read(case)
    assert orders["1004"].outcome is Outcome.LOST
    assert orders["1004"].status_raw == "В работе (Розничные продажи)"
    assert (orders["1002"].outcome, orders["1002"].closed_at) == (Outcome.OPEN, None)


def test_other_schemes_are_left_out(site: Site) -> None:
    """Purchases and repairs are deals as well."""
    deal(site, "1005")["program"] = {"contentType": "Program", "id": "8", "name": "Ремонт"}
    with open_site(quick_tools(), site, program="7") as case:
        assert set(read(case)[0]) == {"1001", "1002", "1003", "1004"}
        assert '"program":{"contentType":"Program","id":"7"}' in asked(case, "/api/v3/deal")[0]


def test_an_answer_that_is_no_list_is_an_error(case: CrmCase, site: Site) -> None:
    """Another system at the address is told apart from an empty one."""
    assert case.server is not None
    case.server.handler = lambda item: site(item) if "auth" in item.path else Reply({"data": "x"})
    with pytest.raises(SourceError):
        read(case)


def test_a_check_tells_of_missing_phones_and_how_statuses_are_understood(case: CrmCase, site: Site) -> None:
    """What a check finds is what a person can put right."""
    now = datetime.now(UTC).isoformat()
    for item in site.deals:
        item["timeCreated"] = item["timeUpdated"] = {"contentType": "DateTime", "value": now}
        item["contractor"] = item["contractorPhone"] = None
    site.page_limit = 100
    found = {finding.subject: finding for finding in case.crm.check()}
    assert found["phones"].level is Level.PROBLEM
    assert found["orders"].text.startswith("5 orders")
    assert "Выполнен (Розничные продажи) = won" in found["statuses"].text


def test_a_page_of_nothing_is_refused() -> None:
    """It would look like a system without orders."""
    with pytest.raises(ValueError, match="page_size"):
        Settings(url="https://example.org", username="x", password=Secret("env:X"), page_size=0)
