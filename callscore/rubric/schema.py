"""The frozen records of a rubric book: rubrics, criteria, what each check looks for, phrase sets, call types. No behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callscore.phrases import PhraseSet
from callscore.records import Direction, Role, Verdict
from callscore.rubric.phrase_files import RawSet
from callscore.rubric.thresholds import Thresholds

__all__ = [
    "Absence",
    "AllOf",
    "AnyOf",
    "AppliesTo",
    "CallTypeDef",
    "Check",
    "Condition",
    "Criterion",
    "Cue",
    "EventCheck",
    "EventKind",
    "Example",
    "Exchange",
    "Flag",
    "Judge",
    "Manual",
    "Metric",
    "Name",
    "NameOf",
    "Not",
    "Phrase",
    "Rubric",
    "RubricBook",
    "Said",
    "Section",
    "Sequence",
    "Steps",
    "Structure",
    "Title",
    "Unclear",
    "Window",
]


class EventKind(StrEnum):
    """What can happen in a call besides talk. A transfer is a ring or a new voice in mid-call, or what the PBX reports."""

    HOLD = "hold"
    TRANSFER = "transfer"
    RING = "ring"


class Flag(StrEnum):
    """A trait of the whole call that a condition may ask for."""

    CUT_OFF = "cut_off"
    NO_ANSWER = "no_answer"


class NameOf(StrEnum):
    """Whose name is looked for."""

    OPERATOR = "operator"
    CLIENT = "client"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Title:
    """A name people read, in Russian and English."""

    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the title in `language`, English for any that is not Russian."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of the call is searched; everything where no limit is set. Turns are those of the searched role.

    `until_client_turn` ends the window with the client's turn of that number (1 is the first).
    """

    first_turns: int | None = None
    last_turns: int | None = None
    first_ms: int | None = None
    last_ms: int | None = None
    until_client_turn: int | None = None
    before: EventKind | None = None
    after: EventKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words of one of `phrases` by one of `roles` inside `window`; with `is_question`, only in a sentence that asks.

    `source` is what the file says, for messages.
    """

    roles: tuple[Role, ...]
    phrases: PhraseSet
    source: tuple[str, ...]
    window: Window = field(default_factory=Window)
    is_question: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Passes when every part of `parts` is said; a plain `any:` is a single part."""

    parts: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Passes when `said` is not said."""

    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A first answer of at least `words` words that states something and is none of `brush_off`: it may be to the point."""

    words: int
    brush_off: PhraseSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Whenever `when` is said, `then` must follow within `within_turns` turns of its role.

    With `every`, each occurrence needs its answer; else one answered occurrence is enough. `missing` is the verdict where
    `when` is never said. With `echo`, it is doubtful whether `when` arose where the figure just named is repeated as a question
    or an exclamation ("Nineteen thousand?!"). `unclear` makes an answer that holds nothing known doubtful, not absent.
    """

    when: Said
    then: Said
    within_turns: int
    every: bool = True
    missing: Verdict = Verdict.NA
    echo: bool = False
    unclear: Unclear | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Around every event `around`: `before` is said in the last `turns` turns before it, `after` in the first ones after it."""

    around: EventKind
    before: Said | None
    after: Said | None
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Passes when the steps are said one after another."""

    steps: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """Passes while the figure `name` of CallMetrics lies in `at_least..below`; within `grey` of a limit it is doubtful."""

    name: str
    at_least: float | None = None
    below: float | None = None
    grey: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCheck:
    """Passes when the number of events lies in `at_least..at_most`."""

    kind: EventKind
    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Passes when somebody is named: the operator by oneself, the client by the operator, the company by the operator.

    `frames` are the words around a name ("магазин", "меня зовут <имя>"). `fillers` are what a name is told from: words of an
    opening that name no company, or greetings, after which a name addresses the other side.
    """

    of: NameOf
    frames: PhraseSet | None
    fillers: PhraseSet | None
    window: Window = field(default_factory=Window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """Only a person can decide: always unsure, with the question to ask."""

    question: Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A question to a language model that yes or no answers, about the turns of `roles` inside `window`; yes passes.

    `context_turns` turns of anyone before and after each of them are sent along. `missing` is the verdict where the model
    says that the question does not apply to the call: na or unsure.
    """

    question: Title
    roles: tuple[Role, ...]
    window: Window = field(default_factory=Window)
    context_turns: int = 0
    missing: Verdict = Verdict.UNSURE


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Passes when one of the checks does."""

    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Passes when all of the checks do."""

    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Passes when the check fails."""

    check: Check


Check = Phrase | Absence | Exchange | Sequence | Steps | Metric | EventCheck | Name | Manual | Judge | AnyOf | AllOf | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a criterion applies: everything set must hold, and nothing of `unless`."""

    call_types: tuple[str, ...] = ()
    direction: Direction | None = None
    event: EventKind | None = None
    flag: Flag | None = None
    said: Said | None = None
    unless: tuple[Condition, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A short dialogue with the verdict it must get, under rubrics for one of `call_types` (empty: under any)."""

    verdict: Verdict
    text: str
    call_types: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question of a rubric. `weight` 0..10 are its points; a failed `critical` one makes the score 0.

    `reasons` are the sentences shown for fail and na, in the rubric's language. `sha256` covers all that a verdict depends on
    besides the call, see criterion_hash.py; empty where nobody asked for it.
    """

    id: str
    section: str
    title: Title
    weight: float
    critical: bool
    applies_when: Condition | None
    check: Check
    reasons: Mapping[Verdict, str]
    examples: tuple[Example, ...]
    where: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that groups criteria."""

    id: str
    title: Title
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """Which calls a rubric is for; empty means any."""

    direction: Direction | None = None
    call_types: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """A rubric ready to score with. `sha256` covers its text, what it extends, and the phrase sets it uses."""

    id: str
    version: int
    language: str
    title: Title
    applies_to: AppliesTo
    sections: tuple[Section, ...]
    criteria: tuple[Criterion, ...]
    sha256: str
    file: str
    extra: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that speak for a call type, each said occurrence once: `weight` is a natural-log odds, negative speaks against."""

    said: Said
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A shape of the call that speaks for a type: turns of a role (0 for a role that never speaks)."""

    role: Role
    at_most_turns: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTypeDef:
    """A kind of call and what tells it from others. `prior` is a natural-log odds before anything is heard."""

    id: str
    title: Title
    aliases: tuple[str, ...]
    direction: Direction | None
    prior: float
    queues: Mapping[str, float]
    lines: Mapping[str, float]
    cues: Mapping[str, tuple[Cue, ...]]
    structures: tuple[Structure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricBook:
    """Everything a folder of rubrics holds. `sha256` covers all that verdicts depend on, call types included.

    `phrase_sets` are the named sets as written, for remarks on them; checks hold their phrases already.
    """

    rubrics: tuple[Rubric, ...]
    call_types: tuple[CallTypeDef, ...]
    sha256: str
    folder: str
    thresholds: Thresholds = field(default_factory=Thresholds)
    phrase_sets: tuple[RawSet, ...] = ()
