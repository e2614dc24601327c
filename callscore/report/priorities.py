"""In which order queues should try operators, as managers read the proposal. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callscore.export.placing import Refused
from callscore.export.queue_files import PlacedMember
from callscore.report import cells
from callscore.report.form import form_of
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell, facts_section
from callscore.stats.queue_levels import Forecast, Standing, Stood

__all__ = ["Proposal", "priorities_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything a proposal says.

    Args:
        exchange: asterisk or freeswitch; `first_level` is how it counts the first level.
        sales: how operators stand by the share of calls that sell; empty without orders.
        quality: and by score; empty without scored calls.
        min_calls: an operator with fewer comparable calls is told apart by nothing.
        levels: by person, from 0.
        placed, refused: members of queues with their levels, and those who get none.
        present: name of the exchange's own file, "" if it was not given.
        forecast: what the levels would do; None where all are in one.
        min_share, peak_occupancy: when to warn, 0..1.
    """

    exchange: str
    first_level: int
    sales: Mapping[str, Stood]
    quality: Mapping[str, Stood]
    min_calls: int
    levels: Mapping[str, int]
    placed: tuple[PlacedMember, ...]
    refused: tuple[Refused, ...]
    present: str
    forecast: Forecast | None
    min_share: float
    peak_occupancy: float

    @property
    def n_levels(self) -> int:
        """How many levels there are; 1 where nobody is told apart."""
        return len(set(self.levels.values()))


def priorities_report(proposal: Proposal, options: ViewOptions) -> Report:
    """Return the proposal with the reasons, what it would do, and every doubt about it."""
    sections = [_summary(proposal, options), _operators(proposal, options)]
    if proposal.forecast is not None:
        sections.append(_shares(proposal, options))
    if proposal.refused:
        sections.append(_refused(proposal.refused, options))
    return Report(tuple(sections), "priorities", tuple(_notes(proposal, options)))


def _summary(proposal: Proposal, options: ViewOptions) -> Section:
    sums = [_sum(proposal, person) for person in proposal.levels]
    facts = (
        ("operators", len(sums)),
        ("better", sum(value > 0 for value in sums)),
        ("worse", sum(value < 0 for value in sums)),
        ("unknown", sum(value == 0 for value in sums)),
        ("levels", proposal.n_levels),
    )
    said = ((key, label(f"prio_{key}", options.language), cells.count(value)) for key, value in facts)
    return facts_section("summary", label("prio_summary", options.language), tuple(said))


def _sum(proposal: Proposal, person: str) -> int:
    standings = (_standing(table.get(person), proposal.min_calls) for table in (proposal.sales, proposal.quality))
    return sum(standing or 0 for standing in standings)


def _standing(stood: Stood | None, min_calls: int) -> Standing | None:
    return None if stood is None or stood.n < min_calls else stood.standing


def _operators(proposal: Proposal, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"prio_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("level", say("penalty" if proposal.exchange == "asterisk" else "tier"), is_number=True, unit=Unit.COUNT),
        Column("now", say("now"), is_shown=bool(proposal.present)),
        Column("queues", say("queues")),
        Column("calls", say("calls"), is_number=True, unit=Unit.COUNT),
        Column("conversion", say("conversion"), is_number=True, is_shown=bool(proposal.sales), unit=Unit.SHARE),
        Column("conversion_low", "", is_number=True, is_shown=False, unit=Unit.SHARE),
        Column("conversion_high", "", is_number=True, is_shown=False, unit=Unit.SHARE),
        Column("conversion_says", say("conversion_says"), is_shown=bool(proposal.sales)),
        Column("quality", say("quality"), is_number=True, is_shown=bool(proposal.quality), unit=Unit.SCORE),
        Column("quality_says", say("quality_says"), is_shown=bool(proposal.quality)),
    )
    ordered = sorted(proposal.levels, key=lambda person: (proposal.levels[person], person))
    rows = tuple(_operator_row(proposal, person, options) for person in ordered)
    low, high = "conversion_low", "conversion_high"
    chart = Chart(kind=ChartKind.INTERVALS, along="operator", series=("conversion",), low=low, high=high)
    return Section("priorities", say("title"), columns, rows, chart=chart if proposal.sales else None)


def _operator_row(proposal: Proposal, person: str, options: ViewOptions) -> tuple[Cell, ...]:
    sales, quality = proposal.sales.get(person), proposal.quality.get(person)
    mine = [member for member in proposal.placed if member.person == person]
    now = sorted({member.undo_level for member in mine})
    share = sales.shrunk if sales else None
    score = quality.shrunk if quality else None
    return (
        cell(person),
        cells.count(proposal.levels[person] + proposal.first_level),
        cell(", ".join(map(str, now)) if proposal.present else None),
        cell(", ".join(sorted({member.queue for member in mine}))),
        cells.count(max(stood.n if stood else 0 for stood in (sales, quality))),
        cells.share(share.value / 100, share.low / 100, share.high / 100) if share else cells.share(None),
        cells.bound(share.low / 100 if share else None),
        cells.bound(share.high / 100 if share else None),
        _says(sales, proposal.min_calls, options),
        cells.score(score.value, score.low, score.high) if score else cells.score(None, None, None),
        _says(quality, proposal.min_calls, options),
    )


def _says(stood: Stood | None, min_calls: int, options: ViewOptions) -> Cell:
    standing = _standing(stood, min_calls)
    key = "few" if standing is None else standing.name.lower()
    return Cell(label(f"prio_says_{key}", options.language), key)


def _shares(proposal: Proposal, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"prio_{key}", options.language)

    columns = (
        Column("level", say("penalty" if proposal.exchange == "asterisk" else "tier"), is_number=True, unit=Unit.COUNT),
        Column("people", say("people"), is_number=True, unit=Unit.COUNT),
        Column("share", say("share"), is_number=True, unit=Unit.SHARE),
    )
    shares = proposal.forecast.shares[: proposal.n_levels] if proposal.forecast else ()
    people = list(proposal.levels.values())
    rows = tuple(
        (cells.count(level + proposal.first_level), cells.count(people.count(level)), cells.share(share))
        for level, share in enumerate(shares)
    )
    return Section("shares", say("share_title"), columns, rows)


def _refused(refused: Sequence[Refused], options: ViewOptions) -> Section:
    def say(key: str, **values: object) -> str:
        return label(f"prio_{key}", options.language, **values)

    rows = tuple((cell(item.who), Cell(say(f"why_{item.why}", detail=item.detail), item.why)) for item in refused)
    return Section("refused", say("refused_title"), (Column("who", say("who")), Column("why", say("why"))), rows)


def _notes(proposal: Proposal, options: ViewOptions) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return label(f"prio_note_{key}", options.language, **values)

    yield say("proposal")
    if proposal.n_levels == 1:
        yield say("one_level")
    yield say("equal")
    yield say("rule", means=", ".join(_means(proposal, options)))
    if not proposal.sales:
        yield say("no_sales")
    if not proposal.quality:
        yield say("no_scores")
    if proposal.forecast is not None:
        yield from _warnings(proposal, proposal.forecast, options)
        yield say(proposal.exchange)
        yield say(f"{proposal.exchange}_away")
        if proposal.present:
            yield say("undo_file", name=proposal.present)
        else:
            yield say("undo_first", level=proposal.first_level)


def _warnings(proposal: Proposal, forecast: Forecast, options: ViewOptions) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return label(f"prio_note_{key}", options.language, **values)

    for level, share in enumerate(forecast.shares[: proposal.n_levels]):
        if share is not None and share < proposal.min_share:
            yield say("starving", level=level + proposal.first_level, share=form_of(options.language).percent(share))
    if forecast.crowded:
        yield say("crowded", hours=_hours(forecast.crowded), most=form_of(options.language).percent(proposal.peak_occupancy))
    if forecast.uncovered:
        yield say("uncovered", hours=_hours(forecast.uncovered))


def _means(proposal: Proposal, options: ViewOptions) -> Iterator[str]:
    for key, table in (("conversion", proposal.sales), ("quality", proposal.quality)):
        stood = next(iter(table.values()), None)
        if stood is not None:
            form = form_of(options.language)
            written = form.percent(stood.mean / 100) if key == "conversion" else form.number(stood.mean)
            yield f"{label(f'prio_{key}', options.language).lower()} {written}"


def _hours(hours: Sequence[int]) -> str:
    return ", ".join(f"{hour:02d}:00" for hour in hours)
