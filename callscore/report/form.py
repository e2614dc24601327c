"""How numbers, days and times are written for the reader: decimal comma or point, blanks between thousands, order of a day.

The signs and patterns come from the Unicode CLDR, by babel. Pure.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from callscore.report.text import UNKNOWN

__all__ = ["PLAIN", "Form", "form_of"]

_NO_BREAK: Final = "\u00a0"
# British English: the day before the month, hours to 24.
_LOCALES: Final = {"ru": "ru", "en": "en_GB"}
# "05.10.2026" leaves no doubt; "05/10/2026" does to some readers, so that English has "5 Oct 2026".
_DAY_FORMATS: Final = {"ru": "short", "en": "medium"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The signs of one language; without a language days and times are ISO 8601, as programs like them."""

    language: str = ""
    decimal: str = "."
    group: str = ""
    percent_sign: str = "%"
    dash: str = "-"
    is_currency_first: bool = False

    def number(self, value: float, digits: int = 0) -> str:
        r"""Return a number with `digits` decimals, "-" for what is none.

        >>> PLAIN.number(1234.56, 1), form_of("ru").number(1234.56, 1), form_of("en").number(1234.56, 1)
        ('1234.6', '1\xa0234,6', '1,234.6')
        """
        if not math.isfinite(value):
            return UNKNOWN
        text = f"{value:,.{digits}f}"
        if text.startswith("-") and not text.strip("-0.,"):
            text = text[1:]
        return text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.group)

    def percent(self, share: float, digits: int = 0) -> str:
        r"""Return a share 0..1 as percent.

        >>> PLAIN.percent(0.822), form_of("ru").percent(0.822), form_of("en").percent(0.822)
        ('82%', '82\xa0%', '82%')
        """
        return f"{self.number(100 * share, digits)}{self.percent_sign}"

    def between(self, low: float, high: float, digits: int = 0, *, outwards: bool = False) -> str:
        """Return two ends of a range; `outwards` rounds them so that the range never looks narrower than it is.

        >>> PLAIN.between(74.2, 88.1, outwards=True), form_of("ru").between(-0.5, 0.25, 2)
        ('74-89', '-0,50…0,25')
        """
        if outwards:
            # Not 8 for 7.000000000000001, which is what 100 * 0.07 gives.
            scale = 10**digits
            low, high = math.floor(round(low * scale, 6)) / scale, math.ceil(round(high * scale, 6)) / scale
        ends = self.number(low, digits), self.number(high, digits)
        return ("…" if low < 0 or high < 0 else self.dash).join(ends)

    def money(self, value: float, currency: str | None = None) -> str:
        r"""Return a sum without its hundredths, with the sign of its currency where one is given.

        >>> form_of("ru").money(1234567, "RUB"), form_of("en").money(1234567, "GBP")
        ('1\xa0234\xa0567\xa0₽', '£1,234,567')
        """
        number = self.number(value)
        if not self.group:
            number = f"{value:,.0f}".replace(",", _NO_BREAK)
        if not currency:
            return number
        sign = _currency_sign(self.language, currency)
        if not self.is_currency_first:
            return f"{number}{_NO_BREAK}{sign}"
        return f"{sign}{number}" if not sign[-1].isalpha() else f"{sign}{_NO_BREAK}{number}"

    def day(self, on: date) -> str:
        """Return a day.

        >>> PLAIN.day(date(2026, 10, 5)), form_of("ru").day(date(2026, 10, 5)), form_of("en").day(date(2026, 10, 5))
        ('2026-10-05', '05.10.2026', '5 Oct 2026')
        """
        return _day_text(self.language, on)

    def time(self, at: datetime, timezone: str) -> str:
        """Return a moment as day and time of day in `timezone`.

        >>> from datetime import UTC
        >>> at = datetime(2026, 10, 5, 7, 12, tzinfo=UTC)
        >>> PLAIN.time(at, "Europe/Moscow"), form_of("ru").time(at, "Europe/Moscow")
        ('2026-10-05 10:12', '05.10.2026 10:12')
        """
        local = at.astimezone(ZoneInfo(timezone))
        return f"{_day_text(self.language, local.date())} {local:%H:%M}"


PLAIN: Final = Form()


@functools.lru_cache(maxsize=4)
def form_of(language: str) -> Form:
    """Return the form for `language`, ru or en."""
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = Locale.parse(_LOCALES[language])
    return Form(
        language=language,
        decimal=get_decimal_symbol(locale),
        group=get_group_symbol(locale),
        percent_sign=locale.percent_formats[None].pattern.rpartition("0")[2],
        dash="–",
        is_currency_first=locale.currency_formats["standard"].pattern.startswith("¤"),
    )


@functools.lru_cache(maxsize=4096)
def _day_text(language: str, on: date) -> str:
    if not language:
        return on.isoformat()
    from babel.dates import format_date

    return str(format_date(on, format=_DAY_FORMATS[language], locale=_LOCALES[language]))


@functools.lru_cache(maxsize=64)
def _currency_sign(language: str, currency: str) -> str:
    if not language:
        return currency
    from babel.numbers import get_currency_symbol

    return str(get_currency_symbol(currency, locale=_LOCALES[language]))
