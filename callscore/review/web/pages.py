"""Pages one reads: the list of calls, a call, appeals."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.responses import Response

from callscore.report.form import form_of
from callscore.report.labels import flag_text, label
from callscore.report.text import minutes
from callscore.review.chosen import parse_chosen
from callscore.review.desk import DeskRow, WrongInputError
from callscore.review.web.acts import call_address
from callscore.review.web.frame import Visit, write
from callscore.review.web.view import clean, shown_call
from callscore.review.words import say

__all__ = ["call_page", "queue_page"]

_PER_PAGE = 50
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonShown:
    """Why a call is in the list."""

    text: str
    detail: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """A call in the list."""

    call_id: str
    address: str
    title: str
    started: str
    operator: str
    duration: str
    score: str
    reasons: tuple[ReasonShown, ...]
    reviewed: str


def queue_page(visit: Visit) -> Response:
    """Return the queue, the random sample with `sample`, or an operator's own calls."""
    desk = visit.desk
    chosen = parse_chosen(visit.request.query_params)
    page = _page_number(visit)
    is_sample = bool(visit.query("sample")) and visit.rights.corrects
    found = desk.queue(visit.viewer, chosen, page=page, per_page=_PER_PAGE)
    is_operator = not (visit.rights.corrects or visit.viewer.operator is None)
    sample = "random" if is_sample else "flagged"
    base = "sample=1" if is_sample else chosen.query
    return write(
        visit,
        "queue.html",
        heading=visit.say("my_calls" if is_operator else "sample" if is_sample else "queue"),
        count=visit.say("queue_count", n=form_of(desk.settings.language).number(found.total)),
        is_sample=is_sample,
        sample=sample,
        chosen=chosen,
        query=chosen.query,
        rows=[_row(visit, row, sample) for row in found.rows],
        page=page,
        previous_page=f"/?{base}&page={page - 1}" if page > 1 else "",
        next_page=f"/?{base}&page={page + 1}" if page * _PER_PAGE < found.total else "",
        notes=desk.known.notes() if visit.rights.corrects else (),
        **_choices(visit),
    )


def call_page(visit: Visit) -> Response:
    """Return the page of a call; with `session` a blind one."""
    desk, session = visit.desk, visit.query("session")
    call = desk.call(visit.viewer, visit.query("id"))
    own: dict[str, str] = {}
    if session:
        desk.check_session(visit.viewer, session, visit.query("id"))
        own = {
            key: visit.say("yours", verdict=label(f"verdict_{verdict}", desk.settings.language))
            for key, verdict in desk.own_verdicts(visit.viewer, session, visit.query("id")).items()
        }
    shown = shown_call(call, visit.rights, visit.frame.speech, is_blind=bool(session))
    return write(
        visit,
        "call.html",
        call=shown,
        marks=json.dumps(shown.marks),
        at=visit.query("at"),
        sample="blind" if session else visit.query("from"),
        session=session,
        own_verdicts=own,
        collections=desk.collections() if visit.rights.corrects else (),
        journal_notes=desk.known.notes() if visit.rights.corrects else (),
    )


def reason_text(reason: str, language: str) -> str:
    """Return the words for a reason of the queue; the desk has two that flags do not."""
    own = say(f"reason_{reason}", language)
    return own if own != f"reason_{reason}" else flag_text(reason, language)


def _page_number(visit: Visit) -> int:
    text = visit.query("page") or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _MOST_PAGES:
        raise WrongInputError("error_number")
    return int(text[:9])


def _choices(visit: Visit) -> dict[str, object]:
    """Return what the filters offer; operators have none."""
    if visit.viewer.operator is not None:
        return {"operators": (), "reasons": (), "rubrics": (), "criteria": (), "views": ()}
    language = visit.desk.settings.language
    choices = visit.desk.choices()
    return {
        "operators": [clean(name, 120) for name in choices.operators],
        "reasons": [(reason, clean(reason_text(reason, language), 80)) for reason in choices.reasons],
        "rubrics": [(rubric, clean(title, 80)) for rubric, title in choices.rubrics],
        "criteria": [(criterion, clean(title, 80)) for criterion, title in choices.criteria],
        "views": visit.desk.views.all() if visit.rights.corrects else (),
    }


def _row(visit: Visit, row: DeskRow, sample: str) -> RowShown:
    form, language = form_of(visit.desk.settings.language), visit.desk.settings.language
    shows_why = visit.rights.sees_words
    return RowShown(
        call_id=row.call_id,
        address=call_address(row.call_id, **{"from": sample}),
        title=clean(row.call_id, 40),
        started=form.time(row.started_at, visit.desk.settings.timezone) if row.started_at else "–",
        operator=clean(row.operator or "–", 60),
        duration=minutes(row.duration_ms),
        score="–" if row.score is None else form.number(row.score),
        reasons=tuple(
            ReasonShown(
                text=clean(reason_text(flag.reason, language), 80),
                detail=clean(flag.detail, 160) if shows_why else "",
                severity=flag.severity,
            )
            for flag in row.reasons
        ),
        reviewed=clean(", ".join(row.seen_by), 80) or visit.say("not_reviewed"),
    )
