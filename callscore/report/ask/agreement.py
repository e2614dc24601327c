"""Agreement of reviewers: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.report.agreement import agreement_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.agreement import gather_reviewed, read_machine, read_panel, read_samples, read_stands
from callscore.store.entries import CallFilter

__all__ = ["ask_agreement"]


def ask_agreement(reader: StoreReader, wanted: CallFilter, session: str | None, options: ViewOptions) -> Report:
    """Return how far reviewers agree with each other and with the machine.

    Raises:
        NothingToDoError: if nothing was reviewed, or no review matches.
    """
    zone = options.timezone
    with reader.asking() as queries:
        gather_reviewed(queries)
        samples = read_samples(queries, wanted, zone, session)
        panel = read_panel(queries, wanted, zone, session)
        machine = read_machine(queries, wanted, zone, session)
        stands = read_stands(queries, wanted, zone, session)
        anything = samples or read_samples(queries, CallFilter(), zone, None)
    if not anything:
        raise NothingToDoError(
            "nobody has reviewed a call yet", where=str(reader.path), hint="callscore review, then callscore reviews fold"
        )
    if not samples:
        raise NothingToDoError("no review matches", hint="widen --since, --until, --rubric or --session")
    return agreement_report(samples, panel, machine, stands, reader.criteria(), options)
