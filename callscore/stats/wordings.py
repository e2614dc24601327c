"""Word sequences that calls have in which a person overruled the machine, and others do not. Pure; knows no dictionary."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["MIN_CALLS", "Token", "Wording", "find_wordings"]

MIN_CALLS: Final = 3
"""A wording of fewer corrected calls may be anybody's slip of the tongue."""
_LONGEST: Final = 6
_SHORTEST: Final = 2
_ERROR: Final = 0.05
_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Token:
    """A word: `key` is what its forms share, `text` the form that was said; `is_content` tells that it says something."""

    key: str
    text: str
    is_content: bool


Stretch = Sequence[Token]
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A sequence of words: in how many corrected calls it is, of how many, and in how many of the others."""

    keys: tuple[str, ...]
    text: str
    calls: tuple[str, ...]
    n_corrected: int
    n_others: int
    with_it: int


def find_wordings(
    corrected: Mapping[str, Sequence[Stretch]],
    failed: Collection[Sequence[Stretch]],
    others: Collection[Sequence[Stretch]],
) -> tuple[Wording, ...]:
    """Return the wordings that explain the corrected calls, the one that explains most first; none that chance may have made.

    A wording must be in MIN_CALLS corrected calls or more, in no call that a person failed, and commoner in corrected calls
    than in the failed ones, or than in the failed and the other ones together, beyond what chance does: Fisher's exact test,
    with the error of 5 % shared out among both tests of all groups of calls that a sequence has in common and that are large
    enough to be found (Tarone, Biometrics 46, 1990): those with MIN_CALLS calls or more, of whatever kind. Of sequences with
    the same calls the longest is taken, as it is found by mistake least; then those for calls without any, and so on.

    Args:
        corrected: by call, the stretches of words where the phrase was expected, of calls that people passed and the machine
            did not.
        failed: the same of calls that people failed.
        others: the same of calls that the machine failed and nobody looked at; some of them may hold the wording rightly.
    """
    said: dict[Keys, Counter[str]] = defaultdict(Counter)
    places: dict[Keys, set[int]] = defaultdict(set)
    names = sorted(corrected)
    n_right, n_wrong = len(names), len(names) + len(failed)
    for place, stretches in enumerate((*(corrected[name] for name in names), *failed, *others)):
        for keys, text in _sequences(stretches):
            places[keys].add(place)
            if place < n_right:
                said[keys][text] += 1
    tested = {keys: calls for keys, calls in places.items() if len(calls) >= MIN_CALLS}
    level = _ERROR / 2 / max(1, len({frozenset(calls) for calls in tested.values()}))
    found, elsewhere = {}, {}
    for keys, calls in tested.items():
        hits, without = {place for place in calls if place < n_right}, {place for place in calls if place >= n_wrong}
        if len(hits) < MIN_CALLS or len(hits) + len(without) < len(calls):
            continue
        by_failed = _fisher(len(hits), n_right, 0, len(failed))
        if min(by_failed, _fisher(len(hits), n_right, len(without), len(failed) + len(others))) < level:
            found[keys], elsewhere[keys] = hits, len(without)
    return tuple(
        Wording(
            keys=keys,
            text=max(sorted(said[keys]), key=lambda text: said[keys][text]),
            calls=tuple(names[place] for place in sorted(found[keys])),
            n_corrected=n_right,
            n_others=len(others),
            with_it=elsewhere[keys],
        )
        for keys in _cover(found, elsewhere)
    )


def _cover(found: Mapping[Keys, set[int]], elsewhere: Mapping[Keys, int]) -> Iterator[Keys]:
    """Yield sequences until none of the rest has MIN_CALLS calls that those before do not have."""
    left = dict(found)
    covered: set[int] = set()
    for _ in range(_MOST):
        best = max(
            left, key=lambda keys: (len(left[keys] - covered), len(keys), -elsewhere[keys], tuple(reversed(keys))), default=None
        )
        if best is None or len(left[best] - covered) < MIN_CALLS:
            return
        covered |= left.pop(best)
        yield best


def _sequences(stretches: Sequence[Stretch]) -> set[tuple[Keys, str]]:
    """Return the sequences of a call with the words as said: at least one of them must say something by itself."""
    found = set()
    for stretch in stretches:
        for start in range(len(stretch)):
            for length in range(_SHORTEST, min(_LONGEST, len(stretch) - start) + 1):
                part = stretch[start : start + length]
                if any(token.is_content for token in part):
                    found.add((tuple(token.key for token in part), " ".join(token.text for token in part)))
    return found


def _fisher(hits: int, n: int, hits_other: int, n_other: int) -> float:
    """Return how likely so many hits among `n`, or more, are by chance if `n_other` are alike (one-sided).

    >>> round(_fisher(3, 3, 0, 3), 3)
    0.05
    """
    whole, all_hits = n + n_other, hits + hits_other
    most = min(n, all_hits)
    ways = sum(math.comb(all_hits, k) * math.comb(whole - all_hits, n - k) for k in range(hits, most + 1))
    return ways / math.comb(whole, n)
