"""An operator's scores: the mean with an interval that covers sampling and doubt, shrunken, for equal calls, and corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callscore.stats.case_mix import Adjusted, CallCell, adjust_means
from callscore.stats.corrected import Correction, MachineSums, ReviewSums, fit_correction
from callscore.stats.interval import mean_interval
from callscore.stats.shrinkage import Shrunk, shrink_means
from callscore.store.entries import OperatorScore, OperatorSums
from callscore.store.people import MixCell, ReviewRow

__all__ = ["Corrections", "fit_corrections", "machine_sums", "score_operators"]

# Enough for any report, and few enough that the last bits of floating point never tell two equal tables apart.
_DIGITS: Final = 4
_DIGITS_OF_MODELS: Final = 2

Rubric = tuple[str, int]
Period = tuple[str, str, str, int]
Corrections = Mapping[Rubric, Correction]


def score_operators(
    sums: Iterable[OperatorSums], mix: Iterable[MixCell] = (), corrections: Corrections | None = None
) -> tuple[OperatorScore, ...]:
    """Return the score of each operator, rubric version and period, in the order given.

    The score is the mean over the calls that have one. Its low end is the low end of the interval of the mean of `score_low`
    (every unsure verdict a fail), its high end the high end for `score_high` (every unsure verdict a pass). The union covers
    both kinds of not knowing: which calls happened to be there, and what was not heard well enough to decide (bounds on a
    partly observed mean: Horowitz and Manski, Journal of the American Statistical Association 95, 2000). A call in which
    nothing was decided has no score but still widens the interval. The shrunken and the adjusted score have such a union for
    their interval too.

    Args:
        sums: what the calls add up to.
        mix: the same calls by kind, line and time of day, of the periods that are to be adjusted.
        corrections: by rubric version, where enough calls of a random sample were reviewed.
    """
    entries = tuple(sums)
    teams: dict[Period, list[OperatorSums]] = defaultdict(list)
    cells: dict[Period, list[MixCell]] = defaultdict(list)
    for entry in entries:
        teams[_period(entry)].append(entry)
    for cell in mix:
        cells[_period(cell)].append(cell)
    shrunk = {key: _shrink(team) for key, team in teams.items()}
    adjusted = {key: _adjust(team) for key, team in cells.items()}
    fitted = corrections or {}
    return tuple(
        _with_models(
            _score(entry),
            shrunk[_period(entry)].get(entry.operator),
            adjusted.get(_period(entry), {}).get(entry.operator),
            _correct(entry, fitted.get((entry.rubric, entry.rubric_version))),
        )
        for entry in entries
    )


def fit_corrections(sums: Iterable[OperatorSums], reviews: Iterable[ReviewRow]) -> Corrections:
    """Return how far the machine is off, by rubric version; none where too few calls of a random sample were reviewed.

    Args:
        sums: of all times, one row per operator and rubric version.
        reviews: of all times.
    """
    machine: dict[Rubric, dict[str | None, MachineSums]] = defaultdict(dict)
    people: dict[Rubric, dict[str | None, ReviewSums]] = defaultdict(dict)
    for entry in sums:
        machine[entry.rubric, entry.rubric_version][entry.operator] = machine_sums(entry)
    for row in reviews:
        people[row.rubric, row.rubric_version][row.operator] = ReviewSums(
            n=row.n,
            gap=row.gap,
            width=row.width,
            gap_gap=row.gap_gap,
            gap_width=row.gap_width,
            width_width=row.width_width,
        )
    fitted = {rubric: fit_correction(machine[rubric], found) for rubric, found in people.items()}
    return {rubric: correction for rubric, correction in fitted.items() if correction}


def machine_sums(entry: OperatorSums) -> MachineSums:
    """Return the machine's bounds as low bound and width; see MachineSums."""
    return MachineSums(
        n=entry.n_bounds,
        low=float(entry.total_low),
        width=float(entry.total_high - entry.total_low),
        low_low=float(entry.squares_low),
        low_width=float(entry.low_high - entry.squares_low),
        width_width=float(entry.squares_high - 2 * entry.low_high + entry.squares_low),
    )


@dataclass(frozen=True, slots=True)
class _Model:
    value: float
    low: float
    high: float
    weight: float = 1.0


def _period(entry: OperatorSums | MixCell) -> Period:
    return (entry.period_kind, entry.period, entry.rubric, entry.rubric_version)


def _shrink(team: Sequence[OperatorSums]) -> Mapping[str | None, _Model]:
    # Calls of nobody known are not a member of the team.
    scored = [entry for entry in team if entry.n and entry.n_bounds and entry.operator is not None]
    middle = _shrink_sums([(entry.n, float(entry.total), float(entry.squares)) for entry in scored])
    low = _shrink_sums([(entry.n_bounds, float(entry.total_low), float(entry.squares_low)) for entry in scored])
    high = _shrink_sums([(entry.n_bounds, float(entry.total_high), float(entry.squares_high)) for entry in scored])
    return {
        entry.operator: _Model(found.value, min(found.low, least.low), max(found.high, most.high), found.weight)
        for entry, found, least, most in zip(scored, middle, low, high, strict=True)
    }


def _shrink_sums(sums: Sequence[tuple[int, float, float]]) -> tuple[Shrunk, ...]:
    """Return the shrunken means; as in mean_interval two made-up calls keep calls that are all alike from seeming sure."""
    variances = []
    for n, total, squares in sums:
        count, whole = n + 2, total + 100.0
        variances.append(max(0.0, squares + 10_000.0 - whole**2 / count) / (count - 1) / count)
    return shrink_means([min(100.0, max(0.0, total / n)) for n, total, _ in sums], variances)


def _adjust(cells: Sequence[MixCell]) -> Mapping[str | None, _Model]:
    def cell(entry: MixCell, n: int, total: float, squares: float) -> CallCell:
        return CallCell(entry.operator, (entry.call_type, entry.line, str(entry.hours)), n, total, squares)

    middle = adjust_means([cell(entry, entry.n, float(entry.total), float(entry.squares)) for entry in cells])
    low = adjust_means([cell(entry, entry.n_bounds, float(entry.total_low), float(entry.squares_low)) for entry in cells])
    high = adjust_means([cell(entry, entry.n_bounds, float(entry.total_high), float(entry.squares_high)) for entry in cells])
    return {
        operator: _union(found, low[operator], high[operator])
        for operator, found in middle.items()
        if operator in low and operator in high
    }


def _union(middle: Adjusted, low: Adjusted, high: Adjusted) -> _Model:
    return _Model(middle.value, min(middle.low, low.low), max(middle.high, high.high))


def _correct(entry: OperatorSums, correction: Correction | None) -> tuple[_Model, int] | None:
    found = correction.apply(entry.operator, machine_sums(entry)) if correction else None
    if found is None or correction is None:
        return None
    return _Model(found.value, found.interval.low, found.interval.high), correction.n_reviewed


def _with_models(
    score: OperatorScore, shrunk: _Model | None, adjusted: _Model | None, corrected: tuple[_Model, int] | None
) -> OperatorScore:
    def rounded(model: _Model | None) -> tuple[float | None, float | None, float | None]:
        if model is None:
            return None, None, None
        return round(model.value, _DIGITS_OF_MODELS), round(model.low, _DIGITS_OF_MODELS), round(model.high, _DIGITS_OF_MODELS)

    shrunk_score, shrunk_low, shrunk_high = rounded(shrunk)
    adjusted_score, adjusted_low, adjusted_high = rounded(adjusted)
    corrected_score, corrected_low, corrected_high = rounded(corrected[0] if corrected else None)
    return replace(
        score,
        score_shrunk=shrunk_score,
        shrunk_low=shrunk_low,
        shrunk_high=shrunk_high,
        shrunk_weight=round(shrunk.weight, _DIGITS) if shrunk else None,
        score_adjusted=adjusted_score,
        adjusted_low=adjusted_low,
        adjusted_high=adjusted_high,
        score_corrected=corrected_score,
        corrected_low=corrected_low,
        corrected_high=corrected_high,
        n_reviewed=corrected[1] if corrected else 0,
    )


def _score(sums: OperatorSums) -> OperatorScore:
    low = mean_interval(sums.n_bounds, float(sums.total_low), float(sums.squares_low)).low
    high = mean_interval(sums.n_bounds, float(sums.total_high), float(sums.squares_high)).high
    return OperatorScore(
        period=sums.period,
        period_kind=sums.period_kind,
        starts_on=sums.starts_on,
        operator=sums.operator,
        rubric=sums.rubric,
        rubric_version=sums.rubric_version,
        calls=sums.calls,
        scored_calls=sums.n,
        score=round(float(sums.total) / sums.n, _DIGITS) if sums.n else None,
        score_low=round(low, _DIGITS),
        score_high=round(high, _DIGITS),
        n_critical_failed=sums.n_critical_failed,
        n_verdicts=sums.n_verdicts,
        n_unsure=sums.n_unsure,
    )
