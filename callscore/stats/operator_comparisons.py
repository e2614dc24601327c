"""Which operators are compared: two of them, each with all others, or each with himself in an earlier period. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from callscore.stats.comparing import Bounds, Comparison, compare_bounds, compare_corrected, pool_corrected
from callscore.stats.corrected import Corrected, Correction
from callscore.stats.operators import Corrections, machine_sums
from callscore.store.entries import OperatorSums

__all__ = ["OperatorComparison", "Side", "compare_operators", "compare_periods"]

Rubric = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison: its calls with a score, and their mean; `corrected` where a random sample was reviewed."""

    calls: int
    score: float | None
    bounds: Bounds
    corrected: Corrected | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorComparison:
    """An operator against another one, or with `other` None against all others, or against himself before.

    `comparison` is None where one side has too few calls to be judged.
    """

    operator: str
    other: str | None
    rubric: str
    rubric_version: int
    side: Side
    other_side: Side
    comparison: Comparison | None
    is_corrected: bool


def compare_operators(
    sums: Iterable[OperatorSums], names: Sequence[str], corrections: Corrections, min_calls: int
) -> tuple[OperatorComparison, ...]:
    """Return two operators compared if two are named, else the one named or every operator against all others together.

    Args:
        sums: of one period.
        names: none, one or two operators.
        corrections: by rubric version, where a random sample was reviewed.
        min_calls: with fewer scored calls on a side there is no judgement.
    """
    teams = _by_rubric(sums)
    pairs: list[tuple[Rubric, str, str | None, Side, Side]] = []
    for rubric, team in teams.items():
        correction = corrections.get(rubric)
        for name in sorted(team) if not names else [name for name in names[:1] if name in team]:
            if len(names) < 2:
                others = [entry for rival, entry in team.items() if rival != name]
                pairs.append((rubric, name, None, _side([team[name]], correction), _side(others, correction)))
            elif names[1] in team:
                pairs.append((rubric, name, names[1], _side([team[name]], correction), _side([team[names[1]]], correction)))
    return _compare(pairs, min_calls, same_person=False)


def compare_periods(
    before: Iterable[OperatorSums],
    after: Iterable[OperatorSums],
    names: Sequence[str],
    corrections: Corrections,
    min_calls: int,
) -> tuple[OperatorComparison, ...]:
    """Return each operator (of `names`, if any) in the later period against himself in the earlier one."""
    earlier, later = _by_rubric(before), _by_rubric(after)
    pairs: list[tuple[Rubric, str, str | None, Side, Side]] = []
    for rubric, team in later.items():
        correction = corrections.get(rubric)
        for name in sorted(team):
            if name in earlier.get(rubric, {}) and (not names or name in names):
                sides = (_side([team[name]], correction), _side([earlier[rubric][name]], correction))
                pairs.append((rubric, name, name, *sides))
    return _compare(pairs, min_calls, same_person=True)


def _by_rubric(sums: Iterable[OperatorSums]) -> Mapping[Rubric, Mapping[str, OperatorSums]]:
    teams: dict[Rubric, dict[str, OperatorSums]] = defaultdict(dict)
    for entry in sums:
        if entry.operator is not None and entry.n:
            teams[entry.rubric, entry.rubric_version][entry.operator] = entry
    return dict(sorted(teams.items(), key=lambda item: (item[0][0], -item[0][1])))


def _side(entries: Sequence[OperatorSums], correction: Correction | None) -> Side:
    n = sum(entry.n for entry in entries)
    total = sum((entry.total for entry in entries), Decimal(0))
    corrected = None
    if correction is not None:
        parts = [(entry.n_bounds, correction.apply(entry.operator, machine_sums(entry))) for entry in entries]
        corrected = pool_corrected([(size, part) for size, part in parts if part is not None])
    bounds = Bounds(
        n=sum(entry.n_bounds for entry in entries),
        low=float(sum(entry.total_low for entry in entries)),
        low_squares=float(sum(entry.squares_low for entry in entries)),
        high=float(sum(entry.total_high for entry in entries)),
        high_squares=float(sum(entry.squares_high for entry in entries)),
    )
    return Side(calls=n, score=float(total) / n if n else None, bounds=bounds, corrected=corrected)


def _compare(
    pairs: Sequence[tuple[Rubric, str, str | None, Side, Side]], min_calls: int, *, same_person: bool
) -> tuple[OperatorComparison, ...]:
    """Compare all pairs; only those with enough calls are judged, and they share the error."""
    judged = sum(min(one.calls, other.calls) >= max(1, min_calls) for _, _, _, one, other in pairs)
    found = []
    for rubric, name, rival, one, other in pairs:
        is_enough = min(one.calls, other.calls) >= max(1, min_calls)
        comparison = None
        if is_enough and one.corrected and other.corrected:
            comparison = compare_corrected(one.corrected, other.corrected, judged, same_person=same_person)
        elif is_enough:
            comparison = compare_bounds(one.bounds, other.bounds, judged)
        found.append(
            OperatorComparison(
                operator=name,
                other=rival,
                rubric=rubric[0],
                rubric_version=rubric[1],
                side=one,
                other_side=other,
                comparison=comparison,
                is_corrected=is_enough and one.corrected is not None and other.corrected is not None,
            )
        )
    return tuple(found)
