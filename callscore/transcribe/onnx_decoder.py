"""The one place that talks to onnx-asr: clips of sound in, words with times and probabilities out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.errors import ModelError
from callscore.transcribe.base import TranscribeOptions
from callscore.transcribe.onnx_folder import find_onnx_model
from callscore.transcribe.onnx_languages import OnnxLanguages
from callscore.transcribe.onnx_words import UNKNOWN_PROB, join_tokens, spread_text
from callscore.transcribe.recognise import HeardWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OnnxDecoder"]

_GPU: Final = "CUDAExecutionProvider"
_CPU: Final = "CPUExecutionProvider"
# Some feature extractors fail on clips shorter than their window.
_SHORTEST_S: Final = 0.5
_ERRORS_ONLY: Final = 3


class OnnxDecoder:
    """A loaded ONNX model. One call at a time; the weights are read once and nothing is fetched.

    Args:
        folder: the files of one model that onnx-asr knows.
        options: device, compute type and threads are heeded; an ONNX model is decoded greedily.

    Raises:
        ModelError: if the folder holds no such model, or it cannot be loaded as asked.
    """

    rate_hz: int = 16_000

    def __init__(self, folder: Path, options: TranscribeOptions) -> None:
        try:
            import onnx_asr
            import onnxruntime
        except ImportError as exc:
            raise ModelError(f"the engine onnx cannot be used: {exc}", hint="pip install onnx-asr onnxruntime") from exc
        is_gpu = _is_gpu(options.device)
        self.model = find_onnx_model(folder, options.compute_type, is_gpu=is_gpu)
        self.languages = OnnxLanguages(folder, self.model)
        if is_gpu:
            onnxruntime.preload_dlls()  # of the CUDA libraries that came with torch
        try:
            self._asr: Any = onnx_asr.load_model(
                self.model.kind,
                folder,
                quantization=self.model.quantization or None,
                sess_options=_session_options(options.threads),
                providers=[_GPU, _CPU] if is_gpu else [_CPU],
                # It opens seven sessions to resample, each with its own threads.
                resampler_config={"sess_options": _session_options(1), "providers": [_CPU]},
            ).with_timestamps()
        except Exception as exc:  # onnx-asr, onnxruntime and json each have errors of their own
            raise ModelError(
                f"the ONNX weights of {folder.name} cannot be loaded: {exc}",
                where=str(folder),
                hint="fetch the folder again, whole",
            ) from exc
        if is_gpu:
            self._check_gpu(folder)

    def decode(self, clips: Sequence[NDArray[np.float32]], language: str) -> list[tuple[HeardWord, ...]]:
        """Return what is heard in each clip (float32, -1..1, 16 kHz, at most `model.traits.longest_ms`), decoded together."""
        padded = [self._pad(clip) for clip in clips]
        batches = [padded] if self.model.traits.has_batches else [[clip] for clip in padded]
        results = [result for batch in batches for result in self._asr.recognize(batch, sample_rate=16_000, language=language)]
        return [self._words(result, len(clip) * 1000 // self.rate_hz) for result, clip in zip(results, clips, strict=True)]

    def _words(self, result: Any, length_ms: int) -> tuple[HeardWord, ...]:
        logprobs = result.logprobs
        if result.timestamps is None or result.tokens is None:
            prob = math.exp(min(0.0, sum(logprobs) / len(logprobs))) if logprobs else UNKNOWN_PROB
            return spread_text(result.text, length_ms, prob)
        lag_ms = self.model.traits.lag_ms
        times_ms = [max(0, round(second * 1000) - lag_ms) for second in result.timestamps]
        return join_tokens(result.tokens, times_ms, logprobs, length_ms)

    def _pad(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the clip with the silence after it that the model needs."""
        import numpy as np

        tail = self.model.traits.tail_ms * self.rate_hz // 1000
        return np.pad(clip, (0, max(tail, int(_SHORTEST_S * self.rate_hz) - len(clip))))

    def _check_gpu(self, folder: Path) -> None:
        """Raise ModelError if the GPU is not used: where its libraries do not load, onnxruntime only writes to a log."""
        import onnxruntime

        sessions = [part for part in vars(self._asr.asr).values() if isinstance(part, onnxruntime.InferenceSession)]
        if not any(_GPU in session.get_providers() for session in sessions):
            raise ModelError(
                f"onnxruntime cannot run {folder.name} on the GPU: its CUDA libraries do not load",
                hint="set transcribe.device to cpu, or install CUDA and cuDNN as onnxruntime-gpu wants them",
            )


def _is_gpu(device: str) -> bool:
    """Tell whether to use the GPU; "auto" takes it where this build of onnxruntime can."""
    import onnxruntime

    can = _GPU in onnxruntime.get_available_providers()
    if device == "cuda" and not can:
        raise ModelError(
            "this onnxruntime is built without CUDA",
            where="transcribe.device",
            hint="pip uninstall onnxruntime && pip install onnxruntime-gpu, or set transcribe.device to cpu",
        )
    return can and device != "cpu"


def _session_options(threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return options
