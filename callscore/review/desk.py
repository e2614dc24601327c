"""The trainer's desk: the only door of the page to the store, the journal and the recordings, and the keeper of who may what.

It reads the published copy of the store and lays the journal over it, so that it never waits for a run and no run for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, TypeVar, cast

from callscore.audio import AudioLimits
from callscore.errors import CallscoreError
from callscore.records import Role, Verdict
from callscore.report.ask.coaching import ask_coaching
from callscore.report.form import form_of
from callscore.report.view import Report, ViewOptions, in_form
from callscore.review.access import AccessLog
from callscore.review.entries import (
    MAX_CHARS,
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Discussed,
    RoleCorrected,
    Sample,
    SampleDrawn,
    SessionOpened,
    TextCorrected,
    VerdictGiven,
)
from callscore.review.journal import Journal, new_id, reviews_folder
from callscore.review.known import Known
from callscore.review.standing import Appeal, EffectiveCall, EffectiveVerdict, stand
from callscore.review.viewer import Rights, Viewer, may_open
from callscore.review.views import Views
from callscore.review.words import say
from callscore.store import open_reader, published_path
from callscore.store.entries import CallFilter, CriterionEntry, RecordingFile
from callscore.store.review_call import read_call_info

__all__ = ["Desk", "DeskCall", "DeskError", "DeskSettings", "Given", "NotAllowedError", "NotFoundError", "WrongInputError"]

_T = TypeVar("_T")
LONGEST_COMMENT: Final = 4_000
LONGEST_WORD: Final = 200
MOST_DRAWN_FROM: Final = 50_000


class DeskError(CallscoreError):
    """Something a person at the desk is told: `key` of review/words.py and what is put into it."""

    scope = "call"

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say(key, "en", **values))
        self.key, self.values = key, values


class NotAllowedError(DeskError):
    """The viewer may not do this."""


class NotFoundError(DeskError):
    """There is no such call, criterion, appeal or clip, or the viewer may not know that there is."""


class WrongInputError(DeskError):
    """What the page sent cannot be: a verdict that is none, a word that is not there, a text that is too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """Where the store lies, how the page speaks, what managers may see; orders lost from `big_order` on are in the queue."""

    db: Path
    language: str = "ru"
    timezone: str = "UTC"
    managers_see_words: bool = False
    min_calls: int = 5
    big_order: int = 10_000
    limits: AudioLimits = field(default_factory=AudioLimits)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCall:
    """A call as it stands, and the names of its criteria and rubrics."""

    standing: EffectiveCall
    criteria: Mapping[tuple[str, int, str], CriterionEntry]
    rubric_titles: Mapping[tuple[str, int], str]
    is_folded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A verdict as the page sends it."""

    call_id: str
    rubric: str
    criterion: str
    verdict: str
    reason: str = ""
    sample: Sample = ""
    session: str = ""


class Desk:
    """Everything the pages ask and do; every call checks the viewer."""

    def __init__(self, settings: DeskSettings) -> None:
        self.settings = settings
        folder = reviews_folder(settings.db)
        self.known = Known(Journal(folder))
        self.access = AccessLog(folder)
        self.views = Views(folder)
        self._kept: dict[str, tuple[object, object]] = {}

    def rights(self, viewer: Viewer) -> Rights:
        """Return what a viewer may do."""
        return Rights.of(viewer, managers_see_words=self.settings.managers_see_words)

    def keep(self, name: str, make: Callable[[], _T]) -> _T:
        """Return what `make` gives, made anew only once the store was published again: for answers from the store alone."""
        stamp = self._stamp()
        kept_stamp, kept = self._kept.get(name, (None, None))
        if stamp is None or stamp != kept_stamp:
            kept = make()
            self._kept[name] = (stamp, kept)
        return cast("_T", kept)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = published_path(self.settings.db).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def call(self, viewer: Viewer, call_id: str) -> DeskCall:
        """Return a call with everything people said about it.

        Raises:
            NotFoundError: if there is none, or the viewer may not open it: the answer is the same, so that nothing is told.
        """
        with open_reader(self.settings.db) as reader:
            stored = reader.call(call_id)
            if stored is None or not may_open(viewer, stored.info):
                raise NotFoundError("error_no_call")
            criteria, titles = reader.criteria(), reader.rubric_titles()
        standing = stand(stored, self.known.of_call(call_id), criteria)
        return DeskCall(standing=standing, criteria=criteria, rubric_titles=titles)

    def recording(self, viewer: Viewer, call_id: str) -> RecordingFile | None:
        """Return where the recording of a call lay; the page never shows it, only plays it.

        Raises:
            NotFoundError: see call.
            NotAllowedError: if the viewer may not hear calls.
        """
        if not self.rights(viewer).sees_words:
            raise NotAllowedError("error_no_words")
        with open_reader(self.settings.db) as reader:
            with reader.asking() as queries:
                stored = read_call_info(queries, call_id)
            if stored is None or not may_open(viewer, stored):
                raise NotFoundError("error_no_call")
            return reader.recording_file(call_id)

    def give_verdict(self, viewer: Viewer, given: Given) -> DeskCall:
        """Write a verdict to the journal and return the call as it now stands."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        call = self.call(viewer, given.call_id)
        verdict = find_verdict(call, given.rubric, given.criterion)
        score = next(item for item in call.standing.scores if item.machine.rubric == given.rubric)
        if given.verdict not in set(Verdict):
            raise WrongInputError("error_verdict")
        if (given.sample == "blind") is not bool(given.session):
            raise WrongInputError("error_no_session")
        if given.session:
            self.check_session(viewer, given.session, given.call_id)
        drawn = self.sample()
        is_drawn = drawn is not None and given.call_id in drawn.call_ids
        entry = VerdictGiven(
            **signed(viewer),
            call_id=given.call_id,
            rubric=given.rubric,
            rubric_version=score.machine.rubric_version,
            criterion=given.criterion,
            old=verdict.verdict,
            new=Verdict(given.verdict),
            reason=short(given.reason),
            # Rates of mistakes rest on these: what was not drawn cannot be called so.
            sample=given.sample if given.sample != "random" or is_drawn else "",
            session=given.session,
        )
        self.known.append(entry)
        return self.call(viewer, given.call_id)

    def correct_word(self, viewer: Viewer, call_id: str, turn_no: int, word_no: int | None, text: str) -> None:
        """Write how a word, or a whole turn, is really said; an empty text: nothing was said."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        turn = next((item for item in self.call(viewer, call_id).standing.turns if item.turn.turn_no == turn_no), None)
        if turn is None or (word_no is not None and not 0 <= word_no < len(turn.words)):
            raise NotFoundError("error_no_turn")
        old = turn.text if word_no is None else turn.words[word_no].text
        new = short(text, LONGEST_WORD if word_no is not None else LONGEST_COMMENT)
        self.known.append(
            TextCorrected(**signed(viewer), call_id=call_id, turn_no=turn_no, word_no=word_no, old=old[:MAX_CHARS], new=new)
        )

    def correct_role(self, viewer: Viewer, call_id: str, turn_no: int, role: str) -> None:
        """Write who really speaks in a turn."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        turn = next((item for item in self.call(viewer, call_id).standing.turns if item.turn.turn_no == turn_no), None)
        if turn is None:
            raise NotFoundError("error_no_turn")
        if role not in set(Role):
            raise WrongInputError("error_role")
        self.known.append(RoleCorrected(**signed(viewer), call_id=call_id, turn_no=turn_no, old=turn.role, new=Role(role)))

    def mark_seen(self, viewer: Viewer, call_id: str) -> None:
        """Write that a trainer is done with a call."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        self.call(viewer, call_id)
        self.known.append(CallSeen(**signed(viewer), call_id=call_id))

    def appeal(self, viewer: Viewer, call_id: str, rubric: str, criterion: str, reason: str) -> None:
        """Write an operator's appeal against a verdict; one that is open already is not doubled."""
        self._must(self.rights(viewer).appeals, "error_operators_only")
        call = self.call(viewer, call_id)
        find_verdict(call, rubric, criterion)
        if not reason.strip():
            raise WrongInputError("error_no_reason")
        if any(is_open(item, rubric, criterion) for item in call.standing.appeals):
            raise WrongInputError("error_appealed")
        self.known.append(
            AppealFiled(
                **signed(viewer), appeal_id=new_id(), call_id=call_id, rubric=rubric, criterion=criterion, reason=short(reason)
            )
        )

    def decide(self, viewer: Viewer, appeal_id: str, *, accepted: bool, verdict: str, reason: str) -> str:
        """Write a trainer's answer to an appeal, with the new verdict where it is accepted; return the id of the call."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        call_id = self.known.call_of(appeal_id)
        appeal = None
        if call_id is not None:
            call = self.call(viewer, call_id)
            appeal = next((item for item in call.standing.appeals if item.filed.appeal_id == appeal_id), None)
        if call_id is None or appeal is None:
            raise NotFoundError("error_no_appeal")
        self._must(appeal.filed.who != viewer.login, "error_own_appeal")
        if accepted:
            given = Given(
                call_id=call_id,
                rubric=appeal.filed.rubric,
                criterion=appeal.filed.criterion,
                verdict=verdict,
                reason=reason,
                sample="appeal",
            )
            self.give_verdict(viewer, given)
        self.known.append(AppealDecided(**signed(viewer), appeal_id=appeal_id, accepted=accepted, reason=short(reason)))
        return call_id

    def check_session(self, viewer: Viewer, session_id: str, call_id: str) -> SessionOpened:
        """Return a calibration session; raises NotAllowedError where the call or the viewer is no part of it."""
        session = next((item for item in self.known.sessions() if item.session_id == session_id), None)
        if session is None or call_id not in session.call_ids or viewer.login not in session.reviewers:
            raise NotAllowedError("error_no_session")
        return session

    def own_verdicts(self, viewer: Viewer, session_id: str, call_id: str) -> Mapping[str, Verdict]:
        """Return what a reviewer said about a call in a session, by criterion."""
        return {
            entry.criterion: entry.new
            for entry in self.known.of_call(call_id)
            if isinstance(entry, VerdictGiven) and (entry.session, entry.who) == (session_id, viewer.login)
        }

    def appeals(self, viewer: Viewer) -> tuple[tuple[Appeal, str], ...]:
        """Return every appeal with the title of its criterion, open ones first, newest first."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        with open_reader(self.settings.db) as reader:
            titles = {(rubric, criterion): entry for (rubric, _, criterion), entry in sorted(reader.criteria().items())}
        found: dict[str, Appeal] = {}
        for entry in self.known.every():
            if isinstance(entry, AppealFiled):
                found[entry.appeal_id] = Appeal(filed=entry)
            elif isinstance(entry, AppealDecided) and entry.appeal_id in found:
                appeal = found[entry.appeal_id]
                found[entry.appeal_id] = replace(appeal, decisions=(*appeal.decisions, entry))
        newest = sorted(found.values(), key=lambda appeal: appeal.filed.at, reverse=True)
        return tuple(
            (appeal, self.title(titles.get((appeal.filed.rubric, appeal.filed.criterion)), appeal.filed.criterion))
            for appeal in sorted(newest, key=lambda appeal: appeal.state != "open")
        )

    def coaching(self) -> Report:
        """Return what each operator should work on, as `callscore report coaching` does.

        Raises:
            NothingToDoError: if there are no scored calls with operators.
        """
        return self.keep("coaching", self._ask_coaching)

    def _ask_coaching(self) -> Report:
        settings = self.settings
        options = ViewOptions(language=settings.language, timezone=settings.timezone, min_calls=settings.min_calls)
        with open_reader(settings.db) as reader:
            return in_form(ask_coaching(reader, CallFilter(), None, options), form_of(settings.language))

    def discussed(self) -> tuple[Discussed, ...]:
        """Return what was talked over with operators, newest first."""
        return tuple(entry for entry in reversed(self.known.every()) if isinstance(entry, Discussed))

    def draw_for_session(self, viewer: Viewer, rubric: str, size: int) -> tuple[str, ...]:
        """Return calls of a rubric drawn by lot, for a calibration session."""
        self._must(self.rights(viewer).corrects, "error_trainers_only")
        with open_reader(self.settings.db) as reader:
            calls = [row.call_id for row in reader.calls(CallFilter(rubric=rubric, limit=MOST_DRAWN_FROM)) if row.rubric]
        return tuple(SystemRandom().sample(calls, min(size, len(calls))))

    def title(self, entry: CriterionEntry | None, criterion: str) -> str:
        """Return how a criterion is called in the desk's language; its id where it has no title."""
        if entry is None:
            return criterion
        return (entry.title_ru if self.settings.language == "ru" else entry.title_en) or entry.title_ru or criterion

    def sample(self) -> SampleDrawn | None:
        """Return the sample that was drawn last."""
        return next((entry for entry in reversed(self.known.every()) if isinstance(entry, SampleDrawn)), None)

    def collections(self) -> Mapping[str, tuple[ClipTaken, ...]]:
        """Return the clips of each collection, oldest first."""
        removed = {entry.clip_id for entry in self.known.every() if isinstance(entry, ClipRemoved)}
        found: dict[str, list[ClipTaken]] = {}
        for entry in self.known.every():
            if isinstance(entry, ClipTaken) and entry.clip_id not in removed:
                found.setdefault(entry.collection, []).append(entry)
        return {name: tuple(clips) for name, clips in sorted(found.items())}

    @staticmethod
    def _must(allowed: bool, key: str) -> None:
        if not allowed:
            raise NotAllowedError(key)


def find_verdict(call: DeskCall, rubric: str, criterion: str) -> EffectiveVerdict:
    """Return how a criterion stands; raises NotFoundError where the call has none of that name."""
    for score in call.standing.scores:
        for verdict in score.verdicts:
            if (score.machine.rubric, verdict.machine.criterion) == (rubric, criterion):
                return verdict
    raise NotFoundError("error_no_criterion")


def is_open(appeal: Appeal, rubric: str, criterion: str) -> bool:
    """Tell whether an appeal on this criterion awaits its answer."""
    return appeal.state == "open" and (appeal.filed.rubric, appeal.filed.criterion) == (rubric, criterion)


def short(text: str, most: int = LONGEST_COMMENT) -> str:
    """Return a text a person typed, without blanks around it; raises WrongInputError if it is too long or no text."""
    text = text.strip()
    if len(text) > most:
        raise WrongInputError("error_long", n=len(text), most=most)
    if any(ord(letter) < 32 and letter not in "\n\t\r" for letter in text) or any(0xD800 <= ord(c) < 0xE000 for c in text):
        raise WrongInputError("error_signs")
    return text


def signed(viewer: Viewer) -> dict[str, Any]:
    """Return what every entry begins with: a fresh id, the time, and who."""
    return {"id": new_id(), "at": datetime.now(UTC), "who": viewer.login}
