"""Which stored call a labelled one means."""

from __future__ import annotations

import pytest

from callscore.errors import ConfigError
from callscore.evaluation import match_calls
from tests.evaluation.build import truth

STORED = [("d001", "office/d001.wav"), ("x-77", "home/call.mp3"), ("y-1", "a/same.wav"), ("y-2", "b/same.wav"), ("z", None)]


@pytest.mark.parametrize(
    ("call_id", "file", "expected"),
    [
        ("x-77", None, "x-77"),
        ("unknown", "call.wav", "x-77"),
        (None, "D:\\calls\\call.mp3", "x-77"),
        (None, "b/same.wav", "y-2"),
        (None, "call", "x-77"),
        ("z", "call.mp3", "z"),
        ("unknown", None, None),
        (None, "other.wav", None),
    ],
)
def test_by_id_then_by_name_then_by_stem(call_id: str | None, file: str | None, expected: str | None) -> None:
    """The call id decides; else the recording as stored, else its name without folders and extension."""
    assert match_calls([truth(call_id=call_id, file=file)], STORED) == (expected,)  # type: ignore[arg-type]


def test_a_name_that_fits_two_calls_is_refused() -> None:
    """Guessing which of two recordings of one name is meant would compare the wrong call."""
    with pytest.raises(ConfigError, match="may be any of 2 stored calls: y-1, y-2") as caught:
        match_calls([truth(file="same.mp3")], STORED)
    assert (caught.value.where, caught.value.hint) == ("t.jsonl:1", "name the call by call_id")


def test_two_labelled_calls_for_one_stored_are_refused() -> None:
    """A call counted twice would make every number wrong."""
    calls = [truth(file="d001.wav", where="t.jsonl:1"), truth(call_id="d001", file=None, where="t.jsonl:2")]  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="mean the stored call 'd001'") as caught:
        match_calls(calls, STORED)
    assert caught.value.where == "t.jsonl:1 and t.jsonl:2"
