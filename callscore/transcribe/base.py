"""What a recogniser is, which ones exist, and the options they share. Loads no library."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from callscore.errors import ConfigError, nearest
from callscore.records import MonoAudio, Provenance, Transcript, VoiceActivity, Word
from callscore.units import Span

__all__ = [
    "TRANSCRIBERS",
    "Channel",
    "HeardAgain",
    "SecondListener",
    "TranscribeOptions",
    "Transcriber",
    "load_transcriber_class",
]

TRANSCRIBERS: Final[Mapping[str, str]] = {
    "whisper": "callscore.transcribe.whisper:WhisperTranscriber",
    "onnx": "callscore.transcribe.onnx:OnnxTranscriber",
    "scripted": "callscore.transcribe.scripted:ScriptedTranscriber",
}

DEVICES: Final = ("auto", "cpu", "cuda")
COMPUTE_TYPES: Final = ("auto", "default", "int8", "int8_float32", "int8_float16", "int16", "float16", "bfloat16", "float32")
# Whisper hears at most 30 s at once; the rest is room for the last word to end.
MAX_WINDOW_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel to recognise: its sound at 16 kHz, and what voice detection found in it."""

    audio: MonoAudio
    activity: VoiceActivity


@runtime_checkable
class Transcriber(Protocol):
    """A recogniser of speech on the channels of a call.

    To add one: write transcribe/<name>.py with a class that has these members, add a line to TRANSCRIBERS above, a builder
    to ENGINES in tests/transcribe/test_contract.py, and run that file: it tells what you forgot. An engine with weights is
    built as `Engine(model_folder, model_sha256, options)`, loads them once in its constructor, imports its library there,
    and turns every foreign exception into ModelError (weights) or TranscribeError (one call).
    """

    name: str

    def provenance(self) -> Provenance:
        """Return engine, weights and a hash of every parameter that can change the words."""
        ...

    def transcribe(self, channels: Sequence[Channel], language: str) -> tuple[Transcript, ...]:
        """Return for each channel the words spoken within its speech, in time order; never any in its sounds or silence.

        Args:
            channels: the channels of one call; decoded together, but never mixed.
            language: ISO 639-1 code; never guessed.

        Raises:
            TranscribeError: if this call cannot be recognised.
        """
        ...


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """The words of a second listen; `is_hinted` tells that they were found with the hint, and that the sound supports them."""

    words: tuple[Word, ...]
    is_hinted: bool


@runtime_checkable
class SecondListener(Protocol):
    """A recogniser that can listen to a place again while it is told which words to expect; not every one can."""

    def listen_again(self, audio: MonoAudio, spans: Sequence[Span], language: str, hint: str) -> HeardAgain:
        """Return what is said within `spans` (together at most MAX_WINDOW_MS), heard with more effort than the first time.

        Raises:
            TranscribeError: if it cannot be recognised.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeOptions:
    """How to recognise.

    Args:
        device: "auto" takes a GPU where CTranslate2 finds one.
        compute_type: "auto" is int8 on a CPU and float16 on a GPU.
        threads: processor threads, 0 for all cores.
        beam_size: hypotheses followed at once, 1..20; 5 as measured by OpenAI, 1 is faster and less accurate.
        batch_size: windows decoded together, 1..128.
        max_window_ms: longest window given to the model, 1000..30000.
        pad_ms: sound kept around speech beyond the padding that voice detection gave it, 0..1000.
    """

    device: str = "auto"
    compute_type: str = "auto"
    threads: int = 0
    beam_size: int = 5
    batch_size: int = 4
    max_window_ms: int = 29_000
    pad_ms: int = 100

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise ValueError(f"TranscribeOptions.device must be one of {', '.join(DEVICES)}, got {self.device!r}")
        if self.compute_type not in COMPUTE_TYPES:
            raise ValueError(
                f"TranscribeOptions.compute_type must be one of {', '.join(COMPUTE_TYPES)}, got {self.compute_type!r}"
            )
        limits = {
            "threads": (0, 1024),
            "beam_size": (1, 20),
            "batch_size": (1, 128),
            "max_window_ms": (1000, MAX_WINDOW_MS),
            "pad_ms": (0, 1000),
        }
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"TranscribeOptions.{name} must be in {low}..{high}, got {getattr(self, name)!r}")


def load_transcriber_class(name: str) -> type[Any]:
    """Import the class of an engine by its name in TRANSCRIBERS.

    Raises:
        ConfigError: for a name that is not there.
    """
    if name not in TRANSCRIBERS:
        near = nearest(name, TRANSCRIBERS)
        raise ConfigError(
            f"there is no recognition engine {name!r}",
            where="transcribe.engine",
            hint=f"did you mean {near!r}?" if near else f"choose one of: {', '.join(TRANSCRIBERS)}",
        )
    module, _, attribute = TRANSCRIBERS[name].partition(":")
    loaded: type[Any] = getattr(importlib.import_module(module), attribute)
    return loaded
