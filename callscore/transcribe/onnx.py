"""The `onnx` engine: onnx-asr over stretches of speech, with a second try and guards against invented text."""

from __future__ import annotations

import bisect
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.errors import TranscribeError
from callscore.records import MonoAudio, Provenance, Transcript, VoiceActivity, Word
from callscore.transcribe.base import TranscribeOptions
from callscore.transcribe.guards import Checked, check_words
from callscore.transcribe.onnx_decoder import OnnxDecoder
from callscore.transcribe.onnx_folder import OnnxModel
from callscore.transcribe.onnx_stretches import plan_stretches
from callscore.transcribe.unheard import REACH_MS, find_overlapping, find_unheard, near_speech
from callscore.transcribe.windows import Packing, Window
from callscore.units import Span, intersect_spans, merge_spans, ms_to_samples, subtract_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OnnxTranscriber"]

VERSION: Final = 1
# The sound of a short pause costs little and gives context.
_KEEP_GAP_MS: Final = 1000
# What gave no words is tried once more with more of the sound around it, and stands only if it is likelier than not.
_AGAIN_PAD_MS: Final = 500
_AGAIN_PROB: Final = 0.35
# Telephone speech is meant to lie at -26 dBov (ITU-T P.56); much fainter legs are brought there, but not without limit.
_USUAL_DB: Final = -26.0
_FAINT_DB: Final = -36.0
_MOST_GAIN_DB: Final = 40.0


class OnnxTranscriber:
    """An ONNX model that onnx-asr can run, loaded once; for one caller at a time.

    Args:
        model_folder: the model's files; its name is the model's.
        model_sha256: of the weights, as found by the registry; goes into the provenance.
        options: how to recognise; beam_size has no meaning here.

    Raises:
        ModelError: if onnx-asr is not installed, the folder holds no model that it knows, or it cannot be loaded.
    """

    name: str = "onnx"

    def __init__(self, model_folder: Path, model_sha256: str, options: TranscribeOptions) -> None:
        self._options = options
        self._decoder = OnnxDecoder(model_folder, options)
        self._packing = self._pack(options.pad_ms)
        self._provenance = Provenance(
            engine=self.name,
            model=model_folder.name,
            model_sha256=model_sha256,
            parameters=_hash_parameters(self._packing, self._decoder.model, model_folder),
        )

    def provenance(self) -> Provenance:
        """Return engine, weights and the hash of every parameter that can change the words."""
        return self._provenance

    def transcribe(self, audio: MonoAudio, activity: VoiceActivity, language: str) -> Transcript:
        """Return the words within `activity.speech`; see `Transcriber`."""
        if audio.rate_hz != self._decoder.rate_hz:
            raise TranscribeError(
                f"onnx needs {self._decoder.rate_hz} Hz, got {audio.rate_hz} Hz", where=f"channel {audio.channel}"
            )
        if language not in self._decoder.languages:
            raise TranscribeError(
                f"the model {self._provenance.model} does not know the language {language!r}",
                hint="set transcribe.language to one of the model's, or take another model",
            )
        sounds = [sound.span for sound in activity.sounds]
        speech = intersect_spans(subtract_spans(activity.speech, sounds), [Span(0, audio.duration_ms)])
        try:
            words, rejected = self._recognise(audio, speech, sounds, language)
        except Exception as exc:  # onnxruntime's errors share no class, and onnx-asr asserts what models give
            raise TranscribeError(f"recognition failed: {exc}", where=f"channel {audio.channel}") from exc
        return Transcript(
            channel=audio.channel,
            words=words,
            language=language,
            unrecognised=merge_spans([*rejected, *find_unheard(speech, words)]),
            rejected=rejected,
            provenance=self._provenance,
        )

    def _pack(self, pad_ms: int) -> Packing:
        longest_ms = min(self._options.max_window_ms, self._decoder.model.traits.longest_ms)
        return Packing(pad_ms=pad_ms, keep_gap_ms=_KEEP_GAP_MS, max_window_ms=longest_ms)

    def _recognise(
        self, audio: MonoAudio, speech: tuple[Span, ...], sounds: Sequence[Span], language: str
    ) -> tuple[tuple[Word, ...], tuple[Span, ...]]:
        """Decode each stretch of speech, then once more what gave no words."""
        sound = _Sound(audio=audio, gain=_gain(audio, speech), language=language)
        first = self._read(sound, plan_stretches(audio, speech, sounds, self._packing), speech)
        words = [word for checked in first for word in checked.kept]
        unheard = find_unheard(speech, words)
        again = self._read(sound, plan_stretches(audio, unheard, sounds, self._pack(_AGAIN_PAD_MS)), unheard)
        found = [word for checked in again if _is_likely(checked.kept) for word in checked.kept]
        taken = find_overlapping([word.span for word in found], [word.span for word in words])
        words += [word for word, is_taken in zip(found, taken, strict=True) if not is_taken]
        words.sort(key=lambda word: (word.span.start_ms, word.span.end_ms))
        rejected = [span for checked in (*first, *again) for span in checked.rejected]
        return tuple(words), subtract_spans(intersect_spans(rejected, speech), [word.span for word in words])

    def _read(self, sound: _Sound, windows: Sequence[Window], speech: Sequence[Span]) -> list[Checked]:
        """Return what is heard in each window, in any order; windows of like length are decoded together."""
        by_length = sorted(windows, key=lambda window: window.length_ms)
        starts, ends = [span.start_ms for span in speech], [span.end_ms for span in speech]
        checked = []
        for at in range(0, len(by_length), self._options.batch_size):
            batch = by_length[at : at + self._options.batch_size]
            heard = self._decoder.decode([sound.cut(window) for window in batch], sound.language)
            for window, words in zip(batch, heard, strict=True):
                mapped = [Word(span=window.to_call(w.start_ms, w.end_ms), text=w.text, prob=w.prob) for w in words]
                first_near = bisect.bisect_left(ends, window.span.start_ms - REACH_MS)
                near = speech[first_near : bisect.bisect_right(starts, window.span.end_ms + REACH_MS)]
                checked.append(check_words(near_speech(mapped, near), sound.language))
        return checked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """The channel to decode, the factor that brings it to the usual level, and its language."""

    audio: MonoAudio
    gain: float
    language: str

    def cut(self, window: Window) -> NDArray[np.float32]:
        """Return the samples of a window of one piece, at the level to decode."""
        import numpy as np

        part = _samples(self.audio, window.span)
        return part if self.gain == 1.0 else np.clip(part * np.float32(self.gain), -1.0, 1.0)


def _is_likely(words: Sequence[Word]) -> bool:
    return bool(words) and sum(word.prob for word in words) >= _AGAIN_PROB * len(words)


def _gain(audio: MonoAudio, speech: Sequence[Span]) -> float:
    """Return the factor that brings faint speech to the usual level; 1 for any other."""
    import numpy as np

    parts = [_samples(audio, span) for span in speech]
    energy = sum(float(np.dot(part, part)) for part in parts)
    if not energy:
        return 1.0
    level_db = 10 * float(np.log10(energy / sum(len(part) for part in parts)))
    return 1.0 if level_db >= _FAINT_DB else float(10 ** (min(_MOST_GAIN_DB, _USUAL_DB - level_db) / 20))


def _samples(audio: MonoAudio, span: Span) -> NDArray[np.float32]:
    return audio.samples[ms_to_samples(span.start_ms, audio.rate_hz) : ms_to_samples(span.end_ms, audio.rate_hz)]


def _hash_parameters(packing: Packing, model: OnnxModel, folder: Path) -> str:
    """Return a hash of what can change the words besides the weights: device, threads and batch size are not part of it."""
    small = [name for name in model.files if not name.endswith(".onnx")]
    parts = {
        "version": VERSION,
        "kind": model.kind,
        "quantization": model.quantization,
        "max_window_ms": packing.max_window_ms,
        "pad_ms": packing.pad_ms,
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in small},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
