"""The speaker vector network: made once from the weights, and never from something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from callscore.diarize.campplus import ensure_onnx
from callscore.diarize.vectors import VoiceVectors
from callscore.errors import ModelError


@pytest.mark.model
def test_the_network_gives_the_vectors_of_the_published_model(campplus_weights: Path, tmp_path: Path) -> None:
    """The graph written by hand computes what 3D-Speaker's own code computes with these weights."""
    frames = np.sin(np.arange(150)[:, None] * 0.1 + np.arange(80)[None] * 0.3).astype(np.float32)
    vector = VoiceVectors(ensure_onnx(campplus_weights, tmp_path), threads=1).of(frames)
    assert vector is not None
    assert vector.shape == (192,)
    # The first values of the unit vector from speakerlab/models/campplus/DTDNN.py, embedding_size=192, on the same frames.
    np.testing.assert_allclose(vector[:4], [-0.10866, -0.00529, 0.03986, -0.04271], atol=1e-4)


@pytest.mark.model
def test_the_file_is_made_once(campplus_weights: Path, tmp_path: Path) -> None:
    """A second call finds the file and leaves nothing else behind."""
    first = ensure_onnx(campplus_weights, tmp_path)
    made_at = first.stat().st_mtime_ns
    assert ensure_onnx(campplus_weights, tmp_path) == first
    assert first.stat().st_mtime_ns == made_at
    assert [item.name for item in first.parent.iterdir()] == ["embedding.onnx"]


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    """Bytes that are no weights give a message with the file, and no file in the cache."""
    weights = tmp_path / "campplus_cn_en_common.pt"
    weights.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError, match="damaged") as caught:
        ensure_onnx(weights, tmp_path / "cache")
    assert caught.value.where == str(weights)
    assert not (tmp_path / "cache").exists()


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """A path without a file says how to get it."""
    with pytest.raises(ModelError, match="cannot be read") as caught:
        ensure_onnx(tmp_path / "none.pt", tmp_path)
    assert caught.value.hint == "callscore models pull"


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    """A state dict that is not CAM++ is no model."""
    torch = pytest.importorskip("torch")
    weights = tmp_path / "other.pt"
    torch.save({"layer.weight": torch.zeros(3)}, weights)
    with pytest.raises(ModelError, match="another network"):
        ensure_onnx(weights, tmp_path)


def test_weights_cannot_run_code(tmp_path: Path) -> None:
    """A pickle with code in it is refused, not run."""
    import pickle

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path(tmp_path / "ran").touch, ())  # type: ignore[return-value]

    weights = tmp_path / "bomb.pt"
    weights.write_bytes(pickle.dumps({"xvector.dense.linear.weight": Bomb()}))
    with pytest.raises(ModelError, match="damaged"):
        ensure_onnx(weights, tmp_path)
    assert not (tmp_path / "ran").exists()
