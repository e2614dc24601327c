"""What headings mean, and what single cells say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.outside.cells import parse_amount, parse_duration, parse_moment
from callscore.outside.columns import CALLS, ORDERS, ColumnError, is_in_minutes, lacks_of_calls, lacks_of_orders
from callscore.outside.rows import RowError

MOSCOW = "Europe/Moscow"
AT = datetime(2026, 3, 2, 7, 2, tzinfo=UTC)


def calls(*header: str, **given: str) -> dict[str, str]:
    """Return the guess for a table of calls."""
    return dict(CALLS.guess(header, given).headings)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Дата и время звонка (МСК)", "started_at"),
        ("ДАТА  ВРЕМЯ", "started_at"),
        ("calldate", "started_at"),
        ("startTime", "started_at"),
        ("Тип звонка", "direction"),
        ("Номер телефона клиента", "client_phone"),
        ("Откуда", "from_phone"),
        ("dst", "to_phone"),
        ("Номер линии:", "line_phone"),
        ("ФИО сотрудника", "operator_name"),
        ("Вн. номер", "extension"),
        ("Ожидание, сек", "wait_s"),
        ("Время разговора (чч:мм:сс)", "talk_s"),
        ("talk_s", "talk_s"),
        ("billsec", "talk_s"),
        ("Длительность", "duration_s"),
        ("Результат звонка", "disposition"),
        ("Ссылка на запись разговора", "recording"),
        ("ID звонка", "call_id"),
        ("Статус звонка в системе", "disposition"),
    ],
)
def test_headings_of_calls_are_understood(heading: str, field: str) -> None:
    """Capitals, marks, brackets and units make no difference, in Russian and English."""
    assert calls("Цвет", heading) == {field: heading}


def test_the_better_heading_wins() -> None:
    """Each field has one column, and each column one meaning."""
    found = calls("Номер", "Телефон", "Номер клиента", "Статус", "Результат")
    assert found == {"client_phone": "Номер клиента", "disposition": "Результат"}


def test_day_and_time_apart_stay_apart_only_together() -> None:
    """Alone each of them is the start."""
    assert calls("Дата", "Время") == {"date": "Дата", "time": "Время"}
    assert calls("Дата") == {"started_at": "Дата"}
    assert calls("Время звонка") == {"started_at": "Время звонка"}
    assert calls("Дата и время", "Время") == {"started_at": "Дата и время"}


def test_a_number_of_rows_is_no_phone() -> None:
    """The column "№" counts rows; "№ заказа" is a number of something."""
    assert calls("№", "№ п/п") == {}
    assert dict(ORDERS.guess(["№", "№ заказа"]).headings) == {"order_id": "№ заказа"}


def test_what_the_user_says_beats_the_dictionary() -> None:
    """A wrong guess can be mended, and a field can be switched off."""
    found = calls("Телефон", "Номер (Б)", "Очередь", client_phone="Номер (Б)", queue="")
    assert found == {"client_phone": "Номер (Б)"}


def test_a_column_that_is_not_there_is_named() -> None:
    """A typo in the settings is no empty column."""
    with pytest.raises(ColumnError, match="no column 'Тилефон', did you mean 'Телефон'"):
        calls("Телефон", client_phone="Тилефон")
    with pytest.raises(ValueError, match="did you mean client_phone"):
        CALLS.parse(["client_phon = Телефон"])
    with pytest.raises(ValueError, match="is no field"):
        CALLS.parse(["Телефон"])


def test_titles_and_values_are_no_headings() -> None:
    """The header is the row with most known headings."""
    assert CALLS.count(["Отчёт по звонкам за март", ""]) == 0
    assert CALLS.count(["02.03.2026", "Анна", "79000000101", "x" * 5000]) == 0
    assert CALLS.count(["Дата", "Клиент", "Дата"]) == 2


def test_calls_and_orders_are_told_apart() -> None:
    """A folder with both kinds gives neither made-up calls nor made-up orders."""
    of_calls, of_orders = ["Дата", "Телефон", "Статус", "Разговор"], ["Дата", "Телефон", "Статус", "Сумма"]
    assert lacks_of_calls(CALLS.guess(of_calls)) == lacks_of_orders(ORDERS.guess(of_orders)) == ""
    assert lacks_of_calls(CALLS.guess(of_orders)) == "is one of orders, not of calls"
    assert lacks_of_orders(ORDERS.guess(of_calls)) == "is one of calls, not of orders"
    assert lacks_of_calls(CALLS.guess(["Телефон"])) == "has no column with the time of calls"


def test_minutes_are_said_by_the_heading() -> None:
    """A whole word, not a part of one."""
    assert [is_in_minutes(text) for text in ("Разговор, мин", "Minutes", "Имя администратора", "мин:сек")] == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "02.03.2026 10:02",
            "02.03.2026 10:02:00",
            "2.3.2026 10:02",
            "02.03.26 10:02",
            "02.03.2026, 10:02:00",
            "02.03.2026 в 10:02",
        ),
        *(
            "2026-03-02 10:02:00",
            "2026-03-02T10:02:00.000",
            "2026-03-02T07:02:00Z",
            "2026-03-02 10:02:00 +0300",
            "2 марта 2026 10:02",
        ),
        *("2 марта 2026 г., 10:02", "2026/03/02 10:02:00", "46083,4180555556", "46083.41805556", "1772434920", "1772434920000"),
    ],
)
def test_moments_are_read_in_all_their_forms(text: str) -> None:
    """A time without an offset is one of the configured zone."""
    assert parse_moment(text, MOSCOW) == AT


@pytest.mark.parametrize("clock", ["10:02", "10:02:00", "0,418055556", "1899-12-30T10:02:00"])
def test_a_time_of_day_of_its_own_is_added(clock: str) -> None:
    """Day and time may stand in two columns, the day with a midnight that means nothing."""
    assert parse_moment("2026-03-02T00:00:00", MOSCOW, clock) == AT
    assert parse_moment("46083", MOSCOW, clock) == AT
    assert parse_moment("02.03.2026 10:02", MOSCOW, "00:03:04") == AT


@pytest.mark.parametrize(
    "text", ["31.02.2026", "скоро", "12345", "5.5", "1.2.3", "99999999999999999999", "1e400", "32.13.2026 25:61"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A wrong date is never a near one."""
    with pytest.raises(RowError):
        parse_moment(text, MOSCOW)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        *(
            ("184", 184_000),
            ("240,0", 240_000),
            ("3:04", 184_000),
            ("03:04", 184_000),
            ("00:03:04", 184_000),
            ("0:03:04.5", 184_000),
        ),
        *(("25:00:01", 90_001_000), ("3 мин 4 сек", 184_000), ("3m4s", 184_000), ("1 ч", 3_600_000), ("0,0021296296", 184_000)),
        *(("0", 0), ("0.5", 500), ("-", None), ("", None), ("н/д", None)),
    ],
)
def test_durations_are_read_in_all_their_forms(text: str, ms: int | None) -> None:
    """Seconds, clocks, words, and the fractions of a day that spreadsheets hold."""
    assert parse_duration(text) == ms


def test_minutes_are_minutes_where_the_heading_says_so() -> None:
    """Numbers alone cannot say their unit."""
    assert parse_duration("2,5", in_minutes=True) == 150_000
    assert parse_duration("2:30", in_minutes=True) == 150_000


@pytest.mark.parametrize("text", ["-5", "долго", "1e9", "5:", "nan", "inf", "1:2:3:4"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Nothing is guessed."""
    if text == "nan":
        assert parse_duration(text) is None
        return
    with pytest.raises(RowError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        *(
            ("12 490,00", 12490.0),
            ("24\u00a0900,00", 24900.0),
            ("3490,00 ₽", 3490.0),
            ("7990", 7990.0),
            ("1 234.50 руб.", 1234.5),
        ),
        *(
            ("1,234,567.89", 1234567.89),
            ("1.234.567,89", 1234567.89),
            ("12,490", 12490.0),
            ("12,5", 12.5),
            ("-500,00 р.", -500.0),
        ),
        *(("12490.5", 12490.5), ("1'000", 1000.0), ("$99.90", 99.9), ("-", None), ("", None)),
    ],
)
def test_sums_are_read_with_their_blanks_commas_and_currencies(text: str, amount: float | None) -> None:
    """Money is written in many ways."""
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["договорная", "12 шт", "1e999", "NaN1", "1-2"])
def test_what_is_no_sum_is_refused(text: str) -> None:
    """A made-up sum would be a made-up sale."""
    with pytest.raises(RowError):
        parse_amount(text)


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reading(text: str) -> None:
    """A cell is understood, empty, or a reason to leave the row out."""
    for parse in (
        lambda cell: parse_moment(cell, MOSCOW),
        lambda cell: parse_moment("02.03.2026", MOSCOW, cell),
        parse_duration,
        parse_amount,
    ):
        try:
            parse(text)
        except RowError:
            continue
