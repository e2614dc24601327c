"""Tell whether the two legs of a call belong together as they lie: one cut short, or one seconds before the other. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callscore.records import MonoAudio
from callscore.units import Span, covered_ms, intersect_spans
from callscore.vad.base import WINDOW_MS
from callscore.vad.levels import SILENCE_DB, window_levels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["find_shift_ms", "missing_spans"]

_STEP_MS: Final = 20
_REACH_MS: Final = 10_000
_MIN_SHIFT_MS: Final = 800
_MIN_TALK_MS: Final = 8000
_MIN_TURNS: Final = 4
_FEW_TURNS: Final = 2
_CROWDED: Final = 0.2
"""People speak at the same time for up to a third of the talk of the one who says less (a real call, with every "uh-huh");
moving the legs then changes nothing. Labelled calls have a tenth at most, with one leg 2 s early a quarter to a half."""
_RELIEVED: Final = 0.3
_ORDINARY: Final = 0.1
_MAX_WELL: Final = 0.25
"""Part of all shifts that relieve as much. A conversation of few turns can be pulled apart anyhow, and proves nothing."""

_MIN_MISSING_MS: Final = 1500
_MIN_HEARD_MS: Final = 500
_MAX_DEAD_FRAC: Final = 0.05
"""A leg that is dead now and then has its pauses suppressed; then a dead beginning means nothing."""


def find_shift_ms(left: tuple[Span, ...], right: tuple[Span, ...], duration_ms: int, suspected_ms: int = 0) -> int | None:
    """Return by how much the right leg has to be moved (later if positive) until the parties take turns; None if they do.

    In a conversation one speaks while the other listens. Where both speak at once all the time, but would take turns if one
    leg lay some seconds later, the legs were put together without regard to when each began.

    Args:
        left: the speech of one leg.
        right: that of the other.
        duration_ms: length of the recording.
        suspected_ms: a shift that something else speaks for, such as a leg that ends so much earlier; then few turns will do.
    """
    import numpy as np

    talk_ms = min(covered_ms(left), covered_ms(right))
    both_ms = covered_ms(intersect_spans(left, right))
    n_turns = min(len(left), len(right))
    if talk_ms < _MIN_TALK_MS or both_ms < _CROWDED * talk_ms or n_turns < (_FEW_TURNS if suspected_ms else _MIN_TURNS):
        return None
    reach = max(min(_REACH_MS, duration_ms // 4), abs(suspected_ms) + _MIN_SHIFT_MS) // _STEP_MS
    together = _overlaps(_flags(left, duration_ms), _flags(right, duration_ms), reach)
    well = np.flatnonzero(together <= min(_RELIEVED * together[reach], _ORDINARY * talk_ms / _STEP_MS))
    if suspected_ms:
        well = well[np.abs((well - reach) * _STEP_MS - suspected_ms) <= _MIN_SHIFT_MS]
    elif len(well) > _MAX_WELL * len(together):
        return None
    if not len(well):
        return None
    best = int(well[together[well].argmin()])
    near = well[np.abs(well - best) * _STEP_MS <= _MIN_SHIFT_MS]
    shift_ms = (int(np.median(near)) - reach) * _STEP_MS
    return shift_ms if abs(shift_ms) >= _MIN_SHIFT_MS else None


def missing_spans(leg: MonoAudio, others: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the beginning and the end of a recording in which the leg is dead although the other party speaks.

    A leg whose line is dead in between as well gives none: there silence is only not transmitted.

    Args:
        leg: one leg.
        others: the speech of the other.
    """
    import numpy as np

    alive = np.flatnonzero(window_levels(leg.samples) > SILENCE_DB)
    if not len(alive):
        return ()
    first, last = int(alive[0]), int(alive[-1]) + 1
    if len(alive) < (1 - _MAX_DEAD_FRAC) * (last - first):
        return ()
    edges = (Span(0, first * WINDOW_MS), Span(min(last * WINDOW_MS, leg.duration_ms), leg.duration_ms))
    return tuple(
        edge
        for edge in edges
        if edge.length_ms >= _MIN_MISSING_MS and covered_ms(intersect_spans([edge], others)) >= _MIN_HEARD_MS
    )


def _overlaps(left: NDArray[np.float32], right: NDArray[np.float32], reach: int) -> NDArray[np.float64]:
    """Return how many steps both speak for each shift of the right leg, from `reach` earlier to `reach` later."""
    import numpy as np

    size = 1 << (len(left) + reach).bit_length()
    cross = np.fft.irfft(np.fft.rfft(left, size) * np.conj(np.fft.rfft(right, size)), size)
    return np.concatenate([cross[size - reach :], cross[: reach + 1]]).round()


def _flags(spans: tuple[Span, ...], duration_ms: int) -> NDArray[np.float32]:
    import numpy as np

    flags = np.zeros(-(-duration_ms // _STEP_MS), dtype=np.float32)
    for span in spans:
        flags[span.start_ms // _STEP_MS : -(-span.end_ms // _STEP_MS)] = 1.0
    return flags
