"""Clips in named collections and calibration sessions: what the desk does beside verdicts. Each function checks its viewer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.review.desk import Desk, NotAllowedError, NotFoundError, WrongInputError, short, signed
from callscore.review.entries import ClipRemoved, ClipTaken, Discussed, SessionOpened, VerdictGiven
from callscore.review.journal import new_id
from callscore.review.viewer import Viewer
from callscore.units import Span

__all__ = ["SessionState", "discuss", "list_sessions", "open_session", "own_clips", "remove_clip", "span_of", "take_clip"]

LONGEST_CLIP_MS: Final = 10 * 60_000
_LONGEST_NAME: Final = 100
_MOST_SESSION_CALLS: Final = 500
_MOST_REVIEWERS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """A calibration session and how far each reviewer is: calls with a verdict of his in it."""

    session: SessionOpened
    done: Mapping[str, int]
    next_call: str | None


def take_clip(desk: Desk, viewer: Viewer, call_id: str, span: tuple[str, str], texts: tuple[str, str]) -> None:
    """Put a piece of a call into a collection.

    Args:
        desk: the desk.
        viewer: must be a trainer.
        call_id: the call.
        span: start and end as people type them, seconds with a point or comma.
        texts: the collection's name and a note.
    """
    _trainers_only(desk, viewer)
    call = desk.call(viewer, call_id).standing.call
    start, end = (_milliseconds(text) for text in span)
    length = call.audio.duration_ms if call.audio else 0
    end = min(end, length)
    if not 0 <= start < end:
        raise WrongInputError("error_clip")
    if end - start > LONGEST_CLIP_MS:
        raise WrongInputError("error_long_clip", n=LONGEST_CLIP_MS // 60_000)
    collection, note = short(texts[0], _LONGEST_NAME), short(texts[1])
    if not collection:
        raise WrongInputError("error_name")
    desk.known.append(
        ClipTaken(
            **signed(viewer), clip_id=new_id(), collection=collection, call_id=call_id, start_ms=start, end_ms=end, note=note
        )
    )


def remove_clip(desk: Desk, viewer: Viewer, clip_id: str) -> None:
    """Take a clip out of its collection."""
    _trainers_only(desk, viewer)
    if desk.known.call_of(clip_id) is None:
        raise NotFoundError("error_no_clip")
    desk.known.append(ClipRemoved(**signed(viewer), clip_id=clip_id))


def own_clips(desk: Desk, viewer: Viewer, collection: str) -> tuple[ClipTaken, ...]:
    """Return the clips of a collection, oldest first; raises NotFoundError if there is none of that name."""
    if not desk.rights(viewer).sees_words or viewer.operator is not None:
        raise NotAllowedError("error_no_words")
    clips = desk.collections().get(collection)
    if not clips:
        raise NotFoundError("error_no_clip")
    return clips


def span_of(clip: ClipTaken) -> Span:
    """Return where a clip lies."""
    return Span(clip.start_ms, clip.end_ms)


def discuss(desk: Desk, viewer: Viewer, operator: str, criterion: str, note: str) -> None:
    """Write that a criterion was talked over with an operator."""
    _trainers_only(desk, viewer)
    if not operator.strip() or not criterion.strip():
        raise WrongInputError("error_name")
    entry = Discussed(
        **signed(viewer), operator=short(operator, _LONGEST_NAME), criterion=short(criterion, _LONGEST_NAME), note=short(note)
    )
    desk.known.append(entry)


def open_session(desk: Desk, viewer: Viewer, title: str, rubric: str, call_ids: Sequence[str], reviewers: Sequence[str]) -> str:
    """Begin a calibration session and return its id."""
    _trainers_only(desk, viewer)
    logins = tuple(dict.fromkeys(short(login, _LONGEST_NAME) for login in reviewers if login.strip()))
    if not short(title, _LONGEST_NAME) or not logins:
        raise WrongInputError("error_name")
    if not call_ids:
        raise NotFoundError("error_no_calls")
    if len(call_ids) > _MOST_SESSION_CALLS or len(logins) > _MOST_REVIEWERS:
        raise WrongInputError("error_number")
    session_id = new_id()
    desk.known.append(
        SessionOpened(
            **signed(viewer),
            session_id=session_id,
            title=short(title, _LONGEST_NAME),
            rubric=rubric,
            call_ids=tuple(call_ids),
            reviewers=logins,
        )
    )
    return session_id


def list_sessions(desk: Desk, viewer: Viewer) -> tuple[SessionState, ...]:
    """Return the calibration sessions, newest first, with who is how far."""
    _trainers_only(desk, viewer)
    judged: dict[tuple[str, str], set[str]] = {}
    for entry in desk.known.every():
        if isinstance(entry, VerdictGiven) and entry.session:
            judged.setdefault((entry.session, entry.who), set()).add(entry.call_id)
    states = []
    for session in desk.known.sessions():
        mine = judged.get((session.session_id, viewer.login), set())
        is_mine = viewer.login in session.reviewers
        states.append(
            SessionState(
                session=session,
                done={who: len(judged.get((session.session_id, who), ())) for who in session.reviewers},
                next_call=next((call_id for call_id in session.call_ids if call_id not in mine), None) if is_mine else None,
            )
        )
    return tuple(states)


def _trainers_only(desk: Desk, viewer: Viewer) -> None:
    if not desk.rights(viewer).corrects:
        raise NotAllowedError("error_trainers_only")


def _milliseconds(text: str) -> int:
    """Return a place in a call that a person typed in seconds."""
    try:
        seconds = float(text.strip().replace(",", "."))
    except ValueError:
        raise WrongInputError("error_number") from None
    if not math.isfinite(seconds) or not 0 <= seconds < 1_000_000:
        raise WrongInputError("error_number")
    return round(seconds * 1000)
