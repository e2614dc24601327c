"""Ask the network about a whole channel, then once more, afresh, about loud sound that it let pass unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callscore.vad.base import WINDOW_MS, VadOptions
from callscore.vad.levels import find_active
from callscore.vad.runs import find_runs, join_runs, mark_runs
from callscore.vad.silero import Silero
from callscore.vad.sounds import Measured, map_sounds
from callscore.vad.speech import find_speech_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["first_look", "second_look"]

_LOUD_DB: Final = -40.0
"""The voices are brought to this level. Measured at -6..-46 dB: loud music and babble are taken for speech less and less
often as the level falls (the largest probability in room babble goes from 0.80 to 0.29), clipped telephone speech is found
better (a third of the windows instead of an eighth), and labelled speech equally well; below -60 dB the network hears
nothing, so 20 dB are left for a second, fainter voice."""

_SECOND_DB: Final = (-26.0, -40.0)
_SECOND_STRONG: Final = 3.5
"""Sum of the probabilities of a run: a knock in loud noise reaches 2.8, the words that the first look missed 5 and more."""
_CONTEXT: Final = 500 // WINDOW_MS
"""After silence or music the network may sleep through a first word ("алло", "понял"); begun afresh half a second before
it, it gave every such word of the labelled calls 0.41 or more at one of these levels."""
_ISLAND_GAP_MS: Final = 400
_ISLAND_MS: Final = (150, 6000)
_TOUCH: Final = 100 // WINDOW_MS
"""What touches music is its fading in or out; a word after it comes later than this."""
_ABOVE_FLOOR_DB: Final = 8.0
_BELOW_LOUD_DB: Final = 25.0
_QUIET_LINE_DB: Final = 12.0
"""Only where the voices stand this far above the noise floor: in a babbling room, begun afresh, the network hears words."""


def first_look(
    silero: Silero, samples: NDArray[np.float32], levels: NDArray[np.float32], floor: NDArray[np.float32], loud_db: float
) -> NDArray[np.float32]:
    """Return the speech probability of each window of the channel, 0..1."""
    return silero.probabilities(samples, find_active(levels, floor), _LOUD_DB - loud_db)


def second_look(silero: Silero, samples: NDArray[np.float32], measured: Measured, options: VadOptions) -> NDArray[np.float32]:
    """Return the probabilities, raised where short loud sounds that are neither speech nor tone nor music sound like speech."""
    import numpy as np

    prob, n = measured.prob.copy(), len(measured.prob)
    for first, last in _islands(measured, options):
        start, end = max(0, int(first) - _CONTEXT), min(n, int(last) + 1)
        level = float(np.quantile(measured.levels[first:last], 0.95))
        active = np.zeros(n, dtype=np.bool_)
        active[start:end] = True
        for target in _SECOND_DB:
            again = silero.probabilities(samples, active, target - level)[first:end]
            for a, b in find_runs(again >= options.keep_prob):
                if float(again[a:b].sum()) >= _SECOND_STRONG:
                    prob[first + a : first + b] = np.maximum(prob[first + a : first + b], again[a:b])
    return prob


def _islands(measured: Measured, options: VadOptions) -> NDArray[np.int64]:
    """Return the loud stretches of 0.15 to 6 s that nothing explains yet."""
    import numpy as np

    speech = mark_runs(find_speech_runs(measured.prob, measured.spectrum.steady, options), len(measured.prob))
    sounds = map_sounds(measured, speech, options)
    other = mark_runs(sounds.tones, len(speech)) | mark_runs(sounds.music, len(speech))
    explained = speech | other
    loud = (measured.levels > measured.floor + _ABOVE_FLOOR_DB) & (measured.levels > measured.loud_db - _BELOW_LOUD_DB)
    loud &= measured.floor < measured.loud_db - _QUIET_LINE_DB
    islands = join_runs(find_runs(loud & ~explained), _ISLAND_GAP_MS // WINDOW_MS, explained)
    length_ms = (islands[:, 1] - islands[:, 0]) * WINDOW_MS
    alone = np.array([not other[max(0, a - _TOUCH) : b + _TOUCH].any() for a, b in islands], dtype=np.bool_)
    return islands[alone & (length_ms >= _ISLAND_MS[0]) & (length_ms <= _ISLAND_MS[1])]
