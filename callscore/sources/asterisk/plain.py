"""The quick way for rows of the usual form in Master.csv; whatever looks odd is left to parse_row. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.clock import RowClock

__all__ = ["parse_plain"]

_LONGEST: Final = timedelta(days=7)
_MAX_CHARS: Final = 500
_TIME_CHARS: Final = len("2026-03-02 07:02:00")
_TEXTS: Final = CdrRow._fields[CdrRow._fields.index("src") :]
_UNIQUEID: Final = _TEXTS.index("uniqueid")
_START, _ANSWER, _END, _DURATION, _BILLSEC, _DISPOSITION = range(9, 15)
"""Places in a line of Master.csv."""


def parse_plain(fields: Sequence[str], names: tuple[str, ...], where: str, clock: RowClock) -> CdrRow | None:
    """Return what parse_row does with a line of Master.csv in a third of the time; None where parse_row has to look at it.

    Args:
        fields: of the line.
        names: of the columns, in the order of Master.csv.
        where: for messages.
        clock: for its times.
    """
    begun, answered, ended = fields[_START], fields[_ANSWER], fields[_END]
    if not len(begun) == len(ended) == _TIME_CHARS or len(answered) not in (0, _TIME_CHARS):
        return None
    if not (fields[_DURATION].isdecimal() and fields[_BILLSEC].isdecimal()) or (not answered and fields[_BILLSEC] != "0"):
        return None
    texts = _texts_of(names)((*fields, ""))
    joined = "".join(texts)
    if not joined.isprintable() or len(joined) > _MAX_CHARS:
        return None
    try:
        start, end = datetime.fromisoformat(begun), datetime.fromisoformat(ended)
        answer = datetime.fromisoformat(answered) if answered else None
        sequence = int(fields[-1]) if names[-1] == "sequence" and fields[-1] else 0
    except ValueError:
        return None
    is_odd = not start <= (answer or end) <= end or end - start > _LONGEST or not 2000 <= start.year <= end.year < 2100
    if is_odd or not fields[_DISPOSITION].isupper():
        return None
    uniqueid = texts[_UNIQUEID]
    is_gmt = clock.is_gmt(start, uniqueid)
    return CdrRow(
        where,
        clock.utc(start, uniqueid, is_gmt),
        None if answer is None else clock.utc(answer, uniqueid, is_gmt),
        clock.utc(end, uniqueid, is_gmt),
        sequence,
        *texts,
    )


@functools.cache
def _texts_of(names: tuple[str, ...]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what takes the texts of CdrRow, in its order, out of a line with an empty text behind it."""
    return itemgetter(*(names.index(name) if name in names else len(names) for name in _TEXTS))
