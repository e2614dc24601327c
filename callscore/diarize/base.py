"""What a diarizer is, which ones exist, and the options they share. Loads no library."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from callscore.errors import ConfigError, nearest
from callscore.records import Diarization, MonoAudio, Provenance, VoiceActivity

__all__ = ["DIARIZERS", "DiarizeOptions", "Diarizer", "load_diarizer_class"]

DIARIZERS: Final[Mapping[str, str]] = {"pyannote": "callscore.diarize.pyannote:PyannoteDiarizer"}


@runtime_checkable
class Diarizer(Protocol):
    """Tells apart the speakers of one channel that carries several.

    To add one: write diarize/<name>.py with a class that has these members, add a line to DIARIZERS above and a builder to
    ENGINES in tests/diarize/test_contract.py, and run that file: it tells what you forgot. It loads its weights once, in its
    constructor, and turns every foreign exception into ModelError (weights) or DiarizeError (one call).
    """

    name: str

    def provenance(self) -> Provenance:
        """Return engine, weights and a hash of every parameter that can change who is taken for whom."""
        ...

    def diarize(self, audio: MonoAudio, activity: VoiceActivity) -> Diarization:
        """Return who speaks when: anonymous speakers "S0", "S1", ... numbered by first appearance, sorted by start.

        The spans cover exactly `activity.speech`: nothing outside it, all of it given to somebody.

        Args:
            audio: one channel at 16 kHz.
            activity: speech and other sounds of that channel.

        Raises:
            DiarizeError: if this call's speakers cannot be told apart.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DiarizeOptions:
    """How to tell speakers apart.

    Attributes:
        segmentation_step: step of the segmentation's 10 s window as a share of it, above 0 up to 1; smaller is slower.
        max_speakers: never more voices than this, 1 or more. Two are expected; a further one must be clearly another voice.
        same_voice: 0..1, at what likeness two groups of speech are one voice (callscore.diarize.clusters says how measured).
        threads: how many threads each model may use, 1 or more.
    """

    segmentation_step: float = 0.5
    max_speakers: int = 5
    same_voice: float = 0.86
    threads: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.segmentation_step <= 1.0:
            raise ValueError(f"DiarizeOptions.segmentation_step must be above 0 and at most 1, got {self.segmentation_step!r}")
        if self.max_speakers < 1:
            raise ValueError(f"DiarizeOptions.max_speakers must be at least 1, got {self.max_speakers!r}")
        if not 0.0 < self.same_voice <= 1.0:
            raise ValueError(f"DiarizeOptions.same_voice must be above 0 and at most 1, got {self.same_voice!r}")
        if self.threads < 1:
            raise ValueError(f"DiarizeOptions.threads must be at least 1, got {self.threads!r}")


def load_diarizer_class(name: str) -> type[Any]:
    """Return the class of the diarizer called `name`, importing its module.

    Raises:
        ConfigError: if there is no such diarizer.
    """
    target = DIARIZERS.get(name)
    if target is None:
        near = nearest(name, DIARIZERS)
        hint = f"did you mean {near!r}?" if near else f"use one of: {', '.join(sorted(DIARIZERS))}"
        raise ConfigError(f"there is no diarization engine {name!r}", where="diarize.engine", hint=hint)
    module, _, attribute = target.partition(":")
    found: type[Any] = getattr(importlib.import_module(module), attribute)
    return found
