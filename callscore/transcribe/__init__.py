"""Recognition: one channel's sound and its speech spans in, words with times and probabilities out."""

from __future__ import annotations

from callscore.transcribe.base import TRANSCRIBERS, TranscribeOptions, Transcriber, load_transcriber_class
from callscore.transcribe.script import Script, ScriptTurn
from callscore.transcribe.scripted import load_script

__all__ = [
    "TRANSCRIBERS",
    "Script",
    "ScriptTurn",
    "TranscribeOptions",
    "Transcriber",
    "load_script",
    "load_transcriber_class",
]
