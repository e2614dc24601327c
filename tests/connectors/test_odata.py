"""What is particular to 1С over OData."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callscore.crm.odata import Settings, open_crm
from callscore.errors import SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Reject, Window
from callscore.outside.secret import Secret
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import Asked, Reply
from tests.connectors.case import CrmCase
from tests.connectors.cases.odata import ANSWERS, ORDERS, Base, open_base, rows, story_base
from tests.connectors.story import ORDER_WINDOW, quick_tools

KEY = "c0ffee00-0000-4000-8000-00000000"


@pytest.fixture
def base() -> Base:
    """Return an УНФ infobase with the fixtures as they are."""
    return Base()


@pytest.fixture
def case(base: Base) -> Iterator[CrmCase]:
    """Return the connector before that infobase."""
    with open_base(quick_tools(), base) as opened:
        yield opened


def trade() -> Base:
    """Return an УТ infobase: another document, people in another catalog, clients in two."""
    base = Base()
    base.sets = {
        "Document_ЗаказКлиента": rows("zakaz_klienta_page1.json"),
        "Catalog_Контрагенты": rows("kontragenty.json"),
        "Catalog_Партнеры": [{"Ref_Key": f"{KEY}6101", "Description": "Иванова", "КонтактнаяИнформация": []}],
        "Catalog_Пользователи": rows("sotrudniki.json"),
    }
    return base


def read(case: CrmCase, window: Window = ORDER_WINDOW) -> tuple[dict[str, OrderRecord], list[Reject]]:
    """Return the orders of a window by the last four digits of their ids, and the rows that were rejected."""
    pages = list(case.crm.iter_pages(window))
    orders = {record.order_id[-4:]: record for page in pages for record in page.records}
    return orders, [reject for page in pages for reject in page.rejects]


def asked(case: CrmCase, entity: str) -> list[Asked]:
    """Return the requests for an entity."""
    assert case.server is not None
    return [item for item in case.server.asked if item.path.rpartition("/")[2].startswith(entity)]


def many(number: int) -> list[dict[str, Any]]:
    """Return orders, one a minute."""
    first = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - 1С writes local times
    return [
        {
            "Ref_Key": f"{KEY}{place:04}",
            "Number": str(place),
            "Date": (first + timedelta(minutes=place)).isoformat(),
            "Posted": True,
            "СуммаДокумента": place,
        }
        for place in range(number)
    ]


def test_empty_references_are_nobody(case: CrmCase) -> None:
    """The key of zeros is no key; a client without phones is still a client."""
    orders, rejects = read(case)
    assert rejects == []
    assert (orders["1004"].responsible_id, orders["1004"].responsible_name) == (None, None)
    assert (orders["1004"].client_phones, orders["1004"].client_id) == ((), f"{KEY}5104")
    assert "00000000-0000" not in "".join(item.raw_query for item in asked(case, "Catalog_"))


def test_unf_tells_the_ending_beside_the_state(case: CrmCase) -> None:
    """«Завершен» is said of both; the kind of ending tells them apart. The currency comes from its code."""
    orders, _ = read(case)
    assert (orders["1001"].status_raw, orders["1001"].outcome) == ("Завершен (Успешно)", Outcome.WON)
    assert (orders["1002"].status_raw, orders["1002"].outcome) == ("Завершен (Отменен)", Outcome.LOST)
    assert (orders["1004"].status_raw, orders["1004"].outcome) == ("В работе", Outcome.OPEN)
    assert (orders["1001"].currency, orders["1001"].number) == ("RUB", "0000-000101")


@pytest.mark.parametrize("has_metadata", [True, False])
def test_ut_is_found_by_what_is_published(has_metadata: bool) -> None:
    """By $metadata, or by trying where that is not shown; people are users there, and clients are partners first."""
    base = trade()
    base.has_metadata = has_metadata
    with open_base(quick_tools(), base) as case:
        orders, _ = read(case)
    assert {number: order.outcome for number, order in orders.items()} == {
        "2001": Outcome.WON,
        "2004": Outcome.OPEN,
        "2005": Outcome.OPEN,
    }
    assert [order.responsible_name for order in orders.values()] == ["Соколова Анна", "Соколова Анна", "Лис Дарья"]
    assert (orders["2001"].client_id, orders["2001"].client_phones) == (f"{KEY}6101", ("+79000000101",))


@pytest.mark.parametrize("has_metadata", [True, False])
def test_unf_is_found_where_metadata_is_not_shown(base: Base, has_metadata: bool) -> None:
    """Everything works without it, by the usual names."""
    base.has_metadata = has_metadata
    base.targets = {}
    with open_base(quick_tools(), base) as case:
        orders, _ = read(case)
    assert (orders["1005"].responsible_name, orders["1005"].status_raw) == ("Лис Дарья", "Завершен (Успешно)")


def test_nothing_published_is_named(base: Base) -> None:
    """Whoever set it up is told what to tick."""
    del base.sets[ORDERS]
    for base.has_metadata in (True, False):
        with open_base(quick_tools(), base) as case, pytest.raises(SourceError) as caught:
            read(case)
        assert "Document_ЗаказКлиента" in caught.value.hint


def test_another_document_can_be_named(base: Base) -> None:
    """Configurations are changed, and some are written by hand."""
    base.sets["Document_Сделка"] = base.sets.pop(ORDERS)
    with open_base(quick_tools(), base, document="Document_Сделка") as case:
        assert set(read(case)[0]) == {"1001", "1002", "1004", "1005"}


def test_closed_orders_with_cancelled_lines_only_are_lost() -> None:
    """«Закрыт» does not tell a sale from a loss; the lines do."""
    base = trade()
    for order in base.sets["Document_ЗаказКлиента"]:
        order["Статус"] = "Закрыт"
    base.sets["Document_ЗаказКлиента_Товары"] = [
        {"Ref_Key": f"{KEY}2001", "LineNumber": "1", "Отменено": True},
        {"Ref_Key": f"{KEY}2001", "LineNumber": "2", "Отменено": True},
        {"Ref_Key": f"{KEY}2004", "LineNumber": "1", "Отменено": True},
        {"Ref_Key": f"{KEY}2004", "LineNumber": "2", "Отменено": False},
    ]
    with open_base(quick_tools(), base) as case:
        outcomes = [order.outcome for order in read(case)[0].values()]
    assert outcomes == [Outcome.LOST, Outcome.WON, Outcome.WON]
    base.has_metadata = False
    base.sets["Document_ЗаказКлиента"][2]["Товары"] = [{"LineNumber": "1", "Отменено": True}]
    with open_base(quick_tools(), base) as case:
        assert read(case)[0]["2005"].outcome is Outcome.LOST


def test_deleted_orders_are_lost_and_drafts_are_open(case: CrmCase, base: Base) -> None:
    """A mark for deletion comes after the order was open, and must not leave it so."""
    base.sets[ORDERS][0]["DeletionMark"] = True
    base.sets[ORDERS][3]["Posted"] = False
    orders, _ = read(case)
    assert (orders["1001"].outcome, orders["1005"].outcome) == (Outcome.LOST, Outcome.OPEN)


def test_the_users_words_count_first(base: Base) -> None:
    """By the state, by the ending, or by both."""
    with open_base(quick_tools(), base, won_statuses=("в работе",), open_statuses=("Завершен (Отменен)",)) as case:
        orders, _ = read(case)
    assert (orders["1004"].outcome, orders["1002"].outcome) == (Outcome.WON, Outcome.OPEN)


def test_requests_are_percent_encoded_and_ask_for_known_fields_only(case: CrmCase) -> None:
    """An unknown field in $select is an error, and a plus sign is no blank for 1С."""
    read(case)
    first = asked(case, ORDERS)[0]
    assert first.query["$filter"] == "Date ge datetime'2026-03-01T23:00:00' and Date lt datetime'2026-03-07T04:00:00'"
    assert first.query["$orderby"] == "Date,Ref_Key"
    assert "Ответственный_Key" in first.query["$select"]
    assert "Менеджер_Key" not in first.query["$select"]
    assert asked(case, "Catalog_Контрагенты")[0].query["$select"] == "Ref_Key,Description,КонтактнаяИнформация"


@pytest.mark.parametrize("status", [400, 500, 501])
def test_a_refused_filter_by_date_is_done_without(base: Base, status: int) -> None:
    """Then orders are read from the newest back to the start of the window, and no further."""
    base.refuses, base.refusal = ("Date ge",), Reply((ANSWERS / "error.json").read_bytes(), status=status)
    base.sets[ORDERS] = many(200)
    window = Window(start=datetime(2026, 3, 2, 9, 50, tzinfo=UTC), end=datetime(2026, 3, 2, 10, 10, tzinfo=UTC))
    with open_base(quick_tools(), base, page_size=40) as case:
        orders, _ = read(case, window)
        pages = [item for item in asked(case, ORDERS) if "Date ge" not in item.raw_query]
    assert sorted(orders) == [f"{number:04}" for number in range(170, 190)]
    assert {item.query["$orderby"] for item in pages} == {"Date desc"}
    assert len(pages) == 2


def test_an_installation_that_knows_little_is_asked_for_little(base: Base) -> None:
    """Without filters, choices of fields, and limits to what the user may see."""
    base.refuses = ("Date ge", "$select", "allowedOnly", "Ref_Key eq")
    with open_base(quick_tools(), base) as case:
        orders, _ = read(case)
    assert orders["1001"].responsible_name == "Соколова Анна"
    assert orders["1001"].client_phones == ("+79000000101",)


def test_one_that_refuses_everything_is_named(base: Base) -> None:
    """That is no empty list."""
    base.refuses = ("$orderby",)
    with open_base(quick_tools(), base) as case, pytest.raises(SourceError, match="cannot be listed"):
        read(case)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("limit", [1000, 7])
def test_pages_hold_every_order_once(base: Base, counts: bool, limit: int) -> None:
    """Pages overlap, a server may give less than was asked for, and the number of all is a text or missing."""
    base.sets[ORDERS] = many(130)
    base.counts, base.page_limit = counts, limit
    with open_base(quick_tools(), base, page_size=40) as case:
        pages = list(case.crm.iter_pages(ORDER_WINDOW))
    assert [order.number for page in pages for order in page.records] == [str(place) for place in range(130)]


@pytest.mark.parametrize("counts", [True, False])
def test_a_server_that_knows_no_pages_is_no_loop(base: Base, counts: bool) -> None:
    """Some gateways give everything at once, whatever is asked for."""
    whole = Reply({"value": base.sets[ORDERS], **({"odata.count": "4"} if counts else {})})
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        case.server.handler = lambda item: whole if item.path.endswith(ORDERS) else base(item)
        assert len(read(case)[0]) == 4


def test_rows_without_keys_are_no_loop(base: Base) -> None:
    """Nothing tells such pages apart, so they are not followed for ever."""
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        junk = Reply({"value": [None, {}], "odata.count": "9"})
        case.server.handler = lambda item: junk if item.path.endswith(ORDERS) else base(item)
        with pytest.raises(SourceUnavailableError):
            read(case)


@pytest.mark.parametrize("n_deleted", [1, 2, 15])
def test_orders_deleted_meanwhile_hide_no_others(base: Base, n_deleted: int) -> None:
    """Later orders move up behind the place that was read; what overlaps shows it."""
    base.sets[ORDERS] = many(130)
    with open_base(quick_tools(), base, page_size=40) as case:
        found: set[str | None] = set()
        for number, page in enumerate(case.crm.iter_pages(ORDER_WINDOW)):
            found |= {order.number for order in page.records}
            if number == 0:
                del base.sets[ORDERS][:n_deleted]
    assert found == {str(place) for place in range(130)}


def test_a_repeated_page_loses_nothing(base: Base) -> None:
    """A proxy that gives the first page for the second is asked again; one that always does is named."""
    base.sets[ORDERS] = many(10)
    base.page_limit = 5
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        read(case)
        first = base(asked(case, ORDERS)[0])
        pages = []
        for page in case.crm.iter_pages(ORDER_WINDOW):
            pages.append(len(page.records))
            if len(pages) == 1:
                case.server.faults.append(first)
        assert pages == [5, 5, 0]
        case.server.handler = lambda item: first if "$skip" in item.query else base(item)
        with pytest.raises(SourceUnavailableError):
            read(case)


def test_catalogs_are_asked_for_what_is_needed(base: Base) -> None:
    """Each entry once, twenty at a time, however many orders there are."""
    base.sets[ORDERS] = [{**order, "Контрагент_Key": f"{KEY}{place % 45 + 7000}"} for place, order in enumerate(many(130))]
    with open_base(quick_tools(), base, page_size=50) as case:
        read(case)
        keys = [item.query["$filter"].count("guid'") for item in asked(case, "Catalog_Контрагенты")]
    assert keys == [20, 20, 5]


def test_keys_that_are_none_reach_no_address(case: CrmCase, base: Base) -> None:
    """What comes from outside must not become a part of a query."""
    base.sets[ORDERS][0]["Контрагент_Key"] = "x' or Ref_Key ne guid'y"
    orders, _ = read(case)
    assert orders["1001"].client_phones == ()
    assert "ne guid" not in "".join(item.raw_query for item in asked(case, "Catalog_"))


@pytest.mark.parametrize(
    ("contact", "phones"),
    [
        ({"Тип": "Телефон", "Представление": "8 900 000-01-02, доб. 5", "НомерТелефона": ""}, ("+79000000102",)),
        ({"Тип": "Телефон", "Представление": "", "НомерТелефона": "79000000102"}, ("+79000000102",)),
        ({"Тип": "Телефон", "Представление": "+7 900 000-01-02", "НомерТелефона": "79000000102"}, ("+79000000102",)),
        ({"Тип": "АдресЭлектроннойПочты", "Представление": "79000000102@example.org"}, ()),
        ({"Тип": "Факс", "Представление": "+7 900 000-01-02"}, ()),
        ({"НомерТелефона": 79000000102}, ("+79000000102",)),
    ],
)
def test_phones_are_read_from_both_fields(case: CrmCase, base: Base, contact: dict[str, Any], phones: tuple[str, ...]) -> None:
    """The number may be empty while what people see holds it."""
    base.sets["Catalog_Контрагенты"][0]["КонтактнаяИнформация"] = [contact]
    assert read(case)[0]["1001"].client_phones == phones


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("Date", None, "Date is missing"),
        ("Date", "0001-01-01T00:00:00", "Date is missing"),
        ("Date", ["2026"], "Date is not a text"),
        ("Date", "2026-13-01T00:00:00", "Date is not a time"),
        ("СуммаДокумента", "много", "СуммаДокумента is not a number"),
        ("Статус", {"a": 1}, "Статус is not a text"),
        ("DeletionMark", "может быть", "DeletionMark is neither true nor false"),
        ("Ref_Key", None, "Ref_Key is missing"),
        ("Контрагент_Key", 7.5, ""),
    ],
)
def test_a_row_that_cannot_be_used_is_named(base: Base, field: str, value: object, reason: str) -> None:
    """The other orders of its page go on."""
    answer = [*rows("zakaz_pokupatelya_page1.json"), None, "order", *rows("zakaz_pokupatelya_page2.json")]
    answer[1][field] = value
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        case.server.handler = lambda item: Reply({"value": answer}) if item.path.endswith(ORDERS) else base(item)
        orders, rejects = read(case)
    assert {"1001", "1004", "1005"} <= set(orders)
    assert {("row 3", "the row is not an object"), ("row 4", "the row is not an object")} <= {
        (reject.where, reject.reason) for reject in rejects
    }
    mine = [reject for reject in rejects if reject.where in (f"order {KEY}1002", "row 2")]
    assert [reject.reason for reject in mine] == ([reason] if reason else [])


def test_a_refused_login_is_named(case: CrmCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The body is empty; the status tells."""
    monkeypatch.setenv("ONEC_TEST_PASSWORD", "other")
    with pytest.raises(SourceAuthError) as caught:
        read(case)
    assert caught.value.hint == "check username and password"


def test_an_address_may_name_the_service_itself(base: Base) -> None:
    """People copy what their administrator sent them."""
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        url = f"{case.server.url}/unf/odata/standard.odata/"
        settings = Settings(url=url, username="Робот", password=Secret("env:ONEC_TEST_PASSWORD"))
        crm = open_crm("1c", settings, quick_tools())
        assert sum(len(page.records) for page in crm.iter_pages(ORDER_WINDOW)) == 4
        crm.close()


def test_atom_is_told_apart_from_a_fault(base: Base) -> None:
    """A platform too old for JSON will not learn it by being asked again."""
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        atom = Reply("<?xml version='1.0'?><feed/>", headers={"Content-Type": "application/atom+xml;type=feed"})
        case.server.handler = lambda item: atom if item.path.endswith(ORDERS) else base(item)
        with pytest.raises(SourceError) as caught:
            read(case)
    assert "Atom" in caught.value.message


def test_an_error_inside_a_success_is_an_error(base: Base) -> None:
    """Gateways before 1С lose the status."""
    with open_base(quick_tools(), base) as case:
        assert case.server is not None
        error = Reply((ANSWERS / "error.json").read_bytes())
        case.server.handler = lambda item: error if item.path.endswith(ORDERS) else base(item)
        with pytest.raises(SourceError):
            read(case)


def test_a_check_names_what_is_not_published() -> None:
    """Without phones no order joins a call; that is a problem, and a missing catalog of people is advice."""
    base = story_base()
    del base.sets["Catalog_Контрагенты"]
    with open_base(quick_tools(), base) as case:
        found = [finding for finding in case.crm.check() if finding.subject in ("catalogs", "phones")]
    assert [finding.level for finding in found] == [Level.PROBLEM, Level.PROBLEM]
    assert found[1].text == "Catalog_Контрагенты is not published"
    base = story_base()
    del base.sets["Catalog_Сотрудники"]
    with open_base(quick_tools(), base) as case:
        found = list(case.crm.check())
    assert [finding.level for finding in found if finding.subject == "catalogs"] == [Level.ADVICE]
    assert "Завершен (Успешно) = won" in next(finding.text for finding in found if finding.subject == "statuses")


def test_enough_days_are_read_again_by_default() -> None:
    """1С does not tell when an order changed: what was made weeks ago may be won today."""
    assert Settings.__dataclass_fields__["overlap_days"].default == 45


def test_a_page_of_nothing_is_refused() -> None:
    """It would look like a system without orders."""
    with pytest.raises(ValueError, match="page_size"):
        Settings(url="https://example.org", username="x", password=Secret("env:X"), page_size=0)
