"""Time arithmetic."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.units import Span, covered_ms, gaps_between, intersect_spans, merge_spans, overlap_ms, subtract_spans

spans = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 300), st.integers(0, 60))
span_lists = st.lists(spans, max_size=8)


def instants(items: list[Span] | tuple[Span, ...]) -> set[int]:
    """Return every millisecond that any span covers: the plain truth to compare with."""
    return {at for span in items for at in range(span.start_ms, span.end_ms)}


@given(span_lists)
def test_merging_keeps_every_instant(items: list[Span]) -> None:
    """The union covers exactly what its parts cover, sorted and apart."""
    merged = merge_spans(items)
    assert instants(merged) == instants(items)
    assert all(a.end_ms < b.start_ms for a, b in pairwise(merged))


@given(span_lists, span_lists)
def test_subtracting_leaves_what_is_in_no_hole(items: list[Span], holes: list[Span]) -> None:
    """Subtraction keeps exactly the instants outside every hole."""
    assert instants(subtract_spans(items, holes)) == instants(items) - instants(holes)


@given(span_lists, span_lists)
def test_intersection_is_what_both_cover(a: list[Span], b: list[Span]) -> None:
    """The intersection holds exactly the common instants, whichever comes first."""
    assert instants(intersect_spans(a, b)) == instants(a) & instants(b)
    assert intersect_spans(a, b) == intersect_spans(b, a)


@given(span_lists)
def test_gaps_and_spans_fill_the_window(items: list[Span]) -> None:
    """A window is its covered part and its gaps, nothing twice."""
    window = Span(50, 250)
    assert covered_ms(gaps_between(items, window)) + covered_ms(intersect_spans(items, [window])) == 200


@given(spans, spans)
def test_overlap_is_symmetric(a: Span, b: Span) -> None:
    """Overlap does not depend on the order and never exceeds either span."""
    assert overlap_ms(a, b) == overlap_ms(b, a) <= min(a.length_ms, b.length_ms)


def test_span_refuses_time_running_backwards() -> None:
    """A span that ends before it starts names both values."""
    with pytest.raises(ValueError, match=r"got 10\.\.5"):
        Span(10, 5)
