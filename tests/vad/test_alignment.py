"""Legs that do not belong together as they lie: cut short, or one seconds before the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callscore.audio import AudioLimits, decode_channels, probe_audio
from callscore.records import MonoAudio
from callscore.units import Span
from callscore.vad import VoiceDetector
from callscore.vad.alignment import find_shift_ms, missing_spans
from tests.audio.signals import Samples, mono, pause, white_noise

# A conversation: lengths of turns in seconds, the parties in turn, half a second apart.
TURNS = (4, 3, 6, 2, 3, 5, 8, 2, 4, 3, 2, 6, 5, 3)


def conversation() -> tuple[tuple[Span, ...], tuple[Span, ...], int]:
    """Return the speech of both legs, and the length of the call."""
    spans, at = [], 1000
    for seconds in TURNS:
        spans.append(Span(at, at + 1000 * seconds))
        at += 1000 * seconds + 500
    return tuple(spans[::2]), tuple(spans[1::2]), at


@pytest.mark.parametrize("early_ms", [2000, 5000])
def test_a_leg_that_lies_early_is_measured(early_ms: int) -> None:
    """Where both speak at once but would take turns with one leg moved, that is by how much it has to be moved."""
    left, right, length_ms = conversation()
    early = tuple(span.shifted(-early_ms) for span in right if span.start_ms >= early_ms)
    shift_ms = find_shift_ms(left, early, length_ms)
    assert shift_ms is not None
    assert abs(shift_ms - early_ms) <= 500


def test_taking_turns_is_no_shift() -> None:
    """A conversation as it should be."""
    assert find_shift_ms(*conversation()) is None


def test_talking_over_each_other_is_no_shift() -> None:
    """Two who always speak at once do so however their legs are moved."""
    left, right, length_ms = conversation()
    everywhere = tuple(Span(at, at + 3600) for at in range(0, length_ms - 4000, 4000))
    assert find_shift_ms(everywhere, tuple(sorted((*left, *right))), length_ms) is None


def test_few_turns_prove_nothing() -> None:
    """Two or three turns can be pulled apart by moving them; that says nothing."""
    assert find_shift_ms((Span(0, 9000), Span(20_000, 29_000)), (Span(5000, 14_000), Span(25_000, 31_000)), 40_000) is None


def test_few_turns_prove_what_something_else_speaks_for() -> None:
    """A leg that ends 5 s earlier and collides with the other until it is moved by 5 s is 5 s early."""
    left, right, _ = conversation()
    early = tuple(span.shifted(-5000) for span in right[1:4])
    shift_ms = find_shift_ms(left[:5], early, 55_000, 5000)
    assert shift_ms is not None
    assert abs(shift_ms - 5000) <= 500
    assert find_shift_ms(left[:5], early, 55_000) is None
    assert find_shift_ms(left[:5], right[1:4], 55_000, 5000) is None


def noisy(*parts: Samples) -> MonoAudio:
    """Return a leg of the parts."""
    return mono(np.concatenate(parts))


def test_a_leg_that_begins_late_misses_something() -> None:
    """Digital silence while the other speaks, on a line that is never silent later, was not recorded."""
    leg = noisy(pause(3008), white_noise(9000, -55))
    assert missing_spans(leg, (Span(500, 2500),)) == (Span(0, 3008),)
    assert missing_spans(leg, (Span(5000, 6000),)) == ()


def test_suppressed_pauses_are_no_missing_leg() -> None:
    """Where the line is silent between words as well, silence at the beginning means that nobody spoke."""
    leg = noisy(pause(3008), white_noise(3000, -55), pause(3008), white_noise(3000, -55))
    assert missing_spans(leg, (Span(500, 2500),)) == ()


def test_a_labelled_call_glued_badly_is_found(shared_dir: Path, detector: VoiceDetector) -> None:
    """A leg that lost its first 5 s, and was filled up at its end, is 5 s early; the call as recorded is not."""
    path = shared_dir / "calls" / "d032.wav"
    left, right = decode_channels(path, probe_audio(path, AudioLimits()), limits=AudioLimits()).channels
    early = noisy(right.samples[5 * 16_000 :].astype(np.float64), pause(5000))
    speech = detector.detect(left).speech
    assert find_shift_ms(speech, detector.detect(right).speech, left.duration_ms) is None
    shift_ms = find_shift_ms(speech, detector.detect(early).speech, left.duration_ms)
    assert shift_ms is not None
    assert abs(shift_ms - 5000) <= 500
    assert [span.length_ms // 1000 for span in missing_spans(early, speech)] == [4]
