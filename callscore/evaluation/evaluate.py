"""Everything that labelled calls tell about callscore, put together. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callscore.errors import ConfigError, nearest
from callscore.evaluation.compare import Pair, Score, WrongVerdict, compare, score_types, wrong_verdicts
from callscore.evaluation.speech import WordErrors, score_roles, score_words
from callscore.evaluation.truth import Truth
from callscore.stats.agreement import Estimate
from callscore.stats.interval import Interval

__all__ = ["Evaluation", "Known", "check_criteria", "evaluate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names labels may use: criteria of the stored rubrics and those at hand, call types by every name they have."""

    criteria: Collection[str]
    call_types: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How callscore does on labelled calls.

    `not_stored` are labelled calls by the name the labels give them, `not_heard` ids of calls that failed. `types` is right, of
    how many, and the interval of the share. What was not labelled is None or empty.
    """

    n_calls: int
    not_stored: tuple[str, ...]
    not_heard: tuple[str, ...]
    criteria: tuple[Score, ...]
    total: Score
    wrong: tuple[WrongVerdict, ...]
    words: tuple[WordErrors, ...]
    roles: Estimate | None
    types: tuple[int, int, Interval] | None
    remarks: tuple[str, ...]


def evaluate(truth: Truth, pairs: Sequence[Pair], known: Known, only: Collection[str] = ()) -> Evaluation:
    """Compare what is stored with the labels; verdicts of the criteria `only`, of all if it is empty."""
    criteria, total = compare(pairs, only)
    return Evaluation(
        n_calls=len(pairs),
        not_stored=tuple(call.name for call, heard in pairs if heard is None),
        not_heard=tuple(heard.call_id for _, heard in pairs if heard and heard.dialogue is None),
        criteria=criteria,
        total=total,
        wrong=wrong_verdicts(pairs, only),
        words=score_words(pairs),
        roles=score_roles(pairs),
        types=score_types(pairs, known.call_types),
        remarks=tuple(_remarks(truth, known)),
    )


def check_criteria(truth: Truth, only: Collection[str]) -> None:
    """Refuse a criterion that no call is labelled with.

    Raises:
        ConfigError: names the nearest one that is.
    """
    labelled = {name for call in truth.calls for name in call.labels}
    for name in only:
        if name not in labelled:
            like = nearest(name, labelled)
            raise ConfigError(
                f"no call is labelled with the criterion {name!r}",
                where=truth.file,
                hint=f"did you mean {like!r}?" if like else f"labelled are: {', '.join(sorted(labelled))}",
            )


def _remarks(truth: Truth, known: Known) -> Iterator[str]:
    if truth.n_blank:
        yield f"rows without a verdict yet, left out: {truth.n_blank}"
    labelled = Counter(name for call in truth.calls for name in call.labels)
    for name in sorted(set(labelled) - set(known.criteria)):
        like = nearest(name, known.criteria)
        hint = f", did you mean {like!r}?" if like else ""
        where = next(call.where for call in truth.calls if name in call.labels)
        yield f"no rubric has the criterion {name!r} (labels: {labelled[name]}, first call: {where}){hint}"
    types = Counter(call.call_type for call in truth.calls if call.call_type)
    for name in sorted(name for name in types if name.lower() not in known.call_types):
        like = nearest(name, known.call_types)
        yield f"no call type is named {name!r} (calls: {types[name]})" + (f", did you mean {like!r}?" if like else "")
