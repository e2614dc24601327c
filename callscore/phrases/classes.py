"""Classes of words that phrases can ask for: names, numbers, times, days, money. Pure but for the dictionary look-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from callscore.phrases.morphology import WordInfo, word_info
from callscore.phrases.tokens import word_set

__all__ = ["class_ends", "classes_begun"]

_LONGEST_SPAN: Final = 8

_SCALES: Final = word_set("тысяча тыща миллион сотня десяток полтора полтысячи thousand hundred million half")
_NUMBER_WORDS: Final = word_set("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
    twenty thirty forty fifty sixty seventy eighty ninety first second third dozen
    """)
_CURRENCIES: Final = word_set("рубль руб р копейка доллар евро тенге гривна dollar euro pound cent buck quid usd eur gbp")
_TIME_UNITS: Final = word_set("""
    час часов часик минута минутка утро утра вечер вечера ночь ночи день дня полчаса hour minute min o clock oclock am pm
    """)
_PARTS_OF_DAY: Final = word_set("""
    утром утро вечером вечер днем ночью полдень полночь обед полчаса morning afternoon evening noon midnight tonight night
    """)
_BEFORE_TIME: Final = word_set("в во к до после с со около на через by at before after until from in")
_NO_TIME_AFTER: Final = word_set("раз штука рубль год неделя месяц день процент метр times percent days weeks")
_DAYS: Final = word_set("""
    понедельник вторник среда четверг пятница суббота воскресенье сегодня завтра послезавтра выходной завтрашний сегодняшний
    monday tuesday wednesday thursday friday saturday sunday today tomorrow weekend
    """)
_MONTHS: Final = word_set("""
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь число
    january february march april june july august september october november december
    """)

_Infos = Sequence[WordInfo]


@lru_cache(maxsize=65_536)
def classes_begun(token: str, language: str) -> tuple[str, ...]:
    """Return the classes that a stretch which begins with this token may be of; most tokens begin none but "any".

    >>> classes_begun("завтра", "ru"), classes_begun("диван", "ru")
    (('any', 'day'), ('any',))
    """
    info = word_info(token, language)
    begun = ["any"]
    if info.is_name or info.is_name_like:
        begun.append("name")
    if info.is_surname:
        begun.append("surname")
    is_number = _is_number(info)
    if is_number:
        begun += ["number", "money"]
    if is_number or info.text in _BEFORE_TIME or _has(info, _PARTS_OF_DAY):
        begun.append("time")
    if is_number or _has(info, _DAYS):
        begun.append("day")
    return tuple(begun)


def class_ends(name: str, infos: _Infos, at: int) -> tuple[int, ...]:
    """Return the ends (exclusive) of the stretches from `at` that are of class `name`, longest first; empty if none.

    Looks at no more than eight tokens.
    """
    end = _ENDS[name](infos, at)
    if end <= at:
        return ()
    return (end,) if end == at + 1 else (end, at + 1) if name in ("name", "number") else (end,)


def _has(info: WordInfo, words: frozenset[str]) -> bool:
    return info.text in words or any(lemma in words for lemma, _group in info.readings)


def _any(_infos: _Infos, at: int) -> int:
    return at + 1


def _name(infos: _Infos, at: int) -> int:
    end = at
    while end < min(len(infos), at + 3) and (infos[end].is_name or infos[end].is_name_like):
        end += 1
    return end


def _surname(infos: _Infos, at: int) -> int:
    return at + 1 if infos[at].is_surname else at


def _is_number(info: WordInfo) -> bool:
    return info.is_number or _has(info, _SCALES) or info.text in _NUMBER_WORDS


def _number(infos: _Infos, at: int) -> int:
    end = at
    while end < min(len(infos), at + _LONGEST_SPAN) and _is_number(infos[end]):
        end += 1
    return end


def _money(infos: _Infos, at: int) -> int:
    end = _number(infos, at)
    if end == at:
        return at
    if end < len(infos) and _has(infos[end], _CURRENCIES):
        return end + 1
    return end if any(_has(info, _SCALES) for info in infos[at:end]) else at


def _time(infos: _Infos, at: int) -> int:
    """A part of the day, a number with a unit of time, or a preposition and a number not followed by another unit."""
    has_preposition = infos[at].text in _BEFORE_TIME
    start = at + 1 if has_preposition else at
    if start >= len(infos):
        return at
    if _has(infos[start], _PARTS_OF_DAY):
        return start + 1
    end = _number(infos, start)
    if end == start:
        return start + 1 if has_preposition and infos[start].text in ("час", "часу", "часа", "полчаса") else at
    if ":" in infos[start].text:
        return end
    if end < len(infos) and _has(infos[end], _TIME_UNITS):
        return end + 1
    is_other = end < len(infos) and (
        _has(infos[end], _NO_TIME_AFTER) or _has(infos[end], _CURRENCIES) or _has(infos[end], _MONTHS)
    )
    return end if has_preposition and not is_other and end - start <= 2 else at


def _day(infos: _Infos, at: int) -> int:
    """A weekday, "tomorrow", or a number with a month ("пятого мая", "5 числа", "05.11")."""
    if _has(infos[at], _DAYS):
        return at + 1
    end = _number(infos, at)
    if end == at:
        return at
    if end < len(infos) and _has(infos[end], _MONTHS):
        return end + 1
    return end if end == at + 1 and infos[at].text.count(".") == 1 and _is_date(infos[at].text) else at


def _is_date(text: str) -> bool:
    day, _dot, month = text.partition(".")
    return day.isdigit() and month.isdigit() and len(month) == 2 and 1 <= int(day) <= 31 and 1 <= int(month) <= 12


_ENDS: Final[dict[str, Callable[[_Infos, int], int]]] = {
    "any": _any,
    "name": _name,
    "surname": _surname,
    "number": _number,
    "money": _money,
    "time": _time,
    "day": _day,
}
