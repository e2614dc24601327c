"""Krippendorff's alpha: how well any number of reviewers agree beyond chance, with answers missing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from callscore.stats.interval import Interval, share_interval

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

__all__ = ["Alpha", "NoAlpha", "krippendorff_alpha"]

_SAMPLES: Final = 2000
_SEED: Final = 20_071
_EDGES: Final = (2.5, 97.5)


class NoAlpha(StrEnum):
    """Why there is no alpha."""

    NO_PAIRS = "no_pairs"
    """No question was answered by two reviewers."""
    ONE_ANSWER = "one_answer"
    """All gave one and the same answer everywhere, so nothing tells agreement from habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alpha:
    """Alpha with its 95 % interval; both None where it is undefined, and then `why` says so.

    `n_calls` are the calls in which any question was answered by two reviewers, `n_answers` all answers to such questions,
    `agreed` is which share of the pairs of answers within a question are the same, None without a pair.
    """

    value: float | None
    interval: Interval | None
    why: NoAlpha | None
    n_calls: int
    n_answers: int
    agreed: float | None


def krippendorff_alpha(calls: Sequence[Sequence[Sequence[int]]], seed: int = _SEED) -> Alpha:
    """Return Krippendorff's alpha for answers without an order: 1 for perfect agreement, 0 for what chance gives.

    Alpha by coincidences (Hayes and Krippendorff, Communication Methods and Measures 1, 2007): questions with one answer or
    none do not count, so reviewers may skip calls. The interval is a bootstrap over whole calls, as answers about one call hang
    together, always the same for the same `seed`. A bootstrap of calls that all agree, or of a few, is too narrow; so the
    interval reaches at least as far as Wilson's for the share of calls without any disagreement would take it, the agreement
    expected by chance being known. In simulations of 20 to 150 calls with two or three reviewers, of whom each skipped a tenth
    and was right in 85 to 99 % of the answers, it covered the true alpha in 93 % of the samples or more; in 10 calls with rare
    fails, where alpha is often undefined, in 81 % or more.

    Args:
        calls: of each call its questions, of each question how many reviewers gave each answer, always in the same order.
        seed: of the bootstrap.

    >>> found = krippendorff_alpha([[[2, 0]]] * 10 + [[[0, 2]]] * 9 + [[[1, 1]]])
    >>> round(found.value, 2), round(found.interval.low, 2), round(found.interval.high, 2), found.n_calls
    (0.9, 0.54, 1.0, 20)
    >>> krippendorff_alpha([[[2, 0]], [[3, 0]]]).why, krippendorff_alpha([[[1, 0]]]).why
    (<NoAlpha.ONE_ANSWER: 'one_answer'>, <NoAlpha.NO_PAIRS: 'no_pairs'>)

    Raises:
        ValueError: if a count is negative or questions differ in their number of answers.
    """
    import numpy as np

    questions = [question for call in calls for question in call]
    if any(min(question, default=0) < 0 for question in questions) or len({len(question) for question in questions}) > 1:
        raise ValueError("each question must hold a count of 0 or more for each of the same answers")
    sums = [row for row in map(_call_sums, calls) if row is not None]
    if not sums:
        return Alpha(value=None, interval=None, why=NoAlpha.NO_PAIRS, n_calls=0, n_answers=0, agreed=None)
    table = np.asarray(sums, dtype=float)
    whole = table.sum(axis=0)
    n_answers = int(whole[1:].sum())
    agreed = 1.0 - float(whole[0]) / n_answers
    value = float(_alpha(whole[None, :])[0])
    if np.isnan(value):
        why = NoAlpha.ONE_ANSWER
        return Alpha(value=None, interval=None, why=why, n_calls=len(sums), n_answers=n_answers, agreed=agreed)
    interval = _interval(table, value, seed)
    return Alpha(value=value, interval=interval, why=None, n_calls=len(sums), n_answers=n_answers, agreed=agreed)


def _call_sums(questions: Sequence[Sequence[int]]) -> list[float] | None:
    """Return a call's disagreeing coincidences, and how often each answer was given; None without a pair of answers."""
    pairs = [question for question in questions if sum(question) > 1]
    if not pairs:
        return None
    apart = sum((sum(question) ** 2 - sum(n * n for n in question)) / (sum(question) - 1) for question in pairs)
    return [apart, *(float(sum(answer)) for answer in zip(*pairs, strict=True))]


def _alpha(sums: Numbers) -> Numbers:
    """Return alpha of each row: disagreeing coincidences and answers by kind; nan where all answers are the same."""
    import numpy as np

    answers = sums[:, 1:]
    n = answers.sum(axis=1)
    by_chance = (n * n - (answers * answers).sum(axis=1)) / np.maximum(n - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(by_chance > 0, 1.0 - sums[:, 0] / by_chance, np.nan)


def _interval(table: Numbers, value: float, seed: int) -> Interval:
    import numpy as np

    n_calls, whole = len(table), table.sum(axis=0)
    answers = whole[1:]
    n = float(answers.sum())
    scale = n * (n - 1) / (n * n - float((answers * answers).sum()))
    observed = float(whole[0]) / n
    apart = int((table[:, 0] > 0).sum())
    per_call = observed * n_calls / apart if apart else 1.0
    wilson = share_interval(apart, n_calls)
    low, high = 1.0 - min(1.0, wilson.high * per_call) * scale, 1.0 - wilson.low * per_call * scale
    draws = np.random.default_rng(seed).multinomial(n_calls, np.full(n_calls, 1.0 / n_calls), size=_SAMPLES)
    drawn = _alpha(draws.astype(float) @ table)
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn):
        edges = np.percentile(drawn, _EDGES)
        low, high = min(low, float(edges[0])), max(high, float(edges[1]))
    return Interval(max(-1.0, min(low, value)), min(1.0, max(high, value)))
