"""Stretches of speech -> voices: weighted k-means on voice vectors with what is known of conversations. Pure.

On telephone calls agglomerative clustering at a fixed threshold fails where two voices are alike (it splits off one odd word
and joins the people) and where they are not (it makes five people of two). Two voices are therefore the rule here; k-means
from many starts finds the best two, adjacent turns with a pause between them lean towards different voices, and a further voice
is only believed when it is clearly another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from callscore.units import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

__all__ = ["Voiced", "group_voices"]

# Shorter stretches are given to a voice in the end but have no say in what voices there are.
_TELLING_MS: Final = 1000
# A vector hardly improves after so much speech.
_MAX_WEIGHT_MS: Final = 4000
_N_STARTS: Final = 20
_N_ROUNDS: Final = 12

# Costs in the unit of the k-means distance: seconds x squared distance of unit vectors. A clear voice is 3 away from another
# for a 4 s turn, the most alike ones of the labelled calls 0.4; these only decide where vectors do not.
_ALTERNATION: Final = 0.2
_CONTINUATION: Final = 0.15
_APART: Final = 0.05
# Labelled calls: 551 of 560 pauses under 0.3 s lie inside a turn, 470 of 530 longer ones between two people.
_BREATH_MS: Final = 300
_TURN_PAUSE_MS: Final = (350, 2000)

# A third voice needs this much of its own, and a part of the call before or after a transfer this much to be judged alone.
_MIN_VOICE_MS: Final = 5000
_MIN_VOICE_STRETCHES: Final = 3
_MIN_PART_MS: Final = 10_000
_MIN_PART_STRETCHES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """One stretch as clustering sees it: where it was heard, and its unit vector (None if too short for one)."""

    core: Span
    vector: NDArray[np.float32] | None


def group_voices(
    stretches: Sequence[Voiced], apart: Floats, transfers: Sequence[int], *, max_voices: int, same_voice: float
) -> tuple[int, ...]:
    """Return a voice number per stretch, 0.. by first appearance.

    Args:
        stretches: in time order.
        apart: how surely two stretches are of different voices, 0..1, (n, n), symmetric.
        transfers: instants (ms) at which another person may have joined in place of one: ring-back tones inside the call.
        max_voices: 1 or more.
        same_voice: the likeness at which two groups are one voice: their mean cosine, divided by the geometric mean of the
            mean cosines inside each, so that noise and short speech cancel out.
    """
    if not stretches:
        return ()
    problem = _Problem.of(stretches, apart)
    groups: list[_Group] = []
    for number, part in enumerate(_parts(problem, stretches, transfers)):
        labels = problem.within(part).split(max_voices, same_voice)
        groups += [_Group(part[labels == voice], frozenset({number})) for voice in sorted(set(labels.tolist()))]
    voices = problem.assign_rest(_link(problem, groups, max_voices, same_voice))
    order = {voice: number for number, voice in enumerate(dict.fromkeys(voices.tolist()))}
    return tuple(order[voice] for voice in voices.tolist())


@dataclass(frozen=True, slots=True)
class _Problem:
    """Vectors (n, size; zero where there is none), weights in seconds, pair terms (n, n), and which stretches tell a voice."""

    vectors: Floats
    seconds: Floats
    pairs: Floats
    telling: NDArray[np.bool_]

    @staticmethod
    def of(stretches: Sequence[Voiced], apart: Floats) -> _Problem:
        size = next((len(item.vector) for item in stretches if item.vector is not None), 1)
        vectors = np.array([np.zeros(size) if item.vector is None else item.vector for item in stretches], np.float64)
        lengths = np.array([item.core.length_ms for item in stretches], np.float64)
        known = _is_known(vectors, lengths)
        telling = known & (lengths >= _TELLING_MS)
        pairs = -_APART * apart
        for at in range(len(stretches) - 1):
            pause_ms = stretches[at + 1].core.start_ms - stretches[at].core.end_ms
            lean = 0.0
            if _TURN_PAUSE_MS[0] < pause_ms <= _TURN_PAUSE_MS[1]:
                lean = -_ALTERNATION
            elif pause_ms < _BREATH_MS and not apart[at, at + 1]:
                lean = _CONTINUATION
            pairs[at, at + 1] += lean
            pairs[at + 1, at] += lean
        seconds = np.minimum(lengths, _MAX_WEIGHT_MS) / 1000
        return _Problem(vectors, seconds, pairs, telling if telling.sum() >= 2 else known)

    def within(self, part: Labels) -> _Problem:
        """Return the same problem for the stretches numbered in `part`."""
        return _Problem(self.vectors[part], self.seconds[part], self.pairs[np.ix_(part, part)], np.ones(len(part), dtype=bool))

    def split(self, max_voices: int, same_voice: float) -> Labels:
        """Return a voice per stretch: two voices, or more while each is clearly another."""
        n = len(self.vectors)
        if max_voices < 2 or n < 2:
            return np.zeros(n, np.int64)
        longest = np.argsort(-self.seconds, kind="stable")[:_N_STARTS]
        labels, centres = self._best([self.vectors[[a, b]] for a, b in combinations(sorted(longest.tolist()), 2)])
        for _ in range(2, max_voices):
            finer, finer_centres = self._best([np.vstack([centres, self.vectors[at]]) for at in longest])
            if not self._is_clear(finer, same_voice):
                break
            labels, centres = finer, finer_centres
        return labels

    def likeness(self, first: Labels, second: Labels) -> float:
        """Return how alike two groups of stretches sound; 0 where a group is too small to know itself."""
        inner = self._inner(first) * self._inner(second)
        if inner <= 0:
            return 0.0
        sums = [(self.vectors[group] * self.seconds[group, None]).sum(axis=0) for group in (first, second)]
        between = float(sums[0] @ sums[1]) / float(self.seconds[first].sum() * self.seconds[second].sum())
        return between / float(np.sqrt(inner))

    def assign_rest(self, groups: Sequence[Labels]) -> Labels:
        """Return the voice of every stretch, those in no group by vector, pair terms and, failing both, nearness in time."""
        n = len(self.vectors)
        voices = np.full(n, -1, np.int64)
        for voice, group in enumerate(groups):
            voices[group] = voice
        if not groups:
            return np.zeros(n, np.int64)
        centres = np.array([self._centre(group) for group in groups])
        known = _is_known(self.vectors, self.seconds)
        for at in np.flatnonzero(voices < 0):
            members = np.array([self.pairs[at][voices == voice].sum() for voice in range(len(groups))])
            costs = self.seconds[at] * ((self.vectors[at] - centres) ** 2).sum(axis=1) - members if known[at] else -members
            if known[at] or np.ptp(costs) > 0:
                voices[at] = int(costs.argmin())
        given = np.flatnonzero(voices >= 0)
        for at in np.flatnonzero(voices < 0):
            voices[at] = voices[given[np.abs(given - at).argmin()]]
        return voices

    def _inner(self, group: Labels) -> float:
        weights = self.seconds[group]
        alone = float((weights**2).sum())
        total = float(weights.sum()) ** 2 - alone
        together = float((((self.vectors[group] * weights[:, None]).sum(axis=0)) ** 2).sum())
        return (together - alone) / total if total > 0 else 0.0

    def _centre(self, group: Labels) -> Floats:
        weights = self.seconds[group]
        centre: Floats = (self.vectors[group] * weights[:, None]).sum(axis=0) / weights.sum()
        return centre

    def _is_clear(self, labels: Labels, same_voice: float) -> bool:
        groups = [np.flatnonzero(labels == voice) for voice in range(int(labels.max()) + 1)]
        smallest = min((float(self.seconds[group].sum()), len(group)) for group in groups)
        if smallest[0] * 1000 < _MIN_VOICE_MS or min(len(group) for group in groups) < _MIN_VOICE_STRETCHES:
            return False
        return all(self.likeness(a, b) < same_voice for a, b in combinations(groups, 2))

    def _best(self, starts: Sequence[Floats]) -> tuple[Labels, Floats]:
        return min((self._descend(start) for start in starts), key=lambda found: found[0])[1:]

    def _descend(self, centres: Floats) -> tuple[float, Labels, Floats]:
        """Return cost, voices and centres reached from `centres` by reassigning until nothing changes."""
        n_voices = len(centres)
        distances = self._distances(centres)
        labels: Labels = distances.argmin(axis=1)
        for _ in range(_N_ROUNDS):
            members = np.eye(n_voices)[labels]
            weights = members.T @ self.seconds
            means = members.T @ (self.vectors * self.seconds[:, None])
            centres = np.where(weights[:, None] > 0, means / np.maximum(weights, 1e-9)[:, None], centres)
            distances = self._distances(centres)
            moved: Labels = (distances - self.pairs @ members).argmin(axis=1)
            if (moved == labels).all():
                break
            labels = moved
        members = np.eye(n_voices)[labels]
        cost = float((distances * members).sum() - (members * (self.pairs @ members)).sum() / 2)
        return cost, labels, centres

    def _distances(self, centres: Floats) -> Floats:
        squares = (self.vectors**2).sum(axis=1)[:, None] - 2 * self.vectors @ centres.T + (centres**2).sum(axis=1)
        distances: Floats = self.seconds[:, None] * squares
        return distances


def _is_known(vectors: Floats, lengths: Floats) -> NDArray[np.bool_]:
    return np.asarray((vectors != 0).any(axis=1) & (lengths > 0), np.bool_)


@dataclass(frozen=True, slots=True)
class _Group:
    """Stretches of one voice and the numbers of the parts of the call in which it was found."""

    members: Labels
    parts: frozenset[int]


def _parts(problem: _Problem, stretches: Sequence[Voiced], transfers: Sequence[int]) -> list[Labels]:
    """Return the telling stretches before, between and after transfers; a part too short to be judged joins its neighbour."""
    telling = np.flatnonzero(problem.telling)
    starts = np.array([stretches[int(at)].core.start_ms for at in telling])
    pieces = np.split(telling, np.searchsorted(starts, sorted(transfers)))
    parts: list[Labels] = []
    for piece in pieces:
        if parts and (_is_short(problem, parts[-1]) or _is_short(problem, piece)):
            parts[-1] = np.concatenate([parts[-1], piece])
        else:
            parts.append(piece)
    return [part for part in parts if len(part)]


def _is_short(problem: _Problem, part: Labels) -> bool:
    return len(part) < _MIN_PART_STRETCHES or float(problem.seconds[part].sum()) * 1000 < _MIN_PART_MS


def _link(problem: _Problem, groups: Sequence[_Group], max_voices: int, same_voice: float) -> list[Labels]:
    """Join groups of different parts that are one voice; whoever was transferred goes on, so the likest pair always is one."""
    left = list(groups)
    n_parts = len(frozenset().union(*(group.parts for group in left))) if left else 0
    n_links = 0
    while True:
        pairs = [(problem.likeness(a.members, b.members), a, b) for a, b in combinations(left, 2) if not a.parts & b.parts]
        if not pairs:
            break
        alike, first, second = max(pairs, key=lambda pair: pair[0])
        if alike < same_voice and len(left) <= max_voices and n_links >= n_parts - 1:
            break
        left = [group for group in left if group is not first and group is not second]
        left.append(_Group(np.concatenate([first.members, second.members]), first.parts | second.parts))
        n_links += 1
    return [group.members for group in left]
