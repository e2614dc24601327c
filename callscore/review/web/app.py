"""The page as a Starlette app: what lies where. The wiring only; see frame.py for what every request goes through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from callscore.review.desk import Desk
from callscore.review.journal import reviews_folder
from callscore.review.users import Users
from callscore.review.web import acts, find, hear, pages, sign, train
from callscore.review.web.audio import Sounds
from callscore.review.web.frame import Frame, Handler, endpoint
from callscore.review.web.guard import Guard
from callscore.review.words import say

__all__ = ["LOCAL_HOSTS", "make_app"]

LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
"""Names under which a machine knows itself."""

_STATIC: Final = Path(__file__).with_name("static")
_READ: Final[dict[str, Handler]] = {
    "/": pages.queue_page,
    "/call": pages.call_page,
    "/search": find.search_page,
    "/appeals": train.appeals_page,
    "/calibration": train.calibration_page,
    "/coaching": train.coaching_page,
    "/clips": train.export_page,
    "/audio": hear.audio,
    "/peaks": hear.peaks,
}
_WRITE: Final[dict[str, Handler]] = {
    "/do/verdict": acts.give_verdict,
    "/do/word": acts.correct_word,
    "/do/role": acts.correct_role,
    "/do/seen": acts.mark_seen,
    "/do/appeal": acts.appeal,
    "/do/decide": acts.decide,
    "/do/clip": train.new_clip,
    "/do/clip-remove": train.old_clip,
    "/do/sample": train.new_sample,
    "/do/session": train.new_session,
    "/do/discussed": train.note_discussed,
    "/do/view": train.save_view,
    "/do/view-remove": train.remove_view,
    "/sign-out": sign.sign_out,
}


def make_app(desk: Desk, *, hosts: Iterable[str] = LOCAL_HOSTS, is_lone: bool = True) -> Starlette:
    """Return the app.

    Args:
        desk: the door to store, journal and recordings.
        hosts: names under which it answers, without ports.
        is_lone: whether it answers this machine only: then nobody signs in while there are no users.
    """
    free = partial(endpoint, is_open=True)
    routes = [
        *(Route(path, endpoint(handler), methods=["GET"]) for path, handler in _READ.items()),
        *(Route(path, endpoint(handler), methods=["POST"]) for path, handler in _WRITE.items()),
        Route("/sign-in", free(sign.sign_in_page), methods=["GET"]),
        Route("/sign-in", free(sign.sign_in), methods=["POST"]),
        Route("/link/{key}", free(sign.link_page), methods=["GET"]),
        Route("/link", free(sign.open_link), methods=["POST"]),
        Mount("/static", _Static(directory=_STATIC)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
        exception_handlers={404: _no_page, 405: _no_page},
        lifespan=_lifespan,
    )
    users = Users(reviews_folder(desk.settings.db))
    app.state.frame = Frame(desk=desk, users=users, sounds=Sounds(desk.settings.limits), is_lone=is_lone)
    return app


class _Static(StaticFiles):
    """Files of the page itself; browsers ask whether they changed, so that an upgrade shows at once."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """Return a file that may be kept but must be asked about."""
        response = super().file_response(*given, **named)
        response.headers["cache-control"] = "no-cache"
        return response


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Read the journal before the first visitor has to wait for it."""
    frame: Frame = app.state.frame
    frame.desk.known.every()
    yield


def _no_page(request: Request, _error: Exception) -> Response:
    language = request.app.state.frame.desk.settings.language
    return HTMLResponse(
        f"<!doctype html><html lang={language}><title>callscore</title><p>{say('error_no_page', language)}</p>", 404
    )
