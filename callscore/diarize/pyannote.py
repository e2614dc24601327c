"""Diarization of mono calls: pyannote's segmentation hears where voices change, CAM++ tells whose they are.

The clustering is our own (callscore.diarize.clusters). On 16 labelled mono calls and 20 stereo ones mixed to mono, a third of
them with a transfer or a prompt, pyannote.audio's pipeline with the same weights (agglomerative, threshold 0.70, step 0.5) gave
25 % and 14 % of the speech to the wrong person; this gives 4.5 % of both.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from callscore.diarize.base import DiarizeOptions
from callscore.diarize.campplus import ensure_onnx
from callscore.diarize.clusters import Voiced, group_voices
from callscore.diarize.stretches import Stretch, VoiceWindow, cut_stretches, different_voices
from callscore.diarize.vectors import VoiceVectors, log_mel
from callscore.errors import DiarizeError, ModelError
from callscore.records import Diarization, MonoAudio, Provenance, SoundKind, SpeakerSpan, VoiceActivity
from callscore.units import Span, ms_to_samples, overlap_ms

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PyannoteDiarizer"]

# Raise when the same weights and options would give other speakers.
_VERSION: Final = 1
_RATE_HZ: Final = 16_000
_WINDOW_MS: Final = 10_000

# A ring-back tone sounds for 1 s at least; inside a call it announces that somebody else is being called.
_MIN_RING_MS: Final = 800


class PyannoteDiarizer:
    """Tells apart the speakers of one channel. Loads both models once; not for use by two threads at a time.

    Args:
        segmentation_path: pyannote segmentation-3.0, pytorch_model.bin.
        campplus_path: the CAM++ weights, campplus_cn_en_common.pt.
        cache_dir: a folder for the ONNX form of the latter, made on first use.
        options: how to tell speakers apart.

    Raises:
        ModelError: if weights are missing or damaged, or pyannote.audio cannot be imported.
    """

    name = "pyannote"

    def __init__(self, segmentation_path: Path, campplus_path: Path, cache_dir: Path, options: DiarizeOptions) -> None:
        self._options = options
        self._sha256 = hashlib.sha256(_read(segmentation_path) + _read(campplus_path)).hexdigest()
        self._inference = _load_segmentation(segmentation_path, options)
        self._vectors = VoiceVectors(ensure_onnx(campplus_path, cache_dir), options.threads)

    def provenance(self) -> Provenance:
        """Return the engine, the sha256 of both weights together, and a hash of the options."""
        settings = {key: value for key, value in asdict(self._options).items() if key != "threads"}
        digest = hashlib.sha256(repr((_VERSION, sorted(settings.items()))).encode()).hexdigest()
        return Provenance(
            engine=self.name, model="segmentation-3.0+campplus-zh-en", model_sha256=self._sha256, parameters=digest[:16]
        )

    def diarize(self, audio: MonoAudio, activity: VoiceActivity) -> Diarization:
        """Return who speaks when within `activity.speech`, none of it left out; see callscore.diarize.base.Diarizer.

        Raises:
            DiarizeError: if a model fails on this call.
            ValueError: if the audio is not at 16 kHz.
        """
        if audio.rate_hz != _RATE_HZ:
            raise ValueError(f"PyannoteDiarizer needs 16000 Hz, got {audio.rate_hz!r}")
        if not activity.speech:
            return Diarization(channel=audio.channel, spans=(), provenance=self.provenance())
        try:
            windows = self._segment(audio, activity)
            stretches = cut_stretches(activity.speech, windows)
            voiced = self._vectors_of(audio, stretches)
        except (RuntimeError, ValueError, MemoryError) as exc:
            raise DiarizeError("the speakers of this call could not be told apart", hint=str(exc)[:200]) from exc
        voices = group_voices(
            voiced,
            different_voices(stretches, windows),
            [sound.span.middle_ms for sound in activity.sounds if _is_ring(sound.kind, sound.span)],
            max_voices=self._options.max_speakers,
            same_voice=self._options.same_voice,
        )
        spans = _join([SpeakerSpan(span=item.span, speaker=f"S{voice}") for item, voice in zip(stretches, voices, strict=True)])
        return Diarization(channel=audio.channel, spans=spans, provenance=self.provenance())

    def _segment(self, audio: MonoAudio, activity: VoiceActivity) -> list[VoiceWindow]:
        """Return what the segmentation hears in its windows; those without speech are left out."""
        import torch

        step_ms = max(1, round(_WINDOW_MS * self._options.segmentation_step))
        window = ms_to_samples(_WINDOW_MS, _RATE_HZ)
        found = []
        with _quiet(), torch.inference_mode(), _threads(self._options.threads):
            for start_ms in _window_starts(audio.duration_ms, step_ms):
                if not any(overlap_ms(Span(start_ms, start_ms + _WINDOW_MS), span) for span in activity.speech):
                    continue
                first = ms_to_samples(start_ms, _RATE_HZ)
                chunk = np.zeros((1, 1, window), np.float32)
                part = audio.samples[first : first + window]
                chunk[0, 0, : len(part)] = part
                active: NDArray[np.bool_] = np.asarray(self._inference.infer(torch.from_numpy(chunk))[0]) > 0.5
                found.append(VoiceWindow(start_ms=start_ms, frame_ms=_WINDOW_MS / len(active), active=active))
        return found

    def _vectors_of(self, audio: MonoAudio, stretches: tuple[Stretch, ...]) -> list[Voiced]:
        voiced = []
        for item in stretches:
            part = slice(ms_to_samples(item.core.start_ms, _RATE_HZ), ms_to_samples(item.core.end_ms, _RATE_HZ))
            voiced.append(Voiced(core=item.core, vector=self._vectors.of(log_mel(audio.samples[part]))))
        return voiced


def _window_starts(duration_ms: int, step_ms: int) -> list[int]:
    """Return the starts of windows, the last one ending with the call.

    >>> _window_starts(17_000, 5_000)
    [0, 5000, 7000]
    """
    last = max(0, duration_ms - _WINDOW_MS)
    return [*range(0, last, step_ms), last]


def _is_ring(kind: SoundKind, span: Span) -> bool:
    return kind is SoundKind.TONE and span.length_ms >= _MIN_RING_MS


def _join(spans: list[SpeakerSpan]) -> tuple[SpeakerSpan, ...]:
    """Join neighbours of one speaker that touch."""
    joined: list[SpeakerSpan] = []
    for item in spans:
        if joined and joined[-1].speaker == item.speaker and joined[-1].span.end_ms == item.span.start_ms:
            joined[-1] = SpeakerSpan(span=Span(joined[-1].span.start_ms, item.span.end_ms), speaker=item.speaker)
        else:
            joined.append(item)
    return tuple(joined)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ModelError("weights for diarization cannot be read", where=str(path), hint="callscore models pull") from exc


def _load_segmentation(path: Path, options: DiarizeOptions) -> Any:
    # Both must be set before the library is imported: it reports usage by OpenTelemetry and asks the hub otherwise.
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        with _quiet(), _threads(options.threads):
            from pyannote.audio import Inference, Model

            model = Model.from_pretrained(str(path))  # None where a hub would have to be asked
            return Inference(model, duration=_WINDOW_MS / 1000, step=_WINDOW_MS / 1000, skip_aggregation=True, batch_size=1)
    except ImportError as exc:
        raise ModelError(f"pyannote.audio cannot be imported: {exc}", hint="pip install callscore again") from exc
    except Exception as exc:  # a damaged checkpoint raises anything from pickle to lightning
        raise ModelError(
            "the segmentation weights cannot be loaded",
            where=str(path),
            hint="callscore models verify, then callscore models pull",
        ) from exc


@contextlib.contextmanager
def _threads(number: int) -> Iterator[None]:
    """Bound PyTorch's threads for a while; the setting is the process's, so it is put back."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the libraries say about things not used here: decoding by torchcodec, training, exact TF32."""
    with warnings.catch_warnings():
        for module in ("pyannote", "torchcodec", "lightning", "pytorch_lightning", "torchaudio", "torch"):
            warnings.filterwarnings("ignore", module=rf"{module}(\..*)?")
        warnings.filterwarnings("ignore", message=".*torchcodec.*")
        yield
