"""The weights for diarization where they are present."""

from __future__ import annotations

from pathlib import Path

import pytest


def _weights(repository: Path, *parts: str) -> Path:
    path = repository.joinpath("models", *parts)
    if not path.is_file():
        pytest.skip(f"the weights {parts[0]} are not in models/: callscore models pull")
    return path


@pytest.fixture
def campplus_weights(repository: Path) -> Path:
    """Return the speaker vector weights, or skip."""
    return _weights(repository, "campplus-zh-en", "campplus_cn_en_common.pt")


@pytest.fixture
def segmentation_weights(repository: Path) -> Path:
    """Return the segmentation weights, or skip."""
    return _weights(repository, "pyannote-segmentation-3.0", "pytorch_model.bin")
