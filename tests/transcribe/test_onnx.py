"""The onnx engine: the real onnx-asr over tiny models in the makers' layouts, on sounds whose words are known."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from callscore.errors import ModelError, TranscribeError
from callscore.records import MonoAudio, Sound, SoundKind, Transcript, VoiceActivity
from callscore.transcribe.base import SecondListener, TranscribeOptions
from callscore.transcribe.onnx import OnnxTranscriber
from callscore.units import Span

from .onnx_model import build_rnnt, build_t_one, spoken
from .sounds import all_speech, audio_of, transcribe_one

QUICK = TranscribeOptions(threads=1)


@pytest.fixture(scope="module")
def engine(tiny_onnx: Path) -> OnnxTranscriber:
    """Return the engine with that model."""
    return OnnxTranscriber(tiny_onnx, "0" * 64, QUICK)


def texts(found: Transcript) -> list[str]:
    """Return the words alone."""
    return [word.text for word in found.words]


def activity_of(audio: MonoAudio, *speech: tuple[int, int]) -> VoiceActivity:
    """Claim that speech lies at these milliseconds only."""
    return VoiceActivity(
        channel=audio.channel, duration_ms=audio.duration_ms, speech=tuple(Span(*edges) for edges in speech), sounds=()
    )


def test_words_come_with_their_times_and_probabilities(engine: OnnxTranscriber) -> None:
    """Each word lies where its tones sound, to a frame or two of the model's 40 ms."""
    audio = audio_of(spoken("да нет мы дом"))
    found = transcribe_one(engine, audio, activity_of(audio, (200, audio.duration_ms)), "ru")
    assert texts(found) == ["да", "нет", "мы", "дом"]
    expected = [(240, 480), (720, 1080), (1320, 1560), (1800, 2160)]
    for word, (start_ms, end_ms) in zip(found.words, expected, strict=True):
        assert abs(word.span.start_ms - start_ms) <= 80
        assert abs(word.span.end_ms - end_ms) <= 80
        assert 0.9 < word.prob <= 1.0
    assert (found.unrecognised, found.rejected) == ((), ())


def test_times_of_a_late_model_are_put_right(tmp_path: Path) -> None:
    """T-one gives words at 8 kHz, 330 ms late and in blocks of 300 ms; they are stored where they are said."""
    tone = OnnxTranscriber(build_t_one(tmp_path / "t-one"), "", QUICK)
    audio = audio_of(spoken("да нет мы дом")[:-3000])
    found = transcribe_one(tone, audio, all_speech(audio), "ru")
    assert texts(found) == ["да", "нет", "мы", "дом"]
    assert [abs(word.span.start_ms - at) <= 60 for word, at in zip(found.words, (240, 720, 1320, 1800), strict=True)] == [
        True
    ] * 4


def test_a_transducer_gives_the_same_words(tmp_path: Path, engine: OnnxTranscriber) -> None:
    """Models of several files with a decoder of their own are read like CTC models, with times and probabilities."""
    transducer = OnnxTranscriber(build_rnnt(tmp_path / "rnnt"), "", QUICK)
    audio = audio_of(spoken("да нет мы дом"))
    found, plain = (transcribe_one(model, audio, all_speech(audio), "ru") for model in (transducer, engine))
    assert texts(found) == texts(plain) == ["да", "нет", "мы", "дом"]
    assert all(abs(a.span.start_ms - b.span.start_ms) <= 40 for a, b in zip(found.words, plain.words, strict=True))
    assert all(0.5 < word.prob < 1.0 for word in found.words)


@pytest.mark.parametrize("max_window_ms", [3000, 9000, 29_000])
def test_short_windows_lose_nothing(tiny_onnx: Path, max_window_ms: int) -> None:
    """However little a model may be given at once, every word is found, for cuts fall into pauses."""
    audio = audio_of(spoken("да нет мы дом она там " * 2))
    model = OnnxTranscriber(tiny_onnx, "", TranscribeOptions(threads=1, max_window_ms=max_window_ms, pad_ms=0))
    assert texts(transcribe_one(model, audio, all_speech(audio), "ru")) == ["да", "нет", "мы", "дом", "она", "там"] * 2


def test_only_speech_is_read(engine: OnnxTranscriber) -> None:
    """What sounds in music or where nobody speaks gives no words, also when it lies beside speech."""
    audio = audio_of(spoken("да нет мы дом"))
    music = (Sound(span=Span(600, 1200), kind=SoundKind.MUSIC),)
    activity = VoiceActivity(channel=0, duration_ms=audio.duration_ms, speech=(Span(200, 1600),), sounds=music)
    assert texts(transcribe_one(engine, audio, activity, "ru")) == ["да", "мы"]


def test_speech_without_words_is_kept_as_unrecognised(engine: OnnxTranscriber) -> None:
    """Silence that a voice detector took for speech is not lost from the books, and gives no words."""
    audio = audio_of(np.concatenate([spoken("да нет"), np.zeros(48_000, dtype=np.float32)]))
    found = transcribe_one(engine, audio, activity_of(audio, (200, 1100), (2000, 3500)), "ru")
    assert texts(found) == ["да", "нет"]
    assert found.unrecognised == (Span(2000, 3500),)


def test_no_speech_gives_nothing(engine: OnnxTranscriber) -> None:
    """Neither silence nor an empty recording is given to the model."""
    for audio in (audio_of(np.zeros(16_000)), audio_of(np.zeros(0))):
        found = transcribe_one(engine, audio, activity_of(audio), "ru")
        assert (found.words, found.unrecognised, found.rejected) == ((), (), ())


def test_a_breath_of_speech_does_not_break_the_model(engine: OnnxTranscriber) -> None:
    """Speech shorter than the model's own window is decoded all the same."""
    audio = audio_of(spoken("да")[3840:4000])
    found = transcribe_one(engine, audio, all_speech(audio), "ru")
    assert len(found.words) <= 1


@pytest.mark.parametrize("batch_size", [1, 3, 128])
def test_words_do_not_depend_on_the_batch(tiny_onnx: Path, engine: OnnxTranscriber, batch_size: int) -> None:
    """How many stretches are decoded together changes speed, never words, times or probabilities."""
    said = ["да", "нет мы", "дом да нет", "мы", "она", "там тот", "дом мы да он"]
    pause = np.zeros(32_000, dtype=np.float32)
    audio = audio_of(np.concatenate([part for words in said for part in (spoken(words), pause)]))
    edges, at = [], 0
    for words in said:
        length = len(spoken(words)) // 16
        edges.append((at + 200, at + length - 200))
        at += length + 2000
    activity = activity_of(audio, *edges)
    found = transcribe_one(
        OnnxTranscriber(tiny_onnx, "0" * 64, TranscribeOptions(threads=1, batch_size=batch_size)), audio, activity, "ru"
    )
    assert texts(found) == " ".join(said).split()
    plain = transcribe_one(engine, audio, activity, "ru")
    assert [(word.text, word.span, round(word.prob, 4)) for word in found.words] == [
        (word.text, word.span, round(word.prob, 4)) for word in plain.words
    ]


def test_a_long_call_loses_nothing(engine: OnnxTranscriber) -> None:
    """Ten minutes without a pause of a second are cut at pauses into what the model can take; every word comes once."""
    random = np.random.default_rng(4)
    said = [str(word) for word in random.choice(["да", "нет", "мы", "дом", "она", "там", "мода", "тема"], 1000)]
    audio = audio_of(spoken(" ".join(said)))
    found = transcribe_one(engine, audio, all_speech(audio), "ru")
    assert audio.duration_ms > 600_000
    assert texts(found) == said
    starts = [word.span.start_ms for word in found.words]
    assert starts == sorted(starts)
    assert starts[-1] > audio.duration_ms - 1500


def test_a_faint_leg_is_heard(engine: OnnxTranscriber) -> None:
    """At -60 dB the words are those of the same leg at its usual level."""
    loud, faint = audio_of(spoken("да нет мы дом")), audio_of(spoken("да нет мы дом", level=0.001))
    assert texts(transcribe_one(engine, faint, all_speech(faint), "ru")) == texts(
        transcribe_one(engine, loud, all_speech(loud), "ru")
    )


def test_a_wrong_rate_and_a_strange_language_are_refused(engine: OnnxTranscriber) -> None:
    """A Russian model would write English in Russian letters; the error names model and language."""
    slow = MonoAudio(samples=np.zeros(8000, dtype=np.float32), rate_hz=8000, channel=0)
    with pytest.raises(TranscribeError, match="onnx needs 16000 Hz, got 8000 Hz"):
        transcribe_one(engine, slow, all_speech(slow), "ru")
    audio = audio_of(np.zeros(8000))
    with pytest.raises(TranscribeError, match="the model gigaam-tiny does not know the language 'en'"):
        transcribe_one(engine, audio, all_speech(audio), "en")


def test_the_provenance_follows_what_can_change_words(tmp_path: Path, tiny_onnx: Path, engine: OnnxTranscriber) -> None:
    """Results are stale when settings or vocabulary change, not when the machine does."""
    found = engine.provenance()
    assert (found.engine, found.model, found.model_sha256) == ("onnx", "gigaam-tiny", "0" * 64)

    def parameters(folder: Path, options: TranscribeOptions) -> str:
        return OnnxTranscriber(folder, "", options).provenance().parameters

    assert parameters(tiny_onnx, TranscribeOptions(threads=2, batch_size=9, device="cpu", beam_size=1)) == found.parameters
    assert parameters(tiny_onnx, TranscribeOptions(threads=1, pad_ms=300)) != found.parameters
    other = Path(shutil.copytree(tiny_onnx, tmp_path / "gigaam-tiny"))
    (other / "v3_vocab.txt").write_text((other / "v3_vocab.txt").read_text().replace("ю", "ё"))
    assert parameters(other, QUICK) != found.parameters


def test_it_does_not_listen_twice(engine: OnnxTranscriber) -> None:
    """A model without hints is no second listener, so doubtful places are left as they are."""
    assert not isinstance(engine, SecondListener)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "other inputs"])
def test_damaged_weights_are_named(tmp_path: Path, tiny_onnx: Path, damage: str) -> None:
    """Half a download, a web page or another kind of model end in one plain error, at once or with the first call."""
    folder = Path(shutil.copytree(tiny_onnx, tmp_path / "damaged"))
    weights = folder / "v3_ctc.int8.onnx"
    if damage == "garbage":
        weights.write_bytes(b"<html>404</html>")
    elif damage == "truncated":
        os.truncate(weights, weights.stat().st_size // 2)
    else:
        shutil.copy(build_t_one(tmp_path / "t-one") / "model.onnx", weights)
    audio = audio_of(spoken("да"))
    with pytest.raises((ModelError, TranscribeError), match=r"cannot be loaded|recognition failed"):
        transcribe_one(OnnxTranscriber(folder, "", QUICK), audio, all_speech(audio), "ru")


def test_a_broken_vocabulary_is_named(tmp_path: Path, tiny_onnx: Path) -> None:
    """A vocabulary of another form is told as a model that cannot be loaded."""
    folder = Path(shutil.copytree(tiny_onnx, tmp_path / "broken"))
    (folder / "v3_vocab.txt").write_text(json.dumps({"а": 1}))
    with pytest.raises(ModelError, match="the ONNX weights of broken cannot be loaded"):
        OnnxTranscriber(folder, "", QUICK)


def test_a_gpu_that_is_not_there_is_named(tiny_onnx: Path) -> None:
    """Asked for a GPU, a run does not quietly take a night on the processor."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime is built with CUDA")
    with pytest.raises(ModelError, match="this onnxruntime is built without CUDA") as caught:
        OnnxTranscriber(tiny_onnx, "", TranscribeOptions(device="cuda"))
    assert "onnxruntime-gpu" in caught.value.hint


def test_a_missing_package_is_named(tiny_onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without onnx-asr the error holds the command that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "onnx_asr", None)
    with pytest.raises(ModelError, match="the engine onnx cannot be used") as caught:
        OnnxTranscriber(tiny_onnx, "", QUICK)
    assert caught.value.hint == "pip install onnx-asr onnxruntime"


def test_loading_asks_no_network(tiny_onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model in a folder is loaded and used without a single connection."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    audio = audio_of(spoken("дом"))
    assert texts(transcribe_one(OnnxTranscriber(tiny_onnx, "", QUICK), audio, all_speech(audio), "ru")) == ["дом"]
