"""Take out of a leg's speech what is only the other party, heard faintly through it. Pure: sound and spans to spans.

A stretch goes where the other leg's leak and the line's noise explain it. Where the leg carries something of its own, be it a
short "да" under the other's voice, it stays, with a little around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from callscore.records import MonoAudio, Sound, SoundKind, VoiceActivity
from callscore.units import Span, covered_ms, intersect_spans, merge_spans, ms_to_samples, subtract_spans
from callscore.vad.leak import FAINT_DB, FRAME_MS, MARGIN, Leak, Leaks, band_energies, find_leaks
from callscore.vad.runs import find_runs, mark_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Bleed", "mute", "remove_bleed"]

_BLOCK: Final = 300_000 // FRAME_MS
"""Leaks are sought in five minutes at a time: the line may change with a transfer, and memory stays small."""
_AROUND: Final = 1024 // FRAME_MS
_MIN_BOTH_MS: Final = 400
"""Where the legs never speak at once for longer than the padding of two spans, no echo was taken for speech."""

_OWN_FRAMES: Final = 7
_OWN_PART: Final = 0.35
_OWN_MS: Final = 96
"""Own is what makes up a third of the energy for 0.1 s. Measured on 18 labelled calls with leaks of -6 to -30 dB at lags up to
0.3 s, filtered, echoing, distorted, through codecs, with gains that drift: 96 to 99.9 % of the leak goes, 0.01 % of the own
speech; of words of 0.25-0.6 s put under the other's voice 99 % stay, of those no louder than the leak itself 72 %."""
_OWN_GAP_MS: Final = 64
_OWN_PAD_MS: Final = 150
_OWN_BRIDGE_MS: Final = 300
_FRINGE_MS: Final = 350
"""Shorter remains at the edge of the other's speech are padding and echo."""
_MIXED_DB: Final = 3.0
_MIXED_SHARE: Final = 0.85
_MIXED_MORE: Final = 0.2
_MIXED_BOTH: Final = 0.5
"""A leg that carries both parties mixed holds 97-100 % of the other leg's talk, of its own that one has 32-68 %."""
_NOTED_MS: Final = 1000
_NOTED_FRAC: Final = 0.03
_TAIL: Final = 240 // FRAME_MS
_HEAD: Final = 64 // FRAME_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleed:
    """What is left of both legs' speech, what was cut from each, and the leaks into each, without doubles."""

    activities: tuple[VoiceActivity, VoiceActivity]
    cut: tuple[tuple[Span, ...], tuple[Span, ...]]
    leaks: tuple[tuple[Leak, ...], tuple[Leak, ...]]

    def is_noteworthy(self, leg: int) -> bool:
        """Tell whether more was cut from the leg than a listener would overlook: a second, and 3 % of its speech."""
        cut_ms = covered_ms(self.cut[leg])
        return cut_ms >= _NOTED_MS and cut_ms >= _NOTED_FRAC * (cut_ms + covered_ms(self.activities[leg].speech))


def remove_bleed(legs: tuple[MonoAudio, MonoAudio], activities: tuple[VoiceActivity, VoiceActivity]) -> Bleed:
    """Return the activities of the two legs of a call without the speech that leaked in from the other leg.

    What was cut becomes noise among the sounds. Without a leak, and where the parties never speak at the same time, the
    activities come back as they are.
    """
    parts = [_leaked_speech(legs, activities, own, FAINT_DB) for own in range(2)]
    left, right = (subtract_spans(activities[own].speech, parts[own].cut) for own in range(2))
    if covered_ms(intersect_spans(left, right)) > _MIXED_BOTH * min(covered_ms(left), covered_ms(right)):
        parts = _mixed_speech(legs, activities) or parts
    cut = (parts[0].cut, parts[1].cut)
    return Bleed(
        activities=(_without(activities[0], cut[0]), _without(activities[1], cut[1])),
        cut=cut,
        leaks=(parts[0].leaks, parts[1].leaks),
    )


def mute(audio: MonoAudio, spans: tuple[Span, ...]) -> MonoAudio:
    """Return the audio with silence in `spans`; the same if there are none."""
    if not spans:
        return audio
    samples = audio.samples.copy()
    for span in spans:
        samples[ms_to_samples(span.start_ms, audio.rate_hz) : ms_to_samples(span.end_ms, audio.rate_hz)] = 0.0
    samples.flags.writeable = False
    return replace(audio, samples=samples)


@dataclass(frozen=True, slots=True)
class _Part:
    """What of one leg's speech leaked in, through which leaks, and the share of the other's talk in which they are plain."""

    cut: tuple[Span, ...] = ()
    leaks: tuple[Leak, ...] = ()
    share: float = 0.0


def _mixed_speech(legs: tuple[MonoAudio, MonoAudio], activities: tuple[VoiceActivity, VoiceActivity]) -> list[_Part] | None:
    """Return what to cut where one leg carries both parties as they are, the other only its own; None where that is not so."""
    left, right = (_leaked_speech(legs, activities, own, _MIXED_DB) for own in range(2))
    if left.share >= _MIXED_SHARE and left.share >= right.share + _MIXED_MORE:
        return [left, _Part()]
    if right.share >= _MIXED_SHARE and right.share >= left.share + _MIXED_MORE:
        return [_Part(), right]
    return None


def _leaked_speech(
    legs: tuple[MonoAudio, MonoAudio], activities: tuple[VoiceActivity, VoiceActivity], own: int, loudest_db: float
) -> _Part:
    """Return which parts of the speech on leg `own` are the other leg's, up to `loudest_db` louder than there."""
    source, leg, speech = legs[1 - own], legs[own], activities[own].speech
    talk = activities[1 - own].speech
    both = intersect_spans(speech, talk)
    limit_ms = leg.duration_ms
    n_frames = -(-limit_ms // FRAME_MS)
    n_blocks = max(1, round(n_frames / _BLOCK))
    cut: list[Span] = []
    leaks: dict[Leak, None] = {}
    shares: list[float] = []
    for number in range(n_blocks):
        first, last = n_frames * number // n_blocks, n_frames * (number + 1) // n_blocks
        here = Span(first * FRAME_MS, last * FRAME_MS)
        if covered_ms(intersect_spans(both, [here])) < _MIN_BOTH_MS:
            continue
        start, end = max(0, first - _AROUND), min(n_frames, last + _AROUND)
        sent, received = band_energies(source.samples, start, end), band_energies(leg.samples, start, end)
        found = find_leaks(sent, received, _marked(talk, start, end), loudest_db)
        shares.append(found.share if found else 0.0)
        if found is not None:
            leaks |= dict.fromkeys(found.found)
            cut += intersect_spans(_cut(received, found, speech, start, limit_ms), [here])
    return _Part(merge_spans(cut), tuple(leaks), min(shares, default=0.0))


def _cut(received: NDArray[np.float32], leaks: Leaks, speech: tuple[Span, ...], start: int, limit_ms: int) -> tuple[Span, ...]:
    """Return the parts of `speech` that the leaks explain; `received` begins at frame `start`."""
    import numpy as np

    over = np.where(received > MARGIN * leaks.explained, received, 0).sum(axis=1)
    is_own = _box(over) >= _OWN_PART * (_box(received.sum(axis=1)) + 1e-12)
    cores = [span for span in merge_spans(_spans(is_own, start, limit_ms), _OWN_GAP_MS) if span.length_ms >= _OWN_MS]
    kept = merge_spans([core.padded(_OWN_PAD_MS, limit_ms) for core in cores], _OWN_BRIDGE_MS)
    sounding = _spans(_widened(leaks.sounding), start, limit_ms)
    gone: list[Span] = []
    for span in speech:
        if not intersect_spans([span], sounding):
            continue
        alone = [part for part in subtract_spans([span], sounding) if part.length_ms >= _FRINGE_MS]
        gone += subtract_spans([span], (*kept, *alone))
    return tuple(gone)


def _without(activity: VoiceActivity, cut: tuple[Span, ...]) -> VoiceActivity:
    """Return the activity with `cut` moved from speech to noise."""
    if not cut:
        return activity
    noise = (Sound(span=span, kind=SoundKind.NOISE) for span in cut)
    sounds = tuple(sorted((*activity.sounds, *noise), key=lambda sound: sound.span))
    return replace(activity, speech=subtract_spans(activity.speech, cut), sounds=sounds)


def _marked(spans: tuple[Span, ...], start: int, end: int) -> NDArray[np.bool_]:
    """Return which of the frames `start..end` the spans touch."""
    import numpy as np

    rows = [(max(s.start_ms // FRAME_MS, start) - start, min(-(-s.end_ms // FRAME_MS), end) - start) for s in spans]
    return mark_runs(np.array([row for row in rows if row[0] < row[1]], dtype=np.int64).reshape(-1, 2), end - start)


def _spans(flags: NDArray[np.bool_], start: int, limit_ms: int) -> tuple[Span, ...]:
    """Return runs of flags, the first one at frame `start`, as spans."""
    rows = (find_runs(flags) + start) * FRAME_MS
    return tuple(Span(min(int(a), limit_ms), min(int(b), limit_ms)) for a, b in rows if a < limit_ms)


def _widened(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the flags with 64 ms more before each run and an echo's tail behind it."""
    import numpy as np

    runs = find_runs(flags)
    wide = np.zeros(len(flags), dtype=np.bool_)
    for first, last in runs:
        wide[max(0, int(first) - _HEAD) : int(last) + _TAIL] = True
    return wide


def _box(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return for each value the sum of the seven around it."""
    import numpy as np

    half = _OWN_FRAMES // 2
    sums = np.cumsum(np.pad(values.astype(np.float64), (half + 1, half)))
    return np.asarray(sums[_OWN_FRAMES:] - sums[:-_OWN_FRAMES])
