"""Phones, times, rows and windows, in all the spellings that come from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.outside.pages import Window
from callscore.outside.phones import Phone, parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError, clean_text
from callscore.outside.times import from_epoch, from_text, later

NUMBER = "+79000000101"
DIGITS = st.from_regex(r"9[0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "+79000000101",
        "79000000101",
        "89000000101",
        "9000000101",
        "8 (900) 000-01-01",
        "+7 900 000 01 01",
        "+8 900 000 01 01",
        "8-900-000-01-01",
        "8.900.000.01.01",
        "007 900 000-01-01",
        "79000000101.0",
        "79000000101,00",
        "sip:79000000101@pbx.example;user=phone",
        "tel:+7-900-000-01-01",
        "79000000101@sipproxy.telphin.ru",
        "\u202a+7\u00a0900\u00a0000\u201101\u201101\u202c",
        "тел. +7 900 000-01-01",
        "8 900 000-01-01; 8 900 000-01-02",
        "+7(900)000-01-01 / +7(900)000-01-02",
    ],
)
def test_all_spellings_are_one_number(text: str) -> None:
    """Calls and orders meet by this number only."""
    assert parse_phone(text).e164 == NUMBER


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("8 900 000-01-01 доб. 12", "12"),
        ("8 900 000-01-01 (доб. 12)", "12"),
        ("+79000000101 вн.12", "12"),
        ("+79000000101 внутр. 12", "12"),
        ("+79000000101 добавочный 12", "12"),
        ("+79000000101#12", "12"),
        ("+79000000101,12", "12"),
        ("+79000000101 ext. 12", "12"),
        ("tel:+79000000101;ext=12", "12"),
    ],
)
def test_extensions_behind_a_number_stand_apart(text: str, extension: str) -> None:
    """They are no part of the number."""
    assert parse_phone(text) == Phone(NUMBER, extension)


@pytest.mark.parametrize("text", ["101", "*100", "100500", " 7 ", "(101)"])
def test_short_numbers_are_extensions(text: str) -> None:
    """Up to six digits are somebody in the house."""
    found = parse_phone(text)
    assert found.e164 is None
    assert found.extension == "".join(char for char in text if char.isdigit())


@pytest.mark.parametrize(
    "text", [None, "", " ", "anonymous", "unknown", "restricted", "Скрытый номер", "+", "-", "s", "1" * 30]
)
def test_what_is_no_number(text: str | None) -> None:
    """Such a call joins nothing."""
    assert parse_phone(text) == Phone(None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+81 3 1234 5678", "+81312345678"),
        ("+380 44 123 45 67", "+380441234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("375291234567", "+375291234567"),
        ("8~10~49 30 1234567", "+49301234567"),
        ("810 49 30 1234567", "+49301234567"),
        ("0049 30 1234567", "+49301234567"),
        ("+1 212 555 0100", "+12125550100"),
        ("88005553535", "+78005553535"),
        ("4950000001", "+74950000001"),
    ],
)
def test_other_countries_and_cities(text: str, expected: str) -> None:
    """A plus, a trunk prefix or the number's own length tell the country."""
    assert parse_phone(text).e164 == expected


@pytest.mark.parametrize("text", ["7,9E+10", "7.9e10", "7,90000E+10", "7,9Е+10", " 9E+9 "])
def test_numbers_that_a_spreadsheet_spoilt_are_named(text: str) -> None:
    """Their digits are lost; the reason says what to do, and holds no number."""
    with pytest.raises(RowError, match="text column"):
        parse_phone(text)
    assert phone_or_text(text) == text


@given(
    DIGITS,
    st.sampled_from(["+7{}", "7{}", "8{}", "{}", "+7 {}", "8-{}", "007{}"]),
    st.sampled_from([(), (3, 6, 8), (3,), (3, 6)]),
)
def test_prefix_and_separators_change_nothing(digits: str, prefix: str, cuts: tuple[int, ...]) -> None:
    """Any Russian number, however it is written, is itself."""
    parts = [digits[start:end] for start, end in zip((0, *cuts), (*cuts, None), strict=True)]
    assert parse_phone(prefix.format("-".join(parts))).e164 == f"+7{digits}"


@given(DIGITS)
def test_what_was_parsed_parses_to_itself(digits: str) -> None:
    """Numbers pass through more than one system."""
    once = parse_phone(digits).e164
    assert parse_phone(once).e164 == once


@given(st.text(max_size=40) | st.text("0123456789+()-.,eE доб*#;@:", max_size=40))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    """No foreign value is a crash, and what is called E.164 has its form."""
    try:
        found = parse_phone(text)
    except RowError:
        return
    if found.e164 is not None:
        assert found.e164[0] == "+"
        assert found.e164[1:].isascii()
        assert 7 <= len(found.e164[1:]) <= 17
        assert found.e164[1:].isdigit()
    assert found.extension is None or (found.extension.isdigit() and len(found.extension) <= 6)


AT = datetime(2026, 3, 2, 7, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 10:02:00",
        "2026-03-02T10:02:00",
        "2026-03-02 10:02:00.000",
        "2026-03-02T07:02:00Z",
        "2026-03-02T10:02:00+03:00",
        "2026-03-02T10:02:00+0300",
        "02.03.2026 10:02:00",
        "02.03.2026 10:02",
        "02/03/2026 10:02",
        "2026/03/02 10:02:00",
        " 02.03.26 10:02 ",
    ],
)
def test_times_in_all_forms_are_one_moment(text: str) -> None:
    """An offset counts; without one the source's zone does."""
    assert from_text(text, "Europe/Moscow") == AT


def test_zones_are_those_of_the_day() -> None:
    """Volgograd changed its zone in December 2020; a fixed offset would be wrong on one side."""
    assert from_text("2020-12-01 12:00:00", "Europe/Volgograd") == datetime(2020, 12, 1, 8, tzinfo=UTC)
    assert from_text("2021-01-01 12:00:00", "Europe/Volgograd") == datetime(2021, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "  ", "0001-01-01T00:00:00", "0000-00-00 00:00:00"])
def test_no_date_is_no_date(text: str | None) -> None:
    """Systems write it in several ways."""
    assert from_text(text, "UTC") is None


@pytest.mark.parametrize(
    "text", ["yesterday", "32.01.2026", "2026-13-01", "1999-12-31 23:59:59", "2100-01-01", "9999-12-31T23:59:59-14:00"]
)
def test_what_is_no_time_is_named(text: str) -> None:
    """A call of another century is an error, not a call."""
    with pytest.raises(RowError, match="start"):
        from_text(text, "UTC", "start")


@pytest.mark.parametrize("value", [1772434920, 1772434920.0, "1772434920"])
def test_seconds_since_1970(value: float | str) -> None:
    """As a number and as a text."""
    assert from_epoch(value) == AT


@pytest.mark.parametrize("value", [None, "", 0, "0", 0.0])
def test_no_second_means_that_it_did_not_happen(value: float | str | None) -> None:
    """An answer at 0 is no answer."""
    assert from_epoch(value) is None


@pytest.mark.parametrize("value", ["soon", -5, 1772434920000, 1e300, float("inf"), float("nan"), 10**400])
def test_what_is_no_second_is_named(value: Any) -> None:
    """Milliseconds are not taken for seconds."""
    with pytest.raises(RowError, match="time"):
        from_epoch(value)


def test_later() -> None:
    """What is unknown stays unknown."""
    assert later(AT, 1500) == AT + timedelta(seconds=1.5)
    assert later(None, 1) is None
    assert later(AT, None) is None


def test_foreign_texts_become_harmless() -> None:
    """One line, no controls, nothing that cannot be stored, no endless length."""
    assert clean_text("Анна\r\n\x1b[31m Соколова\u202e \ud800") == "Анна [31m Соколова"
    assert len(clean_text("я" * 10_000)) == 500


@given(st.text())
def test_cleaned_texts_can_be_written(text: str) -> None:
    """Whatever a system sends ends up in a store and on a page."""
    cleaned = clean_text(text)
    cleaned.encode()
    assert clean_text(cleaned) == cleaned.strip()


def test_fields_read_what_is_there() -> None:
    """Numbers as texts, texts as numbers, and nothing where there is nothing."""
    fields = Fields(
        {"a": 5, "b": " 12 490,50 ", "c": None, "d": "", "e": "да", "f": {"x": 1}, "g": [{"x": 2}], "h": ["p", "", 7]}
    )
    assert fields.text("a") == "5"
    assert fields.number("b") == 12490.5
    assert fields.whole("b") == 12490
    assert [fields.text(name) for name in ("c", "d", "missing")] == [None, None, None]
    assert fields.flag("e") is True
    inner = fields.child("f")
    assert inner is not None
    assert inner.number("x") == 1
    assert [item.whole("x") for item in fields.children("g")] == [2]
    assert fields.texts("h") == ("p", "7")
    assert fields.duration_ms("a") == 5000


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", {}),
        ("text", []),
        ("need_text", ""),
        ("number", "many"),
        ("number", "nan"),
        ("number", 10**400),
        ("number", []),
        ("duration_ms", -1),
        ("duration_ms", 1e12),
        ("flag", "perhaps"),
        ("flag", []),
        ("child", "text"),
        ("texts", True),
    ],
)
def test_surprises_are_named_by_field(method: str, value: Any) -> None:
    """The reason says which field it was, and not what stood there."""
    with pytest.raises(RowError) as caught:
        getattr(Fields({"field": value}), method)("field")
    assert "field" in str(caught.value) or "object" in str(caught.value)


@pytest.mark.parametrize("row", [None, 5, "text", []])
def test_what_is_no_object_is_no_row(row: Any) -> None:
    """One such row is left out, the others go on."""
    with pytest.raises(RowError, match="object"):
        Fields(row)


_FOREIGN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(_FOREIGN, st.sampled_from(["text", "need_text", "number", "whole", "duration_ms", "flag", "child", "texts"]))
def test_any_value_is_read_or_named(value: Any, method: str) -> None:
    """No foreign value is a crash."""
    fields = Fields({"field": value})
    try:
        getattr(fields, method)("field")
        list(fields.children("field"))
    except RowError:
        return


@given(st.integers(0, 40 * 24), st.integers(1, 200))
def test_parts_of_a_window_leave_nothing_out(hours: int, length_hours: int) -> None:
    """Each moment lies in exactly one part."""
    window = Window(start=AT, end=AT + timedelta(hours=hours))
    parts = list(window.parts(timedelta(hours=length_hours)))
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    assert [part.end for part in parts[:-1]] == [part.start for part in parts[1:]]
    assert max(part.end - part.start for part in parts) <= timedelta(hours=length_hours)


def test_windows_are_half_open_and_aware() -> None:
    """The next window starts where this one ends."""
    window = Window(start=AT, end=AT + timedelta(hours=1))
    assert window.holds(AT)
    assert not window.holds(window.end)
    with pytest.raises(ValueError, match="aware"):
        Window(start=AT.replace(tzinfo=None), end=AT)
    with pytest.raises(ValueError, match="before"):
        Window(start=AT, end=AT - timedelta(hours=1))
