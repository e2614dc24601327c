"""Real recordings as one channel, and what a test claims about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from faster_whisper.audio import decode_audio

from callscore.records import MonoAudio, Sound, SoundKind, Transcript, VoiceActivity
from callscore.transcribe.base import Channel, Transcriber
from callscore.units import Span, merge_spans, subtract_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEGS = ("operator", "client")


def audio_of(samples: NDArray[np.floating[Any]], channel: int = 0) -> MonoAudio:
    """Return samples at 16 kHz as one read-only channel."""
    single = samples.astype(np.float32)
    single.flags.writeable = False
    return MonoAudio(samples=single, rate_hz=16_000, channel=channel)


def decoded(path: Path, channel: int | None = None) -> MonoAudio:
    """Return a file's channel, or all of them mixed."""
    if channel is None:
        return audio_of(decode_audio(str(path)))
    return audio_of(decode_audio(str(path), split_stereo=True)[channel], channel)


def all_speech(audio: MonoAudio) -> VoiceActivity:
    """Claim that all of it is speech: the hardest case for the guards."""
    speech = (Span(0, audio.duration_ms),) if audio.duration_ms else ()
    return VoiceActivity(channel=audio.channel, duration_ms=audio.duration_ms, speech=speech, sounds=())


def labelled(calls: Path, call_id: str) -> dict[str, Any]:
    """Return the truth of one labelled call."""
    lines = (calls / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = next(call for call in map(json.loads, lines) if call["id"] == call_id)
    return found


def span_of(turn: dict[str, Any], duration_ms: int) -> Span:
    """Return a labelled turn's span, cut at the end of the recording."""
    return Span(round(turn["start"] * 1000), min(duration_ms, round(turn["end"] * 1000)))


def labelled_activity(call: dict[str, Any], audio: MonoAudio) -> VoiceActivity:
    """Return speech of one leg, and hold and ringing, as labelled."""
    speech = merge_spans(
        span_of(turn, audio.duration_ms)
        for turn in call["turns"]
        if turn["kind"] == "speech" and turn["channel"] == LEGS[audio.channel]
    )
    other = [span_of(turn, audio.duration_ms) for turn in call["turns"] if turn["kind"] in ("hold", "ring")]
    sounds = tuple(Sound(span=span, kind=SoundKind.MUSIC) for span in subtract_spans(other, speech))
    return VoiceActivity(channel=audio.channel, duration_ms=audio.duration_ms, speech=speech, sounds=sounds)


def transcribe_one(engine: Transcriber, audio: MonoAudio, activity: VoiceActivity, language: str) -> Transcript:
    """Return what an engine hears in a single channel."""
    (found,) = engine.transcribe([Channel(audio, activity)], language)
    return found
