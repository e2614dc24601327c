"""What is particular to CommerceML: files of an exchange, and a shop asked as 1С asks it."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.commerceml import Settings, open_crm
from callscore.crm.onec_words import guess_outcome
from callscore.errors import ConfigError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import OrderRecord, Outcome
from tests.connectors.api_server import Reply
from tests.connectors.case import CrmCase
from tests.connectors.cases.commerceml import FILES, PASSWORD, Shop, open_folder, open_shop
from tests.connectors.story import ORDER_WINDOW, quick_tools


def read(case: CrmCase, window: Window = ORDER_WINDOW) -> tuple[dict[str, OrderRecord], list[Reject]]:
    """Return the orders of a window by id, the latest state of each, and what was rejected."""
    pages = list(case.crm.iter_pages(window))
    orders = {record.order_id: record for page in pages for record in page.records}
    return orders, [reject for page in pages for reject in page.rejects]


def document(**parts: str) -> str:
    """Return a document; `parts` overwrite its elements, `requisites` and `contacts` are XML."""
    base = {"Ид": "1", "Номер": "1", "Дата": "2026-03-02", "Время": "10:00:00", "ХозОперация": "Заказ товара", "Сумма": "10"}
    requisites, contacts = parts.pop("requisites", ""), parts.pop("contacts", "")
    own = "".join(f"<{name}>{value}</{name}>" for name, value in {**base, **parts}.items() if value)
    buyer = f"<Контрагент><Ид>9</Ид><Роль>Покупатель</Роль>{contacts}</Контрагент>"
    return f"<Документ>{own}<Контрагенты>{buyer}</Контрагенты><ЗначенияРеквизитов>{requisites}</ЗначенияРеквизитов></Документ>"


def requisite(name: str, value: str) -> str:
    """Return one requisite."""
    return f"<ЗначениеРеквизита><Наименование>{name}</Наименование><Значение>{value}</Значение></ЗначениеРеквизита>"


def message(*documents: str, generated: str = "2026-03-06T09:00:00", declared: str = "UTF-8") -> str:
    """Return a whole text."""
    head = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    return f'{head}<КоммерческаяИнформация ДатаФормирования="{generated}">{"".join(documents)}</КоммерческаяИнформация>'


def read_text(folder: Path, text: str | bytes, **options: Any) -> tuple[dict[str, OrderRecord], list[Reject]]:
    """Return the orders of one file."""
    with open_folder(folder / "exchange", quick_tools(), **options) as case:
        (folder / "exchange" / "orders.xml").write_bytes(text.encode() if isinstance(text, str) else text)
        return read(case)


def read_one(folder: Path, text: str, **options: Any) -> OrderRecord:
    """Return the only order of a file with one document."""
    orders, rejects = read_text(folder, message(text), **options)
    assert rejects == []
    (order,) = orders.values()
    return order


@pytest.mark.parametrize("name", ["orders_page1.xml", "orders_page1_cp1251_no_ns.xml"])
def test_namespace_and_encoding_do_not_count(tmp_path: Path, name: str) -> None:
    """The same orders come out of either; those of the story that a shop can tell are told."""
    with open_folder(tmp_path / "exchange", quick_tools(), name) as case:
        orders, rejects = read(case)
    first, second = orders.values()
    assert rejects == []
    assert (first.responsible_name, first.status_raw, first.currency) == ("Соколова Анна", "[F] Выполнен", "RUB")
    assert (first.closed_at, first.closed_at_is_estimate) == (datetime(2026, 3, 5, 12, tzinfo=UTC), False)
    assert (first.client_phones, first.client_id) == (("+79000000101",), "5101")
    assert (second.outcome, second.closed_at, second.client_phones) == (Outcome.LOST, None, ("+79000000102",))


def test_files_of_1c_tell_phones_in_every_way(tmp_path: Path) -> None:
    """Phones as elements, of people who speak for the client, by another name of the kind; refunds are no orders."""
    with open_folder(tmp_path / "exchange", quick_tools(), "orders_page2_from_1c.xml") as case:
        orders, _ = read(case)
    assert list(orders) == ["1004", "1005"]
    assert orders["1004"].client_phones == ("+79000000104", "+79000000204")
    assert orders["1005"].client_phones == ("+79000000105",)
    assert orders["1004"].responsible_name == "Соколова Анна"
    assert (orders["1005"].closed_at, orders["1005"].closed_at_is_estimate) == (datetime(2026, 3, 4, 15, 30, tzinfo=UTC), True)


def test_schema_3_has_containers(tmp_path: Path) -> None:
    """Documents are found at any depth, and a name of a status that speaks for itself is understood."""
    with open_folder(tmp_path / "exchange", quick_tools(), "orders_v3_container.xml") as case:
        orders, _ = read(case)
    assert (orders["1001"].outcome, orders["1001"].amount) == (Outcome.WON, 12490)


def test_a_later_file_overrules_an_earlier_one(tmp_path: Path) -> None:
    """The time of writing counts, not the name."""
    with open_folder(tmp_path / "exchange", quick_tools()) as case:
        folder = tmp_path / "exchange"
        new = message(document(requisites=requisite("Отменен", "true")), generated="2026-03-06T10:00:00")
        (folder / "a.xml").write_text(new, encoding="utf-8")
        (folder / "b.xml").write_text(message(document(), generated="2026-03-06T09:00:00"), encoding="utf-8")
        assert read(case)[0]["1"].outcome is Outcome.LOST


def test_an_old_order_in_a_new_file_is_told(tmp_path: Path) -> None:
    """An exchange gives what has changed and often does not say when: an order of January that is cancelled in March comes."""
    late = Window(start=datetime(2026, 3, 5, tzinfo=UTC), end=datetime(2026, 3, 7, tzinfo=UTC))
    old = document(Дата="2026-01-10", requisites=requisite("Отменен", "true"))
    with open_folder(tmp_path / "exchange", quick_tools()) as case:
        (tmp_path / "exchange" / "a.xml").write_text(message(old), encoding="utf-8")
        assert read(case, late)[0]["1"].outcome is Outcome.LOST


def test_an_old_file_that_came_late_is_told(tmp_path: Path) -> None:
    """A share may have been away for weeks."""
    now = datetime.now(UTC)
    with open_folder(tmp_path / "exchange", quick_tools()) as case:
        path = tmp_path / "exchange" / "a.xml"
        path.write_text(message(document()), encoding="utf-8")
        late = Window(start=now - timedelta(hours=1), end=now + timedelta(days=1))
        assert list(read(case, late)[0]) == ["1"]
        os.utime(path, (1_700_000_000, 1_700_000_000))
        assert read(case, late) == ({}, [])


def test_a_half_written_file_is_named_and_left(tmp_path: Path) -> None:
    """What is whole in it is read with the rest, when that is there."""
    with open_folder(tmp_path / "exchange", quick_tools(), "broken.xml", "orders_page1.xml") as case:
        whole = message(document(Ид="7"), document(Ид="8"))
        path = tmp_path / "exchange" / "growing.xml"
        path.write_bytes(whole.encode()[:-30])
        (tmp_path / "exchange" / "empty.xml").touch()
        orders, rejects = read(case)
        assert sorted(orders) == ["1001", "1002"]
        assert [reject.where for reject in rejects] == ["broken.xml", "empty.xml", "growing.xml"]
        assert {reject.reason for reject in rejects} == {"the file is cut off; it is read when it is whole"}
        path.write_text(whole, encoding="utf-8")
        assert sorted(read(case)[0]) == ["1001", "1002", "7", "8"]


def test_a_file_broken_in_the_middle_is_named_by_line(tmp_path: Path) -> None:
    """What came before the damage is kept."""
    orders, rejects = read_text(tmp_path, message(document(), "\n<Документ><Ид>2</Ид></Документ", document(Ид="3")))
    assert list(orders) == ["1"]
    assert [reject.where for reject in rejects] == ["orders.xml:3"]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("UTF-8", "windows-1251"), ("windows-1251", "utf-8"), ("", "windows-1251"), ("", "utf-8-sig"), ("UTF-16", "utf-16")],
)
def test_a_wrong_declaration_of_the_encoding_is_seen_through(tmp_path: Path, declared: str, encoding: str) -> None:
    """Editors and scripts change one without the other."""
    text = message(document(requisites=requisite("Менеджер", "Лис Дарья")), declared=declared)
    orders, rejects = read_text(tmp_path, text.encode(encoding))
    assert (orders["1"].responsible_name, rejects) == ("Лис Дарья", [])


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a [<!ENTITY x "хаха"><!ENTITY y "&x;&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_are_refused(tmp_path: Path, head: str) -> None:
    """A file must not read other files, nor fill the memory."""
    text = message(document(Номер="&x;"), declared="")
    orders, rejects = read_text(tmp_path, f'<?xml version="1.0"?>{head}{text}')
    assert orders == {}
    assert "refused" in rejects[0].reason


def test_other_xml_is_named(tmp_path: Path) -> None:
    """A catalogue holds no orders; another format is no CommerceML, whatever it says at its end."""
    assert read_text(tmp_path, message("<Каталог><Ид>1</Ид></Каталог>")) == ({}, [])
    _, rejects = read_text(tmp_path, f"<yml>{message(declared='')}</yml>")
    assert rejects == [Reject(where="orders.xml", reason="it is no CommerceML; 0 documents before that were read")]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"Ид": ""}, "Ид is missing"),
        ({"Дата": ""}, "Дата is missing"),
        ({"Дата": "31.02.2026"}, "Дата is not a time"),
        ({"Дата": "0001-01-01", "Время": ""}, "Дата is missing"),
        ({"Сумма": "много"}, "Сумма is not a number"),
        ({"Сумма": "1e999"}, "Сумма is not a number"),
        ({"contacts": "<Телефон>7,9E+10</Телефон>"}, "the phone number lost its digits"),
    ],
)
def test_a_document_that_cannot_be_used_is_named(tmp_path: Path, parts: dict[str, str], reason: str) -> None:
    """The documents around it go on."""
    orders, rejects = read_text(tmp_path, message(document(), document(**{"Ид": "2", **parts}), document(Ид="3")))
    assert list(orders) == ["1", "3"]
    assert [reject.where for reject in rejects] == ["orders.xml: document 2"]
    assert reason in rejects[0].reason


@pytest.mark.parametrize(
    ("requisites", "outcome"),
    [
        ([("Отменен", "true"), ("Статус заказа", "Выполнен"), ("Заказ оплачен", "true")], Outcome.LOST),
        ([("Отменено", "Да")], Outcome.LOST),
        ([("ПометкаУдаления", "true")], Outcome.LOST),
        ([("СтатусЗаказа", "[P] Оплачен, готовится")], Outcome.WON),
        ([("СтатусЗаказа", "Не оплачен")], Outcome.OPEN),
        ([("Заказ оплачен", "false"), ("Финальный статус", "false")], Outcome.OPEN),
        ([("Дата отгрузки по 1С", "2026-03-04T18:30:00")], Outcome.WON),
        ([("Дата оплаты по 1С", "0001-01-01T00:00:00")], Outcome.OPEN),
        ([("Дата оплаты", "завтра")], Outcome.OPEN),
        ([("Финальный статус", "истина"), ("Статус", "Отказ клиента")], Outcome.LOST),
        ([("Проведен", "true")], Outcome.OPEN),
    ],
)
def test_requisites_tell_the_outcome(tmp_path: Path, requisites: list[tuple[str, str]], outcome: Outcome) -> None:
    """Cancelled or marked as deleted is lost, paid or shipped is won, and so is a status that says it."""
    assert read_one(tmp_path, document(requisites="".join(requisite(*item) for item in requisites))).outcome is outcome


def test_the_users_words_count_first(tmp_path: Path) -> None:
    """By the name of the status with its letter, without it, or by the letter; being cancelled is more than a word."""
    words = requisite("Статус заказа", "[DF] Отгружен") + requisite("Заказ оплачен", "true")
    for open_statuses in (("[DF] Отгружен",), ("отгружен",), ("df",)):
        assert read_one(tmp_path, document(requisites=words), open_statuses=open_statuses).outcome is Outcome.OPEN
    cancelled = document(requisites=words + requisite("Отменен", "true"))
    assert read_one(tmp_path, cancelled, won_statuses=("Отгружен",)).outcome is Outcome.LOST


def test_marks_of_schema_3_stand_in_the_document(tmp_path: Path) -> None:
    """A mark for deletion is an element there."""
    assert read_one(tmp_path, document(ПометкаУдаления="true")).outcome is Outcome.LOST


def test_times_come_in_several_forms(tmp_path: Path) -> None:
    """Date and time apart, together, with dots, or each as half of a date with a time; all local."""
    at = datetime(2026, 3, 2, 7, tzinfo=UTC)
    for day, hour in [
        ("02.03.2026", "10:00"),
        ("2026-03-02T10:00:00", ""),
        ("2026-03-02T00:00:00", "10:00:00"),
        ("2026-03-02", "0001-01-01T10:00:00"),
    ]:
        assert read_one(tmp_path, document(Дата=day, Время=hour)).created_at == at


def test_other_operations_can_be_orders(tmp_path: Path) -> None:
    """What a document is called depends on the engine; our own purchases are none in any case."""
    text = message(document(ХозОперация="Отпуск товара"), document(Ид="2", Роль="Покупатель"), document(Ид="3", ХозОперация=""))
    assert list(read_text(tmp_path, text)[0]) == ["3"]
    assert list(read_text(tmp_path, text, operations=("отпуск товара",))[0]) == ["1", "3"]


def test_patterns_and_archives_are_read(tmp_path: Path) -> None:
    """1С packs what it writes; a pattern keeps catalogues out."""
    folder = tmp_path / "exchange"
    with open_folder(folder, quick_tools(), path=folder / "orders-*") as case:
        with zipfile.ZipFile(folder / "orders-1.zip", "w") as archive:
            archive.writestr("webdata/orders.xml", message(document()))
            archive.writestr("webdata/cut.xml", message(document(Ид="5"))[:-20])
        data = (folder / "orders-1.zip").read_bytes()
        (folder / "orders-2.zip").write_bytes(data[:-40])
        (folder / "orders-3.xml").write_text(message(document(Ид="3")), encoding="utf-8")
        (folder / "import.xml").write_text(message(document(Ид="4")), encoding="utf-8")
        orders, rejects = read(case)
    assert sorted(orders) == ["1", "3"]
    assert {reject.where for reject in rejects} == {"orders-1.zip/cut.xml", "orders-2.zip"}


def test_a_missing_folder_is_an_error_and_an_empty_one_is_not(tmp_path: Path) -> None:
    """A share that is not mounted must not look like a day without orders."""
    with (
        open_folder(tmp_path / "exchange", quick_tools(), path=tmp_path / "none") as case,
        pytest.raises(SourceError, match="no such folder"),
    ):
        read(case)
    with open_folder(tmp_path / "exchange", quick_tools()) as case:
        assert read(case) == ({}, [])
        assert [finding.level for finding in case.crm.check()] == [Level.ADVICE, Level.ADVICE]


def test_long_files_are_read_piece_by_piece(tmp_path: Path) -> None:
    """Memory holds one document, not the file."""
    (tmp_path / "exchange").mkdir()
    goods = "<Товары>" + "<Товар><Наименование>Чайник</Наименование></Товар>" * 40 + "</Товары>"
    documents = (document(Ид=str(number)).replace("<Контрагенты>", f"{goods}<Контрагенты>") for number in range(1500))
    text = message(f"<Контейнер>{''.join(documents)}</Контейнер>")
    (tmp_path / "exchange" / "orders.xml").write_text(text, encoding="utf-8")
    with open_folder(tmp_path / "exchange", quick_tools()) as case:
        tracemalloc.start()
        n_orders = sum(len(page.records) for page in case.crm.iter_pages(ORDER_WINDOW))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert n_orders == 1500
    assert peak < len(text.encode()) < 8_000_000


@pytest.mark.parametrize(
    "options", [{}, {"url": "https://shop.example/x"}, {"url": "https://shop.example/x", "path": Path("a")}]
)
def test_settings_that_say_too_little_or_too_much_are_refused(options: dict[str, Any]) -> None:
    """Either files or an address with a login."""
    with pytest.raises(ConfigError):
        open_crm("1c", Settings(**options), quick_tools())


@pytest.fixture
def shop() -> Shop:
    """Return a shop with the first orders of the story."""
    return Shop()


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def online(shop: Shop, naps: list[float]) -> Iterator[CrmCase]:
    """Return the connector before that shop."""
    with open_shop(quick_tools(naps), shop) as case:
        yield case


def modes(case: CrmCase) -> list[str]:
    """Return the modes that were asked for."""
    assert case.server is not None
    return [item.query["mode"] for item in case.server.asked]


def test_a_shop_is_asked_as_1c_asks_and_never_told_success(online: CrmCase) -> None:
    """The real 1С would lose the orders; a line of the shop's own cannot change the mode either."""
    orders, _ = read(online)
    assert sorted(orders) == ["1001", "1002"]
    list(online.crm.check())
    assert modes(online) == ["checkauth", "init", "query", "checkauth", "init"]
    assert online.server is not None
    assert {item.method for item in online.server.asked} == {"GET"}
    assert {item.query["route"] for item in online.server.asked} == {"export/exchange1c"}


def test_a_shop_that_is_not_ready_is_asked_again(online: CrmCase, shop: Shop, naps: list[float]) -> None:
    """`progress` wants patience."""
    shop.n_progress = 7
    assert len(read(online)[0]) == 2
    assert len(naps) == 7


def test_a_packed_answer_is_unpacked(online: CrmCase, shop: Shop) -> None:
    """Whatever the shop says about zip before."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.write(FILES / "orders_page1_cp1251_no_ns.xml", "orders.xml")
    shop.answers = [Reply(stream.getvalue()[:-9]), Reply(stream.getvalue())]
    assert sorted(read(online)[0]) == ["1001", "1002"]
    assert modes(online).count("query") == 2


@pytest.mark.parametrize("half", [b"", b"<?xml version='1.0'?><a>", (FILES / "broken.xml").read_bytes(), b"<html>1</html>"])
def test_half_an_answer_is_asked_for_again(online: CrmCase, shop: Shop, half: bytes) -> None:
    """PHP that dies leaves an empty page, a cut-off one, or its own."""
    shop.answers = [Reply(half), *shop.answers]
    assert len(read(online)[0]) == 2
    shop.answers = [Reply(half)]
    with pytest.raises(SourceUnavailableError):
        read(online)


def test_a_failure_is_an_error(online: CrmCase, shop: Shop) -> None:
    """It comes with status 200 and in another encoding; what it says is not repeated."""
    shop.answers = [Reply("failure\nНет прав у 89000000101".encode("windows-1251"))]
    with pytest.raises(SourceError) as caught:
        read(online)
    assert "89000000101" not in caught.value.message
    assert caught.value.where == "127.0.0.1"


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_refused_login_is_named(online: CrmCase, status: int) -> None:
    """Shops say it by `failure` or by HTTP."""
    assert online.server is not None
    online.server.handler = lambda _: Reply("failure\nОшибка авторизации", status=status)
    with pytest.raises(SourceAuthError) as caught:
        read(online)
    assert "password" in caught.value.hint
    assert PASSWORD not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize("fault", [Reply(status=503), Reply(wait_s=2.5), Reply("<html>работы</html>"), Reply(b"", cut_after=0)])
def test_a_passing_error_of_the_exchange_is_tried_again(online: CrmCase, naps: list[float], fault: Reply) -> None:
    """One failed answer is no reason to lose a night."""
    assert online.server is not None
    online.server.faults.append(fault)
    assert len(read(online)[0]) == 2
    assert naps


def test_new_orders_come_whatever_their_dates(online: CrmCase, shop: Shop) -> None:
    """A shop gives what has changed: an old order that comes now has changed now."""
    now = datetime.now(UTC)
    shop.answers = [Reply(message(document(Дата="2025-01-10"), generated=now.isoformat()))]
    window = Window(start=now - timedelta(hours=1), end=now + timedelta(days=1))
    assert list(read(online, window)[0]) == ["1"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Завершён", Outcome.WON),
        ("Доставлен клиенту", Outcome.WON),
        ("Не завершен", Outcome.OPEN),
        ("Частично отгружен", Outcome.OPEN),
        ("Ожидает оплаты", Outcome.OPEN),
        ("К отгрузке", Outcome.OPEN),
        ("Возвращён", Outcome.LOST),
        ("", Outcome.OPEN),
    ],
)
def test_names_of_statuses_are_understood_where_they_are_plain(status: str, outcome: Outcome) -> None:
    """A first guess; the user's own lists overrule it."""
    assert guess_outcome(status) is outcome
