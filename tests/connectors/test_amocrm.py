"""What is particular to amoCRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from callscore.crm.amocrm import open_crm
from callscore.crm.base import Crm
from callscore.errors import SourceAuthError, SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.cases.amocrm import Account, fixture, playing, rows
from tests.connectors.story import LATER, ORDER_WINDOW, quick_tools


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
    with closing(open_crm("sales", account.settings(server), quick_tools(naps))) as opened:
        yield opened


def read(crm: Crm, window: Window = ORDER_WINDOW) -> dict[str, OrderRecord]:
    """Return the orders by id."""
    return {order.order_id: order for page in crm.iter_pages(window) for order in page.records}


def rejected(crm: Crm) -> list[Reject]:
    """Return the rows that could not be read."""
    return [reject for page in crm.iter_pages(ORDER_WINDOW) for reject in page.rejects]


def test_statuses_have_the_names_of_their_pipeline(account: Account, crm: Crm) -> None:
    """142 and 143 end every pipeline, under whatever name; why a sale was lost stands behind it."""
    account.rows["leads"][1]["_embedded"]["loss_reason"] = [{"id": 4, "name": "Дорого"}]
    found = read(crm)
    assert [order.status_raw for order in found.values()] == [
        "Успешно реализовано",
        "Закрыто и не реализовано: Дорого",
        "В работе",
        "Успешно реализовано",
    ]
    assert [order.currency for order in found.values()] == ["RUB"] * 4


@pytest.mark.parametrize("words", ["в работе", "30001"])
def test_the_users_own_words_come_first(account: Account, server: ApiServer, words: str) -> None:
    """A status is named as people see it, or by its number; its closing is the last change."""
    with closing(open_crm("sales", account.settings(server, won_statuses=(words,)), quick_tools())) as crm:
        order = read(crm)["1004"]
    assert (order.outcome, order.closed_at_is_estimate) == (Outcome.WON, True)
    assert order.closed_at == datetime(2026, 3, 2, 8, 10, tzinfo=UTC)


def test_a_reason_for_a_loss_can_be_told_apart(account: Account, server: ApiServer) -> None:
    """A doubled lead is no lost sale."""
    account.rows["leads"][1]["_embedded"]["loss_reason"] = [{"id": 4, "name": "Дубль"}]
    settings = account.settings(server, open_statuses=("Закрыто и не реализовано: Дубль",))
    with closing(open_crm("sales", settings, quick_tools())) as crm:
        assert read(crm)["1002"].outcome is Outcome.OPEN


def test_marketing_fields_are_read(crm: Crm) -> None:
    """They are custom fields, known by their code."""
    assert read(crm)["1001"].utm == (("utm_source", "yandex"),)


def test_kopecks_count(account: Account, crm: Crm) -> None:
    """`price` is rounded down where an account has minor units."""
    account.rows["leads"][0].update(price=12490, price_with_minor_units=12490.5)
    assert read(crm)["1001"].amount == 12490.5


def test_the_main_contact_comes_first_and_firms_last(account: Account, crm: Crm) -> None:
    """Calls of all of them can have led to the lead."""
    inner = account.rows["leads"][0]["_embedded"]
    inner["contacts"] = [{"id": 5105, "is_main": False}, {"id": 5101, "is_main": True}]
    inner["companies"] = [{"id": 61}]
    field = {"field_code": "PHONE", "values": [{"value": "+7 495 000-02-00, 8 900 000-01-01"}]}
    account.rows["companies"] = [{"id": 61, "custom_fields_values": [field, {"field_code": None, "values": None}]}]
    order = read(crm)["1001"]
    assert order.client_phones == ("+79000000101", "+79000000105", "+74950000200")
    assert order.client_id == "contact 5101"


def test_a_client_without_a_phone_has_that_of_the_calls_noted_on_him(account: Account, crm: Crm) -> None:
    """`custom_fields_values` is null there; telephony writes whom it spoke with. Without such a note there is none."""
    assert read(crm)["1004"].client_phones == ("+79000000104",)
    account.rows["contacts/notes"] = []
    assert read(crm)["1004"].client_phones == ()


def test_calls_noted_on_a_lead_are_named(account: Account, server: ApiServer, crm: Crm) -> None:
    """By the id that the PBX gave, once, however often it is noted; calls of other leads do not come along."""
    notes = rows("notes", "calls_page1.json", "calls_page2.json")
    notes = [{**note, "entity_id": note["entity_id"] - 4100} for note in notes]
    account.rows["leads/notes"] = [*notes, {**notes[0], "id": 90}, {**notes[1], "id": 91, "note_type": "common"}]
    account.rows["leads/notes"].append({**notes[0], "id": 92, "params": None})
    found = read(crm)
    assert found["1001"].call_ids == ("00000000-0000-4000-8000-000000000001",)
    assert found["1004"].call_ids == ("00000000-0000-4000-8000-000000000004",)
    assert found["1005"].call_ids == ()
    asked = [parse_qs(item.raw_query) for item in server.asked if item.path.endswith("leads/notes")]
    assert {item["filter[updated_at][from]"][0] for item in asked} == {"1772348760"}  # a day before the oldest lead


def test_paging_ends_on_an_empty_page_too(account: Account, server: ApiServer, crm: Crm) -> None:
    """Some answers promise a next page that is not there; its address, on another host, is never asked."""
    account.promises_more = True
    assert len(read(crm)) == 4
    pages = [item.query["page"] for item in server.asked if item.path == "/api/v4/leads"]
    assert pages == ["1", "2", "3"]


def test_a_page_that_comes_twice_is_asked_for_again(server: ApiServer, crm: Crm, naps: list[float]) -> None:
    """Nothing behind it is lost."""
    expected = read(crm)
    answer, faults = server.handler, [Reply(fixture("leads_page1.json"))]

    def repeat(asked: Asked) -> Reply:
        is_second = asked.path == "/api/v4/leads" and asked.query.get("page") == "2"
        return faults.pop() if is_second and faults else answer(asked)

    server.handler = repeat
    naps.clear()
    assert read(crm) == expected
    assert any(nap > 0.25 for nap in naps)


def test_a_page_that_comes_forever_is_an_error(server: ApiServer, crm: Crm) -> None:
    """Where pages are not numbered, equal ones are no pages."""
    page = {name: value for name, value in fixture("leads_page1.json").items() if name != "_page"}
    answer = server.handler
    server.handler = lambda asked: Reply(page) if asked.path == "/api/v4/leads" else answer(asked)
    with pytest.raises(SourceError, match="again and again"):
        read(crm)


def test_an_older_lead_comes_when_it_is_changed(account: Account, crm: Crm) -> None:
    """Last month's lead is won today."""
    noon = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp())
    account.rows["leads"][2].update(status_id=142, updated_at=noon, closed_at=noon)
    assert [(key, order.outcome) for key, order in read(crm, LATER).items()] == [("1004", Outcome.WON)]


def test_a_lead_in_the_bin_is_no_order(account: Account, crm: Crm) -> None:
    """Deleted leads can still be listed."""
    account.rows["leads"][3]["is_deleted"] = True
    assert sorted(read(crm)) == ["1001", "1002", "1004"]


def test_leads_come_without_names_and_calls_where_those_are_refused(account: Account, server: ApiServer, crm: Crm) -> None:
    """A right that is missing costs what it protects, no more; the refused is asked for once."""
    account.refused = {"users", "leads/notes", "leads/pipelines", "account"}
    found = read(crm)
    assert [order.responsible_name for order in found.values()] == [None] * 4
    assert [order.status_raw for order in found.values()] == ["142", "143", "30001", "142"]
    assert sum(path.endswith("/users") for path in server.paths()) == 1


def test_missing_rights_are_found_by_a_check(account: Account, crm: Crm) -> None:
    """The check says what cannot be read without them."""
    account.refused = {"users", "leads/notes"}
    assert [finding.level for finding in crm.check() if finding.subject == "rights"] == [Level.PROBLEM, Level.ADVICE]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (fixture("error_401.json"), 401, "the token was refused"),
        (fixture("error_402.json"), 402, "not paid"),
        ("<html>forbidden</html>", 403, "no right to this"),
    ],
)
def test_errors_say_what_to_do(server: ApiServer, crm: Crm, body: Any, status: int, words: str) -> None:
    """Token, payment and rights are told apart."""
    server.faults.append(Reply(body, status=status))
    with pytest.raises(SourceAuthError, match=words):
        read(crm)


def test_requests_keep_their_distance(crm: Crm, naps: list[float]) -> None:
    """Five requests a second are fewer than the seven that get an address shut out."""
    read(crm)
    assert max(naps) <= 0.2
    assert len(naps) >= 5


def test_hostile_rows_are_left_out_alone(account: Account, crm: Crm) -> None:
    """Each bad row is named with its id where it has one; the others are read."""
    first = account.rows["leads"][0]
    account.rows["leads"] += [
        {**first, "id": 1011, "created_at": None},
        {**first, "id": 1012, "created_at": 10**400},
        {**first, "id": 1013, "price": {"value": 1}},
        {**first, "id": 1014, "_embedded": {"contacts": ["5101"]}},
        {**first, "id": None},
    ]
    account.rows["contacts"][3]["custom_fields_values"] = [{"field_code": "PHONE", "values": [{"value": "7,90000E+10"}]}]
    assert sorted(read(crm)) == ["1001", "1002", "1004", "1005"]
    places = [reject.where for reject in rejected(crm)]
    assert sorted(places) == ["contacts 5105", "lead 1011", "lead 1012", "lead 1013", "lead 1014", "leads, row 1"]


def test_both_forms_of_the_address_do(account: Account, server: ApiServer) -> None:
    """People copy it from the documentation as well as from the browser."""
    settings = replace(account.settings(server), url=f"{server.url}/api/v4/")
    with closing(open_crm("sales", settings, quick_tools())) as crm:
        assert len(read(crm)) == 4
