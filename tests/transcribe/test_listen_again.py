"""The second listen with real weights: a hint helps to hear what is there, and invents nothing that is not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from callscore.records import Word
from callscore.transcribe.base import SecondListener
from callscore.transcribe.whisper import WhisperTranscriber, _is_repetitive
from callscore.units import Span

from .sounds import LEGS, audio_of, decoded, labelled, span_of

NOTICE = "Разговор записывается. Ведётся запись разговора. Звонок записывается. Все разговоры записываются."
GREETING = "Здравствуйте. Добрый день. Доброе утро. Добрый вечер."


def heard_again(whisper: WhisperTranscriber, calls: Path, call_id: str, hint: str) -> tuple[str, bool]:
    """Return what a second listen to the operator's first two turns of a stereo call gives, in lower case."""
    call = labelled(calls, call_id)
    audio = decoded(calls / call["file"], channel=LEGS.index("operator"))
    turns = [turn for turn in call["turns"] if turn["kind"] == "speech" and turn["channel"] == "operator"]
    found = whisper.listen_again(audio, [span_of(turn, audio.duration_ms) for turn in turns[:2]], "ru", hint)
    return " ".join(word.text for word in found.words).lower(), found.is_hinted


def calls_labelled(calls: Path, criterion: str, verdict: str) -> list[str]:
    """Return the stereo calls whose criterion has that label and in which an operator speaks twice."""
    found = []
    for line in (calls / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        spoken = [turn for turn in call["turns"] if turn["kind"] == "speech" and turn["channel"] == "operator"]
        if call["layout"] == "stereo" and call["file"].endswith(".wav") and call["labels"].get(criterion) == verdict:
            found += [call["id"]] if len(spoken) > 1 else []
    return found


@pytest.mark.model
def test_whisper_can_listen_again(whisper: WhisperTranscriber) -> None:
    """The engine that hears by default has a second listen."""
    assert isinstance(whisper, SecondListener)


@pytest.mark.model
def test_a_hint_invents_no_recording_notice(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """Where nobody spoke of recording, being told to listen for it makes nobody say it."""
    calls = shared_dir / "calls"
    unsaid = calls_labelled(calls, "recording_notice", "fail")
    assert len(unsaid) >= 3
    for call_id in unsaid[:4]:
        text, _is_hinted = heard_again(whisper, calls, call_id, NOTICE)
        assert "запис" not in text, call_id


@pytest.mark.model
def test_what_was_said_is_heard_again(whisper: WhisperTranscriber, shared_dir: Path) -> None:
    """Most greetings that were said are there on a second listen, with a probability that does not come from the hint."""
    calls = shared_dir / "calls"
    said = calls_labelled(calls, "greeting", "pass")[:4]
    texts = [heard_again(whisper, calls, call_id, GREETING)[0] for call_id in said]
    assert all(any(part in text for part in ("здравств", "добр", "приветств", "рад")) for text in texts)


@pytest.mark.model
def test_silence_gives_no_words_whatever_the_hint(whisper: WhisperTranscriber) -> None:
    """The words of a hint are not heard where nobody speaks."""
    silence = audio_of(np.zeros(64_000, dtype=np.float32))
    assert whisper.listen_again(silence, [Span(0, 4000)], "ru", GREETING).words == ()


def test_a_loop_is_no_second_listen() -> None:
    """Four greetings in a row are the recogniser's, not the operator's."""

    def words(text: str) -> list[Word]:
        return [Word(span=Span(at, at + 1), text=part, prob=0.9) for at, part in enumerate(text.split())]

    assert _is_repetitive(words("Добрый день! Добрый день! Добрый день! Добрый день!"))
    assert not _is_repetitive(words("Добрый день, магазин Домовёнок, Вероника, добрый день."))
