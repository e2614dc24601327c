"""Coaching: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError, nearest
from callscore.report.ask.emptiness import require
from callscore.report.coaching import coaching_report
from callscore.report.view import Report, ViewOptions
from callscore.stats.coaching import advise
from callscore.store import StoreReader
from callscore.store.coaching import read_discussed, read_examples, read_tallies, recent
from callscore.store.conversion import read_conversion
from callscore.store.entries import CallFilter

__all__ = ["ask_coaching"]


def ask_coaching(reader: StoreReader, wanted: CallFilter, target: float | None, options: ViewOptions) -> Report:
    """Return what each operator, or the one of `wanted`, should work on; `target` is the share 0..1 all criteria should reach.

    Raises:
        NothingToDoError: if no call matches, none names its operator, or the operator is not known.
    """
    with reader.asking() as queries:
        wanted = recent(queries, wanted)
        tallies = read_tallies(queries, wanted)
        sales = {(row.rubric, row.criterion) for row in read_conversion(queries, wanted.rubric) if row.finding == "helps"}
    if not tallies:
        require((), reader)
    names = {tally.operator for tally in tallies}
    if wanted.operator is not None and wanted.operator not in names:
        like = nearest(wanted.operator, names)
        raise NothingToDoError(
            f"no scored call of operator {wanted.operator!r} matches", hint=f"did you mean {like!r}?" if like else ""
        )
    advice = tuple(
        one
        for one in advise(tallies, min_calls=options.min_calls, target=target, sales=sales)
        if wanted.operator in (None, one.operator)
    )
    topics = [weakness.topic for one in advice for weakness in one.weaknesses]
    with reader.asking() as queries:
        examples = read_examples(queries, wanted, topics) if topics else ()
        talks = [one for one in read_discussed(queries, wanted.rubric) if wanted.operator in (None, one.operator)]
    return coaching_report(advice, examples, talks, reader.criteria(), options)
