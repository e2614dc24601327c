"""What every diarizer must do; a new one is added to ENGINES."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from callscore.diarize import DIARIZERS, DiarizeOptions, Diarizer, load_diarizer_class
from callscore.diarize.pyannote import PyannoteDiarizer
from callscore.errors import ConfigError, ModelError
from callscore.records import MonoAudio, VoiceActivity
from callscore.units import Span, covered_ms, intersect_spans, merge_spans, overlap_ms

Builder = Callable[[Path, Path, Path], Diarizer]
ENGINES: dict[str, Builder] = {
    "pyannote": lambda segmentation, campplus, cache: PyannoteDiarizer(segmentation, campplus, cache, DiarizeOptions())
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the engines of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, segmentation_weights: Path, campplus_weights: Path, cache: Path) -> Diarizer:
    """Build each engine with its real weights."""
    return ENGINES[request.param](segmentation_weights, campplus_weights, cache)


def decoded(path: Path) -> MonoAudio:
    """Decode a recording to one channel at 16 kHz."""
    resampler = av.AudioResampler("flt", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    frames += resampler.resample(None)
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    return MonoAudio(samples=samples, rate_hz=16_000, channel=0)


def spoken(calls: Path, call_id: str) -> list[tuple[str, Span]]:
    """Return (speaker, span) of a labelled call's speech, without the padding of the labels."""
    for line in (calls / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if call["id"] == call_id:
            return [
                (turn["speaker"], Span(round(turn["start"] * 1000) + 170, round(turn["end"] * 1000) - 170))
                for turn in call["turns"]
                if turn["kind"] == "speech"
            ]
    raise KeyError(call_id)


def activity_of(turns: list[tuple[str, Span]], audio: MonoAudio) -> VoiceActivity:
    """Return labelled speech as a detector gives it: close turns run into one span."""
    speech = merge_spans([span for _, span in turns], gap_ms=500)
    return VoiceActivity(channel=0, duration_ms=audio.duration_ms, speech=speech, sounds=())


@pytest.mark.model
def test_it_is_a_diarizer(engine: Diarizer) -> None:
    """The class has every member of the protocol, its name is the one it is known by, and it names its weights."""
    assert isinstance(engine, Diarizer)
    assert engine.name in DIARIZERS
    assert len(engine.provenance().model_sha256) == 64


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(("call_id", "suffix"), [("d002", "wav"), ("d025", "wav"), ("d030", "wav")])
def test_two_people_are_told_apart(engine: Diarizer, shared_dir: Path, call_id: str, suffix: str) -> None:
    """On short mono calls at least 95 % of the speech goes to the right one of two people."""
    calls = shared_dir / "calls"
    audio, turns = decoded(calls / f"{call_id}.{suffix}"), spoken(calls, call_id)
    result = engine.diarize(audio, activity_of(turns, audio))
    right = [
        sum(overlap_ms(item.span, span) for item in result.spans for who, span in turns if item.speaker == names[who])
        for names in ({"operator": "S0", "client": "S1"}, {"operator": "S1", "client": "S0"})
    ]
    assert max(right) >= 0.95 * sum(span.length_ms for _, span in turns)


@pytest.mark.model
def test_speech_is_covered_exactly(engine: Diarizer, shared_dir: Path) -> None:
    """All speech is given to somebody, and nothing outside it."""
    calls = shared_dir / "calls"
    audio = decoded(calls / "d030.wav")
    activity = activity_of(spoken(calls, "d030"), audio)
    result = engine.diarize(audio, activity)
    assert merge_spans(item.span for item in result.spans) == merge_spans(activity.speech)
    assert sum(item.span.length_ms for item in result.spans) == covered_ms(activity.speech)
    assert list(result.spans) == sorted(result.spans, key=lambda item: item.span)
    assert result.spans[0].speaker == "S0"


@pytest.mark.model
def test_the_same_call_gives_the_same_speakers(engine: Diarizer, shared_dir: Path) -> None:
    """Nothing in it is random."""
    calls = shared_dir / "calls"
    audio = decoded(calls / "d030.wav")
    activity = activity_of(spoken(calls, "d030"), audio)
    assert engine.diarize(audio, activity) == engine.diarize(audio, activity)


@pytest.mark.model
def test_no_speech_has_no_speaker(engine: Diarizer) -> None:
    """Silence is nobody's."""
    audio = MonoAudio(samples=np.zeros(32_000, np.float32), rate_hz=16_000, channel=0)
    result = engine.diarize(audio, VoiceActivity(channel=0, duration_ms=2000, speech=(), sounds=()))
    assert result.spans == ()


@pytest.mark.model
@pytest.mark.parametrize("length_ms", [40, 300, 1500])
def test_a_very_short_call_has_one_speaker(engine: Diarizer, length_ms: int) -> None:
    """A call shorter than any window is still somebody's, even where it holds no voice at all."""
    noise = np.sin(np.arange(16 * length_ms) ** 1.5).astype(np.float32) * 0.1
    speech = (Span(0, length_ms),)
    result = engine.diarize(
        MonoAudio(samples=noise, rate_hz=16_000, channel=0),
        VoiceActivity(channel=0, duration_ms=length_ms, speech=speech, sounds=()),
    )
    assert intersect_spans([item.span for item in result.spans], speech) == speech


@pytest.mark.model
def test_another_rate_is_refused(engine: Diarizer) -> None:
    """Audio at 8 kHz would be misread silently."""
    audio = MonoAudio(samples=np.zeros(8000, np.float32), rate_hz=8000, channel=0)
    with pytest.raises(ValueError, match="16000"):
        engine.diarize(audio, VoiceActivity(channel=0, duration_ms=1000, speech=(Span(0, 500),), sounds=()))


def test_damaged_segmentation_weights_are_named(tmp_path: Path) -> None:
    """A truncated checkpoint gives a message with the file."""
    segmentation, campplus = tmp_path / "pytorch_model.bin", tmp_path / "campplus.pt"
    segmentation.write_bytes(b"PK\x03\x04 not a checkpoint")
    campplus.write_bytes(b"")
    with pytest.raises(ModelError, match="segmentation weights cannot be loaded") as caught:
        PyannoteDiarizer(segmentation, campplus, tmp_path, DiarizeOptions())
    assert caught.value.where == str(segmentation)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    """Weights that are not there say how to get them."""
    with pytest.raises(ModelError, match="cannot be read") as caught:
        PyannoteDiarizer(tmp_path / "none.bin", tmp_path / "none.pt", tmp_path, DiarizeOptions())
    assert caught.value.hint == "callscore models pull"


def test_an_unknown_engine_is_refused_with_the_nearest_name() -> None:
    """A typing error in the settings says what was meant."""
    with pytest.raises(ConfigError, match="no diarization engine 'pyanote'") as caught:
        load_diarizer_class("pyanote")
    assert caught.value.hint == "did you mean 'pyannote'?"


@pytest.mark.parametrize("name", sorted(DIARIZERS))
def test_every_engine_has_a_builder(name: str) -> None:
    """A diarizer that is listed is tested."""
    assert name in ENGINES
    assert load_diarizer_class(name).name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [("segmentation_step", 0.0), ("segmentation_step", 1.5), ("max_speakers", 0), ("same_voice", 0.0), ("threads", 0)],
)
def test_options_out_of_range_are_refused(name: str, value: float) -> None:
    """Each option names itself, its range and the value."""
    with pytest.raises(ValueError, match=f"DiarizeOptions.{name} must be"):
        DiarizeOptions(**{name: value})  # type: ignore[arg-type]
