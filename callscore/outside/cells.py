"""What single cells of tables mean: moments, durations and sums in the forms that spreadsheets and people give them. Pure.

A cell that cannot be understood is a RowError; nothing is guessed.
"""

from __future__ import annotations

import functools
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callscore.outside.rows import RowError, clean_text
from callscore.outside.times import EARLIEST, LATEST, from_epoch, from_text

__all__ = ["parse_amount", "parse_duration", "parse_moment"]

NOTHING: Final = frozenset(("", "-", "–", "—", "нет", "н/д", "n/a", "null", "none", "nan", "nat", "#n/a", "#н/д", "\\n"))
"""What stands in cells that hold nothing."""
LONGEST_S: Final = 7 * 24 * 3600
_MONTHS: Final = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:(?:,|,?\s+(?:в\s+)?|T)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,6})?)?)?"
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?")
_NAMED_MONTH: Final = re.compile(r"(\d{1,2})\s+([а-я]{3,8})\.?\s+(\d{4})(?:\s*г\.?)?", re.IGNORECASE)
_SPACED_OFFSET: Final = re.compile(r"(\d)\s+([+-]\d\d:?\d\d)$")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:[.,]\d{1,6})?")
_SPOKEN: Final = re.compile(
    r"(?:(\d+)\s*(?:ч|час|часа|часов|h|hr|hrs)\.?)?\s*(?:(\d+)\s*(?:м|мин|минута|минуты|минут|m|min)\.?)?"
    r"\s*(?:(\d+)\s*(?:с|сек|секунда|секунды|секунд|s|sec)\.?)?",
    re.IGNORECASE,
)
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f\u2009']+")
_CURRENCY: Final = re.compile(r"(?:₽|руб(?:\.|лей|ля|ль)?|р\.?|rub|rur|[$€£₸]|тг|kzt|usd|eur|byn|uzs)", re.IGNORECASE)
# Serials of days from 2000 to 2100; spreadsheets count from the last days of 1899.
_SERIALS: Final = (36_526, 73_051)
_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zone
_EPOCH_DIGITS: Final = 10
_EPOCH_MS_DIGITS: Final = 13


def parse_moment(text: str, zone: str, clock: str = "", name: str = "time") -> datetime | None:
    """Return the moment of a cell, aware UTC; `zone` is the IANA name for what carries none. Nothing there: None.

    Besides the forms of `times.from_text`: serials of days, seconds and milliseconds since 1970, months by name. `clock` is
    the time of day where it has a cell of its own; it counts only where `text` is a day alone.

    >>> parse_moment("02.03.2026", "Europe/Moscow", "10:02:00")
    datetime.datetime(2026, 3, 2, 7, 2, tzinfo=datetime.timezone.utc)
    >>> parse_moment("46083,4180555556", "Europe/Moscow") == parse_moment("02.03.2026 10:02", "Europe/Moscow")
    True

    Raises:
        RowError: for what is no time, or a moment before 2000 or after 2100.
    """
    text = text.strip()
    if not text or text.casefold() in NOTHING:
        return None
    found = _DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    if found:
        naive = _from_parts(found, name)
        return _local(naive + _time_of_day(naive, clock, name), zone, name)
    if _NUMBER.fullmatch(text):
        return _from_number(text, zone, clock, name)
    if spelled := _NAMED_MONTH.match(text):
        day, month, year = spelled.groups()
        number = next((n for n, start in enumerate(_MONTHS, 1) if month.lower().startswith(start)), 0)
        rest = re.sub(r"^[,\s]*(?:в\s+)?", " ", text[spelled.end() :]).rstrip()
        return parse_moment(f"{day}.{number}.{year}{rest}", zone, clock, name)
    return from_text(_SPACED_OFFSET.sub(r"\1\2", clean_text(text)), zone, name)


@functools.lru_cache(maxsize=65536)
def parse_duration(text: str, in_minutes: bool = False, name: str = "duration") -> int | None:
    """Return a duration in milliseconds; nothing there: None.

    Seconds, or minutes where the heading says so; mm:ss and h:mm:ss; words; fractions of a day, as spreadsheets hold times:
    nobody writes them as seconds with so many digits.

    >>> [parse_duration(text) for text in ("184", "240,0", "3:04", "00:03:04", "3 мин 4 сек", "0.0021296296", "")]
    [184000, 240000, 184000, 184000, 184000, 184000, None]

    Raises:
        RowError: for what is no duration, or one of more than a week.
    """
    text = text.strip()
    if not text or text.casefold() in NOTHING:
        return None
    seconds = _seconds(text, in_minutes=in_minutes, name=name)
    if not 0 <= seconds <= LONGEST_S:
        raise RowError(f"{name} is not a duration")
    return round(seconds * 1000)


def parse_amount(text: str, name: str = "amount") -> float | None:
    """Return a sum of money without its currency; nothing there: None.

    A comma or a point before one or two last digits is a decimal one; others group digits.

    >>> [parse_amount(text) for text in ("12 490,00", "24\u00a0900,00 ₽", "1,234.50", "7.990,50", "12,490", "")]
    [12490.0, 24900.0, 1234.5, 7990.5, 12490.0, None]

    Raises:
        RowError: for what is no number.
    """
    bare = _BLANKS.sub("", _CURRENCY.sub("", text))
    if not bare or bare.casefold() in NOTHING:
        return None
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        grouping = "," if point > comma else "."
        bare = bare.replace(grouping, "")
    elif bare.count(",") > 1 or re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", bare):
        bare = bare.replace(",", "")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "")
    bare = bare.replace(",", ".")
    if not _NUMBER.fullmatch(bare):
        raise RowError(f"{name} is not a number")
    return _float(bare, name)


def _seconds(text: str, *, in_minutes: bool, name: str) -> float:
    if _NUMBER.fullmatch(text):
        value = _float(text, name)
        if 0 < value < 1 and len(re.split("[.,]", text)[-1]) > 3:
            return round(value * 86_400)
        return value * 60 if in_minutes else value
    if found := _CLOCK.fullmatch(text):
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    if found := _SPOKEN.fullmatch(text):
        return sum(int(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True))
    raise RowError(f"{name} is not a duration")


def _from_parts(found: re.Match[str], name: str) -> datetime:
    first, month, last, hour, minute, second = found.groups()
    year, day = (int(first), int(last)) if len(first) == 4 else (int(last), int(first))
    try:
        return datetime(  # noqa: DTZ001 - the zone is added by the caller
            year + 2000 if year < 100 else year, int(month), day, int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        raise RowError(f"{name} is not a time") from None


def _from_number(text: str, zone: str, clock: str, name: str) -> datetime | None:
    value = _float(text, name)
    n_digits = len(re.split("[.,]", text)[0])
    if n_digits in (_EPOCH_DIGITS, _EPOCH_MS_DIGITS):
        return from_epoch(value / 1000 if n_digits == _EPOCH_MS_DIGITS else value, name)
    if not _SERIALS[0] <= value < _SERIALS[1]:
        raise RowError(f"{name} is not a time")
    naive = _FIRST_DAY + timedelta(seconds=round(value * 86_400))
    return _local(naive + _time_of_day(naive, clock, name), zone, name)


def _time_of_day(day: datetime, clock: str, name: str) -> timedelta:
    """Return what a separate cell adds to a day; nothing where the day has a time already."""
    clock = clock.strip()
    if not clock or day.hour or day.minute or day.second:
        return timedelta()
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?", clock.rpartition("T")[2].rpartition(" ")[2]):
        return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3] or 0))
    if _NUMBER.fullmatch(clock) and 0 <= _float(clock, name) < 1:
        return timedelta(seconds=round(_float(clock, name) * 86_400))
    raise RowError(f"{name} is not a time")


def _local(naive: datetime, zone: str, name: str) -> datetime:
    at = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if not EARLIEST <= at < LATEST:
        raise RowError(f"{name} is not a time")
    return at


def _float(text: str, name: str) -> float:
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise RowError(f"{name} is not a number")
    return value
