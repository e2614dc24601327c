"""The table of engines and their options."""

from __future__ import annotations

import pytest

from callscore.errors import ConfigError
from callscore.transcribe.base import TRANSCRIBERS, TranscribeOptions, load_transcriber_class


@pytest.mark.parametrize("name", sorted(TRANSCRIBERS))
def test_every_engine_of_the_table_can_be_imported(name: str) -> None:
    """A name in TRANSCRIBERS leads to a class that carries this name."""
    assert load_transcriber_class(name).name == name


def test_an_unknown_engine_is_named_with_the_nearest() -> None:
    """A typing error in the settings gets the right name as a hint."""
    with pytest.raises(ConfigError, match="no recognition engine 'wisper'") as caught:
        load_transcriber_class("wisper")
    assert caught.value.hint == "did you mean 'whisper'?"


def test_a_strange_engine_gets_the_list() -> None:
    """Where no name is near, the hint lists those that exist."""
    with pytest.raises(ConfigError) as caught:
        load_transcriber_class("xyz")
    assert caught.value.hint == "choose one of: whisper, onnx, scripted"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("device", "tpu"),
        ("compute_type", "int3"),
        ("threads", -1),
        ("beam_size", 0),
        ("batch_size", 0),
        ("max_window_ms", 30_001),
        ("pad_ms", -1),
    ],
)
def test_options_refuse_what_cannot_work(option: str, value: object) -> None:
    """A wrong option is named with its value."""
    with pytest.raises(ValueError, match=rf"TranscribeOptions.{option} must be .*{value}"):
        TranscribeOptions(**{option: value})  # type: ignore[arg-type]
