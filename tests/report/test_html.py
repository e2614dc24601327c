"""Reports as pages: whole in one file, harmless whatever calls hold, small."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from callscore.report.charts import draw
from callscore.report.form import form_of
from callscore.report.html import html_text
from callscore.report.html.budget import rows_that_fit
from callscore.report.view import Cell, Report, Section, in_form
from tests.report.sample_report import ABOUT, NAMES, OPTIONS, operators, report


class Tags(HTMLParser):
    """Collects elements with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    """Return the sample report as a page."""
    return html_text(report(), ABOUT, OPTIONS)


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    """No element names an address, and the policy would forbid it."""
    tags = Tags(page).tags
    assert [name for name, attributes in tags if {"src", "href", "srcset", "data", "action"} & set(attributes)] == []
    assert {name for name, _ in tags} & {"link", "img", "iframe", "object", "embed", "base", "form"} == set()
    assert "url(" not in page
    assert "@import" not in page
    policies = [attributes["content"] or "" for _, attributes in tags if "http-equiv" in attributes]
    assert [policy.startswith("default-src 'none'; ") for policy in policies] == [True]


def test_the_policy_names_the_only_script_and_style(page: str) -> None:
    """One script and one style, allowed by hash; no element has a style or a handler of its own."""
    tags = Tags(page).tags
    assert [name for name, _ in tags].count("script") == 1
    assert [name for name, _ in tags].count("style") == 1
    assert "unsafe-inline" not in page
    assert [key for _, attributes in tags for key in attributes if key == "style" or key.startswith("on")] == []


def test_texts_of_calls_stay_texts(page: str) -> None:
    """Markup in names and values is shown as it was written."""
    shown = "\n".join(Tags(page).texts)
    assert NAMES[2] in shown
    assert "<b>Зло</b>" in shown
    assert "</dd><script>x</script>\nвторая строка" in shown
    assert "Примечание <i>к отчёту</i>." in shown


def test_the_page_says_what_it_is_about(page: str) -> None:
    """Language, title, period, selection, age of the data and how to read intervals."""
    assert '<html lang="ru">' in page
    shown = "\n".join(Tags(page).texts)
    for words in ("Итоги", "с 2026-10-01", "--operator <x>", "05.10.2026 10:12 (Europe/Moscow)", "Как читать интервалы"):
        assert words in shown


def test_rows_with_few_calls_are_grey(page: str) -> None:
    """A row that means little looks so, in the table and in the chart."""
    assert page.count('<tr class="few">') == 3
    assert page.count('class="row few"') == 3


def test_charts_are_sound_xml_with_a_title() -> None:
    """Every kind of chart can be read aloud, and no text breaks it."""
    shown = in_form(report(), form_of("ru"))
    for section in shown.sections[1:]:
        drawing = draw(section, form_of("ru"), "c")
        assert drawing is not None
        root = ET.fromstring(drawing.svg)
        assert (root.get("role"), root.get("aria-labelledby")) == ("img", "c-title")
        assert root[0].text == section.title
        assert root[1].tag == "desc"


def test_names_in_charts_are_whole() -> None:
    """A long name is wrapped, not cut."""
    drawing = draw(in_form(report(), form_of("ru")).sections[1], form_of("ru"), "c")
    assert drawing is not None
    texts = "".join("".join(text.itertext()) for text in ET.fromstring(drawing.svg).iter("text"))
    assert "щ" * 120 in texts
    assert "Константинопольская-Преображенская Александра Владимировна" in " ".join(
        t.text or "" for t in ET.fromstring(drawing.svg).iter("tspan")
    ).replace("- ", "-")


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), True, "x"])
def test_a_chart_of_nothing_is_left_out(value: float | str | None) -> None:
    """Unknown values draw nothing and break nothing."""
    section = operators(3)
    rows = tuple(tuple(Cell("-", value) for _ in row) for row in section.rows)
    assert draw(replace(section, rows=rows), form_of("ru"), "c") is None


@pytest.mark.parametrize("values", [(0.0,), (5.0,), (-3.0, -3.0), (0.0, 1e-9), (1e12, -1e12), (0.3, 0.1, 0.2)])
def test_any_values_can_be_drawn(values: tuple[float, ...]) -> None:
    """One value, equal, tiny and huge values have an axis."""
    section = operators(len(values))
    rows = tuple(
        tuple(Cell("x", value) if n in (2, 3, 4) else cell for n, cell in enumerate(row))
        for row, value in zip(section.rows, values, strict=True)
    )
    drawing = draw(replace(section, rows=rows), form_of("en"), "c")
    assert drawing is not None
    assert "nan" not in drawing.svg
    assert "inf" not in drawing.svg


def test_twenty_thousand_rows_make_less_than_two_megabytes() -> None:
    """A large table is cut with a note that says how to get all of it."""
    page = html_text(report(20_000), ABOUT, OPTIONS)
    assert 500_000 < len(page.encode()) < 2_000_000
    shown = re.search(r"Показаны первые ([\d\xa0]+) из 20\xa0000 строк; все строки: --format xlsx или csv", page)
    assert shown is not None
    assert int(shown[1].replace("\xa0", "")) > 1000


def test_small_sections_are_whole_beside_large_ones() -> None:
    """A table of a million letters takes no row from a small one."""
    big, small = operators(400), operators(4)
    assert rows_that_fit((big, small), 30_000)[1] == 4
    assert 0 < rows_that_fit((big, small), 30_000)[0] < 400


def test_a_report_without_rows_is_a_page() -> None:
    """Nothing to show is said, not an empty page."""
    empty = Report((Section("x", "Операторы", operators(1).columns, ()),), "x")
    assert "Строк нет." in html_text(empty, ABOUT, OPTIONS)
