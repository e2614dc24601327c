"""The composition root: what a run does with one call, and everything that its result depends on.

Hearing gives the dialogue, then it is measured, given a call type, and scored. Runs in a worker process.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callscore.config import Config, JudgeConfig
from callscore.dialogue import Trouble, find_troubles, measure
from callscore.dialogue.cues import RoleCues, load_role_cues
from callscore.diarize import load_diarizer_class
from callscore.errors import TranscribeError
from callscore.hearing import Heard, find_recogniser, open_hearing
from callscore.jobs.plan import Settings
from callscore.judge import JudgeOptions, LanguageJudge
from callscore.records import (
    CallInfo,
    CallMetrics,
    CallResult,
    CallScore,
    CallType,
    CriterionResult,
    Dialogue,
    RecordedCall,
)
from callscore.registry import find_model
from callscore.rubric import RubricBook, load_book
from callscore.rubric.check_nodes import asks_judge
from callscore.rubric.criterion_hash import with_hashes
from callscore.scoring import guess_call_type, score_call
from callscore.scoring.again import find_wishes
from callscore.scoring.judging import Ask, JudgeAnswer, JudgeQuestion, Silence, off
from callscore.shipped import shipped_dir
from callscore.transcribe.base import load_transcriber_class
from callscore.transcribe.scripted import load_script

__all__ = [
    "CallJob",
    "CallPipeline",
    "Earlier",
    "PipelineSettings",
    "Scored",
    "hashed_book",
    "judge_options",
    "open_ask",
    "score_dialogue",
    "scoring_hash",
]

_log = logging.getLogger(__name__)

# Raised when hearing or scoring makes something else of the same input; stored calls are then heard or scored anew.
HEARING_VERSION: Final = 3
SCORING_VERSION: Final = 3

ROLE_CUES: Final = "phrases/role_cues.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJob:
    """A call to process and the fingerprint its result is stored under; `heard` if only its verdicts are stale."""

    record: RecordedCall
    fingerprint: str
    heard: Heard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What is known of a call from its last scoring and cannot have changed since; `results` by the criterion's sha256."""

    metrics: CallMetrics
    call_type: CallType
    results: Mapping[str, CriterionResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a dialogue gives without its sound. `is_open` where a language model should have been asked but did not answer.

    With `troubles` the call was heard too badly for verdicts and has no scores.
    """

    metrics: CallMetrics
    call_type: CallType
    scores: tuple[CallScore, ...]
    is_open: bool = False
    troubles: tuple[Trouble, ...] = ()

    def stored_as(self, fingerprint: str) -> str:
        """Return the fingerprint to store: an open call gets one that no settings have, so that the next run asks again."""
        return f"{fingerprint}?" if self.is_open else fingerprint

    def as_earlier(self) -> Earlier:
        """Return it as what is known of the call."""
        results = {result.sha256: result for score in self.scores for result in score.results}
        return Earlier(metrics=self.metrics, call_type=self.call_type, results=results)


def score_dialogue(
    dialogue: Dialogue,
    info: CallInfo,
    book: RubricBook,
    ask: Ask = off,
    earlier: Earlier | None = None,
    notes: Sequence[str] = (),
) -> Scored:
    """Measure a dialogue, tell its call type and score it; the same for a call just heard and for a stored one.

    What is known from `earlier` is taken over, not found out again. A call that was heard too badly, by its words or by the
    `notes` of the stages, gets no scores.
    """
    metrics = earlier.metrics if earlier else measure(dialogue)
    call_type = earlier.call_type if earlier else guess_call_type(dialogue, info, book)
    # A call with verdicts from before had no trouble.
    troubles = () if earlier else find_troubles(dialogue, metrics, notes)
    if troubles:
        return Scored(metrics=metrics, call_type=call_type, scores=(), troubles=troubles)
    unanswered: list[JudgeQuestion] = []

    def noting(question: JudgeQuestion) -> JudgeAnswer | Silence:
        answer = ask(question)
        if answer is Silence.DOWN:
            unanswered.append(question)
        return answer

    known = earlier.results if earlier else {}
    scores = score_call(dialogue, metrics, info, call_type, book, ask=off if ask is off else noting, known=known)
    return Scored(metrics=metrics, call_type=call_type, scores=scores, is_open=bool(unanswered))


def hashed_book(book: RubricBook, judge: JudgeConfig) -> RubricBook:
    """Return the book with hashes that tell which stored verdicts its criteria would give again; see with_hashes."""
    return with_hashes(book, SCORING_VERSION, judged_with=_judged_with(judge))


def _judged_with(judge: JudgeConfig) -> tuple[object, ...]:
    return (judge.url, judge.model, judge.max_chars) if judge.url else ()


def scoring_hash(book: RubricBook, judge: JudgeConfig | None = None) -> str:
    """Return a hash of everything besides dialogue and facts that can change a verdict; the judge counts where it is asked."""
    parts: tuple[object, ...] = (SCORING_VERSION, book.sha256)
    if judge is not None and _asks_judge(book):
        parts = (*parts, *_judged_with(judge))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def open_ask(config: Config, book: RubricBook) -> Ask:
    """Return how a language model is asked: off where none is configured or no rubric wants one.

    Raises:
        ConfigError: if its key is missing or the configured certificates cannot be read.
    """
    if not config.judge.url or not _asks_judge(book):
        return off
    return LanguageJudge(judge_options(config.judge, config.store.db.parent / "judge-cache"))


def judge_options(judge: JudgeConfig, usual_cache: Path) -> JudgeOptions:
    """Return the configured language model in the judge's own terms; answers are kept in `usual_cache` if nowhere else."""
    return JudgeOptions(
        url=judge.url,
        model=judge.model,
        api_key_env=judge.api_key_env,
        timeout_s=judge.timeout_s,
        max_chars=judge.max_chars,
        cache_dir=judge.cache_dir or usual_cache,
    )


def _asks_judge(book: RubricBook) -> bool:
    return any(asks_judge(criterion.check) for rubric in book.rubrics for criterion in rubric.criteria)


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
            weights = find_recogniser(self.config).sha256
            how = (wanted.compute_type, wanted.device, wanted.beam_size, wanted.batch_size)
            engine = (wanted.engine, weights, *how, self.config.diarize)
            second = self.config.second_listen
            if second.enabled and second.model:  # told now, not at the first doubtful call
                second_sha256 = find_model(second.model, self.config.models.cache_dir).sha256
                engine = (*engine, second_sha256)
            engine = (*engine, second)
        heard = (HEARING_VERSION, *engine, self.config.transcribe.language, self.cues_sha256)
        return Settings(
            hearing=hashlib.sha256(repr(heard).encode()).hexdigest(),
            scoring=scoring_hash(self.book, self.config.judge),
        )

    def script_sha256(self, call: RecordedCall) -> str:
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
        self._book = hashed_book(settings.book, settings.config.judge)
        self._second = settings.config.second_listen
        self._ask = open_ask(settings.config, settings.book)
        self._hearing = open_hearing(settings.config, settings.cues, settings.threads)

    def run(self, job: CallJob, on_length: Callable[[int], None]) -> CallResult:
        """See Worker.run: return everything the store keeps of a call."""
        info = job.record.info
        heard = job.heard or self._hearing.hear(job.record, on_length)
        scored = score_dialogue(heard.dialogue, info, self._book, self._ask, notes=heard.notes)
        if job.heard is None and self._second.enabled:
            heard = replace(heard, dialogue=self._listen_again(heard.dialogue, scored, info.call_id))
            if heard.dialogue.second:  # confirms some of the verdicts; nothing is judged, and no language model asked, anew
                confirmed = score_dialogue(heard.dialogue, info, self._book, earlier=scored.as_earlier())
                scored = replace(scored, scores=confirmed.scores)
        return CallResult(
            record=job.record,
            audio=heard.audio,
            layout=heard.layout,
            dialogue=heard.dialogue,
            metrics=scored.metrics,
            call_type=scored.call_type,
            scores=scored.scores,
            provenance=heard.provenance,
            fingerprint=scored.stored_as(job.fingerprint),
            notes=heard.notes,
        )

    def _listen_again(self, dialogue: Dialogue, scored: Scored, call_id: str) -> Dialogue:
        """Return the dialogue with what is heard where verdicts are in doubt; a place that cannot be heard stays as it was."""
        wishes = find_wishes(dialogue, scored.scores, self._book, self._second.max_per_call)
        try:
            second = self._hearing.listen_again(wishes, dialogue.language) if wishes else ()
        except TranscribeError as exc:
            _log.warning("call %s: %s", call_id, exc.message)
            return dialogue
        for wish, listen in zip(wishes, second, strict=False):
            what = "with" if listen.is_hinted else "without"
            seconds = wish.length_ms / 1000
            _log.info("call %s: heard %.1f s again for %s, %s the hint", call_id, seconds, ", ".join(wish.criteria), what)
        return replace(dialogue, second=second)
