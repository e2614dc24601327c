"""From the speech of channels to their words: pack, decode in batches, try again what gave none, throw out the invented.

What every recogniser that decodes windows of sound does around its decoding; the engine brings the decoding itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from callscore.errors import TranscribeError
from callscore.records import MonoAudio, Provenance, Transcript, Word
from callscore.transcribe.base import Channel
from callscore.transcribe.guards import Checked, check_words
from callscore.transcribe.unheard import find_overlapping, find_unheard, near_speech
from callscore.transcribe.windows import Window
from callscore.units import Span, intersect_spans, merge_spans, ms_to_samples, subtract_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Heard", "HeardWord", "Sound", "WindowDecoder", "check_heard", "cut_window", "recognise"]

# Whisper's own rule for "nobody speaks here" (openai/whisper transcribe.py, no_speech_threshold and logprob_threshold).
_NO_SPEECH: Final = 0.6
_NO_SPEECH_LOGPROB: Final = -1.0
# Of 155 windows of labelled calls one was less likely than -0.8 a token (-1.2, a window of 1.5 s); what Whisper makes of noise,
# tones and silence, where it is no subtitle credit or description of a sound, lies between -1.6 and -2.9.
_DOUBTFUL_LOGPROB: Final = -1.0
_UNBELIEVED_LOGPROB: Final = -1.5
# What was tried alone stands only if the model itself finds it about likelier than not.
_ALONE_PROB: Final = 0.35


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word within its window: text as written by the model, times in ms from the window's start, probability 0..1."""

    text: str
    start_ms: int
    end_ms: int
    prob: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model made of one window. `logprob` is the mean per token, `no_speech` the chance that nobody speaks."""

    words: tuple[HeardWord, ...]
    logprob: float = 0.0
    no_speech: float = 0.0


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel to recognise: its speech, the sounds to keep away from, and how loud the speech is (dB of full scale)."""

    audio: MonoAudio
    speech: tuple[Span, ...]
    sounds: tuple[Span, ...]
    level_db: float | None


class WindowDecoder(Protocol):
    """What an engine brings to `recognise`."""

    rate_hz: int
    batch_size: int

    def plan(self, sound: Sound, speech: Sequence[Span], *, is_alone: bool) -> Sequence[Window]:
        """Return windows over `speech`, a part of the sound's; `is_alone` where that part gave no words among others."""
        ...

    def cut(self, sound: Sound, window: Window) -> NDArray[np.float32]:
        """Return the window's samples as `decode` wants them."""
        ...

    def decode(self, clips: Sequence[NDArray[np.float32]], language: str, *, is_careful: bool) -> Sequence[Heard]:
        """Return what is heard in each clip (float32, -1..1); `is_careful` where that was not to be believed before."""
        ...


@dataclass(slots=True)
class _Found:
    """What has been found in one channel so far."""

    sound: Sound
    words: list[Word] = field(default_factory=list)
    rejected: list[Span] = field(default_factory=list)

    def unheard(self) -> tuple[Span, ...]:
        return find_unheard(self.sound.speech, self.words)


@dataclass(frozen=True, slots=True)
class _Task:
    """A window to decode, and where its words go."""

    found: _Found
    window: Window


def recognise(
    decoder: WindowDecoder, channels: Sequence[Channel], language: str, provenance: Provenance
) -> tuple[Transcript, ...]:
    """Return a transcript for each channel; windows of all of them are decoded together.

    Raises:
        TranscribeError: if a channel has another sample rate than the decoder, or decoding fails.
    """
    for channel in channels:
        if channel.audio.rate_hz != decoder.rate_hz:
            raise TranscribeError(
                f"{provenance.engine} needs {decoder.rate_hz} Hz, got {channel.audio.rate_hz} Hz",
                where=f"channel {channel.audio.channel}",
            )
    found = [_Found(_sound_of(channel)) for channel in channels]
    try:
        first = [_Task(item, w) for item in found for w in decoder.plan(item.sound, item.sound.speech, is_alone=False)]
        for task, checked in _read(decoder, first, language):
            task.found.words += checked.kept
            task.found.rejected += checked.rejected
        alone = [_Task(item, w) for item in found for w in decoder.plan(item.sound, item.unheard(), is_alone=True)]
        for task, checked in _read(decoder, alone, language):
            if checked.kept and sum(word.prob for word in checked.kept) >= _ALONE_PROB * len(checked.kept):
                task.found.words += _without_overlap(checked.kept, task.found.words)
            task.found.rejected += checked.rejected
    except TranscribeError:
        raise
    except Exception as exc:  # onnxruntime's errors share no class, CTranslate2's are RuntimeErrors, onnx-asr asserts
        raise TranscribeError(f"recognition failed: {exc}") from exc
    return tuple(_transcript(item, language, provenance) for item in found)


def check_heard(window: Window, heard: Heard, speech: Iterable[Span], language: str) -> Checked:
    """Map what was heard to the call and throw out what was invented or lies far from `speech`."""
    is_nobody = heard.no_speech > _NO_SPEECH and heard.logprob < _NO_SPEECH_LOGPROB
    if is_nobody or heard.logprob < _UNBELIEVED_LOGPROB:
        return Checked((), (), is_looped=False)
    words = [Word(span=window.to_call(word.start_ms, word.end_ms), text=word.text, prob=word.prob) for word in heard.words]
    return check_words(near_speech(words, speech), language)


def cut_window(audio: MonoAudio, window: Window) -> NDArray[np.float32]:
    """Return the window's samples, pieces end to end."""
    import numpy as np

    rate = audio.rate_hz
    parts = [audio.samples[ms_to_samples(p.span.start_ms, rate) : ms_to_samples(p.span.end_ms, rate)] for p in window.pieces]
    return np.concatenate(parts)


def _sound_of(channel: Channel) -> Sound:
    audio, activity = channel.audio, channel.activity
    sounds = tuple(sound.span for sound in activity.sounds)
    speech = intersect_spans(subtract_spans(activity.speech, sounds), [Span(0, audio.duration_ms)])
    return Sound(audio, speech, sounds, _level_db(audio, speech))


def _level_db(audio: MonoAudio, speech: Iterable[Span]) -> float | None:
    import numpy as np

    rate = audio.rate_hz
    parts = [audio.samples[ms_to_samples(span.start_ms, rate) : ms_to_samples(span.end_ms, rate)] for span in speech]
    energy = sum(float(np.dot(part, part)) for part in parts)
    return 10 * float(np.log10(energy / sum(len(part) for part in parts))) if energy else None


def _read(decoder: WindowDecoder, tasks: Sequence[_Task], language: str) -> list[tuple[_Task, Checked]]:
    """Decode windows in batches of like length; what is not to be believed once more, with care."""
    by_length = sorted(tasks, key=lambda task: task.window.length_ms)
    done: list[tuple[_Task, Checked]] = []
    for first in range(0, len(by_length), decoder.batch_size):
        batch = by_length[first : first + decoder.batch_size]
        found = _decode(decoder, batch, language, is_careful=False)
        doubtful = [i for i, (heard, checked) in enumerate(found) if checked.is_looped or heard.logprob < _DOUBTFUL_LOGPROB]
        again = _decode(decoder, [batch[i] for i in doubtful], language, is_careful=True) if doubtful else []
        for i, (heard, checked) in zip(doubtful, again, strict=True):
            if not checked.is_looped and (found[i][1].is_looped or heard.logprob > found[i][0].logprob):
                found[i] = heard, checked
        done += [(task, checked) for task, (_, checked) in zip(batch, found, strict=True)]
    return done


def _decode(decoder: WindowDecoder, tasks: Sequence[_Task], language: str, *, is_careful: bool) -> list[tuple[Heard, Checked]]:
    clips = [decoder.cut(task.found.sound, task.window) for task in tasks]
    heard = decoder.decode(clips, language, is_careful=is_careful)
    return [
        (item, check_heard(task.window, item, task.found.sound.speech, language))
        for task, item in zip(tasks, heard, strict=True)
    ]


def _without_overlap(words: Sequence[Word], others: Iterable[Word]) -> list[Word]:
    taken = find_overlapping([word.span for word in words], (other.span for other in others))
    return [word for word, is_taken in zip(words, taken, strict=True) if not is_taken]


def _transcript(found: _Found, language: str, provenance: Provenance) -> Transcript:
    words = tuple(sorted(found.words, key=lambda word: (word.span.start_ms, word.span.end_ms)))
    speech = found.sound.speech
    rejected = subtract_spans(intersect_spans(found.rejected, speech), [word.span for word in words])
    return Transcript(
        channel=found.sound.audio.channel,
        words=words,
        language=language,
        unrecognised=merge_spans([*rejected, *find_unheard(speech, words)]),
        rejected=rejected,
        provenance=provenance,
    )
