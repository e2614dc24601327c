"""Cut speech into stretches of one voice, by pauses and by where the segmentation hears another voice begin. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from callscore.units import Span, intersect_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Stretch", "VoiceWindow", "cut_stretches", "different_voices"]

_GRID_MS: Final = 10

# Any real pause may be a change of speaker that the segmentation missed between alike voices; whether it was one is decided by
# the vectors, with a lean to one speaker for short pauses (callscore.diarize.clusters).
_PAUSE_MS: Final = 150
_MIN_CORE_MS: Final = 60

# Windows disagree by a frame or two on when a change happens; further apart are two changes.
_SAME_CHANGE_MS: Final = 350
# The segmentation is blind at the border of its window.
_WINDOW_EDGE_MS: Final = 300
_MIN_VOTE: Final = 0.34
_MIN_RUN_MS: Final = 50
# A cut so near the end of a stretch would leave a crumb that has no voice.
_MIN_PIECE_MS: Final = 150

# Who dominates a stretch inside one window counts once it is heard there for so long, in so much of its voiced frames.
_MIN_HEARD_MS: Final = 200
_DOMINANT_FRAC: Final = 0.7
_FULL_WEIGHT_MS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWindow:
    """What the segmentation hears in one window: bool, (frames, voices); voices are numbered within the window only."""

    start_ms: int
    frame_ms: float
    active: NDArray[np.bool_]

    @property
    def span(self) -> Span:
        """The window's place in the call."""
        return Span(self.start_ms, self.start_ms + round(len(self.active) * self.frame_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Speech of one voice: `core` is what was heard, `span` the same with its share of the pauses around it."""

    span: Span
    core: Span


def cut_stretches(speech: Sequence[Span], windows: Sequence[VoiceWindow]) -> tuple[Stretch, ...]:
    """Return stretches in time order whose spans cover exactly `speech`.

    Args:
        speech: sorted, not overlapping.
        windows: sorted by start; where there is none, speech is cut by nothing.
    """
    voiced = _voiced(windows)
    changes = _changes(windows)
    stretches: list[Stretch] = []
    for span in speech:
        cores = [piece for run in _runs_within(span, voiced) for piece in _cut(run, changes)] or [span]
        borders = [(left.end_ms + right.start_ms) // 2 for left, right in pairwise(cores)]
        edges = [span.start_ms, *borders, span.end_ms]
        stretches += [
            Stretch(span=Span(start, end), core=core) for start, end, core in zip(edges, edges[1:], cores, strict=False)
        ]
    return tuple(stretches)


def different_voices(stretches: Sequence[Stretch], windows: Sequence[VoiceWindow]) -> NDArray[np.float64]:
    """Return for each pair of stretches how surely one window heard two voices, 0..1, (n, n); 0 where it did not.

    Hearing one voice says little where voices are alike, hearing two is right in 19 of 20 labelled pairs; so only the
    latter is told.
    """
    n = len(stretches)
    apart, together = np.zeros((n, n)), np.zeros((n, n))
    for window in windows:
        labels = _sole_voice(window.active)
        heard = [(index, *found) for index, found in _heard_in(stretches, window, labels)]
        for first, voice, weight in heard:
            for second, other, weight_other in heard:
                target = together if voice == other else apart
                target[first, second] += min(weight, weight_other)
    total = apart + together
    share = np.divide(apart, total, out=np.zeros((n, n)), where=total > 0)
    result: NDArray[np.float64] = np.maximum(0.0, 2 * share - 1) * np.minimum(total, 1.0)
    np.fill_diagonal(result, 0.0)
    return result


def _heard_in(
    stretches: Sequence[Stretch], window: VoiceWindow, labels: NDArray[np.int64]
) -> list[tuple[int, tuple[int, float]]]:
    """Return (stretch number, (its voice in this window, weight 0..1)) for the stretches that one voice dominates here."""
    found = []
    inside = window.span
    for index, stretch in enumerate(stretches):
        if stretch.core.end_ms <= inside.start_ms or stretch.core.start_ms >= inside.end_ms:
            continue
        first = max(0, int((stretch.core.start_ms - window.start_ms) / window.frame_ms))
        part = labels[first : int((stretch.core.end_ms - window.start_ms) / window.frame_ms)]
        part = part[part >= 0]
        heard_ms = len(part) * window.frame_ms
        if heard_ms < _MIN_HEARD_MS:
            continue
        counts = np.bincount(part)
        voice = int(counts.argmax())
        if counts[voice] >= _DOMINANT_FRAC * len(part):
            found.append((index, (voice, min(1.0, heard_ms / _FULL_WEIGHT_MS))))
    return found


def _voiced(windows: Sequence[VoiceWindow]) -> tuple[Span, ...]:
    """Return where at least half of the windows hear anybody, without pauses of up to _PAUSE_MS."""
    if not windows:
        return ()
    size = max(window.span.end_ms for window in windows) // _GRID_MS + 1
    votes, total = np.zeros(size), np.zeros(size)
    for window in windows:
        first, last = window.start_ms // _GRID_MS, window.span.end_ms // _GRID_MS
        frames = ((np.arange(first, last) * _GRID_MS - window.start_ms) / window.frame_ms).astype(int)
        votes[first:last] += np.asarray(window.active.any(axis=1))[np.clip(frames, 0, len(window.active) - 1)]
        total[first:last] += 1
    return tuple(Span(a * _GRID_MS, b * _GRID_MS) for a, b in _true_runs((votes * 2 >= total) & (total > 0)))


def _true_runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _runs_within(span: Span, voiced: Sequence[Span]) -> list[Span]:
    runs: list[Span] = []
    for run in intersect_spans([span], [v for v in voiced if v.end_ms > span.start_ms and v.start_ms < span.end_ms]):
        if runs and run.start_ms - runs[-1].end_ms <= _PAUSE_MS:
            runs[-1] = Span(runs[-1].start_ms, run.end_ms)
        else:
            runs.append(run)
    return [run for run in runs if run.length_ms >= _MIN_CORE_MS]


def _cut(run: Span, changes: Sequence[int]) -> list[Span]:
    inner = [at for at in changes if run.start_ms + _MIN_PIECE_MS < at < run.end_ms - _MIN_PIECE_MS]
    edges = [run.start_ms, *inner, run.end_ms]
    return [Span(start, end) for start, end in pairwise(edges)]


def _changes(windows: Sequence[VoiceWindow]) -> list[int]:
    """Return the instants, in ms, at which enough of the windows that cover them hear the voice change."""
    groups: list[list[float]] = []
    for at in sorted(instant for window in windows for instant in _changes_in(window)):
        if groups and at - float(np.mean(groups[-1])) < _SAME_CHANGE_MS:
            groups[-1].append(at)
        else:
            groups.append([at])
    found = []
    for group in groups:
        at = round(float(np.median(group)))
        n_covering = sum(window.start_ms + _WINDOW_EDGE_MS <= at <= window.span.end_ms - _WINDOW_EDGE_MS for window in windows)
        if len(group) >= _MIN_VOTE * max(1, n_covering):
            found.append(at)
    return found


def _changes_in(window: VoiceWindow) -> list[float]:
    labels = _sole_voice(window.active)
    runs = [
        (voice, first, last)
        for voice in range(window.active.shape[1])
        for first, last in _true_runs(labels == voice)
        if (last - first) * window.frame_ms >= _MIN_RUN_MS
    ]
    runs.sort(key=lambda run: run[1])
    return [
        window.start_ms + (left[2] + right[1]) / 2 * window.frame_ms for left, right in pairwise(runs) if left[0] != right[0]
    ]


def _sole_voice(active: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return one voice per frame, -1 for none; while two speak at once, the one who spoke before goes on."""
    labels = np.where(active.any(axis=1), active.argmax(axis=1), -1)
    crowded = np.flatnonzero(active.sum(axis=1) > 1)
    for frame in crowded:
        before = int(labels[frame - 1]) if frame else -1
        if before >= 0 and active[frame, before]:
            labels[frame] = before
    return labels.astype(np.int64)
