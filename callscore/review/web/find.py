"""The search page: a phrase in any form of its words, by role, operator and days."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from callscore.records import Role
from callscore.report.form import form_of
from callscore.report.text import minutes
from callscore.review.desk import NotAllowedError, WrongInputError
from callscore.review.lists import day_of, list_choices
from callscore.review.search import FoundTurn, parse_phrase_query, search
from callscore.review.web.acts import call_address
from callscore.review.web.frame import Visit, write
from callscore.review.web.view import clean
from callscore.store import open_reader
from callscore.store.review_search import SearchWanted

__all__ = ["search_page"]

_PER_PAGE = 50
_AROUND = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class HitShown:
    """A turn in which the phrase was said."""

    address: str
    call: str
    started: str
    operator: str
    role: str
    at: str
    before: str
    found: str
    after: str


def search_page(visit: Visit) -> Response:
    """Return the form, and below it the turns that were found, of the newest calls first."""
    if not visit.rights.sees_words or visit.viewer.operator is not None:
        raise NotAllowedError("error_no_words")
    phrase, problem, count = visit.query("phrase").strip(), "", ""
    hits: list[HitShown] = []
    if phrase:
        try:
            groups = parse_phrase_query(phrase)
        except ValueError:
            problem = visit.say("error_phrase")
        else:
            with open_reader(visit.desk.settings.db) as reader:
                found = search(reader, _wanted(visit, groups))
            hits = [_hit(visit, turn) for turn in found.turns]
            number = form_of(visit.desk.settings.language).number
            count = visit.say("found", n=number(found.n_turns), calls=number(found.n_calls))
            if found.n_turns > len(hits):
                count = f"{count} {visit.say('found_more', n=len(hits))}"
            if not hits:
                count = visit.say("found_none")
    names = ("phrase", "role", "operator", "since", "until")
    return write(
        visit,
        "search.html",
        hits=hits,
        count=count,
        problem=problem,
        chosen={name: clean(visit.query(name), 200) for name in names},
        operators=[clean(name, 120) for name in list_choices(visit.desk).operators],
    )


def _wanted(visit: Visit, groups: tuple[frozenset[str], ...]) -> SearchWanted:
    role = visit.query("role")
    if role not in {"", *Role}:
        raise WrongInputError("error_role")
    return SearchWanted(
        words=groups,
        role=Role(role) if role else None,
        operator=visit.query("operator") or None,
        since=day_of(visit.desk, visit.query("since")),
        until=day_of(visit.desk, visit.query("until")),
        limit=_PER_PAGE,
    )


def _hit(visit: Visit, turn: FoundTurn) -> HitShown:
    hit, settings = turn.hit, visit.desk.settings
    before = turn.before if len(turn.before) <= _AROUND else f"…{turn.before[-_AROUND:]}"
    return HitShown(
        address=call_address(hit.call_id, t=str(turn.at_ms)),
        call=clean(hit.call_id, 40),
        started=form_of(settings.language).time(hit.started_at, settings.timezone) if hit.started_at else "–",
        operator=clean(hit.operator or "–", 60),
        role=visit.say(f"role_{hit.role}"),
        at=minutes(turn.at_ms),
        before=before,
        found=clean(turn.found, _AROUND),
        after=clean(turn.after, _AROUND),
    )
