"""Join the detectors: which parts of a channel are speech, and which are tones, music or noise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from callscore.records import MonoAudio, VoiceActivity
from callscore.units import Span
from callscore.vad.base import RATE_HZ, WINDOW_MS, VadOptions
from callscore.vad.levels import SILENCE_DB, find_floor, loud_level, window_levels
from callscore.vad.listen import first_look, second_look
from callscore.vad.runs import find_runs, mark_runs, to_spans
from callscore.vad.silero import Silero
from callscore.vad.sounds import Measured, SoundMap, find_sounds, map_sounds
from callscore.vad.spectrum import measure_spectrum
from callscore.vad.speech import find_speech_runs, pad_spans, stretch_runs
from callscore.vad.webrtc import WebrtcTimer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["VoiceDetector"]

_ONSET: Final = 1500 // WINDOW_MS
_ONSET_NEAR: Final = 600 // WINDOW_MS
_ONSET_STEADY: Final = 0.45
"""For about a second after speech, the network takes the first notes of hold music for more of it: runs of up to 0.6 s at
up to 0.92. Their partials are steady in half of the windows; those of words in a tenth, of monotone voices in a third."""
_ONSET_STEADY_AMONG: Final = 0.3
_ONSET_PROB: Final = 0.8
_AROUND: Final = 10
_TONE_PROB: Final = 0.7
_VETO: Final = 250 // WINDOW_MS
"""A pure tone of a quarter of a second, not clearly heard as speech, is none."""


class VoiceDetector:
    """Finds speech and other sounds in one channel. Loads its two detectors once; not for use by two threads at a time.

    Args:
        options: what counts as speech.

    Raises:
        ModelError: if the network's file is missing.
    """

    def __init__(self, options: VadOptions) -> None:
        self._options = options
        self._silero = Silero()
        self._timer = WebrtcTimer()

    def detect(self, audio: MonoAudio) -> VoiceActivity:
        """Return the speech and the other sounds of `audio`.

        Speech spans are padded and do not overlap; sounds lie outside them. Silence gives neither.

        Raises:
            ValueError: if the audio is not at 16 kHz.
        """
        if audio.rate_hz != RATE_HZ:
            raise ValueError(f"VoiceDetector needs 16000 Hz, got {audio.rate_hz!r}")
        limit_ms = audio.duration_ms
        spectrum = measure_spectrum(audio.samples, window_levels(audio.samples) > SILENCE_DB)
        levels = spectrum.level
        loud_db = loud_level(levels)
        if loud_db is None:
            return VoiceActivity(channel=audio.channel, duration_ms=limit_ms, speech=(), sounds=())
        floor = find_floor(levels)
        measured = Measured(
            levels=levels,
            floor=floor,
            loud_db=loud_db,
            prob=first_look(self._silero, audio.samples, levels, floor, loud_db),
            spectrum=spectrum,
        )
        measured = replace(measured, prob=second_look(self._silero, audio.samples, measured, self._options))
        runs, sounds = _separate(measured, self._options)
        blocked = mark_runs(sounds.music, len(levels)) | mark_runs(sounds.tones, len(levels))
        spans = stretch_runs(runs, self._timer.voiced(audio.samples, loud_db), levels, floor, blocked)
        walls = to_spans(find_runs(blocked), limit_ms)
        speech = pad_spans(_cut(spans, limit_ms), self._options, walls, limit_ms)
        others = find_sounds(measured, sounds, _covered(speech, len(levels)), self._options, limit_ms)
        return VoiceActivity(channel=audio.channel, duration_ms=limit_ms, speech=speech, sounds=others)


def _separate(measured: Measured, options: VadOptions) -> tuple[NDArray[np.int64], SoundMap]:
    """Return the runs of speech and the map of sounds, after what the network took for speech by mistake is put right."""
    import numpy as np

    n = len(measured.levels)
    runs = find_speech_runs(_without_tones(measured, options), measured.spectrum.steady, options)
    sounds = map_sounds(measured, mark_runs(runs, n), options)
    while True:
        is_onset = np.array([_is_music_onset(run, measured, sounds) for run in runs], dtype=np.bool_)
        if not is_onset.any():
            return runs, sounds
        # With its first notes given back, the music begins earlier, and more of them may come to light.
        runs = runs[~is_onset]
        sounds = map_sounds(measured, mark_runs(runs, n), options)


def _without_tones(measured: Measured, options: VadOptions) -> NDArray[np.float32]:
    """Return the speech probabilities, 0 inside pure tones that are not clearly speech."""
    import numpy as np

    prob = measured.prob.copy()
    everywhere = map_sounds(measured, np.zeros(len(prob), dtype=np.bool_), options)
    for first, last in everywhere.bursts:
        if last - first >= _VETO and float(prob[first:last].mean()) < _TONE_PROB:
            prob[first:last] = 0.0
    return prob


def _is_music_onset(run: NDArray[np.int64], measured: Measured, sounds: SoundMap) -> bool:
    """Tell whether a short run of "speech" is the beginning of the music that follows it."""
    import numpy as np

    first, last = int(run[0]), int(run[1])
    near = (sounds.music[:, 0] - _ONSET_NEAR <= last) & (sounds.music[:, 1] + _ONSET_NEAR >= first)
    if last - first > _ONSET or not near.any():
        return False
    steady = measured.spectrum.steady
    own = float(steady[first:last].mean())
    around = float(np.r_[steady[max(0, first - _AROUND) : first], steady[last : last + _AROUND]].mean())
    faint = float(measured.prob[first:last].max()) < _ONSET_PROB
    return own >= _ONSET_STEADY or (own >= _ONSET_STEADY_AMONG and around >= _ONSET_STEADY and faint)


def _cut(spans: tuple[Span, ...], limit_ms: int) -> tuple[Span, ...]:
    """Cut spans at the end of the recording (the last window is filled up with silence)."""
    return tuple(Span(span.start_ms, min(span.end_ms, limit_ms)) for span in spans if span.start_ms < limit_ms)


def _covered(spans: tuple[Span, ...], n: int) -> NDArray[np.bool_]:
    """Return which windows the spans touch."""
    import numpy as np

    flags = np.zeros(n, dtype=np.bool_)
    for span in spans:
        flags[span.start_ms // WINDOW_MS : -(-span.end_ms // WINDOW_MS)] = True
    return flags
