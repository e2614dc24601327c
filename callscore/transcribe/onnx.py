"""The `onnx` engine: onnx-asr over stretches of speech, with a second try and guards against invented text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.errors import TranscribeError
from callscore.records import Provenance, Transcript
from callscore.transcribe.base import Channel, TranscribeOptions
from callscore.transcribe.onnx_decoder import OnnxDecoder
from callscore.transcribe.onnx_folder import OnnxModel
from callscore.transcribe.onnx_stretches import plan_stretches
from callscore.transcribe.recognise import Heard, Sound, cut_window, recognise
from callscore.transcribe.windows import Packing, Window
from callscore.units import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OnnxTranscriber"]

VERSION: Final = 2
# The sound of a short pause costs little and gives context.
_KEEP_GAP_MS: Final = 1000
# What gave no words is tried once more with more of the sound around it.
_AGAIN_PAD_MS: Final = 500
# Telephone speech is meant to lie at -26 dBov (ITU-T P.56); much fainter speech is brought there, but not without limit.
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
        self.rate_hz = self._decoder.rate_hz
        self.batch_size = options.batch_size
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

    def transcribe(self, channels: Sequence[Channel], language: str) -> tuple[Transcript, ...]:
        """Return the words within each channel's speech; see `Transcriber`."""
        if language not in self._decoder.languages:
            raise TranscribeError(
                f"the model {self._provenance.model} does not know the language {language!r}",
                hint="set transcribe.language to one of the model's, or take another model",
            )
        return recognise(self, channels, language, self._provenance)

    def plan(self, sound: Sound, speech: Sequence[Span], *, is_alone: bool) -> Sequence[Window]:
        """Return a window for each stretch of speech, with more of the sound around it where it is to be heard alone."""
        packing = self._pack(_AGAIN_PAD_MS) if is_alone else self._packing
        return plan_stretches(sound.audio, speech, sound.sounds, packing)

    def decode(self, clips: Sequence[NDArray[np.float32]], language: str, *, is_careful: bool) -> Sequence[Heard]:
        """Return what is heard in each clip; such models do not loop, so care changes nothing."""
        del is_careful
        return [Heard(words) for words in self._decoder.decode(clips, language)]

    def cut(self, sound: Sound, window: Window) -> NDArray[np.float32]:
        """Return the samples of a window, those of a faint channel brought to the usual level."""
        import numpy as np

        part = cut_window(sound.audio, window)
        if sound.level_db is None or sound.level_db >= _FAINT_DB:
            return part
        gain = np.float32(10 ** (min(_MOST_GAIN_DB, _USUAL_DB - sound.level_db) / 20))
        return np.asarray(np.clip(part * gain, -1.0, 1.0), dtype=np.float32)

    def _pack(self, pad_ms: int) -> Packing:
        longest_ms = min(self._options.max_window_ms, self._decoder.model.traits.longest_ms)
        return Packing(pad_ms=pad_ms, keep_gap_ms=_KEEP_GAP_MS, max_window_ms=longest_ms)


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
