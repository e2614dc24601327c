"""The real weights, where they are present."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.transcribe.base import TranscribeOptions
from callscore.transcribe.whisper import WhisperTranscriber

from .onnx_model import build_gigaam


@pytest.fixture(scope="session")
def whisper() -> WhisperTranscriber:
    """Return the default engine, loaded once, or skip where the weights were not pulled."""
    folder = Path(__file__).resolve().parents[2] / "models" / "whisper-base"
    if not (folder / "model.bin").is_file():
        pytest.skip("whisper-base is not here: callscore models pull whisper-base")
    return WhisperTranscriber(folder, "0" * 64, TranscribeOptions(threads=2))


@pytest.fixture(scope="session")
def tiny_onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tiny model like GigaAM v3 CTC."""
    return build_gigaam(tmp_path_factory.mktemp("models") / "gigaam-tiny")
