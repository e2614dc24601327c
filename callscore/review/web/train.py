"""Pages for working with people: appeals, calibration, coaching, clips; and what is done on them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from callscore.errors import NothingToDoError
from callscore.report.form import form_of
from callscore.report.text import minutes
from callscore.report.view import Report
from callscore.review.chosen import Chosen, parse_chosen
from callscore.review.clips import (
    SessionState,
    discuss,
    list_sessions,
    open_session,
    own_clips,
    remove_clip,
    span_of,
    take_clip,
)
from callscore.review.desk import NotAllowedError, WrongInputError
from callscore.review.entries import ClipTaken
from callscore.review.lists import draw_new_sample, list_choices
from callscore.review.views import SavedView
from callscore.review.web.acts import call_address
from callscore.review.web.export import collection_page
from callscore.review.web.frame import Visit, done, go, write
from callscore.review.web.view import clean

__all__ = [
    "appeals_page",
    "calibration_page",
    "coaching_page",
    "export_page",
    "new_clip",
    "new_sample",
    "new_session",
    "note_discussed",
    "old_clip",
    "remove_view",
    "save_view",
]

_LONGEST_VIEW = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionShown:
    """A calibration session as the page lists it."""

    title: str
    at: str
    progress: tuple[tuple[str, int], ...]
    n_calls: int
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipShown:
    """A clip as the page lists it."""

    clip_id: str
    call: str
    address: str
    place: str
    note: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """A part of a report: heads, and rows of texts with the address of a call where there is one."""

    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str, bool], ...], ...]


def appeals_page(visit: Visit) -> Response:
    """List appeals, open ones first, newest first."""
    form = form_of(visit.desk.settings.language)
    rows = [
        (
            call_address(appeal.filed.call_id, at=f"{appeal.filed.rubric}/{appeal.filed.criterion}"),
            clean(appeal.filed.call_id, 60),
            clean(appeal.filed.who, 60),
            form.time(appeal.filed.at, visit.desk.settings.timezone),
            clean(title, 120),
            clean(appeal.filed.reason, 300),
            visit.say(f"appeal_{appeal.state}"),
        )
        for appeal, title in visit.desk.appeals(visit.viewer)
    ]
    return write(visit, "appeals.html", rows=rows)


def calibration_page(visit: Visit) -> Response:
    """List calibration sessions and offer a new one."""
    sessions = [_session(visit, state) for state in list_sessions(visit.desk, visit.viewer)]
    choices = list_choices(visit.desk)
    logins = [user.login for user in visit.frame.users.all() if user.role == "trainer"] or [visit.viewer.login]
    return write(
        visit,
        "calibration.html",
        sessions=sessions,
        rubrics=[(rubric, clean(title, 80)) for rubric, title in choices.rubrics],
        reviewers=", ".join(logins),
    )


def new_session(visit: Visit) -> Response:
    """Begin a calibration session over calls of a rubric that are drawn by lot."""
    form = visit.form
    size = form.get("size", "")
    if not (size.isascii() and size.isdigit()) or not 1 <= int(size[:6]) <= 500:
        raise WrongInputError("error_number")
    rubric = form.get("rubric", "")
    calls = visit.desk.draw_for_session(visit.viewer, rubric, int(size))
    reviewers = form.get("reviewers", "").split(",")
    open_session(visit.desk, visit.viewer, form.get("title", ""), rubric, calls, reviewers)
    return done(visit, "/calibration")


def coaching_page(visit: Visit) -> Response:
    """Show what each operator should work on, what was discussed, and the collections of clips."""
    desk = visit.desk
    if visit.viewer.operator is not None:
        raise NotAllowedError("error_trainers_only")
    try:
        tables = _tables(desk.coaching(), hides_words=not visit.rights.sees_words)
        notes: tuple[str, ...] = ()
    except NothingToDoError as exc:
        tables, notes = (), (exc.message,)
    form, choices = form_of(desk.settings.language), list_choices(desk)
    titles = dict(choices.criteria)
    discussed = [
        (
            clean(entry.operator, 80),
            clean(titles.get(entry.criterion, entry.criterion), 80),
            form.time(entry.at, desk.settings.timezone),
            clean(entry.note, 300),
        )
        for entry in desk.discussed()
    ]
    collections = desk.collections() if visit.rights.sees_words else {}
    return write(
        visit,
        "coaching.html",
        tables=tables,
        notes=notes,
        discussed=discussed,
        operators=[clean(name, 100) for name in choices.operators],
        criteria=[(criterion, clean(title, 80)) for criterion, title in choices.criteria],
        collections=[(clean(name, 100), [_clip(clip) for clip in clips]) for name, clips in collections.items()],
    )


def note_discussed(visit: Visit) -> Response:
    """Write that a criterion was discussed."""
    form = visit.form
    discuss(visit.desk, visit.viewer, form.get("operator", ""), form.get("criterion", ""), form.get("note", ""))
    return done(visit, "/coaching")


def new_clip(visit: Visit) -> Response:
    """Put a piece of a call into a collection."""
    form = visit.form
    span = (form.get("start", ""), form.get("end", ""))
    take_clip(visit.desk, visit.viewer, form.get("id", ""), span, (form.get("collection", ""), form.get("note", "")))
    return done(visit, call_address(form.get("id", "")))


def old_clip(visit: Visit) -> Response:
    """Take a clip out of its collection."""
    remove_clip(visit.desk, visit.viewer, visit.form.get("clip", ""))
    return done(visit, "/coaching")


def export_page(visit: Visit) -> Response:
    """Return a collection as one HTML file with its sound inside; each clip is logged as heard."""
    name = visit.query("name")
    clips = own_clips(visit.desk, visit.viewer, name)

    def sound(clip: ClipTaken) -> bytes:
        opened = visit.frame.sounds.open(visit.desk.recording(visit.viewer, clip.call_id))
        visit.desk.access.write(visit.viewer, clip.call_id, span_of(clip), "export")
        return opened.clip(span_of(clip))

    text = collection_page(name, clips, sound, visit.desk.settings.language)
    headers = {"content-disposition": 'attachment; filename="clips.html"'}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def new_sample(visit: Visit) -> Response:
    """Draw a new random sample."""
    form = visit.form
    draw_new_sample(visit.desk, visit.viewer, form.get("width", ""), form.get("since", ""), form.get("until", ""))
    return go("/?sample=1")


def save_view(visit: Visit) -> Response:
    """Keep the filters of the queue under a name."""
    _trainers_only(visit)
    name = visit.form.get("name", "").strip()[:_LONGEST_VIEW]
    if not name:
        raise WrongInputError("error_name")
    chosen = _chosen(visit.form.get("query", ""))
    visit.desk.views.save(SavedView(name=name, query=chosen.query))
    return go(f"/?{chosen.query}")


def remove_view(visit: Visit) -> Response:
    """Forget a saved view."""
    _trainers_only(visit)
    visit.desk.views.remove(visit.form.get("name", ""))
    return go("/")


def _trainers_only(visit: Visit) -> None:
    if not visit.rights.corrects:
        raise NotAllowedError("error_trainers_only")


def _chosen(query: str) -> Chosen:
    from urllib.parse import parse_qsl

    return parse_chosen(dict(parse_qsl(query[:4000])))


def _session(visit: Visit, state: SessionState) -> SessionShown:
    session, settings = state.session, visit.desk.settings
    return SessionShown(
        title=clean(session.title, 100),
        at=form_of(settings.language).time(session.at, settings.timezone),
        progress=tuple((clean(who, 60), n) for who, n in state.done.items()),
        n_calls=len(session.call_ids),
        address=call_address(state.next_call, session=session.session_id) if state.next_call else "",
        is_done=visit.viewer.login in session.reviewers and not state.next_call,
    )


def _clip(clip: ClipTaken) -> ClipShown:
    return ClipShown(
        clip_id=clip.clip_id,
        call=clean(clip.call_id, 60),
        address=call_address(clip.call_id),
        place=f"{minutes(clip.start_ms)}–{minutes(clip.end_ms)}",
        note=clean(clip.note, 400),
        who=clean(clip.who, 60),
    )


def _tables(report: Report, *, hides_words: bool) -> tuple[TableShown, ...]:
    """Return the parts of a report; of those with quotes, managers get the columns without."""
    shown = []
    for section in report.sections:
        places = [
            at
            for at, column in enumerate(section.columns)
            if column.is_shown and not (hides_words and column.key in {"quote", "reason"})
        ]
        call_at = next((at for at, column in enumerate(section.columns) if column.key == "call_id"), None)
        rows = []
        for row in section.rows:
            address = call_address(str(row[call_at].value)) if call_at is not None and row[call_at].value else ""
            rows.append(
                tuple(
                    (clean(row[at].text, 400), address if at == call_at else "", section.columns[at].is_number) for at in places
                )
            )
        heads = tuple((section.columns[at].title, section.columns[at].is_number) for at in places)
        shown.append(TableShown(title=section.title, heads=heads, rows=tuple(rows)))
    return tuple(shown)
