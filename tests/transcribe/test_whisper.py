"""The whisper engine with real weights on real sound, and without any."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from callscore.errors import ModelError, TranscribeError
from callscore.records import MonoAudio, Sound, SoundKind, VoiceActivity
from callscore.transcribe.base import Channel, TranscribeOptions
from callscore.transcribe.whisper import WhisperTranscriber, _hash_parameters
from callscore.units import Span, covered_ms, intersect_spans

from .sounds import LEGS, all_speech, audio_of, decoded, labelled, labelled_activity, span_of, transcribe_one

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "whisper-base"


@pytest.mark.parametrize("missing", ["config.json", "model.bin", "tokenizer.json"])
def test_missing_weights_are_named(tmp_path: Path, missing: str) -> None:
    """A folder without all files is refused before anything is loaded, with the command that fetches them."""
    for name in {"config.json", "model.bin", "tokenizer.json"} - {missing}:
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelError, match=rf"are missing: {missing}") as caught:
        WhisperTranscriber(tmp_path, "", TranscribeOptions())
    assert caught.value.hint == f"callscore models pull {tmp_path.name}"


@pytest.mark.model
@pytest.mark.parametrize("damage", ["truncated model.bin", "no model.bin", "broken tokenizer.json", "broken config.json"])
def test_damaged_weights_are_named(tmp_path: Path, whisper: WhisperTranscriber, damage: str) -> None:
    """Half a download, garbage or a broken tokenizer end in one plain error."""
    for file in WEIGHTS.iterdir():
        shutil.copy(file, tmp_path)
    if damage == "truncated model.bin":
        os.truncate(tmp_path / "model.bin", 50_000_000)
    elif damage == "no model.bin":
        (tmp_path / "model.bin").write_bytes(b"<html>404</html>")
    else:
        (tmp_path / damage.removeprefix("broken ")).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        WhisperTranscriber(tmp_path, "", TranscribeOptions())
    assert caught.value.hint == f"callscore models verify {tmp_path.name}"


def test_parameters_that_change_words_change_the_hash() -> None:
    """Results are stale when the search changes, not when the machine does."""
    plain = _hash_parameters(TranscribeOptions(), "int8")
    assert _hash_parameters(TranscribeOptions(threads=7, device="cuda"), "int8") == plain
    assert _hash_parameters(TranscribeOptions(batch_size=32), "int8") != plain
    assert _hash_parameters(TranscribeOptions(beam_size=1), "int8") != plain
    assert _hash_parameters(TranscribeOptions(pad_ms=200), "int8") != plain
    assert _hash_parameters(TranscribeOptions(), "float16") != plain


@pytest.mark.model
def test_the_provenance_names_engine_weights_and_parameters(whisper: WhisperTranscriber) -> None:
    """A stored word can be traced to what produced it."""
    found = whisper.provenance()
    assert (found.engine, found.model, found.model_sha256) == ("whisper", "whisper-base", "0" * 64)


@pytest.mark.model
def test_a_wrong_rate_and_an_unknown_language_are_refused(whisper: WhisperTranscriber) -> None:
    """Sound at 8 kHz would be heard an octave up; a wrong code would be guessed."""
    silence = np.zeros(8000, dtype=np.float32)
    slow = MonoAudio(samples=silence, rate_hz=8000, channel=0)
    with pytest.raises(TranscribeError, match="needs 16000 Hz, got 8000 Hz"):
        transcribe_one(whisper, slow, all_speech(slow), "ru")
    audio = audio_of(silence)
    with pytest.raises(TranscribeError, match="does not know the language 'russian'"):
        transcribe_one(whisper, audio, all_speech(audio), "russian")


@pytest.mark.model
@pytest.mark.parametrize(("name", "text"), [("ru", "сети это хорошо"), ("en", "networks are good")])
def test_a_phrase_is_recognised(whisper: WhisperTranscriber, shared_dir: Path, name: str, text: str) -> None:
    """Human speech in Russian and English gives its words with times and probabilities."""
    audio = decoded(shared_dir / "audio" / "pisets" / f"test_sound_{name}.wav")
    found = transcribe_one(whisper, audio, all_speech(audio), name)
    said = " ".join("".join(ch for ch in word.text.lower() if ch.isalnum()) for word in found.words)
    assert " ".join(said.split()).endswith(text)
    assert all(0.3 < word.prob <= 1.0 for word in found.words)
    assert all(a.span.end_ms <= b.span.start_ms for a, b in itertools.pairwise(found.words))
    assert found.words[-1].span.end_ms <= audio.duration_ms


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "name",
    [
        "hold/The_Calling_by_Angelwing.mp3",
        "hold/morning_coffee.wav",
        "azure/callcenter_ambience.wav",
        "pisets/test_silence.wav",
    ],
)
def test_nothing_is_heard_where_nobody_speaks(whisper: WhisperTranscriber, shared_dir: Path, name: str, language: str) -> None:
    """Music and room noise give no word even if all of it is claimed to be speech."""
    audio = audio_of(decoded(shared_dir / "audio" / name).samples[: 16_000 * 40])
    assert transcribe_one(whisper, audio, all_speech(audio), language).words == ()


@pytest.mark.model
@pytest.mark.parametrize("kind", ["silence", "white noise", "faint noise", "ring-back tone"])
def test_nothing_is_heard_in_made_sounds(whisper: WhisperTranscriber, kind: str) -> None:
    """Digital silence, noise and tones give no word even if all of it is claimed to be speech."""
    seconds = np.arange(16_000 * 15) / 16_000
    noise = np.random.default_rng(1).normal(0.0, 1.0, len(seconds))
    samples = {
        "silence": 0.0 * seconds,
        "white noise": 0.05 * noise,
        "faint noise": 0.001 * noise,
        "ring-back tone": np.where(seconds % 5 < 1, 0.2 * np.sin(2 * np.pi * 425 * seconds), 0.0),
    }[kind]
    audio = audio_of(samples)
    found = transcribe_one(whisper, audio, all_speech(audio), "ru")
    assert found.words == ()
    assert covered_ms(found.unrecognised) > 14_000


@pytest.mark.model
def test_music_is_never_decoded(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """Sounds are cut out of what is claimed to be speech; a song with words has none."""
    audio = decoded(shared_dir / "audio" / "pisets" / "test_sound_ru.wav")
    whole = Span(0, audio.duration_ms)
    music = VoiceActivity(
        channel=0, duration_ms=audio.duration_ms, speech=(whole,), sounds=(Sound(span=whole, kind=SoundKind.MUSIC),)
    )
    found = transcribe_one(whisper, audio, music, "ru")
    assert (found.words, found.unrecognised) == ((), ())


@pytest.mark.model
@pytest.mark.parametrize("length_ms", [1, 10, 30, 100])
def test_a_click_of_speech_breaks_nothing(whisper: WhisperTranscriber, length_ms: int) -> None:
    """Spans of a few samples are decoded like any other."""
    audio = audio_of(np.full(16_000, 0.01))
    activity = VoiceActivity(channel=0, duration_ms=1000, speech=(Span(990 - length_ms, 990),), sounds=())
    assert transcribe_one(whisper, audio, activity, "ru").words == ()


@pytest.mark.model
def test_speech_past_the_end_is_ignored(whisper: WhisperTranscriber) -> None:
    """Spans that reach past the last sample are cut there."""
    audio = audio_of(np.zeros(16_000))
    activity = VoiceActivity(channel=0, duration_ms=5000, speech=(Span(0, 800), Span(2000, 5000)), sounds=())
    assert transcribe_one(whisper, audio, activity, "ru").unrecognised == (Span(0, 800),)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("leg", [0, 1])
def test_no_turn_of_a_call_is_lost(whisper: WhisperTranscriber, shared_dir: Path, leg: int) -> None:
    """Every labelled turn of a stereo call gets words, and nearly all words lie in the turn they belong to."""
    call = labelled(shared_dir / "calls", "d001")
    audio = decoded(shared_dir / "calls" / call["file"], leg)
    found = transcribe_one(whisper, audio, labelled_activity(call, audio), "ru")
    turns = [
        span_of(turn, audio.duration_ms) for turn in call["turns"] if turn["kind"] == "speech" and turn["channel"] == LEGS[leg]
    ]
    assert all(any(intersect_spans([turn], [word.span]) for word in found.words) for turn in turns)
    inside = sum(
        any(turn.start_ms - 300 <= word.span.start_ms and word.span.end_ms <= turn.end_ms + 300 for turn in turns)
        for word in found.words
    )
    assert inside >= 0.95 * len(found.words)
    assert (found.unrecognised, found.rejected) == ((), ())


@pytest.mark.model
def test_a_phrase_between_noises_is_found(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """Noise around a phrase, claimed to be speech as well, does not take its words away and counts as unrecognised."""
    phrase = decoded(shared_dir / "audio" / "pisets" / "test_sound_ru.wav").samples
    noise = np.random.default_rng(2).normal(0.0, 0.003, 16_000 * 4)
    audio = audio_of(np.concatenate([noise, phrase, noise]))
    end = 4000 + len(phrase) // 16
    activity = VoiceActivity(
        channel=0,
        duration_ms=audio.duration_ms,
        speech=(Span(500, 3000), Span(4000, end), Span(end + 1000, end + 3500)),
        sounds=(),
    )
    found = transcribe_one(whisper, audio, activity, "ru")
    assert {"сети", "это"} <= {word.text.lower().strip(".,") for word in found.words}
    assert all(word.span.start_ms >= 3700 and word.span.end_ms <= end + 300 for word in found.words)
    assert found.unrecognised == (Span(500, 3000), Span(end + 1000, end + 3500))


@pytest.mark.model
def test_legs_decoded_together_are_never_mixed(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """Both legs share a batch; whichever comes first, each keeps its own words, near its own speech."""
    call = labelled(shared_dir / "calls", "d012")
    sounds = [decoded(shared_dir / "calls" / call["file"], leg) for leg in (0, 1)]
    legs = [Channel(audio, labelled_activity(call, audio)) for audio in sounds]
    found, turned = whisper.transcribe(legs, "ru"), whisper.transcribe(legs[::-1], "ru")
    assert found == turned[::-1]
    for leg, transcript in zip(legs, found, strict=True):
        assert transcript.channel == leg.audio.channel
        near = [span.padded(500, leg.audio.duration_ms) for span in leg.activity.speech]
        assert all(intersect_spans([Span(w.span.start_ms, w.span.end_ms + 1)], near) for w in transcript.words)
    assert len({word.text for word in found[0].words} ^ {word.text for word in found[1].words}) > 20


@pytest.mark.model
def test_a_window_is_heard_alike_in_a_short_and_a_whole_input(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """The encoder is spared the silence of the 30 s it was trained on; nearly every word stays the same."""
    call = labelled(shared_dir / "calls", "d012")
    audio = decoded(shared_dir / "calls" / call["file"], 0)
    (short,) = whisper._decoder.decode([audio.samples[: 12 * 16_000]], "ru", is_careful=False)
    (whole,) = whisper._decoder.decode([audio.samples[: 12 * 16_000]], "ru", is_careful=True)
    texts = [word.text for word in whole.words]
    assert len(texts) >= 10
    assert sum(word.text in texts for word in short.words) >= 0.8 * len(texts)
