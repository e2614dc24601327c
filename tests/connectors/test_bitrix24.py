"""What is particular to Bitrix24."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callscore.crm.base import Crm
from callscore.crm.bitrix24 import Settings, open_crm
from callscore.errors import ConfigError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.cases.bitrix24 import Portal, deals, fixture, playing
from tests.connectors.story import LATER, ORDER_WINDOW, quick_tools


@pytest.fixture
def portal() -> Portal:
    """Return a portal with the story."""
    return Portal()


@pytest.fixture
def server(portal: Portal) -> Iterator[ApiServer]:
    """Return the portal as a server."""
    with playing(portal) as site:
        yield site


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def crm(portal: Portal, server: ApiServer, naps: list[float]) -> Iterator[Crm]:
    """Return the source."""
    assert server.url
    with closing(open_crm("sales", portal.settings(), quick_tools(naps))) as opened:
        yield opened


def read(crm: Crm, window: Window = ORDER_WINDOW) -> dict[str, OrderRecord]:
    """Return the orders by id."""
    return {order.order_id: order for page in crm.iter_pages(window) for order in page.records}


def read_with(settings: Settings) -> dict[str, OrderRecord]:
    """Return the orders by id, as read with other settings."""
    with closing(open_crm("sales", settings, quick_tools())) as crm:
        return read(crm)


def rejected(crm: Crm) -> list[Reject]:
    """Return the rows that could not be read."""
    return [reject for page in crm.iter_pages(ORDER_WINDOW) for reject in page.rejects]


def as_item(row: dict[str, Any]) -> dict[str, Any]:
    """Return a deal of the older method as crm.item.list writes it."""
    return {
        "id": int(row["ID"]), "stageId": row["STAGE_ID"], "stageSemanticId": row["STAGE_SEMANTIC_ID"],
        "opportunity": float(row["OPPORTUNITY"]), "currencyId": row["CURRENCY_ID"], "assignedById": int(row["ASSIGNED_BY_ID"]),
        "contactId": int(row["CONTACT_ID"]), "contactIds": [int(row["CONTACT_ID"])], "companyId": 0,
        "createdTime": row["DATE_CREATE"], "updatedTime": row["DATE_MODIFY"], "movedTime": row["MOVED_TIME"],
        "closedate": row["CLOSEDATE"], "closed": row["CLOSED"], "utmSource": row["UTM_SOURCE"],
    }  # fmt: skip


def test_both_methods_tell_the_same(portal: Portal, server: ApiServer, crm: Crm) -> None:
    """The newer method has other names for the same fields."""
    portal.rows["crm.item.list"] = [as_item(row) for row in deals()]
    items = read_with(portal.settings(use_item_list=True))
    older = read(crm)
    assert {key: replace(order, utm=()) for key, order in items.items()} == {
        key: replace(order, utm=()) for key, order in older.items()
    }
    assert "/rest/1/secretcodeofthewebhook/crm.item.list" in server.paths()


def test_the_recorded_answer_of_items_is_read(portal: Portal, server: ApiServer) -> None:
    """What the newer method really answers holds the first order."""
    assert server.url
    portal.rows["crm.item.list"] = fixture("orders_item_list.json")["result"]["items"]
    order = read_with(portal.settings(use_item_list=True))["1001"]
    assert (order.outcome, order.amount, order.client_phones) == (Outcome.WON, 12490.0, ("+79000000101",))
    assert order.utm == (("utm_source", "yandex"), ("utm_medium", "cpc"))


def test_items_tell_all_contacts(portal: Portal, server: ApiServer) -> None:
    """A deal with two contacts can be led to by calls of either; the first is the main one."""
    assert server.url
    portal.rows["crm.item.list"] = [{**as_item(deals()[0]), "contactIds": [5101, 5105]}]
    order = read_with(portal.settings(use_item_list=True))["1001"]
    assert order.client_phones == ("+79000000101", "+79000000105")


def test_a_planned_day_closes_nothing(crm: Crm) -> None:
    """An open deal has a CLOSEDATE and a MOVED_TIME too."""
    order = read(crm)["1004"]
    assert (order.outcome, order.closed_at, order.status_raw) == (Outcome.OPEN, None, "Новая")


def test_a_deal_is_closed_when_it_comes_to_its_stage(portal: Portal, crm: Crm) -> None:
    """CLOSEDATE is a day that people write in; it stands in, as an estimate, where nothing better is told."""
    won, lost = portal.rows["crm.deal.list"][:2]
    won["CLOSEDATE"], lost["MOVED_TIME"] = "2026-03-01T00:00:00+03:00", None
    found = read(crm)
    assert (found["1001"].closed_at, found["1001"].closed_at_is_estimate) == (datetime(2026, 3, 5, 12, tzinfo=UTC), False)
    assert (found["1002"].closed_at, found["1002"].closed_at_is_estimate) == (datetime(2026, 3, 3, 9, tzinfo=UTC), True)


def test_a_stage_tells_its_outcome_where_the_meaning_is_missing(portal: Portal, crm: Crm) -> None:
    """The ids of the two standard final stages are the same in every pipeline."""
    for row in portal.rows["crm.deal.list"]:
        row["STAGE_SEMANTIC_ID"] = None
    assert [order.outcome for order in read(crm).values()] == [Outcome.WON, Outcome.LOST, Outcome.OPEN, Outcome.WON]


def test_the_users_own_words_come_first(portal: Portal, server: ApiServer) -> None:
    """A stage is named as people see it, or by its id."""
    assert server.url
    settings = portal.settings(won_statuses=("новая",), open_statuses=("C2:WON",))
    found = read_with(settings)
    assert (found["1004"].outcome, found["1004"].closed_at_is_estimate) == (Outcome.WON, True)
    assert (found["1005"].outcome, found["1005"].closed_at) == (Outcome.OPEN, None)


def test_phones_come_from_companies_too(portal: Portal, crm: Crm) -> None:
    """A deal with a firm has its numbers there; each number counts once, the contact's first."""
    portal.rows["crm.deal.list"][0]["COMPANY_ID"] = "77"
    portal.rows["crm.deal.list"][1].update(COMPANY_ID="77", CONTACT_ID=None)
    phones = [{"VALUE": "+7 495 000-02-00"}, {"VALUE": "8 900 000 01 01"}]
    portal.rows["crm.company.list"] = [{"ID": "77", "PHONE": phones}]
    found = read(crm)
    assert found["1001"].client_phones == ("+79000000101", "+74950000200")
    assert (found["1002"].client_phones, found["1002"].client_id) == (("+74950000200", "+79000000101"), "company 77")


def test_clients_are_asked_for_fifty_at_a_time(portal: Portal, server: ApiServer, crm: Crm) -> None:
    """The portal gives no more rows at once."""
    portal.page_size = 50
    first = deals()[0]
    portal.rows["crm.deal.list"] = [{**first, "ID": str(n), "CONTACT_ID": str(n)} for n in range(1, 121)]
    portal.rows["crm.contact.list"] = [{"ID": str(n), "PHONE": [{"VALUE": f"+79000001{n:03}"}]} for n in range(1, 121)]
    found = read(crm)
    assert found["120"].client_phones == ("+79000001120",)
    assert len(found) == 120
    sizes = [len(item.json()["filter"]["ID"]) for item in server.asked if item.path.endswith("crm.contact.list")]
    assert sizes == [50, 50, 20]


def test_paging_counts_nothing(server: ApiServer, crm: Crm) -> None:
    """Each page is asked for from the last id on; counting is what makes lists slow."""
    read(crm)
    asked = [item.json() for item in server.asked if item.path.endswith("crm.deal.list")]
    assert {item["start"] for item in asked} == {-1}
    assert [item["filter"][">ID"] for item in asked] == [0, 1002, 1005, 0]


def test_a_page_that_comes_twice_is_asked_for_again(portal: Portal, server: ApiServer, crm: Crm) -> None:
    """Nothing behind it is lost."""
    expected = read(crm)
    first = {"result": portal.rows["crm.deal.list"][:2]}
    answer, n_asked = server.handler, 0

    def repeat(asked: Asked) -> Reply:
        nonlocal n_asked
        n_asked += asked.path.endswith("crm.deal.list")
        return Reply(first) if n_asked == 2 and asked.path.endswith("crm.deal.list") else answer(asked)

    server.handler = repeat
    assert read(crm) == expected


def test_a_full_page_that_comes_forever_is_an_error(server: ApiServer, crm: Crm) -> None:
    """More lies behind it; to stop there would lose deals, to go on would never end."""
    same = {"result": [{**deals()[0], "ID": str(n)} for n in range(1, 51)]}
    answer = server.handler
    server.handler = lambda asked: Reply(same) if asked.path.endswith("crm.deal.list") else answer(asked)
    with pytest.raises(SourceError, match="again and again"):
        read(crm)


def test_an_older_deal_comes_when_it_is_changed(portal: Portal, crm: Crm) -> None:
    """Last month's deal is won today."""
    noon = "2026-05-01T12:00:00+03:00"
    portal.rows["crm.deal.list"][2].update(STAGE_SEMANTIC_ID="S", CLOSED="Y", MOVED_TIME=noon, DATE_MODIFY=noon)
    found = read(crm, LATER)
    assert [(key, order.outcome) for key, order in found.items()] == [("1004", Outcome.WON)]


def test_calls_tied_to_a_deal_are_named(portal: Portal, crm: Crm) -> None:
    """Also those tied to the lead that the deal came from, but none of other deals."""
    calls = portal.rows["voximplant.statistic.get"]
    calls[0].update(CRM_ENTITY_TYPE="DEAL", CRM_ENTITY_ID="1001", EXTERNAL_CALL_ID="pbx-101")
    calls[4].update(CRM_ENTITY_TYPE="DEAL", CRM_ENTITY_ID="5102")
    portal.rows["crm.deal.list"][1]["LEAD_ID"] = "5102"
    found = read(crm)
    assert found["1001"].call_ids == ("externalCall.EXAMPLE.101", "pbx-101")
    assert found["1002"].call_ids == ("externalCall.EXAMPLE.102",)
    assert found["1005"].call_ids == ()


def test_deals_come_without_calls_and_names_where_those_are_refused(portal: Portal, server: ApiServer, crm: Crm) -> None:
    """A right that is missing costs what it protects, no more; the refused is not asked for again and again."""
    portal.refused = {"voximplant.statistic.get", "user.get", "crm.status.list"}
    found = read(crm)
    assert [order.responsible_name for order in found.values()] == [None] * 4
    assert [order.status_raw for order in found.values()] == ["WON", "LOSE", "NEW", "C2:WON"]
    assert sum(path.endswith("voximplant.statistic.get") for path in server.paths()) == 1


def test_missing_rights_are_found_by_a_check(portal: Portal, crm: Crm) -> None:
    """The check says which right to give."""
    portal.refused = {"voximplant.statistic.get", "user.get"}
    found = {(finding.level, finding.hint.split('"')[1]) for finding in crm.check() if finding.subject == "rights"}
    assert found == {(Level.PROBLEM, "user"), (Level.ADVICE, "telephony")}


def test_a_clock_that_is_wrong_is_found_by_a_check(server: ApiServer, crm: Crm) -> None:
    """Three hours apart, calls and orders would not meet."""
    answer = server.handler
    late = (datetime.now(UTC) + timedelta(hours=3)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.handler = lambda asked: replace(answer(asked), headers={"Date": late})
    found = [finding.text for finding in crm.check() if finding.subject == "clock"]
    assert found == ["the system's clock is 180 min ahead of this computer's"]


@pytest.mark.parametrize(
    ("name", "status", "error", "words"),
    [
        ("error_token.json", 401, SourceAuthError, "the webhook was refused"),
        ("error_token.json", 200, SourceAuthError, "the webhook was refused"),
        ("error_scope.json", 403, SourceAuthError, "a right is missing"),
    ],
)
def test_errors_say_what_to_do(server: ApiServer, crm: Crm, name: str, status: int, error: type[Exception], words: str) -> None:
    """Each of the portal's errors is told apart by its code, whatever the status."""
    server.faults.append(Reply(fixture(name), status=status))
    with pytest.raises(error, match=words):
        read(crm)


@pytest.mark.parametrize("status", [503, 200])
def test_too_many_requests_wait_a_little(server: ApiServer, crm: Crm, naps: list[float], status: int) -> None:
    """Two a second are allowed for long; more bring a passing error."""
    server.faults.append(Reply(fixture("error_limit.json"), status=status))
    assert len(read(crm)) == 4
    assert max(naps) < 1.0


@pytest.mark.parametrize(
    ("times", "pause_s"), [({}, 150.0), ({"time": {"finish": 1772438400.3, "operating_reset_at": 1772438640}}, 239.7)]
)
def test_a_method_used_up_waits_until_it_is_free(
    server: ApiServer, crm: Crm, naps: list[float], times: dict[str, Any], pause_s: float
) -> None:
    """The portal says when; where it does not, four pauses outlast its ten minutes."""
    server.faults.append(Reply({**fixture("error_operation_time.json"), **times}, status=429))
    assert len(read(crm)) == 4
    assert max(naps) == pytest.approx(pause_s)


def test_a_portal_over_its_limits_for_long_is_unavailable(server: ApiServer, crm: Crm) -> None:
    """What was read before it is kept, and the run goes on another night."""
    pages = crm.iter_pages(ORDER_WINDOW)
    assert len(next(pages).records) == 2
    server.faults += [Reply(fixture("error_limit.json"), status=503)] * 3
    with pytest.raises(SourceUnavailableError):
        next(pages)


def test_an_answer_of_another_shape_is_an_error(server: ApiServer, crm: Crm) -> None:
    """A list where an object should be, or no result, is no Bitrix24."""
    for body in ([1], {"ok": True}, {"result": "text"}):
        server.faults[:] = [Reply(body)]
        with pytest.raises(SourceError):
            read(crm)


def test_hostile_rows_are_left_out_alone(portal: Portal, crm: Crm) -> None:
    """Each bad row is named with its id where it has one; the others are read."""
    first = portal.rows["crm.deal.list"][0]
    portal.page_size = 50
    portal.rows["crm.deal.list"] += [
        {**first, "ID": "1011", "DATE_CREATE": "2026-03-02T99:00:00+03:00", "DATE_MODIFY": None},
        {**first, "ID": "1012", "OPPORTUNITY": ["12490"]},
        {**first, "ID": "1013", "OPPORTUNITY": "1e999"},
        {**first, "ID": "1014", "STAGE_ID": {}},
    ]
    portal.rows["crm.contact.list"][3]["PHONE"] = [{"VALUE": "7,90000E+10"}]
    found = read(crm)
    assert sorted(found) == ["1001", "1002", "1004", "1005"]
    assert found["1005"].client_phones == ()
    expected = ["deal 1011", "deal 1012", "deal 1013", "deal 1014", "contact 5105"]
    assert [reject.where for reject in rejected(crm)] == expected


def test_a_webhook_that_is_none_is_named_by_its_place(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is a password: only the name of the variable is told."""
    monkeypatch.setenv("BITRIX24_WEBHOOK", "https://shop.bitrix24.ru/company/secret")
    with pytest.raises(ConfigError) as caught:
        read_with(portal.settings())
    assert caught.value.where == "env:BITRIX24_WEBHOOK"
    assert "shop" not in caught.value.message
