"""Words x speakers -> utterances: each word goes to exactly one speaker, none is lost or doubled. Pure."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callscore.records import Diarization, SpeakerSpan, Transcript, VoiceActivity, Word
from callscore.units import Span, overlap_ms

__all__ = ["SpeakerUtterance", "align_words", "fit_words"]

# A pause that ends an utterance: longer than the pauses inside a phrase, shorter than one that waits for an answer.
UTTERANCE_PAUSE_MS: Final = 700

# Recognisers round word times; a word this close to speech belongs to it.
NEAR_SPEECH_MS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerUtterance:
    """Words of one speaker with no long pause between them; never empty."""

    speaker: str
    channel: int
    words: tuple[Word, ...]

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("SpeakerUtterance.words must not be empty")

    @property
    def span(self) -> Span:
        """From the first word's start to the last word's end."""
        return Span(self.words[0].span.start_ms, max(word.span.end_ms for word in self.words))

    @property
    def text(self) -> str:
        """The words joined by single blanks."""
        return " ".join(word.text for word in self.words)


def align_words(transcript: Transcript, diarization: Diarization, activity: VoiceActivity) -> tuple[SpeakerUtterance, ...]:
    """Return the utterances of one channel in order of start.

    A word belongs to the speaker who covers most of it, else to the nearest one. A lone word whose neighbours on both sides
    belong to one other speaker follows them when no pause sets it apart: diarization is less sure of half a second than of the
    sentence around it.
    """
    words = fit_words(transcript.words, activity.speech)
    if not words:
        return ()
    index = _SpeakerIndex(diarization.spans)
    speakers = _smooth([index.speaker_of(word.span) for word in words], words)
    utterances: list[SpeakerUtterance] = []
    run: list[Word] = []
    for i, word in enumerate(words):
        if run and (speakers[i] != speakers[i - 1] or word.span.start_ms - run[-1].span.end_ms > UTTERANCE_PAUSE_MS):
            utterances.append(SpeakerUtterance(speaker=speakers[i - 1], channel=transcript.channel, words=tuple(run)))
            run = []
        run.append(word)
    utterances.append(SpeakerUtterance(speaker=speakers[-1], channel=transcript.channel, words=tuple(run)))
    return tuple(utterances)


def fit_words(words: Iterable[Word], speech: Sequence[Span]) -> tuple[Word, ...]:
    """Return the words in time order, cut to the speech they lie in, so that no word stretches over a silence.

    A word that touches no speech keeps its time. Order of start and number of words stay the same.
    """
    starts = [span.start_ms for span in speech]
    fitted: list[Word] = []
    for word in sorted(words, key=lambda word: (word.span.start_ms, word.span.end_ms)):
        near = Span(max(0, word.span.start_ms - NEAR_SPEECH_MS), word.span.end_ms + NEAR_SPEECH_MS)
        at = max(0, bisect.bisect_right(starts, near.start_ms) - 1)
        best, best_ms = None, 0
        while at < len(speech) and speech[at].start_ms < near.end_ms:
            if (shared := overlap_ms(speech[at], word.span)) > best_ms:
                best, best_ms = speech[at], shared
            at += 1
        if best is None:
            fitted.append(word)
            continue
        cut = Span(max(word.span.start_ms, best.start_ms), min(word.span.end_ms, best.end_ms))
        fitted.append(word if cut == word.span else replace(word, span=cut))
    return tuple(sorted(fitted, key=lambda word: word.span.start_ms))


class _SpeakerIndex:
    """Finds who speaks at a time in a sorted list of speaker spans."""

    def __init__(self, spans: Sequence[SpeakerSpan]) -> None:
        if not spans:
            raise ValueError("align_words needs at least one speaker span when there are words")
        self._spans = sorted(spans, key=lambda item: item.span)
        self._starts = [item.span.start_ms for item in self._spans]
        self._longest = max(item.span.length_ms for item in self._spans)

    def speaker_of(self, span: Span) -> str:
        low = bisect.bisect_left(self._starts, span.start_ms - self._longest)
        high = bisect.bisect_right(self._starts, span.end_ms)
        shared: dict[str, int] = {}
        for item in self._spans[low:high]:
            if (part := overlap_ms(item.span, span)) > 0:
                shared[item.speaker] = shared.get(item.speaker, 0) + part
        if shared:
            return max(sorted(shared), key=lambda speaker: shared[speaker])
        around = self._spans[max(0, low - 1) : high + 1] or self._spans
        return min(around, key=lambda item: _distance(item.span, span)).speaker


def _distance(a: Span, b: Span) -> int:
    return max(a.start_ms - b.end_ms, b.start_ms - a.end_ms, 0)


def _smooth(speakers: list[str], words: Sequence[Word]) -> list[str]:
    smoothed = list(speakers)
    for i in range(1, len(words) - 1):
        before, after = smoothed[i - 1], speakers[i + 1]
        close = (
            words[i].span.start_ms - words[i - 1].span.end_ms < UTTERANCE_PAUSE_MS // 2
            and words[i + 1].span.start_ms - words[i].span.end_ms < UTTERANCE_PAUSE_MS // 2
        )
        if before == after != smoothed[i] and close:
            smoothed[i] = before
    return smoothed
