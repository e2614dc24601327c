"""The composition root: what a run does with one call, and everything that its result depends on.

Hearing gives the dialogue, then it is measured, given a call type, and scored. Runs in a worker process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callscore.config import Config
from callscore.dialogue import measure
from callscore.dialogue.cues import RoleCues, load_role_cues
from callscore.diarize import load_diarizer_class
from callscore.errors import TranscribeError
from callscore.hearing import Heard, open_hearing
from callscore.jobs.plan import Settings
from callscore.records import CallInfo, CallMetrics, CallRecord, CallResult, CallScore, CallType, Dialogue
from callscore.registry import find_model
from callscore.rubric import RubricBook, load_book
from callscore.scoring import guess_call_type, score_call
from callscore.shipped import shipped_dir
from callscore.transcribe.base import load_transcriber_class
from callscore.transcribe.scripted import load_script

__all__ = ["CallJob", "CallPipeline", "PipelineSettings", "Scored", "score_dialogue", "scoring_hash"]

# Raised when hearing or scoring makes something else of the same input; stored calls are then heard or scored anew.
HEARING_VERSION: Final = 1
SCORING_VERSION: Final = 1

ROLE_CUES: Final = "phrases/role_cues.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJob:
    """A call to process and the fingerprint its result is stored under; `heard` if only its verdicts are stale."""

    record: CallRecord
    fingerprint: str
    heard: Heard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a dialogue gives without its sound."""

    metrics: CallMetrics
    call_type: CallType
    scores: tuple[CallScore, ...]


def score_dialogue(dialogue: Dialogue, info: CallInfo, book: RubricBook) -> Scored:
    """Measure a dialogue, tell its call type and score it; the same for a call just heard and for a stored one."""
    metrics = measure(dialogue)
    call_type = guess_call_type(dialogue, info, book)
    return Scored(metrics=metrics, call_type=call_type, scores=score_call(dialogue, metrics, info, call_type, book))


def scoring_hash(book: RubricBook) -> str:
    """Return a hash of everything besides dialogue and facts that can change a verdict."""
    return hashlib.sha256(repr((SCORING_VERSION, book.sha256)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings:
    """What a worker needs to build its pipeline; sent to each worker, so that a rubric edited meanwhile changes nothing."""

    config: Config
    book: RubricBook
    cues: RoleCues
    cues_sha256: str
    threads: int = 1

    @classmethod
    def read(cls, config: Config, extra_rubric: Path | None = None) -> PipelineSettings:
        """Read the rubrics and role cues that the settings name; the shipped ones where none are configured.

        Raises:
            RubricError: for anything wrong in them.
        """
        folder = config.rubrics.dir or shipped_dir("rubrics")
        cues = folder / ROLE_CUES if (folder / ROLE_CUES).is_file() else shipped_dir("rubrics") / ROLE_CUES
        return cls(
            config=config,
            book=load_book(folder, extra_rubric),
            cues=load_role_cues(cues),
            cues_sha256=hashlib.sha256(cues.read_bytes()).hexdigest(),
        )

    def with_threads(self, threads: int) -> PipelineSettings:
        """Return the settings for workers of `threads` threads each."""
        return replace(self, threads=threads)

    def build(self) -> CallPipeline:
        """Return the pipeline; the factory of a worker process."""
        return CallPipeline(self)

    @property
    def is_scripted(self) -> bool:
        """Tell whether words come from transcripts made elsewhere."""
        return self.config.transcribe.engine == "scripted"

    def hashes(self) -> Settings:
        """Return hashes of every setting that can change a dialogue, and of every one that can change a verdict.

        Raises:
            ConfigError: there is no such engine.
            ModelError: the weights are missing or damaged.
        """
        load_transcriber_class(self.config.transcribe.engine)
        load_diarizer_class(self.config.diarize.engine)
        engine: tuple[object, ...] = ("scripted",)
        if not self.is_scripted:
            wanted = self.config.transcribe
            weights = find_model(wanted.model, self.config.models.cache_dir).sha256
            engine = (wanted.engine, weights, wanted.compute_type, wanted.device, wanted.beam_size, self.config.diarize)
        heard = (HEARING_VERSION, *engine, self.config.transcribe.language, self.cues_sha256)
        return Settings(
            hearing=hashlib.sha256(repr(heard).encode()).hexdigest(),
            scoring=scoring_hash(self.book),
        )

    def script_sha256(self, call: CallRecord) -> str:
        """Return the hash of the transcript that the scripted engine would take for a call, empty if there is none."""
        if not self.is_scripted:
            return ""
        try:
            return load_script(Path(call.recording.path), self.config.transcribe.script).sha256
        except TranscribeError:
            return ""  # the call will fail with this error when its turn comes


class CallPipeline:
    """Takes one call after another through all stages."""

    def __init__(self, settings: PipelineSettings) -> None:
        self._book = settings.book
        self._hearing = open_hearing(settings.config, settings.cues, settings.threads)

    def run(self, job: CallJob, on_length: Callable[[int], None]) -> CallResult:
        """See Worker.run: return everything the store keeps of a call."""
        info = job.record.info
        heard = job.heard or self._hearing.hear(job.record, on_length)
        scored = score_dialogue(heard.dialogue, info, self._book)
        return CallResult(
            record=job.record,
            audio=heard.audio,
            layout=heard.layout,
            dialogue=heard.dialogue,
            metrics=scored.metrics,
            call_type=scored.call_type,
            scores=scored.scores,
            provenance=heard.provenance,
            fingerprint=job.fingerprint,
            notes=heard.notes,
        )
