"""Which recordings are compared, and what is made of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.hearing.calls import Missing, Wanted, find_calls, read_legs
from benchmarks.hearing.metrics import score_call
from benchmarks.hearing.quiet import find_sounds, write_wav
from benchmarks.hearing.records import Heard, LabelledCall, SpokenWord

RATE_HZ = 16_000


def noise(seed: int, seconds: float = 8.0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return something to tell legs apart by."""
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make three labelled calls of eight seconds: two legs, one signal on both channels, one channel."""
    sounds = {"a.wav": [noise(1), noise(2)], "b.wav": [noise(3), noise(3)], "c.wav": [noise(4)]}
    turns = [
        {
            "kind": "speech",
            "speaker": side,
            "channel": side,
            "text": "раз два",
            "start": start,
            "end": start + 1,
        }
        for side, start in (("operator", 0), ("client", 1), ("operator", 2), ("client", 5), ("operator", 6), ("client", 7))
    ]
    rows = []
    for name, legs in sounds.items():
        write_wav(tmp_path / name, legs)
        layout = "stereo" if len(legs) > 1 else "mono"
        rows.append({"id": name[0], "file": name, "seconds": 8.0, "layout": layout, "turns": [*turns, {"kind": "hold"}]})
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with (tmp_path / "calls.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["file", "call_id", "did"], ["a.wav", "a", "749"], ["b.wav", "b", ""]])
    return tmp_path


def find(folder: Path, *layouts: str, files: tuple[str, ...] = (), limit_minutes: float = 0.0) -> tuple[LabelledCall, ...]:
    """Find the Russian calls of a folder."""
    wanted = Wanted(
        calls_dir=folder, english_dir=folder, layouts=layouts or ("stereo", "mono"), files=files, limit_minutes=limit_minutes
    )
    return find_calls(wanted)


def test_one_signal_on_two_channels_counts_as_mono(folder: Path) -> None:
    """Nobody pays twice for the same words; the file keeps both channels."""
    found = [(call.call_id, call.layout, call.channels, call.n_channels) for call in find(folder)]
    assert found == [("a", "stereo", ("operator", "client"), 2), ("b", "mono", ("",), 2), ("c", "mono", ("",), 1)]


def test_facts_of_the_telephone_system_go_along(folder: Path) -> None:
    """What a metadata table knows of a call is kept, empty cells are not."""
    assert [call.pbx for call in find(folder)] == [
        (("file", "a.wav"), ("call_id", "a"), ("did", "749")),
        (("file", "b.wav"), ("call_id", "b")),
        (),
    ]


def test_calls_are_limited_per_layout(folder: Path) -> None:
    """The limit ends a layout after the call that reaches it; patterns choose by file name."""
    assert [call.call_id for call in find(folder, limit_minutes=0.1)] == ["a", "b"]
    assert [call.call_id for call in find(folder, files=("c*",))] == ["c"]


def test_english_turns_have_no_times(folder: Path) -> None:
    """Agent and customer become operator and client."""
    write_wav(folder / "e.mp3", [noise(5)])
    turns = [{"speaker": "Agent", "text": "Good day!"}, {"speaker": "Customer", "text": "Hello."}]
    (folder / "e.ref.json").write_text(json.dumps({"turns": turns}), encoding="utf-8")
    (call,) = find(folder, "english")
    assert [(turn.side, turn.text, turn.start_ms) for turn in call.turns] == [
        ("operator", "Good day!", None),
        ("client", "Hello.", None),
    ]
    assert (call.language, call.seconds) == ("en", 8.0)


@pytest.mark.parametrize("missing", ["truth.jsonl", "c.wav"])
def test_what_is_absent_is_named(folder: Path, missing: str) -> None:
    """Without labels or a recording the message names the file."""
    (folder / missing).unlink()
    with pytest.raises(Missing, match=missing):
        find(folder)


def test_sounds_stand_alone_and_in_the_widest_pause(folder: Path) -> None:
    """A recorded sound and four made ones, each thrice; in stereo the client hears silence meanwhile."""
    (folder / "hold").mkdir()
    write_wav(folder / "hold" / "music.wav", [np.full(2 * RATE_HZ, 0.5, dtype=np.float32)])
    (folder / "made").mkdir()
    found = {call.call_id: call for call in find_sounds(folder, find(folder), folder / "made")}
    assert len(found) == 15
    glued = found["music.stereo"]
    assert (glued.quiet_ms, glued.seconds, glued.channels) == ((4000, 6000), 10.0, ("operator", "client"))
    operator, client = read_legs(Path(glued.path))
    during = slice(4 * RATE_HZ + 100, 6 * RATE_HZ - 100)
    assert operator[during].min() > 0.4
    assert not client[during].any()


@pytest.mark.parametrize(("start_ms", "expected"), [(4150, 0), (4350, 1), (5550, 1), (5750, 0), (1000, 0)])
def test_words_at_the_borders_of_a_sound_belong_to_the_halves(start_ms: int, expected: int) -> None:
    """Within 300 ms of a half a word is the half's; deeper inside the sound it is invented."""
    call = LabelledCall(
        call_id="m", path="", layout="quiet", language="ru", channels=("",), turns=(), seconds=10.0, quiet_ms=(4000, 6000)
    )
    heard = Heard(words=(SpokenWord(0, start_ms, start_ms + 100, "Субтитры"), SpokenWord(0, 5000, 5100, "...")))
    assert score_call(call, heard).invented == {"m": expected}
