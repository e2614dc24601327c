"""The recognisers that callscore is compared with, each run in its own process. Knows nothing of labels.

All get a leg as 16 kHz samples decoded the plain way; decoding counts as work, loading the model does not.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.hearing.clock import Stopwatch, Took
from benchmarks.hearing.records import Facts, Heard, Job, JobCall, SpokenTurn, SpokenWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["hear_batched", "hear_ctranslate2", "hear_sequential", "hear_whisperx"]

Results = tuple[dict[str, Heard], Facts]
_RATE_HZ: Final = 16_000


def hear_sequential(job: Job) -> Results:
    """Run faster-whisper's `WhisperModel.transcribe` over each leg."""
    model, load = _faster_whisper(job)

    def read(samples: NDArray[np.float32]) -> Iterator[dict[str, Any]]:
        found, _about = model.transcribe(samples, language=job.language, beam_size=5, vad_filter=True, word_timestamps=True)
        yield from _words_of(found)

    return _each_leg(job, read, load)


def hear_batched(job: Job) -> Results:
    """Run faster-whisper's `BatchedInferencePipeline` with its defaults over each leg."""
    from faster_whisper import BatchedInferencePipeline

    model, load = _faster_whisper(job)
    pipeline = BatchedInferencePipeline(model=model)

    def read(samples: NDArray[np.float32]) -> Iterator[dict[str, Any]]:
        found, _about = pipeline.transcribe(samples, language=job.language, word_timestamps=True)
        yield from _words_of(found)

    return _each_leg(job, read, load)


def hear_ctranslate2(job: Job) -> Results:
    """Run the command `whisper-ctranslate2` once over all legs; what starting it takes is measured on a second of sound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = Stopwatch()
        _ctranslate2(job, [Path(job.second)], folder)
        load = start.read()
        whole = Stopwatch()
        legs: list[tuple[JobCall, int]] = []
        for call in job.calls:
            for channel, samples in _legs(call):
                _write_wav(folder / f"{len(legs)}.wav", samples)
                legs.append((call, channel))
        _ctranslate2(job, [folder / f"{number}.wav" for number in range(len(legs))], folder)
        took = whole.read().beyond(load)
        found: dict[str, list[SpokenWord]] = {call.call_id: [] for call in job.calls}
        for number, (call, channel) in enumerate(legs):
            told = json.loads((folder / f"{number}.json").read_text(encoding="utf-8"))
            found[call.call_id] += _spoken(channel, (word for segment in told["segments"] for word in segment.get("words", ())))
    heard = {call_id: Heard(words=tuple(words)) for call_id, words in found.items()}
    return heard, Facts(load_s=load.wall_s, work_s=took.wall_s, cpu_s=took.cpu_s)


def hear_whisperx(job: Job) -> Results:
    """Run whisperX over each leg: its batches, its alignment, and its speakers on calls without legs."""
    watch = Stopwatch()
    whisperx = importlib.import_module("whisperx")

    model = whisperx.load_model(
        job.model, job.device, compute_type=job.compute_type, language=job.language, threads=job.threads
    )
    aligner, about = whisperx.load_align_model(language_code=job.language, device=job.device)
    speakers = None
    if any(len(call.channels) == 1 for call in job.calls):
        speakers = importlib.import_module("whisperx.diarize").DiarizationPipeline(device=job.device)

    def read(samples: NDArray[np.float32]) -> Iterator[dict[str, Any]]:
        found = model.transcribe(samples, language=job.language)
        found = whisperx.align(found["segments"], aligner, about, samples, job.device)
        if speakers is not None:
            found = whisperx.assign_word_speakers(speakers(samples), found)
        yield from (word for segment in found["segments"] for word in segment["words"])

    return _each_leg(job, read, watch.read())


def _faster_whisper(job: Job) -> tuple[Any, Took]:
    watch = Stopwatch()
    from faster_whisper import WhisperModel

    model = WhisperModel(
        job.model, device=job.device, compute_type=job.compute_type, cpu_threads=job.threads, local_files_only=True
    )
    return model, watch.read()


def _words_of(segments: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for segment in segments:
        for word in segment.words or ():
            yield {"start": word.start, "end": word.end, "word": word.word}


def _each_leg(job: Job, read: Callable[[NDArray[np.float32]], Iterable[dict[str, Any]]], load: Took) -> Results:
    """Decode and read one leg after another."""
    watch = Stopwatch()
    heard = {}
    for call in job.calls:
        words: list[SpokenWord] = []
        turns: list[SpokenTurn] = []
        for channel, samples in _legs(call):
            found = list(read(samples))
            spoken = _spoken(channel, found)
            words += spoken
            turns += _turns(found)
        heard[call.call_id] = Heard(words=tuple(words), turns=tuple(turns))
    took = watch.read()
    return heard, Facts(load_s=load.wall_s, work_s=took.wall_s, cpu_s=took.cpu_s)


def _spoken(channel: int, words: Iterable[Mapping[str, Any]]) -> list[SpokenWord]:
    """Return the words; one that whisperX could not place in time (a number) begins where the last one ended."""
    spoken = []
    end_ms = 0
    for word in words:
        start_ms = round(word["start"] * 1000) if "start" in word else end_ms
        end_ms = round(word["end"] * 1000) if "end" in word else start_ms
        spoken.append(SpokenWord(channel, start_ms, end_ms, word["word"].strip()))
    return spoken


def _turns(words: Iterable[Mapping[str, Any]]) -> list[SpokenTurn]:
    return [
        SpokenTurn(word["speaker"], round(word["start"] * 1000), round(word["end"] * 1000))
        for word in words
        if "speaker" in word and "start" in word
    ]


def _legs(call: JobCall) -> list[tuple[int, NDArray[np.float32]]]:
    """Return the number and samples of each channel that is to be heard."""
    from faster_whisper import decode_audio

    if call.n_channels == 1:
        return [(0, decode_audio(call.path))]
    both = decode_audio(call.path, split_stereo=True)
    return [(channel, both[channel]) for channel in call.channels]


def _write_wav(path: Path, samples: NDArray[np.float32]) -> None:
    import numpy as np

    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE_HZ)
        out.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def _ctranslate2(job: Job, files: Sequence[Path], folder: Path) -> None:
    options = {
        "model_directory": job.model,
        "language": job.language,
        "device": job.device,
        "compute_type": job.compute_type,
        "threads": str(job.threads),
        "word_timestamps": "True",
        "output_format": "json",
        "output_dir": str(folder),
        "verbose": "False",
    }
    words = [part for name, value in options.items() for part in (f"--{name}", value)]
    done = subprocess.run(  # noqa: S603 - the command that the user named
        [job.command, *map(str, files), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{job.command} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
