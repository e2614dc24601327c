"""The real weights, where they are present."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.transcribe.base import TranscribeOptions
from callscore.transcribe.whisper import WhisperTranscriber


@pytest.fixture(scope="session")
def whisper() -> WhisperTranscriber:
    """Return the default engine, loaded once, or skip where the weights were not pulled."""
    folder = Path(__file__).resolve().parents[2] / "models" / "whisper-base"
    if not (folder / "model.bin").is_file():
        pytest.skip("whisper-base is not here: callscore models pull whisper-base")
    return WhisperTranscriber(folder, "0" * 64, TranscribeOptions(threads=2))
