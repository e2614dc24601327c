"""Priorities in queues: ask the store, propose levels, and build the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from callscore.errors import NothingToDoError
from callscore.export.placing import Placing, place_members
from callscore.export.queue_files import PlacedMember, PresentMember
from callscore.report.ask.costs import require_talks
from callscore.report.ask.recent import recent_since, with_recent_note
from callscore.report.priorities import Proposal, priorities_report
from callscore.report.view import Report, ViewOptions
from callscore.stats.comparable import KindOfCalls, compare_on_equal_calls
from callscore.stats.queue_levels import BusyHour, Standing, Stood, forecast_levels, place_levels, stand
from callscore.store import StoreReader
from callscore.store.entries import CallFilter
from callscore.store.operators import CallName, OperatorEntry, read_call_names, read_operators
from callscore.store.people_groups import fold_name
from callscore.store.shifts import Presence
from callscore.store.standing import (
    EqualCalls,
    MemberRow,
    read_busy_hours,
    read_incoming,
    read_quality,
)

__all__ = ["PrioritiesRequest", "ask_priorities", "stand_by_quality", "stand_by_sales"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritiesRequest:
    """What the user and the settings say; `present` are the members in the exchange's own file, named `present_name`."""

    exchange: str
    first_level: int
    n_levels: int
    template: str
    min_calls: int
    min_share: float
    peak_occupancy: float
    presence: Presence
    present: tuple[PresentMember, ...] = ()
    present_name: str = ""


def ask_priorities(
    reader: StoreReader, wanted: CallFilter, request: PrioritiesRequest, options: ViewOptions
) -> tuple[Report, tuple[PlacedMember, ...]]:
    """Return the proposal as a report, and the members to write to files: none where all stay in one level.

    Without a period the last RECENT_DAYS are looked at.

    Raises:
        NothingToDoError: if no call matches, or nobody who takes incoming calls is known.
    """
    since = recent_since(reader, wanted.since, wanted.until)
    with reader.asking() as queries:
        sales, members = read_incoming(queries, options.timezone, since, wanted.until)
        quality = read_quality(queries, since, wanted.until)
        people = _people(read_call_names(queries), read_operators(queries)) if request.present else {}
    if not members:
        require_talks(reader, wanted)
        raise NothingToDoError(
            "no call says which operator answered it", where=str(reader.path), hint="callscore operators list"
        )
    proposal = _proposal(stand_by_sales(sales), stand_by_quality(quality), members, request)
    placed, refused = place_members(
        Placing(
            levels=proposal.levels,
            first_level=request.first_level,
            template=request.template,
            members=members,
            present=request.present,
            people=people,
        )
    )
    proposal = replace(proposal, placed=placed, refused=refused)
    if proposal.n_levels == 1:
        return with_recent_note(priorities_report(proposal, options), since, wanted.since, options), ()
    with reader.asking() as queries:
        hours = read_busy_hours(queries, proposal.levels, request.presence, options.timezone, (since, wanted.until))
    usual = [
        BusyHour(hour=row.hour, hours=row.hours, calls=row.calls, load=row.load, present=row.present[: proposal.n_levels])
        for row in hours
    ]
    proposal = replace(proposal, forecast=forecast_levels(usual, request.peak_occupancy))
    return with_recent_note(priorities_report(proposal, options), since, wanted.since, options), placed


def stand_by_sales(cells: Sequence[EqualCalls]) -> dict[str, Stood]:
    """Return how operators stand by the share of their calls that sell; nobody where nothing was ever sold."""
    if not any(cell.total for cell in cells):
        return {}
    return stand(compare_on_equal_calls(_kinds(cells)), 100.0)


def stand_by_quality(cells: Sequence[EqualCalls]) -> dict[str, Stood]:
    """Return how operators stand by their scores; undecided verdicts widen the intervals."""
    sums: dict[str, list[float]] = {}
    for cell in cells:
        one = sums.setdefault(cell.person, [0.0, 0.0, 0.0])
        for place, value in enumerate((cell.n, cell.below, cell.above)):
            one[place] += value
    doubts = {person: (below / n, above / n) for person, (n, below, above) in sums.items()}
    return stand(compare_on_equal_calls(_kinds(cells)), 1.0, doubts)


def _kinds(cells: Iterable[EqualCalls]) -> list[KindOfCalls]:
    return [
        KindOfCalls(operator=cell.person, kind=cell.kind, n=cell.n, total=cell.total, squares=cell.squares) for cell in cells
    ]


def _proposal(
    sales: Mapping[str, Stood], quality: Mapping[str, Stood], members: Sequence[MemberRow], request: PrioritiesRequest
) -> Proposal:
    standings: dict[str, list[Standing]] = {row.person: [] for row in members}
    for table in (sales, quality):
        for person, stood in table.items():
            if person in standings and stood.n >= request.min_calls:
                standings[person].append(stood.standing)
    return Proposal(
        exchange=request.exchange,
        first_level=request.first_level,
        sales=sales,
        quality=quality,
        min_calls=request.min_calls,
        levels=place_levels(standings, request.n_levels),
        placed=(),
        refused=(),
        present=request.present_name,
        forecast=None,
        min_share=request.min_share,
        peak_occupancy=request.peak_occupancy,
    )


def _people(names: Sequence[CallName], entries: Sequence[OperatorEntry]) -> dict[str, str]:
    """Return person by every folded name and extension; what calls say last counts, and the list before them."""
    found: dict[str, str] = {}
    for row in sorted(names, key=lambda row: row.last_at):
        found.update({fold_name(name): row.person for name in (row.extension, row.name) if name})
    for entry in sorted(entries, key=lambda entry: entry.starts_on or date.min):
        found.update(dict.fromkeys(entry.names, entry.operator))
    return found
