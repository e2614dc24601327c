"""The frozen records that pass between stages. Standard library and a numpy array type only; no behaviour beyond checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from callscore.units import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "SCORED_DIRECTIONS",
    "AudioInfo",
    "CallInfo",
    "CallLeg",
    "CallMetrics",
    "CallRecord",
    "CallResult",
    "CallScore",
    "CallType",
    "CriterionResult",
    "DecidedBy",
    "Dialogue",
    "Diarization",
    "Direction",
    "Disposition",
    "Evidence",
    "Layout",
    "LegKind",
    "MonoAudio",
    "OrderRecord",
    "Outcome",
    "Provenance",
    "RecordedCall",
    "Recording",
    "RecordingLink",
    "Role",
    "RoleGuess",
    "SecondListen",
    "Sound",
    "SoundKind",
    "SpeakerSpan",
    "Transcript",
    "Turn",
    "TurnKind",
    "Verdict",
    "VoiceActivity",
    "Word",
]


class Role(StrEnum):
    """Who speaks: the shop's side, the other side, or a machine (prompts, music, tones)."""

    OPERATOR = "operator"
    CLIENT = "client"
    SYSTEM = "system"


class Direction(StrEnum):
    """Who called whom, seen from the call centre. `callback`: the PBX called both at the client's wish.

    Only a PBX tells the last two apart: a call that is scored is inbound or outbound, and internal calls are not scored.
    """

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    CALLBACK = "callback"


SCORED_DIRECTIONS: Final = (Direction.INBOUND, Direction.OUTBOUND)
"""Directions a scored call can have; a call-back is scored as outbound."""


class Layout(StrEnum):
    """How the parties lie in the file: a leg per channel, or both on one."""

    STEREO = "stereo"
    MONO = "mono"


class SoundKind(StrEnum):
    """What a stretch of non-speech is."""

    MUSIC = "music"
    TONE = "tone"
    NOISE = "noise"


class TurnKind(StrEnum):
    """What a turn consists of. `hold` is hold music, `ring` a ring-back or other signalling tone."""

    SPEECH = "speech"
    HOLD = "hold"
    RING = "ring"


class Verdict(StrEnum):
    """The outcome of one criterion. `na`: the situation did not arise."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NA = "na"
    UNSURE = "unsure"


class Disposition(StrEnum):
    """How a call ended for the client, or a leg for the one who was rung. `abandoned`: the client hung up before an answer."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    VOICEMAIL = "voicemail"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class LegKind(StrEnum):
    """What a leg was: somebody was rung in vain, somebody talked, or talked because the call was handed over."""

    RING = "ring"
    TALK = "talk"
    TRANSFER_BLIND = "transfer_blind"
    TRANSFER_ATTENDED = "transfer_attended"


class Outcome(StrEnum):
    """What became of an order."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


class DecidedBy(StrEnum):
    """Who gave the verdict."""

    MACHINE = "machine"
    JUDGE = "judge"
    HUMAN = "human"


def _check_frac(owner: str, name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{owner}.{name} must be in 0..1, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInfo:
    """What a PBX or a metadata file knows about a call. Everything but `call_id` may be unknown (None).

    `started_at` is aware UTC; phones are E.164 where they could be parsed, else as given; `operator_channel` is 0 (left) or
    1 (right); `call_type`, if set, overrides detection; `language` is an ISO 639-1 code that overrides the config.
    """

    call_id: str
    started_at: datetime | None = None
    direction: Direction | None = None
    operator: str | None = None
    extension: str | None = None
    client_phone: str | None = None
    did: str | None = None
    queue: str | None = None
    wait_ms: int | None = None
    transferred_to: str | None = None
    operator_channel: int | None = None
    call_type: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording file as found. `path` is absolute, `name` what users see; `sha256` is of the file's bytes."""

    path: str
    name: str
    source: str
    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call to process: its recording and what is known about it."""

    info: CallInfo
    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLeg:
    """One employee's part in a call, as the PBX saw it. Times are aware UTC; None: not known, or it did not happen."""

    kind: LegKind
    operator_id: str | None = None
    operator_name: str | None = None
    extension: str | None = None
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: Disposition = Disposition.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLink:
    """Where the recording of a call, or of one leg, can be had.

    `rec_id` is lasting: the source fetches the recording by it at any time. Addresses are short-lived secrets and are asked
    for when it is fetched. `leg` is an index into CallRecord.legs; None: the whole call. `client_channel` is 0 (left) or 1
    (right), where the system tells.
    """

    rec_id: str
    leg: int | None = None
    client_channel: int | None = None

    def __post_init__(self) -> None:
        if self.client_channel not in (None, 0, 1):
            raise ValueError(f"RecordingLink.client_channel must be 0, 1 or None, got {self.client_channel!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call as a PBX knows it, recorded or not. Times are aware UTC, durations whole ms; None: the system does not tell.

    `source` is the kind of system, `account` the name of the configured source; with `call_id`, the id in that system, they
    are the key. `linked_ids` are other ids of the same talk. `client_phone` is E.164 where the number could be parsed.
    `operator_*` name the last employee who talked; all are in `legs`. `wait_ms` lasts from entering the line to the answer by
    a person, `ring_ms` is how long the last operator was rung, `talk_ms` the talk with people, `total_ms` everything.
    `missed_reason` is the system's own word. `utm` and `tags` come from marketing; `campaign` and `visitor_id` too.
    """

    source: str
    account: str
    call_id: str
    started_at: datetime
    direction: Direction | None = None
    disposition: Disposition = Disposition.UNKNOWN
    linked_ids: tuple[str, ...] = ()
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    client_phone: str | None = None
    line_phone: str | None = None
    operator_id: str | None = None
    operator_name: str | None = None
    extension: str | None = None
    queue: str | None = None
    wait_ms: int | None = None
    ring_ms: int | None = None
    talk_ms: int | None = None
    total_ms: int | None = None
    missed_reason: str | None = None
    legs: tuple[CallLeg, ...] = ()
    tags: tuple[str, ...] = ()
    utm: tuple[tuple[str, str], ...] = ()
    campaign: str | None = None
    visitor_id: str | None = None
    session_id: str | None = None
    recordings: tuple[RecordingLink, ...] = ()

    def __post_init__(self) -> None:
        if not self.call_id:
            raise ValueError("CallRecord.call_id must not be empty")
        # Without getattr: a source may read a million of them in a night.
        for at in (self.started_at, self.answered_at, self.ended_at):
            if at is not None and at.tzinfo is None:
                raise ValueError(f"times of a CallRecord must be aware, got {at!r}")
        for value in (self.wait_ms, self.ring_ms, self.talk_ms, self.total_ms):
            if value is not None and value < 0:
                raise ValueError(f"durations of a CallRecord must be 0 or more, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """An order or deal as a CRM knows it. Times are aware UTC; `client_phones` are E.164 where they could be parsed.

    `closed_at` is set only where `outcome` is not open; `closed_at_is_estimate` says that the system has no closing time and
    the last change of status stands for it. `call_ids` are ids of calls that the CRM itself ties to the order.
    """

    source: str
    account: str
    order_id: str
    created_at: datetime
    outcome: Outcome
    status_raw: str = ""
    number: str | None = None
    closed_at: datetime | None = None
    closed_at_is_estimate: bool = False
    amount: float | None = None
    currency: str | None = None
    client_phones: tuple[str, ...] = ()
    client_id: str | None = None
    responsible_id: str | None = None
    responsible_name: str | None = None
    utm: tuple[tuple[str, str], ...] = ()
    call_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.order_id:
            raise ValueError("OrderRecord.order_id must not be empty")
        if self.outcome is Outcome.OPEN and self.closed_at is not None:
            raise ValueError("OrderRecord.closed_at must be None while the order is open")
        for name in ("created_at", "closed_at"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is None:
                raise ValueError(f"OrderRecord.{name} must be aware")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInfo:
    """What probing a recording tells, before decoding. `rate_hz` is the file's own rate."""

    container: str
    codec: str
    rate_hz: int
    n_channels: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonoAudio:
    """One channel in memory: float32, (n_samples,), -1..1, at `rate_hz` (16000); the array is read-only."""

    samples: NDArray[np.float32]
    rate_hz: int
    channel: int

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, rounded down."""
        return len(self.samples) * 1000 // self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A stretch of sound that is not speech."""

    span: Span
    kind: SoundKind


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceActivity:
    """Where one channel holds speech and where other sound. Both sorted, none overlapping."""

    channel: int
    duration_ms: int
    speech: tuple[Span, ...]
    sounds: tuple[Sound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a result came from: the engine, the weights' sha256 (empty for none), a hash of its parameters."""

    engine: str
    model: str = ""
    model_sha256: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word with its punctuation. `prob` is the engine's confidence; `span` is within the call."""

    span: Span
    text: str
    prob: float

    def __post_init__(self) -> None:
        _check_frac("Word", "prob", self.prob)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The words of one channel in time order, and the speech in which none were recognised.

    `rejected` is speech whose recognised text was thrown away as invented (loops, subtitle credits); it is part of
    `unrecognised` as well, so that a verdict can rest on how well a window was heard.
    """

    channel: int
    words: tuple[Word, ...]
    language: str
    unrecognised: tuple[Span, ...]
    rejected: tuple[Span, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerSpan:
    """A stretch spoken by one anonymous speaker ("S0"); spans of different speakers may overlap."""

    span: Span
    speaker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diarization:
    """Who speaks when, on one channel, sorted by start."""

    channel: int
    spans: tuple[SpeakerSpan, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGuess:
    """The role of one speaker with the confidence 0..1 and the reason, in plain words."""

    speaker: str
    role: Role
    confidence: float
    reason: str

    def __post_init__(self) -> None:
        _check_frac("RoleGuess", "confidence", self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One role's run of speech, or one stretch of hold music or ringing (then without words, role `system`).

    `role_confidence` says how sure the role is; `words` are in time order; turns of different roles may overlap.
    """

    turn_no: int
    kind: TurnKind
    role: Role
    speaker: str
    channel: int
    span: Span
    words: tuple[Word, ...] = ()
    role_confidence: float = 1.0

    def __post_init__(self) -> None:
        _check_frac("Turn", "role_confidence", self.role_confidence)

    @property
    def text(self) -> str:
        """The words joined by single blanks."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean word probability times role confidence; the role confidence alone where there are no words."""
        if not self.words:
            return self.role_confidence
        return self.role_confidence * sum(word.prob for word in self.words) / len(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondListen:
    """What was heard where a verdict was in doubt and the place was listened to once more; `span` covers the place.

    With `is_hinted` the recogniser was told which words the rubric asks for. Such words are kept only where the sound supports
    them: their `prob` is always that which the recogniser gives them without the hint. `model` is the weights' name.
    """

    role: Role
    channel: int
    span: Span
    words: tuple[Word, ...]
    is_hinted: bool
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A call as turns in order of start, `turn_no` 0.. in that order.

    `unrecognised` is speech that gave no words, per role where known; a missing phrase is only missing where the call was
    heard. `second` is what was heard where something was listened to again; the turns hold what was heard first.
    """

    duration_ms: int
    layout: Layout
    language: str
    turns: tuple[Turn, ...]
    unrecognised: tuple[tuple[Role, Span], ...] = ()
    second: tuple[SecondListen, ...] = ()

    def spoken(self, role: Role | None = None) -> tuple[Turn, ...]:
        """Return the turns with speech, of `role` or of everyone, in order."""
        return tuple(t for t in self.turns if t.kind is TurnKind.SPEECH and (role is None or t.role is role))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMetrics:
    """Times and rates of one call; times in ms, rates per minute of own talk, None where there was nothing to measure.

    Silence is time inside the conversation (first to last speech turn) with neither speech nor hold nor ringing.
    """

    operator_talk_ms: int
    client_talk_ms: int
    overlap_ms: int
    silence_ms: int
    longest_silence_ms: int
    longest_silence_start_ms: int | None
    hold_ms: int
    n_holds: int
    ring_ms: int
    n_operator_turns: int
    n_client_turns: int
    interruptions_by_operator: int
    interruptions_by_client: int
    operator_words_per_min: float | None
    client_words_per_min: float | None
    operator_talk_frac: float | None
    operator_reply_delay_ms: int | None
    longest_operator_turn_ms: int
    unrecognised_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallType:
    """The kind of call by its id in rubrics/call_types.yaml, the confidence 0..1, and why.

    `shares` are the probabilities of all kinds, together 1, where none is sure; empty where one is.
    """

    id: str
    confidence: float
    reason: str
    shares: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        _check_frac("CallType", "confidence", self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a verdict rests on: a span of the call, who spoke, and the words as recognised (may be empty: "not found")."""

    span: Span
    role: Role | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion's verdict. `points` of `max_points`; both are 0 for `na`; `unsure` earns none and keeps its maximum.

    `reason` is one sentence in the rubric's language for a QA lead. `evidence` is never empty for pass and fail: for "never
    said" it is the span that was searched, with an empty text. `sha256` is the criterion's, see there.
    """

    criterion: str
    verdict: Verdict
    confidence: float
    points: float
    max_points: float
    critical: bool
    evidence: tuple[Evidence, ...]
    reason: str
    decided_by: DecidedBy = DecidedBy.MACHINE
    sha256: str = ""

    def __post_init__(self) -> None:
        _check_frac("CriterionResult", "confidence", self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScore:
    """A call under one rubric. `score` is points of the decided criteria / their maximum x 100, None if nothing was decided.

    `score_low` and `score_high` take every `unsure` as fail and as pass; `critical_failed` makes the score 0.
    """

    rubric: str
    rubric_version: int
    rubric_sha256: str
    results: tuple[CriterionResult, ...]
    points: float
    max_points: float
    score: float | None
    score_low: float | None
    score_high: float | None
    critical_failed: bool
    n_unsure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """Everything one processed call leaves in the store; written in one commit."""

    record: RecordedCall
    audio: AudioInfo
    layout: Layout
    dialogue: Dialogue
    metrics: CallMetrics
    call_type: CallType
    scores: tuple[CallScore, ...]
    provenance: tuple[Provenance, ...]
    fingerprint: str
    notes: tuple[str, ...] = field(default=())
