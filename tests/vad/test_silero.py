"""The network's file: found without its package, missed in plain words."""

from __future__ import annotations

import importlib.util

import pytest

from callscore.errors import ModelError
from callscore.vad.silero import find_silero


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without faster-whisper there is one error that says how to get the file."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ModelError) as caught:
        find_silero()
    assert caught.value.message == "the speech detector silero_vad_v6.onnx is not installed"
    assert caught.value.hint == "install the locked dependencies again: faster-whisper brings the file along"


def test_file_is_found_beside_the_package() -> None:
    """The installed package brings the network along."""
    assert find_silero().name == "silero_vad_v6.onnx"
