"""What every recogniser must do; a new one is added to ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from callscore.records import MonoAudio, VoiceActivity
from callscore.transcribe.base import TRANSCRIBERS, TranscribeOptions, Transcriber
from callscore.transcribe.onnx import OnnxTranscriber
from callscore.transcribe.scripted import ScriptedTranscriber, load_script
from callscore.units import Span, intersect_spans

from .sounds import decoded, labelled, labelled_activity, transcribe_one

CALL: Final = "d012"


@dataclass(frozen=True)
class Case:
    """A labelled stereo call: one leg's sound and speech, an engine to hear it."""

    engine: Transcriber
    audio: MonoAudio
    activity: VoiceActivity


def build_whisper(request: pytest.FixtureRequest, _: Path) -> Transcriber:
    """Return the loaded engine with real weights."""
    engine: Transcriber = request.getfixturevalue("whisper")
    return engine


def build_onnx(request: pytest.FixtureRequest, _: Path) -> Transcriber:
    """Return the engine with a tiny model: it hears letters in any voice."""
    folder: Path = request.getfixturevalue("tiny_onnx")
    return OnnxTranscriber(folder, "0" * 64, TranscribeOptions(threads=1))


def build_scripted(_: pytest.FixtureRequest, recording: Path) -> Transcriber:
    """Return the engine with the labelled turns."""
    return ScriptedTranscriber(load_script(recording))


ENGINES: Final[Mapping[str, Callable[[pytest.FixtureRequest, Path], Transcriber]]] = {
    "whisper": build_whisper,
    "onnx": build_onnx,
    "scripted": build_scripted,
}
MARKS: Final = {"whisper": [pytest.mark.model]}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, [])) for name in ENGINES])
def case(request: pytest.FixtureRequest, shared_dir: Path) -> Case:
    """Return each engine with the client's leg of a call."""
    call = labelled(shared_dir / "calls", CALL)
    recording = shared_dir / "calls" / call["file"]
    audio = decoded(recording, 1)
    return Case(ENGINES[request.param](request, recording), audio, labelled_activity(call, audio))


def test_every_engine_is_here() -> None:
    """An engine in TRANSCRIBERS that this suite does not know is not tested."""
    assert set(ENGINES) == set(TRANSCRIBERS)


def test_it_is_a_transcriber(case: Case) -> None:
    """The class has every member of the protocol and says what it is."""
    assert isinstance(case.engine, Transcriber)
    assert case.engine.provenance().engine == case.engine.name
    assert case.engine.provenance().parameters


def test_words_are_in_order_and_within_the_call(case: Case) -> None:
    """Times ascend, lie within the recording, and near speech."""
    found = transcribe_one(case.engine, case.audio, case.activity, "ru")
    assert found.channel == 1
    assert found.language == "ru"
    assert len(found.words) > 10
    starts = [word.span.start_ms for word in found.words]
    assert starts == sorted(starts)
    near = [span.padded(500, case.audio.duration_ms) for span in case.activity.speech]
    assert all(intersect_spans([Span(w.span.start_ms, w.span.end_ms + 1)], near) for w in found.words)


def test_the_same_call_gives_the_same_words(case: Case) -> None:
    """A night that is run again must not change a transcript."""
    first = transcribe_one(case.engine, case.audio, case.activity, "ru")
    assert transcribe_one(case.engine, case.audio, case.activity, "ru") == first


def test_a_leg_of_silence_gives_nothing(case: Case, tmp_path: Path) -> None:
    """Without speech there are no words and nothing unrecognised."""
    if case.engine.name == "scripted":
        (tmp_path / "a.turns.json").write_text('{"turns": []}', encoding="utf-8")
        engine: Transcriber = ScriptedTranscriber(load_script(tmp_path / "a.wav"))
    else:
        engine = case.engine
    silent = VoiceActivity(channel=1, duration_ms=case.audio.duration_ms, speech=(), sounds=())
    found = transcribe_one(engine, case.audio, silent, "ru")
    assert (found.words, found.unrecognised, found.rejected) == ((), (), ())
