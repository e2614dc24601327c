"""Where speech has no words: regions without any, and long stretches without one inside the others. Pure."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from callscore.records import Word
from callscore.units import Span, merge_spans, subtract_spans

__all__ = ["REACH_MS", "find_overlapping", "find_unheard", "near_speech"]

REACH_MS: Final = 300
"""Word times err by some 100 ms; this far off a word belongs to no speech."""
_TIME_ERROR_MS: Final = 100
# Pauses between words are speech to a voice detector; longer stretches without a word were not heard.
_WORD_REACH_MS: Final = 400
_SHORTEST_MS: Final = 1000


def find_unheard(speech: Sequence[Span], words: Sequence[Word]) -> tuple[Span, ...]:
    """Return the speech in which none of `words` was said."""
    left = subtract_spans(speech, (_reach(word.span, _WORD_REACH_MS) for word in words))
    stretches = (span for span in left if span.length_ms >= _SHORTEST_MS)
    return merge_spans(itertools.chain(_silent_regions(speech, words), stretches))


def near_speech(words: Sequence[Word], speech: Iterable[Span]) -> list[Word]:
    """Return the words that lie in speech or no further than REACH_MS from it.

    >>> from callscore.records import Word
    >>> near_speech([Word(span=Span(900, 950), text="да", prob=1.0)], [Span(0, 500)])
    []
    """
    near = find_overlapping([_reach(word.span, REACH_MS) for word in words], speech)
    return [word for word, is_near in zip(words, near, strict=True) if is_near]


def find_overlapping(spans: Iterable[Span], others: Iterable[Span]) -> list[bool]:
    """Tell for each span whether it shares time with any of `others`.

    >>> find_overlapping([Span(0, 10), Span(20, 30)], [Span(25, 40)])
    [False, True]
    """
    merged = merge_spans(others)
    ends = [other.end_ms for other in merged]
    found = []
    for span in spans:
        at = bisect.bisect_right(ends, span.start_ms)
        found.append(at < len(merged) and merged[at].start_ms < span.end_ms)
    return found


def _silent_regions(speech: Iterable[Span], words: Iterable[Word]) -> tuple[Span, ...]:
    """Return the speech regions in which no word lies; pauses up to the reach of word times join a region."""
    regions = merge_spans(speech, REACH_MS)
    heard = find_overlapping(regions, (_reach(word.span, _TIME_ERROR_MS) for word in words))
    return tuple(region for region, is_heard in zip(regions, heard, strict=True) if not is_heard)


def _reach(span: Span, by_ms: int) -> Span:
    return Span(max(0, span.start_ms - by_ms), span.end_ms + by_ms)
