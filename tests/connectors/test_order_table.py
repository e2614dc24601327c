"""What is particular to tables of orders."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from callscore.crm.order_table import OrderTable, Settings, open_crm
from callscore.crm.order_words import guess_outcome
from callscore.errors import SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import OrderRecord, Outcome
from tests.connectors.story import FIXTURES, ORDER_WINDOW, quick_tools

HEADER = "ID;Дата создания;Телефон;Сумма;Статус;Дата закрытия\n"


def opened(path: Path, **given: object) -> OrderTable:
    """Return the source for a path."""
    return open_crm("shop", replace(Settings(path=path), **given), quick_tools())  # type: ignore[arg-type]


def table(folder: Path, text: str) -> Path:
    """Write a table that was last written long ago."""
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (0, 0))
    return path


def read(source: OrderTable, window: Window = ORDER_WINDOW) -> list[OrderRecord]:
    """Return the orders."""
    return [order for page in source.iter_pages(window) for order in page.records]


def rejected(source: OrderTable) -> list[Reject]:
    """Return the rows that could not be used."""
    return [reject for page in source.iter_pages(ORDER_WINDOW) for reject in page.rejects]


def test_sums_with_blanks_and_currencies_are_numbers() -> None:
    """No-break spaces, commas and ₽ are how people write money."""
    orders = read(opened(FIXTURES / "csv_excel" / "orders.csv"))
    assert [(order.amount, order.currency) for order in orders] == [
        (12490.0, "RUB"),
        (7990.0, "RUB"),
        (3490.0, "RUB"),
        (24900.0, "RUB"),
    ]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *(("Выполнен", "won"), ("Успешно реализовано", "won"), ("Оплачен", "won"), ("Closed won", "won"), ("Продажа", "won")),
        *(("Отменён", "lost"), ("Закрыто и не реализовано", "lost"), ("Возврат", "lost"), ("Closed lost", "lost")),
        *(("Не оплачен", "open"), ("Ожидает отгрузки", "open"), ("Частично отгружен", "open"), ("Доставляется", "open")),
        *(("Закрыт", "open"), ("", "open"), ("ромашка", "open"), ("Unpaid", "open"), ("В работе", "open")),
    ],
)
def test_statuses_are_guessed_by_their_words(status: str, outcome: str) -> None:
    """What denies goes before what confirms, and an unknown word is no sale."""
    assert guess_outcome(status) is Outcome(outcome)


def test_the_users_statuses_go_before_the_guess(tmp_path: Path) -> None:
    """Only the shop knows what its own words mean."""
    path = table(tmp_path, HEADER + "1;02.03.2026;79000000101;5;Закрыт;05.03.2026\n2;02.03.2026;79000000102;5;Выполнен;\n")
    orders = read(opened(path, won_statuses=("закрыт",), open_statuses=("Выполнен",)))
    assert [(order.outcome, order.closed_at is None) for order in orders] == [(Outcome.WON, False), (Outcome.OPEN, True)]


def test_a_change_stands_for_a_missing_closing_time(tmp_path: Path) -> None:
    """The record says that it is an estimate; an open order has none."""
    path = table(tmp_path, "ID;Создан;Изменен;Статус\n1;02.03.2026;04.03.2026;Оплачен\n2;02.03.2026;04.03.2026;Новый\n")
    orders = read(opened(path))
    assert [(order.closed_at, order.closed_at_is_estimate) for order in orders] == [
        (datetime(2026, 3, 3, 21, tzinfo=UTC), True),
        (None, False),
    ]


def test_an_order_counts_when_it_is_created_closed_or_changed(tmp_path: Path) -> None:
    """An old order that was won yesterday is news."""
    text = HEADER + (
        "1;01.02.2026;79000000101;5;Выполнен;03.03.2026\n2;01.02.2026;79000000102;5;Выполнен;05.02.2026\n"
        "3;02.03.2026;79000000103;5;В работе;01.06.2026\n"
    )
    path = table(tmp_path, text)
    assert [order.order_id for order in read(opened(path))] == ["1", "3"]
    written = ORDER_WINDOW.start.timestamp() + 60
    os.utime(path, (written, written))
    # Nothing else tells when the status of the second one changed.
    assert [order.order_id for order in read(opened(path))] == ["1", "2", "3"]


def test_several_phones_of_a_client_are_all_kept(tmp_path: Path) -> None:
    """A call from any of them is the client's."""
    path = table(tmp_path, HEADER + '1;02.03.2026;"8 900 000-01-01, +7 900 000-01-02 Мария";5;Новый;\n')
    assert read(opened(path))[0].client_phones == ("+79000000101", "+79000000102")


def test_one_bad_row_does_not_spoil_the_others(tmp_path: Path) -> None:
    """Destroyed phones, sums that are none, missing dates: named by line."""
    text = HEADER + (
        "1;02.03.2026;7,90000E+10;5;Новый;\n2;;79000000101;5;Новый;\n3;02.03.2026;79000000101;много;Новый;\n"
        "4;02.03.2026;79000000101;5;Новый;\n5;02.03.2026;79000000101;5;Новый;;лишнее\n"
    )
    source = opened(table(tmp_path, text))
    assert [order.order_id for order in read(source)] == ["4"]
    assert [reject.where for reject in rejected(source)] == [f"orders.csv:{line}" for line in (2, 3, 4, 6)]


def test_a_workbook_is_read_like_a_text(tmp_path: Path) -> None:
    """Numbers, dates and a total as Excel holds them."""
    book = openpyxl.Workbook()
    for row in (
        ("Заказы", None),
        ("№ заказа", "Дата заказа", "Телефон", "Сумма, руб.", "Статус"),
        (1001, datetime(2026, 3, 2, 10, 6), 79000000101, 12490.5, "Выполнен"),  # noqa: DTZ001
        ("Итого", None, None, 12490.5, None),
    ):
        book.worksheets[0].append(list(row))
    book.save(tmp_path / "t.xlsx")
    (order,) = read(opened(tmp_path / "t.xlsx"))
    assert (order.order_id, order.amount, order.client_phones) == ("1001", 12490.5, ("+79000000101",))
    assert order.created_at == datetime(2026, 3, 2, 7, 6, tzinfo=UTC)


def test_an_order_without_an_id_keeps_its_own(tmp_path: Path) -> None:
    """A new status or sum makes no new order."""
    header = "Дата создания;Телефон;Сумма;Статус\n"
    before = read(opened(table(tmp_path, header + "02.03.2026 10:06;79000000101;5;Новый\n")))[0].order_id
    after = read(opened(table(tmp_path, header + "02.03.2026 10:06:00;8 900 000 01 01;7;Оплачен\n")))[0].order_id
    assert before == after


def test_a_table_of_calls_makes_no_orders() -> None:
    """A wrong path is named at once."""
    with pytest.raises(SourceError, match="is one of calls, not of orders"):
        read(opened(FIXTURES / "csv_excel" / "calls_page1_cp1251.csv"))


def test_a_check_shows_how_statuses_are_understood() -> None:
    """Whoever sets it up sees at once what must be said in the settings."""
    findings = list(opened(FIXTURES / "csv_excel" / "orders.csv").check())
    assert any("Выполнен = won" in finding.text for finding in findings)
    assert {finding.level for finding in findings} == {Level.FINE}
