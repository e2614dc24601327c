"""Pages one reads: the list of calls, a call, appeals."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.responses import Response

from callscore.report.form import form_of
from callscore.report.labels import flag_text, label
from callscore.report.text import minutes
from callscore.review.chosen import parse_chosen
from callscore.review.desk import WrongInputError
from callscore.review.lists import DeskRow, list_calls, list_choices, list_sample
from callscore.review.web.acts import call_address
from callscore.review.web.frame import Visit, write
from callscore.review.web.view import Manner, clean, shown_call
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

    address: str
    title: str
    started: str
    operator: str
    duration: str
    score: str
    reasons: tuple[ReasonShown, ...]
    reviewed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A list to print: its rows, how many, which page, its filters as part of an address, and where calls come from."""

    rows: tuple[DeskRow, ...]
    total: int
    page: int
    base: str
    sample: str


def _number(visit: Visit, value: int) -> str:
    return form_of(visit.desk.settings.language).number(value)


def queue_page(visit: Visit) -> Response:
    """Return the queue, the random sample with `sample`, or an operator's own calls."""
    if visit.query("sample") and visit.rights.corrects:
        return _sample_page(visit)
    desk, page = visit.desk, _page_number(visit)
    chosen = parse_chosen(visit.request.query_params)
    found = list_calls(desk, visit.viewer, chosen, page=page, per_page=_PER_PAGE)
    shown = _Shown(rows=found.rows, total=found.total, page=page, base=chosen.query, sample="flagged")
    heading = "queue" if visit.viewer.operator is None else "my_calls"
    count = visit.say("queue_count" if visit.viewer.operator is None else "calls_count", n=_number(visit, found.total))
    return _list_page(visit, shown, heading=visit.say(heading), count=count, chosen=chosen, **_choices(visit))


def _sample_page(visit: Visit) -> Response:
    page = _page_number(visit)
    found = list_sample(visit.desk, visit.viewer, page=page, per_page=_PER_PAGE)
    shown = _Shown(rows=found.rows, total=found.total, page=page, base="sample=1", sample="random")
    count = visit.say("error_no_sample")
    if found.drawn is not None:
        numbers = {"n": found.total, "population": found.drawn.population, "done": found.done}
        count = visit.say("sample_drawn", **{name: _number(visit, value) for name, value in numbers.items()})
    return _list_page(visit, shown, heading=visit.say("sample"), count=count, chosen=parse_chosen({}))


def _list_page(visit: Visit, shown: _Shown, **more: object) -> Response:
    page, base = shown.page, shown.base
    return write(
        visit,
        "queue.html",
        is_sample=shown.sample == "random",
        sample=shown.sample,
        query=base,
        rows=[_row(visit, row, shown.sample) for row in shown.rows],
        page=page,
        previous_page=f"/?{base}&page={page - 1}" if page > 1 else "",
        next_page=f"/?{base}&page={page + 1}" if page * _PER_PAGE < shown.total else "",
        notes=visit.desk.known.notes() if visit.rights.corrects else (),
        **more,
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
    asks_all = bool(session) or visit.query("from") == "random"
    manner = Manner(rights=visit.rights, speech=visit.frame.speech, is_blind=bool(session), asks_all=asks_all)
    shown = shown_call(call, manner)
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
    choices = list_choices(visit.desk)
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
        reviewed=_reviewed(visit, row),
    )


def _reviewed(visit: Visit, row: DeskRow) -> str:
    if row.left:
        return visit.say("sample_left", n=row.left)
    return clean(", ".join(row.seen_by), 80) or visit.say("not_reviewed")
