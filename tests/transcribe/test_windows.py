"""Packing speech into windows and mapping times back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callscore.transcribe.windows import Packing, Piece, Window, plan_windows
from callscore.units import Span, intersect_spans, merge_spans, subtract_spans

PACKING = Packing(pad_ms=100, keep_gap_ms=500, max_window_ms=29_000)
spans = st.lists(st.tuples(st.integers(0, 200_000), st.integers(1, 70_000)).map(lambda p: Span(p[0], p[0] + p[1])), max_size=12)


def pieces_of(windows: tuple[Window, ...]) -> list[Span]:
    """Return the pieces of all windows."""
    return [piece.span for window in windows for piece in window.pieces]


@given(spans, spans)
def test_all_speech_and_no_sound_is_covered(speech: list[Span], sounds: list[Span]) -> None:
    """Every moment of speech is decoded once, and no moment of music or tones."""
    windows = plan_windows(speech, sounds, 300_000, PACKING)
    pieces = pieces_of(windows)
    assert subtract_spans(subtract_spans(speech, sounds), pieces) == ()
    assert intersect_spans(pieces, sounds) == ()
    assert sum(piece.length_ms for piece in pieces) == sum(span.length_ms for span in merge_spans(pieces))


@given(spans)
def test_no_window_is_longer_than_allowed(speech: list[Span]) -> None:
    """The model hears 30 s at most; what is longer would be lost."""
    assert all(window.length_ms <= 29_000 for window in plan_windows(speech, [], 300_000, PACKING))


@given(spans, st.integers(0, 29_000), st.integers(0, 3_000))
def test_a_word_stays_within_one_piece(speech: list[Span], at_ms: int, length_ms: int) -> None:
    """A word is mapped into the stretch of the call it was heard in, never across a gap."""
    for window in plan_windows(speech, [], 300_000, PACKING):
        word = window.to_call(at_ms, at_ms + length_ms)
        assert any(p.span.start_ms <= word.start_ms and word.end_ms <= p.span.end_ms for p in window.pieces)


def test_distant_turns_share_a_window() -> None:
    """Turns are laid end to end with their padding, so that no silence is paid for."""
    (window,) = plan_windows([Span(1000, 3000), Span(60_000, 61_000)], [], 100_000, PACKING)
    assert window.pieces == (Piece(Span(900, 3100), 0), Piece(Span(59_900, 61_100), 2200))


def test_a_short_pause_is_kept() -> None:
    """Pauses within a sentence stay as long as they were."""
    (window,) = plan_windows([Span(1000, 2000), Span(2600, 3000)], [], 10_000, PACKING)
    assert window.pieces == (Piece(Span(900, 3100), 0),)


def test_windows_are_about_as_long_as_each_other() -> None:
    """A full window and a crumb would cost more than two halves, and the crumb would have no context."""
    turns = [Span(at * 4000, at * 4000 + 2000) for at in range(16)]
    windows = plan_windows(turns, [], 100_000, PACKING)
    assert [window.length_ms for window in windows] == [17_500, 17_600]


def test_a_window_is_left_before_it_overflows() -> None:
    """A turn that does not fit any more begins the next window."""
    windows = plan_windows([Span(1000, 21_000), Span(30_000, 40_000)], [], 50_000, PACKING)
    assert [window.span for window in windows] == [Span(900, 21_100), Span(29_900, 40_100)]


def test_a_monologue_is_cut_at_a_pause() -> None:
    """Speech over the limit is cut in the last pause that fits, not inside a word."""
    windows = plan_windows([Span(1000, 11_000), Span(11_400, 25_000), Span(25_300, 45_000)], [], 50_000, PACKING)
    assert pieces_of(windows) == [Span(900, 25_150), Span(25_150, 45_100)]


def test_a_monologue_without_a_pause_is_cut_at_the_limit() -> None:
    """Where there is no pause at all the limit cuts."""
    windows = plan_windows([Span(1000, 45_000)], [], 50_000, PACKING)
    assert pieces_of(windows) == [Span(900, 29_900), Span(29_900, 45_100)]


def test_a_time_maps_into_the_second_piece() -> None:
    """A word in the second piece gets the time of the second turn, cut where the piece begins."""
    (window,) = plan_windows([Span(1000, 3000), Span(60_000, 61_000)], [], 100_000, PACKING)
    assert window.to_call(2300, 2600) == Span(60_000, 60_300)
    assert window.to_call(2150, 2350) == Span(59_900, 60_050)


def test_no_speech_gives_no_window() -> None:
    """A silent leg costs nothing."""
    assert plan_windows([], [Span(0, 5000)], 5000, PACKING) == ()
