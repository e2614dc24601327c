"""Stored verdicts and call types against labels: what is right, wrong, unsure and missing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from callscore.evaluation.truth import TruthCall
from callscore.records import CriterionResult, Dialogue, Verdict
from callscore.stats.agreement import Estimate, agreement_interval, cohen_kappa, design_effect
from callscore.stats.interval import Interval, share_interval

__all__ = [
    "LABELS",
    "Confusion",
    "HeardCall",
    "Pair",
    "Score",
    "WrongVerdict",
    "compare",
    "score_types",
    "tally",
    "wrong_verdicts",
]

LABELS: Final = (Verdict.PASS, Verdict.FAIL, Verdict.NA)
_OUTCOMES: Final[tuple[Verdict | None, ...]] = (*LABELS, Verdict.UNSURE, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCall:
    """What callscore made of a call: verdicts by criterion, its type, and what was heard (None for a call that failed)."""

    call_id: str
    verdicts: Mapping[str, CriterionResult]
    call_type: str | None
    dialogue: Dialogue | None


Pair = tuple[TruthCall, HeardCall | None]
"""A labelled call and what is stored of it, None if it is not stored."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each label (row: pass, fail, na) met each verdict (column: pass, fail, na, unsure, none at all)."""

    counts: tuple[tuple[int, ...], ...] = ((0,) * len(_OUTCOMES),) * len(LABELS)

    @classmethod
    def of(cls, label: Verdict, verdict: Verdict | None) -> Confusion:
        """Return the table that holds one pair.

        Raises:
            ValueError: for a label that is unsure.
        """
        if label not in LABELS:
            raise ValueError(f"a label must be pass, fail or na, got {label!r}")
        place = LABELS.index(label), _OUTCOMES.index(verdict)
        return cls(tuple(tuple(int((r, c) == place) for c in range(len(_OUTCOMES))) for r in range(len(LABELS))))

    def combine(self, other: Confusion) -> Confusion:
        """Return the table of both."""
        rows = zip(self.counts, other.counts, strict=True)
        return Confusion(tuple(tuple(map(sum, zip(*pair, strict=True))) for pair in rows))

    def count(self, label: Verdict, verdict: Verdict | None) -> int:
        """Return how often `label` met `verdict`; None: no verdict."""
        return self.counts[LABELS.index(label)][_OUTCOMES.index(verdict)]

    @property
    def n(self) -> int:
        """Labels."""
        return sum(map(sum, self.counts))

    @property
    def right(self) -> int:
        """Verdicts that are the label."""
        return sum(self.count(label, label) for label in LABELS)

    @property
    def unsure(self) -> int:
        """Labels that callscore did not decide."""
        return sum(self.count(label, Verdict.UNSURE) for label in LABELS)

    @property
    def missing(self) -> int:
        """Labels without any verdict."""
        return sum(self.count(label, None) for label in LABELS)

    @property
    def decided(self) -> int:
        """Verdicts of pass, fail or na."""
        return self.n - self.unsure - self.missing

    @property
    def wrong(self) -> int:
        """Decided verdicts that are not the label."""
        return self.decided - self.right

    @property
    def false_pass(self) -> int:
        """Passed, though the label is fail."""
        return self.count(Verdict.FAIL, Verdict.PASS)

    @property
    def false_fail(self) -> int:
        """Failed, though the label is pass."""
        return self.count(Verdict.PASS, Verdict.FAIL)

    @property
    def fails(self) -> int:
        """Labels of fail."""
        return sum(self.counts[LABELS.index(Verdict.FAIL)])

    @property
    def square(self) -> tuple[tuple[int, ...], ...]:
        """The decided verdicts only."""
        return tuple(row[: len(LABELS)] for row in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good the verdicts on a criterion are, None: on all. `interval` is of the share of right ones among the decided."""

    criterion: str | None
    confusion: Confusion
    interval: Interval
    kappa: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongVerdict:
    """A decided verdict that is not the label."""

    call_id: str
    label: Verdict
    result: CriterionResult


def tally(pair: Pair, only: Collection[str] = ()) -> dict[str, Confusion]:
    """Return one call's labels against its verdicts by criterion; `only` these criteria, all if it is empty."""
    truth, heard = pair
    verdicts = heard.verdicts if heard else {}
    return {
        name: Confusion.of(label, verdicts[name].verdict if name in verdicts else None)
        for name, label in truth.labels.items()
        if not only or name in only
    }


def compare(pairs: Sequence[Pair], only: Collection[str] = ()) -> tuple[tuple[Score, ...], Score]:
    """Return a score per criterion, sorted by its id, and the score of all together."""
    tallies = [tally(pair, only) for pair in pairs]
    names = sorted({name for found in tallies for name in found})
    criteria = tuple(_score(name, [found[name] for found in tallies if name in found]) for name in names)
    return criteria, _score(None, [_sum(found.values()) for found in tallies])


def wrong_verdicts(pairs: Sequence[Pair], only: Collection[str] = ()) -> tuple[WrongVerdict, ...]:
    """Return every wrong verdict, in the order of the labelled calls."""
    return tuple(
        WrongVerdict(call_id=heard.call_id, label=truth.labels[name], result=heard.verdicts[name])
        for truth, heard in pairs
        if heard
        for name, found in tally((truth, heard), only).items()
        if found.wrong
    )


def score_types(pairs: Sequence[Pair], aliases: Mapping[str, str]) -> tuple[int, int, Interval] | None:
    """Return how many call types are right, of how many labelled calls that have one, with the interval of the share.

    `aliases` gives the id of a call type by its other names, in small letters. None where no call is labelled with a type.
    """

    def known(name: str) -> str:
        return aliases.get(name.lower(), name.lower())

    judged = [
        known(truth.call_type) == known(heard.call_type)
        for truth, heard in pairs
        if truth.call_type and heard and heard.call_type
    ]
    return (sum(judged), len(judged), share_interval(sum(judged), len(judged))) if judged else None


def _score(name: str | None, parts: Sequence[Confusion]) -> Score:
    """Score verdicts that come call by call; those of one call hang together."""
    shares = [(part.right, part.decided) for part in parts]
    whole = _sum(parts)
    return Score(
        criterion=name,
        confusion=whole,
        interval=agreement_interval(shares),
        kappa=cohen_kappa(whole.square, design_effect(shares)),
    )


def _sum(parts: Iterable[Confusion]) -> Confusion:
    return reduce(Confusion.combine, parts, Confusion())
