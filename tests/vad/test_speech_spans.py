"""How speech spans are cut from probabilities: begun, kept, bridged, padded."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from callscore.units import Span
from callscore.vad import VadOptions
from callscore.vad.speech import find_speech_runs, pad_spans, stretch_runs

OPTIONS = VadOptions()
CALM = np.zeros(60, dtype=np.float32)


def _prob(*runs: tuple[int, int, float]) -> np.ndarray:
    prob = np.zeros(60, dtype=np.float32)
    for first, last, value in runs:
        prob[first:last] = value
    return prob


def test_click_alone_is_no_speech() -> None:
    """Two windows of doubt with nothing around them are dropped."""
    assert find_speech_runs(_prob((10, 12, 0.6)), CALM, OPTIONS).tolist() == []


def test_faint_word_beside_speech_is_kept() -> None:
    """A faint run half a second from a word is speech as well, and so is the next one from there."""
    prob = _prob((4, 7, 0.3), (18, 21, 0.3), (30, 40, 0.8))
    assert find_speech_runs(prob, CALM, OPTIONS).tolist() == [[4, 7], [18, 21], [30, 40]]


def test_faint_note_beside_speech_is_not_kept() -> None:
    """A faint run among steady partials is a note of the music that follows."""
    steady = np.zeros(60, dtype=np.float32)
    steady[42:] = 0.9
    assert find_speech_runs(_prob((30, 40, 0.8), (48, 51, 0.3)), steady, OPTIONS).tolist() == [[30, 40]]


def test_voicing_moves_the_ends_outwards() -> None:
    """Voiced frames next to a run belong to it, up to a quarter of a second, but not over a tone."""
    voiced = np.ones(200, dtype=np.bool_)
    levels, floor, free = np.full(60, -20.0, np.float32), np.full(60, -50.0, np.float32), np.zeros(60, dtype=np.bool_)
    runs = np.array([[20, 30]])
    assert stretch_runs(runs, voiced, levels, floor, free) == (Span(390, 1210),)
    tone = free.copy()
    tone[:20] = True
    assert stretch_runs(runs, voiced, levels, floor, tone) == (Span(640, 1210),)


def test_pause_is_bridged_but_not_a_tone() -> None:
    """A short pause is part of the speech unless a tone sounds in it."""
    spans = (Span(1000, 2000), Span(2250, 3000))
    assert pad_spans(spans, OPTIONS, (), 9000) == (Span(850, 3150),)
    assert pad_spans(spans, OPTIONS, (Span(2100, 2200),), 9000) == (Span(850, 2100), Span(2200, 3150))


def test_padding_stops_half_way_to_a_neighbour() -> None:
    """Two spans 310 ms apart are padded until they meet at most."""
    assert pad_spans((Span(1000, 2000), Span(2310, 3000)), OPTIONS, (), 3050) == (Span(850, 2150), Span(2160, 3050))


@given(edges=st.lists(st.integers(0, 20_000), min_size=2, max_size=30, unique=True), pad_ms=st.integers(0, 400))
def test_padded_spans_never_overlap(edges: list[int], pad_ms: int) -> None:
    """Whatever the spans and the padding: sorted, apart, within the recording, nothing long enough is lost."""
    edges = sorted(edges)
    spans = tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))
    padded = pad_spans(spans, VadOptions(pad_ms=pad_ms), (), 20_000)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(padded))
    assert all(span.start_ms >= 0 and span.end_ms <= 20_000 for span in padded)
    for span in spans:
        if span.length_ms >= 120:
            assert any(p.start_ms <= span.start_ms and span.end_ms <= p.end_ms for p in padded)
