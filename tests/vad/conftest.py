"""The detector, loaded once, and recordings decoded for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from callscore.audio import AudioLimits, decode_channels, judge_layout, probe_audio
from callscore.records import MonoAudio, VoiceActivity
from callscore.vad import VadOptions, VoiceDetector
from tests.audio.signals import Samples, mono

Hear = Callable[[Samples], VoiceActivity]
HearFile = Callable[[str], tuple[VoiceActivity, ...]]


@pytest.fixture(scope="session")
def detector() -> VoiceDetector:
    """Return the detector with its default options."""
    return VoiceDetector(VadOptions())


@pytest.fixture(scope="session")
def hear(detector: VoiceDetector) -> Hear:
    """Return a function from samples at 16 kHz to what is heard in them."""
    return lambda samples: detector.detect(mono(samples))


def load(path: Path) -> tuple[MonoAudio, ...]:
    """Return the channels of a recording that are to be worked on."""
    limits = AudioLimits()
    decoded = decode_channels(path, probe_audio(path, limits), limits=limits)
    return tuple(decoded.channels[number] for number in judge_layout(decoded.channels).channels)


@pytest.fixture(scope="session")
def hear_file(detector: VoiceDetector, shared_dir: Path) -> HearFile:
    """Return a function from the name of a shared recording to what is heard on its channels."""
    return lambda name: tuple(detector.detect(audio) for audio in load(shared_dir / name))
