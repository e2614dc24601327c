"""Cutting speech into stretches of one voice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from callscore.diarize.stretches import VoiceWindow, cut_stretches, different_voices
from callscore.units import Span, merge_spans

FRAME_MS = 10.0


def window(start_ms: int, *voices: str) -> VoiceWindow:
    """Build a window from one line per voice: a character per 100 ms, "#" where it speaks."""
    active = np.array([[char == "#" for char in line for _ in range(10)] for line in voices]).T
    return VoiceWindow(start_ms=start_ms, frame_ms=FRAME_MS, active=active)


def cores(speech: list[Span], *windows: VoiceWindow) -> list[tuple[int, int]]:
    """Return start and end of what was heard in each stretch."""
    return [(item.core.start_ms, item.core.end_ms) for item in cut_stretches(speech, windows)]


def test_speech_is_cut_where_the_voice_changes() -> None:
    """An answer that comes without a pause is a stretch of its own."""
    heard = window(0, "##########          ", "          ##########")
    assert cores([Span(0, 2000)], heard) == [(0, 1000), (1000, 2000)]


def test_speech_is_cut_at_a_pause() -> None:
    """A pause of half a second ends a stretch even where the segmentation hears one voice."""
    heard = window(0, "########     #######")
    assert cores([Span(0, 2000)], heard) == [(0, 800), (1300, 2000)]


def test_a_short_pause_does_not_cut() -> None:
    """People breathe within a sentence."""
    heard = window(0, "######### ##########")
    assert cores([Span(0, 2000)], heard) == [(0, 2000)]


def test_one_window_against_two_does_not_cut() -> None:
    """A change that most windows do not hear is none."""
    one = window(0, "##########          ", "          ##########")
    steady = window(0, "#" * 20, " " * 20)
    assert cores([Span(0, 2000)], one, steady, steady, steady) == [(0, 2000)]


def test_the_first_voice_goes_on_while_two_speak() -> None:
    """Talking over somebody is no change until he stops."""
    heard = window(0, "############        ", "        ############")
    assert cores([Span(0, 2000)], heard) == [(0, 1200), (1200, 2000)]


def test_speech_that_the_segmentation_misses_is_kept_whole() -> None:
    """What the voice activity detector heard is never lost."""
    assert cores([Span(100, 700)], window(0, " " * 20)) == [(100, 700)]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=8),
    st.lists(st.text("# ", min_size=30, max_size=30), min_size=2, max_size=3),
)
def test_stretches_cover_exactly_the_speech(pairs: list[tuple[int, int]], voices: list[str]) -> None:
    """No speech is lost or doubled, whatever the segmentation hears."""
    speech = merge_spans(Span(start * 10, (start + length) * 10) for start, length in pairs)
    stretches = cut_stretches(speech, [window(0, *voices)])
    assert merge_spans(item.span for item in stretches) == speech
    assert sum(item.span.length_ms for item in stretches) == sum(span.length_ms for span in speech)


def test_two_voices_of_one_window_are_apart() -> None:
    """What one window hears as two voices is told as such, with the full weight after a second each."""
    heard = window(0, "##########          ", "          ##########")
    stretches = cut_stretches([Span(0, 2000)], [heard])
    assert different_voices(stretches, [heard]).tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_the_same_voice_says_nothing() -> None:
    """Two stretches that a window gives to one voice may still be of two people; nothing is claimed."""
    heard = window(0, "########     #######")
    stretches = cut_stretches([Span(0, 2000)], [heard])
    assert different_voices(stretches, [heard]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
