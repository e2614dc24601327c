"""Efficiency: ask the store, put each operator's parts beside the average, and build the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callscore.errors import NothingToDoError
from callscore.report.ask.costs import require_talks
from callscore.report.ask.priorities import stand_by_quality, stand_by_sales
from callscore.report.ask.recent import recent_since, with_recent_note
from callscore.report.efficiency import PARTS, EfficiencyRow, PartMean, efficiency_report
from callscore.report.view import Report, ViewOptions
from callscore.stats.efficiency import Part
from callscore.stats.interval import share_interval
from callscore.stats.queue_levels import Stood
from callscore.stats.ratio import RatioSums, ratio_interval
from callscore.store import StoreReader
from callscore.store.entries import CallFilter
from callscore.store.shifts import Presence
from callscore.store.standing import WorkRow, read_incoming, read_quality, read_work

__all__ = ["EfficiencyRequest", "ask_efficiency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficiencyRequest:
    """What the settings say: weights by part, and from how many answered calls an operator gets a coefficient."""

    weights: Mapping[str, float]
    min_calls: int
    presence: Presence


def ask_efficiency(reader: StoreReader, wanted: CallFilter, request: EfficiencyRequest, options: ViewOptions) -> Report:
    """Return the coefficients of all operators with their parts; without a period those of the last RECENT_DAYS.

    Raises:
        NothingToDoError: if no call matches, nobody is known, nobody has enough calls, or all weights are 0.
    """
    weights, min_calls = request.weights, request.min_calls
    if not any(weights.values()):
        raise NothingToDoError("all weights of [efficiency] are 0", hint="set some in callscore.toml")
    since = recent_since(reader, wanted.since, wanted.until)
    with reader.asking() as queries:
        work = read_work(queries, request.presence, since, wanted.until)
        sales, _ = read_incoming(queries, options.timezone, since, wanted.until)
        quality = read_quality(queries, since, wanted.until)
    if not work:
        require_talks(reader, wanted)
    if not any(row.answered >= min_calls for row in work):
        raise NothingToDoError(
            f"no operator has {min_calls} answered calls, and fewer say nothing",
            where=str(reader.path),
            hint="widen --since, or see efficiency.min_calls",
        )
    known = [row for row in work if row.answered >= min_calls]
    standing = {"quality": stand_by_quality(quality), "conversion": stand_by_sales(sales)}
    means = _means(known, standing)
    rows = [
        EfficiencyRow(person=row.person, answered=row.answered, parts=_parts(row, standing, means, min_calls)) for row in work
    ]
    table = [PartMean(part=part, mean=means.get(part), weight=weights.get(part, 0.0)) for part in PARTS]
    return with_recent_note(efficiency_report(rows, table, min_calls, options), since, wanted.since, options)


def _means(work: Sequence[WorkRow], standing: Mapping[str, Mapping[str, Stood]]) -> dict[str, float]:
    """Return what counts as 1 for each part that is known, over the operators with enough calls."""
    means: dict[str, float] = {}
    for part, scale in (("quality", 1.0), ("conversion", 100.0)):
        stood = next(iter(standing[part].values()), None)
        if stood is not None:
            means[part] = stood.mean / scale
    priced = [row for row in work if row.cost is not None]
    rings = sum(row.taken + row.missed for row in work)
    sums = {
        "workload": (sum(row.answered for row in work), sum(row.hours for row in work)),
        "missed": (sum(row.taken for row in work), rings if sum(row.missed for row in work) else 0),
        "cost": (sum(row.cost or 0.0 for row in priced), sum(row.answered for row in priced)),
    }
    means.update({part: above / below for part, (above, below) in sums.items() if below > 0})
    return {part: mean for part, mean in means.items() if mean > 0}


def _parts(
    row: WorkRow, standing: Mapping[str, Mapping[str, Stood]], means: Mapping[str, float], min_calls: int
) -> dict[str, Part]:
    """Return the parts of one operator that are known well enough to stand beside the average."""
    found: dict[str, Part] = {}
    for part, scale in (("quality", 1.0), ("conversion", 100.0)):
        stood = standing[part].get(row.person)
        if part in means and stood is not None and stood.n >= min_calls and stood.shrunk.value > 0:
            mean, shrunk = means[part] * scale, stood.shrunk
            low, high = min(shrunk.low, shrunk.value), max(shrunk.high, shrunk.value)
            found[part] = Part(ratio=shrunk.value / mean, low=low / mean, high=high / mean)
    if "workload" in means and row.hours > 0 and row.answered:
        sums = RatioSums(
            n=row.shifts,
            above=row.answered,
            below=row.hours,
            above_squared=row.answered_squared,
            below_squared=row.hours_squared,
            product=row.answered_hours,
        )
        value, interval = row.answered / row.hours, ratio_interval(sums)
        if interval is not None:
            mean = means["workload"]
            found["workload"] = Part(
                ratio=value / mean, low=min(interval.low, value) / mean, high=max(interval.high, value) / mean
            )
    rings = row.taken + row.missed
    if "missed" in means and row.taken:
        share, interval = row.taken / rings, share_interval(row.taken, rings)
        mean = means["missed"]
        found["missed"] = Part(ratio=share / mean, low=min(interval.low, share) / mean, high=max(interval.high, share) / mean)
    if "cost" in means and row.cost and row.answered:
        ratio = means["cost"] * row.answered / row.cost
        found["cost"] = Part(ratio=ratio, low=ratio, high=ratio)
    return found
