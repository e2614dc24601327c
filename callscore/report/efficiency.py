"""Efficiency of operators with the parts it is made of, as managers read it. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.efficiency import Coefficient, Part, combine_parts

__all__ = ["PARTS", "EfficiencyRow", "PartMean", "efficiency_report"]

PARTS: Final = ("quality", "conversion", "workload", "missed", "cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficiencyRow:
    """An operator with the parts that are known."""

    person: str
    answered: int
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMean:
    """The average of a part, which counts as 1, and its weight as set (0: left out)."""

    part: str
    mean: float | None
    weight: float


def efficiency_report(rows: Sequence[EfficiencyRow], means: Sequence[PartMean], min_calls: int, options: ViewOptions) -> Report:
    """Return the coefficients with their parts.

    A part that most operators with enough calls lack is left out for all; an operator who then lacks one has no coefficient,
    for one made of other parts could not be compared. So has an operator with fewer than `min_calls` answered calls.
    """
    enough = [row for row in rows if row.answered >= min_calls]
    weights = {mean.part: mean.weight for mean in means}
    known = {part: sum(part in row.parts for row in enough) for part in PARTS}
    used = tuple(part for part in PARTS if weights.get(part, 0) > 0 and 2 * known[part] > len(enough))
    left_out = [part for part in PARTS if weights.get(part, 0) > 0 and part not in used]
    sections = (_table(rows, used, weights, min_calls, options), _weights(means, used, options))
    return Report(sections, "efficiency", tuple(_notes(left_out, options)))


def _table(
    rows: Sequence[EfficiencyRow], used: Sequence[str], weights: Mapping[str, float], min_calls: int, options: ViewOptions
) -> Section:
    def say(key: str) -> str:
        return label(f"eff_{key}", options.language)

    columns = (
        Column("operator", say("operator")),
        Column("answered", say("answered"), is_number=True, unit=Unit.COUNT),
        Column("coefficient", say("coefficient"), is_number=True, unit=Unit.NUMBER),
        Column("low", "", is_number=True, is_shown=False, unit=Unit.NUMBER),
        Column("high", "", is_number=True, is_shown=False, unit=Unit.NUMBER),
        *(Column(part, say(part), is_number=True, unit=Unit.NUMBER) for part in used),
        Column("why", say("why")),
    )
    table = []
    for row in sorted(rows, key=lambda row: row.person):
        why = _why(row, used, min_calls, options)
        found = None if why else combine_parts({part: row.parts[part] for part in used}, weights)
        table.append(
            (cell(row.person), cells.count(row.answered), *_coefficient(found), *_parts(row, used), Cell(why, why or None))
        )
    chart = Chart(kind=ChartKind.INTERVALS, along="operator", series=("coefficient",), low="low", high="high")
    return Section("efficiency", say("title"), columns, tuple(table), chart=chart)


def _coefficient(found: Coefficient | None) -> tuple[Cell, Cell, Cell]:
    if found is None:
        return cells.decimal(None), cells.bound(None), cells.bound(None)
    return cells.interval(found.value, found.low, found.high, 2), cells.bound(found.low), cells.bound(found.high)


def _parts(row: EfficiencyRow, used: Sequence[str]) -> Iterator[Cell]:
    for name in used:
        part = row.parts.get(name)
        yield cells.interval(part.ratio, part.low, part.high, 2) if part else cells.decimal(None)


def _why(row: EfficiencyRow, used: Sequence[str], min_calls: int, options: ViewOptions) -> str:
    if row.answered < min_calls:
        return label("eff_why_few", options.language, n=row.answered, least=min_calls)
    lacks = [part for part in used if part not in row.parts]
    if lacks or not used:
        return label("eff_why_lacks", options.language, parts=_named(lacks or PARTS, options))
    return ""


def _weights(means: Sequence[PartMean], used: Sequence[str], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"eff_{key}", options.language)

    columns = (
        Column("part", say("part")),
        Column("weight", say("weight"), is_number=True, unit=Unit.SHARE),
        Column("average", say("average"), is_number=True, unit=Unit.NUMBER),
    )
    whole = sum(mean.weight for mean in means if mean.part in used)
    rows = tuple(
        (Cell(say(mean.part), mean.part), cells.share(mean.weight / whole), _average(mean))
        for mean in means
        if mean.part in used
    )
    return Section("weights", say("weights_title"), columns, rows)


def _average(mean: PartMean) -> Cell:
    if mean.part in ("conversion", "missed"):
        return cells.share(mean.mean)
    return cells.score(mean.mean, None, None) if mean.part == "quality" else cells.decimal(mean.mean)


def _notes(left_out: Sequence[str], options: ViewOptions) -> Iterator[str]:
    for key in ("pay", "formula", "means", "interval"):
        yield label(f"eff_note_{key}", options.language)
    if left_out:
        yield label("eff_note_left_out", options.language, parts=_named(left_out, options))


def _named(parts: Sequence[str], options: ViewOptions) -> str:
    return ", ".join(label(f"eff_{part}", options.language).lower() for part in parts)
