"""Which criteria an operator should work on: those that surely lie below the team and cost most. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from callscore.stats.agreement import agreement_interval
from callscore.stats.comparing import Finding
from callscore.stats.interval import Interval, share_interval
from callscore.stats.reviewers import share_change
from callscore.stats.shrinkage import Shrunk, shrink_shares
from callscore.store.coaching import CriterionTally, Discussed, Topic

__all__ = ["N_TOPICS", "Advice", "Progress", "Weakness", "advise", "judge_progress"]

N_TOPICS: Final = 2
"""As many as a person can work on at a time."""
_NORMAL: Final = 1.959963984540054
_ERROR: Final = 0.05
_SALES_FACTOR: Final = 2.0
"""A criterion that is known to go with more sales goes before one that is not if it costs half as many points or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """A criterion that an operator meets surely less often than the team, or than the target.

    Args:
        topic: operator, rubric and criterion.
        n: calls in which it was decided.
        own: the share met, drawn towards the team as far as few calls make it uncertain, with its 95 % interval.
        team: the share the other operators meet; None without others.
        below: by which bound it is sure: `team` or `target`.
        cost: points of the mean score 0..100 that it costs, against the team or the target, whichever is higher.
        helps_sales: whether calls in which it is met are known to sell more often.
    """

    topic: Topic
    n: int
    own: Shrunk
    team: float | None
    below: str
    cost: float
    helps_sales: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What an operator should work on, most important first, at most two.

    Not `is_enough`: no criterion has calls enough to be looked at. `is_alone`: there is neither a team nor a target.
    """

    operator: str
    calls: int
    is_enough: bool
    is_alone: bool
    weaknesses: tuple[Weakness, ...]
    n_certain: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of a criterion after it was talked over: the shares met before and since, None where nothing was decided."""

    before: float | None
    since: float | None
    n_before: int
    n_since: int
    finding: Finding
    difference: Interval | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """A criterion of one operator beside the team: as decided, and with what is unsure in the operator's favour."""

    tally: CriterionTally
    own: Shrunk
    best: Shrunk
    team: float | None
    team_at_worst: tuple[float, Interval] | None


def advise(
    tallies: Sequence[CriterionTally],
    *,
    min_calls: int,
    target: float | None = None,
    sales: Collection[tuple[str, str]] = (),
) -> tuple[Advice, ...]:
    """Return for each operator what to work on.

    A criterion is chosen only if it is certain: even with every unsure verdict of the operator a pass and every one of the
    others a fail, the operator's share, drawn towards the team (shrink_shares), lies below the others' beyond chance. The
    interval of the difference is put together from those of the two shares (Zou and Donner, Statistics in Medicine 27, 2008);
    the error of 5 % is shared out among the operator's criteria, so one operator in twenty gets a wrong one at most. Of the
    certain ones those that cost the score most are taken.

    Args:
        tallies: verdicts of all operators, the team to compare with.
        min_calls: a criterion decided in fewer calls of the operator is not looked at.
        target: a share 0..1 that every criterion should reach; surely below it is a weakness too.
        sales: rubric and criterion of those that are known to go with more sales.
    """
    by_criterion: dict[tuple[str, str], list[CriterionTally]] = defaultdict(list)
    for tally in tallies:
        by_criterion[tally.rubric, tally.criterion].append(tally)
    standings: dict[str, list[_Standing]] = defaultdict(list)
    for group in by_criterion.values():
        for standing in _stand(group):
            standings[standing.tally.operator].append(standing)
    calls = _calls(tallies)
    found = []
    for operator in sorted(standings):
        certain = _weaknesses(standings[operator], min_calls, target, sales)
        ranked = sorted(certain, key=lambda one: (-one.cost * (_SALES_FACTOR if one.helps_sales else 1.0), one.topic))
        found.append(
            Advice(
                operator=operator,
                calls=calls[operator],
                is_enough=any(_decided(one.tally) >= min_calls for one in standings[operator]),
                is_alone=len(standings) == 1 and target is None,
                weaknesses=tuple(ranked[:N_TOPICS]),
                n_certain=len(ranked),
            )
        )
    return tuple(found)


def judge_progress(one: Discussed, min_calls: int) -> Progress:
    """Return whether a criterion is met more often since it was talked over, whatever is behind the unsure verdicts.

    Before and since are compared as share_change does; better only if it holds with every unsure verdict of before a pass and
    every one since a fail, worse only the other way round. Fewer than `min_calls` on a side can tell nothing. An operator is
    often talked to after bad days, and better days then come by themselves: the finding is no proof that the talk helped.
    """
    before, since = one.pass_before + one.fail_before, one.pass_since + one.fail_since
    shares = (one.pass_before / before if before else None, one.pass_since / since if since else None)
    if min(before, since) < max(1, min_calls):
        return Progress(*shares, before, since, Finding.CANNOT_TELL, None)
    all_before, all_since = before + one.unsure_before, since + one.unsure_since
    least = _change((one.pass_before + one.unsure_before, all_before), (one.pass_since, all_since))[1].low
    most = _change((one.pass_before, all_before), (one.pass_since + one.unsure_since, all_since))[1].high
    finding = Finding.BETTER if least > 0 else Finding.WORSE if most < 0 else Finding.CANNOT_TELL
    return Progress(*shares, before, since, finding, Interval(least, most))


def _change(old: tuple[int, int], new: tuple[int, int]) -> tuple[Finding, Interval]:
    return share_change(old[0] / old[1], share_interval(*old), new[0] / new[1], share_interval(*new))


def _stand(group: Sequence[CriterionTally]) -> list[_Standing]:
    own = shrink_shares([one.n_pass for one in group], [_decided(one) for one in group])
    wholes = [_decided(one) + one.n_unsure for one in group]
    doubtful = any(one.n_unsure for one in group)
    best = shrink_shares([one.n_pass + one.n_unsure for one in group], wholes) if doubtful else own
    n_pass, n_decided = sum(one.n_pass for one in group), sum(map(_decided, group))
    found = []
    for place, one in enumerate(group):
        others = [(other.n_pass, wholes[at]) for at, other in enumerate(group) if at != place and wholes[at]]
        whole = sum(part[1] for part in others)
        at_worst = (sum(part[0] for part in others) / whole, agreement_interval(others)) if whole else None
        rest = n_decided - _decided(one)
        team = (n_pass - one.n_pass) / rest if rest else None
        found.append(_Standing(one, own[place], best[place], team, at_worst))
    return found


def _weaknesses(
    standings: Sequence[_Standing], min_calls: int, target: float | None, sales: Collection[tuple[str, str]]
) -> list[Weakness]:
    looked_at = [one for one in standings if _decided(one.tally) >= min_calls]
    if not looked_at:
        return []
    wider = NormalDist().inv_cdf(1 - _ERROR / 2 / len(looked_at)) / _NORMAL
    found = []
    for one in looked_at:
        below = _below(one, target, wider)
        reference = max((value for value in (one.team, target) if value is not None), default=None)
        if not below or reference is None:
            continue
        tally = one.tally
        same = [other for other in standings if other.tally.rubric == tally.rubric]
        found.append(
            Weakness(
                topic=Topic(tally.operator, tally.rubric, tally.criterion),
                n=_decided(tally),
                own=one.own,
                team=one.team,
                below=below,
                cost=max(0.0, reference - one.own.value) * _points(tally, [other.tally for other in same]),
                helps_sales=(tally.rubric, tally.criterion) in sales,
            )
        )
    return found


def _below(one: _Standing, target: float | None, wider: float) -> str:
    """Return below what the operator surely is, empty for nothing."""
    above = (one.best.high - one.best.value) * wider
    if one.team_at_worst is not None:
        team, interval = one.team_at_worst
        if team - one.best.value > math.hypot(above, (team - interval.low) * wider):
            return "team"
    if target is not None and one.best.value + above < target:
        return "target"
    return ""


def _points(tally: CriterionTally, same: Sequence[CriterionTally]) -> float:
    """Return how many points of the mean score hang on the criterion: the score with it always met less never met.

    An approximation: a critical fail takes the whole score of its call, the mean of the calls without one.
    """
    earned = sum(one.weight * one.n_pass for one in same)
    to_earn = sum(one.weight * _decided(one) for one in same)
    if not to_earn:
        return 0.0
    if tally.critical:
        return 100.0 * earned / to_earn * _decided(tally) / tally.calls
    return 100.0 * tally.weight * _decided(tally) / to_earn


def _calls(tallies: Sequence[CriterionTally]) -> Mapping[str, int]:
    """Return the calls of each operator: of each rubric as many as it was applied to."""
    by_rubric: dict[tuple[str, str], int] = defaultdict(int)
    for one in tallies:
        by_rubric[one.operator, one.rubric] = max(by_rubric[one.operator, one.rubric], one.calls)
    calls: dict[str, int] = defaultdict(int)
    for (operator, _), n in by_rubric.items():
        calls[operator] += n
    return calls


def _decided(tally: CriterionTally) -> int:
    return tally.n_pass + tally.n_fail
