"""What people do on a call's page: verdicts, words, roles, appeals. A script gets JSON, a form without one a redirect."""

from __future__ import annotations

from typing import cast, get_args
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from callscore.review.desk import DeskCall, Given, WrongInputError
from callscore.review.entries import Sample
from callscore.review.web.frame import Visit, done
from callscore.review.web.view import Manner, shown_call

__all__ = ["appeal", "call_address", "correct_role", "correct_word", "decide", "give_verdict", "mark_seen"]

_MOST_DIGITS = 9
_LONGEST_ID = 1_000


def call_address(call_id: str, **more: str) -> str:
    """Return the address of a call's page; empty for an id so long that no browser would take it."""
    if len(call_id) > _LONGEST_ID:
        return ""
    rest = "".join(f"&{name}={quote(value, safe='')}" for name, value in more.items() if value)
    return f"/call?id={quote(call_id, safe='')}{rest}"


def whole(visit: Visit, name: str) -> int:
    """Return a whole number from 0 that a post holds."""
    text = visit.form.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        raise WrongInputError("error_number")
    return int(text)


def give_verdict(visit: Visit) -> Response:
    """Write a verdict; a script gets the call's scores and criteria as they stand now."""
    form = visit.form
    sample = form.get("sample", "")
    given = Given(
        call_id=form.get("id", ""),
        rubric=form.get("rubric", ""),
        criterion=form.get("criterion", ""),
        verdict=form.get("verdict", ""),
        reason=form.get("reason", ""),
        sample=cast("Sample", sample) if sample in get_args(Sample) else "",
        session=form.get("session", ""),
    )
    call = visit.desk.give_verdict(visit.viewer, given)
    if visit.wants_json:
        return _as_it_stands(visit, call, given)
    return done(visit, call_address(given.call_id, session=given.session, at=f"{given.rubric}/{given.criterion}"))


def correct_word(visit: Visit) -> Response:
    """Write how a word or a turn is really said."""
    word_no = whole(visit, "word") if visit.form.get("word") else None
    call_id = visit.form.get("id", "")
    visit.desk.correct_word(visit.viewer, call_id, whole(visit, "turn"), word_no, visit.form.get("text", ""))
    return done(visit, call_address(call_id))


def correct_role(visit: Visit) -> Response:
    """Write who really speaks in a turn."""
    call_id = visit.form.get("id", "")
    visit.desk.correct_role(visit.viewer, call_id, whole(visit, "turn"), visit.form.get("role", ""))
    return done(visit, call_address(call_id))


def mark_seen(visit: Visit) -> Response:
    """Take a call out of the queue."""
    call_id = visit.form.get("id", "")
    visit.desk.mark_seen(visit.viewer, call_id)
    return done(visit, call_address(call_id))


def appeal(visit: Visit) -> Response:
    """Contest a verdict."""
    form = visit.form
    call_id, rubric, criterion = form.get("id", ""), form.get("rubric", ""), form.get("criterion", "")
    visit.desk.appeal(visit.viewer, call_id, rubric, criterion, form.get("reason", ""))
    return done(visit, call_address(call_id, at=f"{rubric}/{criterion}"))


def decide(visit: Visit) -> Response:
    """Answer an appeal."""
    form = visit.form
    call_id = visit.desk.decide(
        visit.viewer,
        form.get("appeal", ""),
        accepted=form.get("decision") == "accept",
        verdict=form.get("verdict", ""),
        reason=form.get("reason", ""),
    )
    return done(visit, call_address(call_id))


def _as_it_stands(visit: Visit, call: DeskCall, given: Given) -> Response:
    shown = shown_call(call, Manner(rights=visit.rights, speech=visit.frame.speech, is_blind=bool(given.session)))
    score = next(item for item in shown.scores if item.rubric == given.rubric)
    criterion = next(item for item in score.criteria if item.id == given.criterion)
    return JSONResponse(
        {
            "ok": True,
            "score": score.score,
            "machine": score.machine,
            "critical": score.critical,
            "verdict": criterion.verdict,
            "verdict_text": criterion.verdict_text,
            "points": criterion.points,
            "is_corrected": criterion.is_corrected,
            "is_disputed": criterion.is_disputed,
            "given": [[one.who, one.at, one.verdict_text, one.reason] for one in criterion.given],
            "yours": visit.say("yours", verdict=visit.say(f"give_{given.verdict}")) if given.session else "",
            "seen_by": shown.seen_by,
        }
    )
