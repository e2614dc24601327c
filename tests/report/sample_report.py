"""A report with every kind of section, chart, unit and hostile text, for tests of the forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from callscore.report import cells
from callscore.report.view import (
    About,
    Cell,
    Chart,
    ChartKind,
    Column,
    Report,
    Section,
    Unit,
    ViewOptions,
    cell,
    facts_section,
)

OPTIONS = ViewOptions(language="ru", timezone="Europe/Moscow", min_calls=5)
AT = datetime(2026, 10, 5, 7, 12, tzinfo=UTC)
ABOUT = About(period="с 2026-10-01", selection="--operator <x>", data_at=AT, made_at=AT)
NAMES = (
    "Анна Смирнова",
    "Константинопольская-Преображенская Александра Владимировна (аутсорсинг, вечерняя смена)",
    "<script>document.title='broken'</script><img src=http://example.com/x.png onerror=alert(1)>",
    '=HYPERLINK("http://example.com","x")',
    "+7 900 123-45-67",
    "]]>&amp;</svg></style>\x00\x0b\u202e",
    "щ" * 120,
    "-",
)


def report(n_rows: int = 8) -> Report:
    """Return the report; the main table has `n_rows` rows."""
    totals = facts_section(
        "totals",
        "Итоги",
        (
            ("calls", "Звонков", cells.count(123456)),
            ("share", "Доля", cells.part_of(411, 500, OPTIONS)),
            ("evil", "<b>Зло</b>", cell("</dd><script>x</script>\nвторая строка")),
        ),
    )
    return Report((totals, operators(n_rows), lines(), days(), hours()), "operators", ("Примечание <i>к отчёту</i>.",))


def operators(n_rows: int) -> Section:
    """Return points with intervals; from the sixth row on there were too few calls."""
    columns = (
        Column("operator", "Оператор"),
        Column("calls", "Звонков", is_number=True, unit=Unit.COUNT),
        Column("score", "Балл", is_number=True, unit=Unit.SCORE),
        Column("score_low", "", is_shown=False, unit=Unit.SCORE),
        Column("score_high", "", is_shown=False, unit=Unit.SCORE),
        Column("conversion", "Конверсия", is_number=True, unit=Unit.SHARE),
        Column("amount", "Сумма", is_number=True, unit=Unit.MONEY),
        Column("talk_ms", "Разговоры", is_number=True, unit=Unit.DURATION),
        Column("last_at", "Последний звонок", unit=Unit.TIME),
        Column("since", "Работает с", unit=Unit.DAY),
        Column("enough_calls", "Примечание", unit=Unit.YES_NO),
    )
    rows = tuple(
        (
            cell(NAMES[n % len(NAMES)]),
            cells.count(1200 + n % 7),
            cells.score(90.5 - n % 8, 80.0 - n % 8, 97.0 - n % 8),
            cells.bound(80.0 - n % 8),
            cells.bound(97.0 - n % 8),
            cells.share(0.125, 0.101, 0.149),
            cells.money(1234567.5, "RUB"),
            cells.hours(93_784_000),
            cells.when(AT, OPTIONS),
            cells.day(date(2025, 2, 1)),
            Cell("мало звонков" if n % 8 > 4 else "", n % 8 <= 4),
        )
        for n in range(n_rows)
    )
    chart = Chart(kind=ChartKind.INTERVALS, along="operator", series=("score",), low="score_low", high="score_high")
    return Section("operators", "Операторы", columns, rows, chart=chart)


def lines() -> Section:
    """Return bars of two series."""
    columns = (
        Column("name", "Линия"),
        Column("answered", "Отвечено", is_number=True, unit=Unit.COUNT),
        Column("missed", "Пропущено в рабочее время и в нерабочее тоже", is_number=True, unit=Unit.COUNT),
    )
    rows = tuple((cell(name), cells.count(100 * n), cells.count(n or None)) for n, name in enumerate(NAMES))
    return Section(
        "lines", "Линии", columns, rows, chart=Chart(kind=ChartKind.BARS, along="name", series=("answered", "missed"))
    )


def days() -> Section:
    """Return lines over days, one value unknown."""
    columns = (
        Column("day", "День", unit=Unit.DAY),
        Column("score", "Балл", is_number=True, unit=Unit.SCORE),
        Column("low", "", is_shown=False, unit=Unit.SCORE),
        Column("high", "", is_shown=False, unit=Unit.SCORE),
    )
    rows = tuple(
        (
            cells.day(date(2026, 9, 1) + timedelta(days=n)),
            cells.score(80.0 + n % 5, 75.0, 90.0) if n != 7 else cell(None),
            cells.bound(75.0 if n != 7 else None),
            cells.bound(90.0 if n != 7 else None),
        )
        for n in range(30)
    )
    chart = Chart(kind=ChartKind.LINES, along="day", series=("score",), low="low", high="high")
    return Section("days", "По дням", columns, rows, chart=chart)


def hours() -> Section:
    """Return a field of hours by days of the week."""
    columns = (
        Column("weekday", "День недели"),
        Column("hour", "Час", unit=Unit.COUNT),
        Column("missed", "Пропущено", is_number=True, unit=Unit.COUNT),
    )
    rows = tuple(
        (cell(weekday), Cell(f"{hour:02d}", hour), cells.count(hour * (n + 1)))
        for n, weekday in enumerate(("понедельник", "вторник", "среда"))
        for hour in range(24)
    )
    chart = Chart(kind=ChartKind.HEAT, along="hour", down="weekday", series=("missed",))
    return Section("hours", "По часам", columns, rows, chart=chart)
