"""The one place that talks to faster-whisper: windows of sound in, words with times and probabilities out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.errors import ModelError
from callscore.transcribe.base import TranscribeOptions
from callscore.transcribe.recognise import Heard, HeardWord, Sound, cut_window
from callscore.transcribe.windows import Packing, Window, plan_windows
from callscore.units import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["KEEP_GAP_MS", "TwoHearings", "WhisperDecoder"]

MODEL_FILES: Final = ("config.json", "model.bin", "tokenizer.json")
_PREPENDED: Final = "\"'“¿([{-"
_APPENDED: Final = "\"'.。,，!！?？:：”)]}、"
_WITHOUT_SPACES: Final = frozenset({"zh", "ja", "th", "lo", "my", "yue"})  # as faster-whisper's tokenizer splits them
# The fastest speech is near ten tokens a second in Russian; a window never needs more than this, a loop always does.
_TOKENS_PER_S: Final = 14
_TOKENS_SPARE: Final = 24
# Slow speech has ten letters a second, a drawn-out "да" or "алло" lasts half a second.
_LONGEST_LETTER_MS: Final = 100
_LONGEST_WORD_MS: Final = 500
# Half of what the model reads before its text; the rest is for the text itself.
_HINT_TOKENS: Final = 200
_LEAST_PROB: Final = 1e-9

KEEP_GAP_MS: Final = 500
"""Gaps up to this stay whole inside a window; of longer ones the padding on both sides remains."""
_NO_REPEAT_NGRAM: Final = 4
_AGAIN_BEAM: Final = 10
# The encoder's cost grows with the square of what it is given: 0.61 s of processor for 30 s, 0.21 s for 15 s. It was trained
# on 30 s, filled up with silence. Word errors on the 36 labelled calls with 0.5, 1, 2 and 4 s of silence after a window: 30.9,
# 31.5, 30.7 and 30.2 %; filled up to 30 s: 30.4 % for a tenth more processor time.
_TAIL_S: Final = 4.0
_FRAMES_PER_S: Final = 100
_MOST_FRAMES: Final = 3000


@dataclass(frozen=True, slots=True)
class _Search:
    """Hypotheses followed at once, and the length of word-piece runs that may not come twice (0: any may).

    There is no sampling at a temperature: the same call must give the same words each time.
    """

    beam_size: int
    no_repeat_ngram: int = 0


@dataclass(frozen=True, slots=True)
class TwoHearings:
    """A clip heard without and with a hint. Both `logprob` are what the model gives the words without the hint."""

    plain: Heard
    hinted: Heard


class WhisperDecoder:
    """A loaded Whisper model. One call at a time; the weights are read once."""

    rate_hz: int = 16_000

    def __init__(self, folder: Path, options: TranscribeOptions) -> None:
        missing = [name for name in MODEL_FILES if not (folder / name).is_file()]
        if missing:
            raise ModelError(
                f"the weights of {folder.name} are missing: {', '.join(missing)}",
                where=str(folder),
                hint=f"callscore models pull {folder.name}",
            )
        import ctranslate2
        from faster_whisper import WhisperModel

        self._options = options
        self.batch_size = options.batch_size
        self.device = options.device
        if self.device == "auto":
            self.device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        self.compute_type = options.compute_type
        if self.compute_type == "auto":
            self.compute_type = "float16" if self.device == "cuda" else "int8"
        try:
            self._model = WhisperModel(
                str(folder),
                device=self.device,
                compute_type=self.compute_type,
                cpu_threads=options.threads,
                local_files_only=True,
            )
        except Exception as exc:  # the tokenizer library raises bare Exception
            raise ModelError(
                f"the weights of {folder.name} cannot be loaded: {exc}",
                where=str(folder),
                hint=f"callscore models verify {folder.name}",
            ) from exc
        self.languages = frozenset(self._model.supported_languages)

    def plan(self, sound: Sound, speech: Sequence[Span], *, is_alone: bool) -> Sequence[Window]:
        """Return full windows over speech, or one for each place that is to be heard alone."""
        packing = Packing(pad_ms=self._options.pad_ms, keep_gap_ms=KEEP_GAP_MS, max_window_ms=self._options.max_window_ms)
        places = [[span] for span in speech] if is_alone else [speech]
        return [w for place in places for w in plan_windows(place, sound.sounds, sound.audio.duration_ms, packing)]

    def cut(self, sound: Sound, window: Window) -> NDArray[np.float32]:
        """Return the samples of a window as they are: the model's features do not depend on the level."""
        return cut_window(sound.audio, window)

    def decode(self, clips: Sequence[NDArray[np.float32]], language: str, *, is_careful: bool) -> list[Heard]:
        """Return what is heard in each clip (float32, -1..1, 16 kHz, at most 30 s).

        All are decoded together, and all are given to the encoder as long as the longest: what is heard in one depends a
        little on the others. With care, each is filled up to the 30 s of the training and no phrase may come twice.
        """
        model, tokenizer = self._model, self._tokenizer(language)
        encoded = self._encode(clips, is_whole=is_careful)
        search = _Search(self._options.beam_size, no_repeat_ngram=_NO_REPEAT_NGRAM if is_careful else 0)
        results = self._generate(encoded, tokenizer, search, max(len(clip) for clip in clips) / self.rate_hz, len(clips))
        tokens = [[t for t in result.sequences_ids[0] if t < tokenizer.eot] for result in results]
        aligned = model.find_alignment(tokenizer, tokens, encoded, [self._frames(clip) for clip in clips])
        return [
            Heard(_words(words, language), result.scores[0], result.no_speech_prob)
            for result, words in zip(results, aligned, strict=True)
        ]

    def decode_twice(self, clip: NDArray[np.float32], language: str, hint: str) -> TwoHearings:
        """Return what is heard in a clip (as for `decode`) without a hint and after reading `hint`.

        The words found with the hint are then scored by the model as if it had never seen it (teacher forcing): the mean log
        probability per token and the probabilities of the words tell how well the sound alone supports them.
        """
        import numpy as np

        model, tokenizer = self._model, self._tokenizer(language)
        encoded = self._encode([clip], is_whole=False)
        search = _Search(_AGAIN_BEAM)
        frames = self._frames(clip)
        previous = tokenizer.encode(" " + hint)[-_HINT_TOKENS:]

        def hear(before: list[int]) -> Heard:
            seconds = len(clip) / self.rate_hz
            result = self._generate(encoded, tokenizer, search, seconds, 1, before)[0]
            tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
            if not tokens:
                return Heard((), 0.0, result.no_speech_prob)
            aligned = model.find_alignment(tokenizer, [tokens], encoded, [frames])[0]
            forced = model.model.align(encoded, tokenizer.sot_sequence, [tokens], [frames])[0].text_token_probs
            logprob = float(np.mean(np.log(np.maximum(forced, _LEAST_PROB))))
            return Heard(_words(aligned, language), logprob, result.no_speech_prob)

        return TwoHearings(plain=hear([]), hinted=hear(previous))

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        model = self._model
        return Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language)

    def _encode(self, clips: Sequence[NDArray[np.float32]], *, is_whole: bool) -> Any:
        """Return what the encoder makes of the clips, filled up to 30 s where `is_whole`, else to the longest of them."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim

        longest_s = max(len(clip) for clip in clips) / self.rate_hz
        frames = _MOST_FRAMES if is_whole else min(_MOST_FRAMES, 2 * math.ceil((longest_s + _TAIL_S) * _FRAMES_PER_S / 2))
        extract = self._model.feature_extractor
        return self._model.encode(np.stack([pad_or_trim(extract(clip)[..., :-1], frames) for clip in clips]))

    def _frames(self, clip: NDArray[np.float32]) -> int:
        return int(len(clip) * self._model.frames_per_second // self.rate_hz)

    def _generate(
        self, encoded: Any, tokenizer: Any, search: _Search, seconds: float, n: int, before: Sequence[int] = ()
    ) -> Any:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._model.get_prompt(tokenizer, list(before), without_timestamps=True)
        return self._model.model.generate(
            encoded,
            [prompt] * n,
            beam_size=search.beam_size,
            no_repeat_ngram_size=search.no_repeat_ngram,
            max_length=min(self._model.max_length, len(prompt) + _TOKENS_SPARE + int(_TOKENS_PER_S * seconds)),
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )


def _words(aligned: list[dict[str, Any]], language: str) -> tuple[HeardWord, ...]:
    """Return the aligned words with their punctuation attached; loose punctuation is no word."""
    from faster_whisper.transcribe import merge_punctuations

    merge_punctuations(aligned, _PREPENDED, _APPENDED)
    parts = [part for part in aligned if part["word"].strip()]
    if language not in _WITHOUT_SPACES:
        parts = _join_parts(parts)
    return tuple(_word(part) for part in parts if any(ch.isalnum() for ch in part["word"]))


def _join_parts(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put words together that the aligner took apart at a sign inside: "кто-то", "8.30"."""
    words: list[dict[str, Any]] = []
    for part in parts:
        if not words or part["word"].startswith(" "):
            words.append(part)
            continue
        last = words[-1]
        n_last, n_part = len(last["tokens"]), len(part["tokens"])
        prob = (last["probability"] * n_last + part["probability"] * n_part) / max(1, n_last + n_part)
        words[-1] = {
            "word": last["word"] + part["word"],
            "tokens": [*last["tokens"], *part["tokens"]],
            "start": last["start"],
            "end": part["end"],
            "probability": prob,
        }
    return words


def _word(aligned: dict[str, Any]) -> HeardWord:
    """Return an aligned word; one longer than anybody says it starts later, for it took in the pause before."""
    text = aligned["word"].strip().lstrip("-–—").lstrip()
    start_ms, end_ms = round(float(aligned["start"]) * 1000), round(float(aligned["end"]) * 1000)
    longest_ms = max(_LONGEST_WORD_MS, _LONGEST_LETTER_MS * len(text))
    return HeardWord(
        text=text,
        start_ms=max(min(start_ms, end_ms), end_ms - longest_ms),
        end_ms=end_ms,
        prob=min(1.0, max(0.0, float(aligned["probability"]))),
    )
