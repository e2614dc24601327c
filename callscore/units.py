"""Time arithmetic: integer milliseconds from the start of the call, half-open spans. Pure; knows no audio library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "Span",
    "covered_ms",
    "gaps_between",
    "intersect_spans",
    "merge_spans",
    "ms_to_samples",
    "overlap_ms",
    "samples_to_ms",
    "subtract_spans",
]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """An interval `[start_ms, end_ms)` of a call. Never negative; may be empty.

    >>> Span(0, 1200).length_ms
    1200
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms <= self.end_ms:
            raise ValueError(f"Span needs 0 <= start_ms <= end_ms, got {self.start_ms}..{self.end_ms}")

    @property
    def length_ms(self) -> int:
        """Duration in milliseconds."""
        return self.end_ms - self.start_ms

    @property
    def middle_ms(self) -> int:
        """The point half-way, rounded down."""
        return (self.start_ms + self.end_ms) // 2

    def shifted(self, by_ms: int) -> Span:
        """Return the span moved by `by_ms`; raises ValueError if that would start before zero."""
        return Span(self.start_ms + by_ms, self.end_ms + by_ms)

    def padded(self, by_ms: int, limit_ms: int) -> Span:
        """Return the span grown by `by_ms` on both sides, kept within `[0, limit_ms)`."""
        return Span(max(0, self.start_ms - by_ms), max(self.end_ms, min(limit_ms, self.end_ms + by_ms)))


def overlap_ms(a: Span, b: Span) -> int:
    """Return the length shared by two spans, 0 if they do not touch.

    >>> overlap_ms(Span(0, 1000), Span(900, 2000))
    100
    """
    return max(0, min(a.end_ms, b.end_ms) - max(a.start_ms, b.start_ms))


def merge_spans(spans: Iterable[Span], gap_ms: int = 0) -> tuple[Span, ...]:
    """Return the union of `spans`, sorted, joined where at most `gap_ms` lies between; empty spans vanish.

    >>> merge_spans([Span(500, 900), Span(0, 400)], gap_ms=100)
    (Span(start_ms=0, end_ms=900),)
    """
    merged: list[Span] = []
    for span in sorted(s for s in spans if s.length_ms):
        if merged and span.start_ms <= merged[-1].end_ms + gap_ms:
            merged[-1] = Span(merged[-1].start_ms, max(merged[-1].end_ms, span.end_ms))
        else:
            merged.append(span)
    return tuple(merged)


def subtract_spans(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of `spans` outside `holes`, sorted and merged.

    >>> subtract_spans([Span(0, 1000)], [Span(200, 300)])
    (Span(start_ms=0, end_ms=200), Span(start_ms=300, end_ms=1000))
    """
    cut = merge_spans(holes)
    left: list[Span] = []
    for span in merge_spans(spans):
        at = span.start_ms
        for hole in cut:
            if hole.end_ms <= at:
                continue
            if hole.start_ms >= span.end_ms:
                break
            if hole.start_ms > at:
                left.append(Span(at, hole.start_ms))
            at = max(at, hole.end_ms)
        if at < span.end_ms:
            left.append(Span(at, span.end_ms))
    return tuple(left)


def intersect_spans(a: Iterable[Span], b: Iterable[Span]) -> tuple[Span, ...]:
    """Return the time covered by both `a` and `b`, sorted and merged.

    >>> intersect_spans([Span(0, 500)], [Span(400, 900)])
    (Span(start_ms=400, end_ms=500),)
    """
    first, second = merge_spans(a), merge_spans(b)
    found: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i].start_ms, second[j].start_ms), min(first[i].end_ms, second[j].end_ms)
        if start < end:
            found.append(Span(start, end))
        if first[i].end_ms <= second[j].end_ms:
            i += 1
        else:
            j += 1
    return tuple(found)


def gaps_between(spans: Iterable[Span], within: Span) -> tuple[Span, ...]:
    """Return the parts of `within` that no span covers, sorted.

    >>> gaps_between([Span(200, 300)], Span(0, 1000))
    (Span(start_ms=0, end_ms=200), Span(start_ms=300, end_ms=1000))
    """
    return subtract_spans([within], spans)


def covered_ms(spans: Iterable[Span]) -> int:
    """Return the length of the union of `spans`; what overlaps counts once."""
    return sum(span.length_ms for span in merge_spans(spans))


def ms_to_samples(ms: int, rate_hz: int) -> int:
    """Return the index of the sample at `ms`, rounded down.

    >>> ms_to_samples(250, 16000)
    4000
    """
    return ms * rate_hz // 1000


def samples_to_ms(samples: int, rate_hz: int) -> int:
    """Return the time of sample number `samples`, rounded to the nearest millisecond.

    >>> samples_to_ms(4000, 16000)
    250
    """
    return (samples * 1000 + rate_hz // 2) // rate_hz
