"""From speech probabilities and fine voicing to speech spans: begin, keep, stretch, bridge, pad. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callscore.units import Span, merge_spans
from callscore.vad.base import WINDOW_MS, VadOptions
from callscore.vad.runs import find_runs
from callscore.vad.webrtc import FRAME_MS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["find_speech_runs", "pad_spans", "stretch_runs"]

_STRETCH_MS: Final = 250
"""How far WebRTC's voicing may carry a span beyond what the network heard: a quiet first consonant, a word's tail."""
_STRONG: Final = 1.5
"""Sum of the probabilities of a run that stands alone: a click in loud noise came to 1.2, a lone "угу" to 3."""
_FAINT_PART: Final = 0.5
_AROUND: Final = 10
_NOTES_STEADY: Final = 0.3
"""Mean part of steady partials above which a faint run and the third of a second on its sides are music (sounds.py)."""
_NEAR_MS: Final = 500
_ABOVE_FLOOR_DB: Final = 6.0


def find_speech_runs(prob: NDArray[np.float32], steady: NDArray[np.float32], options: VadOptions) -> NDArray[np.int64]:
    """Return runs of windows that keep up `keep_prob` and are speech, or near to what is.

    A run that reaches `speech_prob` and is no mere click is speech. Fainter runs ("угу", "жду") are too if one leads to the
    next, each within half a second, up to such a run, and if they are not notes among others.

    Args:
        prob: speech probability of each window.
        steady: part of steady partials in each window (`Spectrum.steady`).
        options: the two probabilities.

    >>> import numpy as np
    >>> find_speech_runs(np.array([0.1, 0.2, 0.9, 0.5, 0.1, 0.3]), np.zeros(6), VadOptions()).tolist()
    [[1, 4], [5, 6]]
    """
    import numpy as np

    runs = find_runs(prob >= options.keep_prob)
    if not len(runs):
        return runs
    peak = np.maximum.reduceat(np.append(prob, 0.0), runs.ravel())[::2]
    total = np.add.reduceat(np.append(prob, 0.0), runs.ravel())[::2]
    strong = (peak >= options.speech_prob) & (total >= _STRONG)
    sums = np.cumsum(np.pad(steady, (1, 0)), dtype=np.float64)
    left, right = np.maximum(runs[:, 0] - _AROUND, 0), np.minimum(runs[:, 1] + _AROUND, len(prob))
    among_notes = sums[right] - sums[left] >= _NOTES_STEADY * (right - left)
    some = strong | ((peak >= _FAINT_PART * options.speech_prob) & ~among_notes)
    runs, strong = runs[some], strong[some]
    if not len(runs):
        return runs
    group = np.cumsum(np.r_[0, runs[1:, 0] - runs[:-1, 1] > _NEAR_MS // WINDOW_MS])
    return runs[np.isin(group, group[strong])]


def stretch_runs(
    runs: NDArray[np.int64],
    voiced: NDArray[np.bool_],
    levels: NDArray[np.float32],
    floor: NDArray[np.float32],
    blocked: NDArray[np.bool_],
) -> tuple[Span, ...]:
    """Return the runs as spans, their ends moved outwards over voiced frames, up to 250 ms, never into `blocked` windows."""
    import numpy as np

    frame_window = np.minimum(np.arange(len(voiced)) * FRAME_MS // WINDOW_MS, len(levels) - 1)
    usable = voiced & (levels > floor + _ABOVE_FLOOR_DB)[frame_window] & ~blocked[frame_window]
    reach = _STRETCH_MS // FRAME_MS
    spans = []
    for first, last in runs:
        start, end = int(first) * WINDOW_MS, int(last) * WINDOW_MS
        frame = min(start // FRAME_MS, len(usable))
        before = usable[max(0, frame - reach) : frame][::-1]
        start -= FRAME_MS * _leading(before)
        frame = -(-end // FRAME_MS)
        end += FRAME_MS * _leading(usable[frame : frame + reach])
        spans.append(Span(max(0, start), end))
    return merge_spans(spans)


def _leading(flags: NDArray[np.bool_]) -> int:
    """Return how many flags are true before the first false one."""
    return int(flags.argmin()) if len(flags) and not flags.all() else len(flags)


def pad_spans(spans: tuple[Span, ...], options: VadOptions, walls: tuple[Span, ...], limit_ms: int) -> tuple[Span, ...]:
    """Bridge short pauses, drop what is too short, and pad: at most half-way to a neighbour and not into a wall.

    Args:
        spans: sorted, not overlapping.
        options: gives the lengths.
        walls: music and tones; never bridged over nor padded into.
        limit_ms: end of the recording.

    >>> pad_spans((Span(500, 900), Span(1000, 1400)), VadOptions(), (), 1500)
    (Span(start_ms=350, end_ms=1500),)
    """
    joined: list[Span] = []
    for span in spans:
        gap = Span(joined[-1].end_ms, max(joined[-1].end_ms, span.start_ms)) if joined else Span(0, 0)
        if joined and gap.length_ms <= options.bridge_ms and not _touches(gap, walls):
            joined[-1] = Span(joined[-1].start_ms, span.end_ms)
        else:
            joined.append(span)
    kept = [span for span in joined if span.length_ms >= options.min_speech_ms]
    padded = []
    for number, span in enumerate(kept):
        before = kept[number - 1].end_ms if number else -span.start_ms
        after = kept[number + 1].start_ms if number + 1 < len(kept) else 2 * limit_ms
        start = max(0, span.start_ms - options.pad_ms, -(-(before + span.start_ms) // 2))
        end = min(limit_ms, span.end_ms + options.pad_ms, (span.end_ms + after) // 2)
        start = max([start, *(wall.end_ms for wall in walls if start < wall.end_ms <= span.start_ms)])
        end = min([end, *(wall.start_ms for wall in walls if span.end_ms <= wall.start_ms < end)])
        padded.append(Span(start, max(start, end)))
    return tuple(padded)


def _touches(gap: Span, walls: tuple[Span, ...]) -> bool:
    """Tell whether a wall lies in the gap."""
    return any(wall.start_ms < gap.end_ms and wall.end_ms > gap.start_ms for wall in walls)
