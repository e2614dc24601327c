"""What every page shares: who is visiting, how a page is written, and how an error is told."""

from __future__ import annotations

import functools
import getpass
import hmac
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from callscore.errors import CallscoreError, StoreBusyError
from callscore.review.desk import Desk, DeskError, NotAllowedError, NotFoundError, WrongInputError
from callscore.review.users import LinkState, UserRole, Users
from callscore.review.viewer import Rights, Viewer
from callscore.review.web.audio import SoundGoneError, Sounds
from callscore.review.web.sessions import Brake, Session, Sessions
from callscore.review.web.view import Speech
from callscore.review.words import say

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Frame", "Visit", "cookie_name", "done", "endpoint", "go", "set_cookie", "write"]

_log = logging.getLogger(__name__)
_HERE: Final = Path(__file__).parent
_MOST_FIELDS: Final = 200
_STATUS: Final[Mapping[type[CallscoreError], int]] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    WrongInputError: 422,
    SoundGoneError: 410,
    StoreBusyError: 503,
}


@dataclass(slots=True)
class Frame:
    """The desk and what the server keeps beside it.

    `is_lone` says that the server answers this machine only: then nobody needs to sign in while there are no users.
    """

    desk: Desk
    users: Users
    sounds: Sounds
    is_lone: bool
    sessions: Sessions = field(default_factory=Sessions)
    # Five guesses at a login and thirty from one address in a quarter of an hour.
    login_brake: Brake = field(default_factory=lambda: Brake(most=5, within_s=900))
    address_brake: Brake = field(default_factory=lambda: Brake(most=30, within_s=900))
    # Each check of a password takes tens of megabytes: one after the other.
    checking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def speech(self) -> Speech:
        """How pages are written."""
        return Speech(language=self.desk.settings.language, timezone=self.desk.settings.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request with who makes it; `form` holds what a post sent, the first value of each name."""

    frame: Frame
    request: Request
    session: Session
    form: Mapping[str, str]

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.frame.desk

    @property
    def viewer(self) -> Viewer:
        """Who is visiting."""
        return self.session.viewer

    @property
    def rights(self) -> Rights:
        """What he may do."""
        return self.frame.desk.rights(self.session.viewer)

    @property
    def wants_json(self) -> bool:
        """Whether a script asks, not a form."""
        return self.request.headers.get("accept", "").startswith("application/json")

    def query(self, name: str) -> str:
        """Return a value of the address, empty if it is not there."""
        return self.request.query_params.get(name, "")

    def say(self, key: str, **values: object) -> str:
        """Return the desk's words."""
        return say(key, self.desk.settings.language, **values)


Handler = Callable[[Visit], Response]


def endpoint(handler: Handler, *, is_open: bool = False) -> Callable[[Request], Any]:
    """Return what Starlette calls for a handler: finds the session, checks the token of a post, tells errors.

    Args:
        handler: runs in a thread of its own, so that nobody waits for a decoder or the database.
        is_open: whether a visitor who has not signed in may come here; he then has a session without a desk.
    """

    @functools.wraps(handler)
    async def answer(request: Request) -> Response:
        frame: Frame = request.app.state.frame
        try:
            form = await _read_form(request)
        except (ClientDisconnect, MultiPartException, ValueError):
            return Response(status_code=413)
        return await run_in_threadpool(_answer, frame, request, form, handler, is_open=is_open)

    return answer


def _answer(frame: Frame, request: Request, form: Mapping[str, str], handler: Handler, *, is_open: bool) -> Response:
    try:
        session, cookie = _session(frame, request)
        if session is None and not is_open:
            return RedirectResponse("/sign-in", 303) if request.method == "GET" else _denied(frame, request, "error_token")
        visit = Visit(frame=frame, request=request, session=session or _NOBODY, form=form)
        if request.method == "POST" and session is not None:
            token = form.get("token") or request.headers.get("x-desk-token", "")
            if not hmac.compare_digest(token.encode(), session.token.encode()):
                return _denied(frame, request, "error_token")
        response = _told(visit, handler)
        if cookie:
            set_cookie(response, request, cookie)
    except CallscoreError as exc:  # the file of users cannot be read: nobody comes in
        _log.error("%s %s", exc.message, exc.where)
        return HTMLResponse(_plain_error(frame, exc.message), 500)
    return response


def _told(visit: Visit, handler: Handler) -> Response:
    """Return a handler's answer, or its error in words."""
    try:
        return handler(visit)
    except DeskError as exc:
        return _error(visit, visit.say(exc.key, **exc.values), _STATUS.get(type(exc), 400))
    except SoundGoneError as exc:
        return _error(visit, visit.say(f"sound_{exc.kind}"), 410)
    except CallscoreError as exc:
        _log.warning("%s: %s %s", type(exc).__name__, exc.message, exc.where)
        words = f"{exc.message}. {exc.hint}".rstrip(". ")
        return _error(visit, words, _STATUS.get(type(exc), 410 if exc.scope == "call" else 500))
    except Exception:  # noqa: BLE001 - a page that fails must not take the others with it; it is logged whole
        _log.exception("a page failed")
        return _error(visit, visit.say("error_internal"), 500)


def write(visit: Visit, template: str, status: int = 200, /, **values: object) -> Response:
    """Return a page."""
    is_known = visit.session is not _NOBODY
    page = _templates().get_template(template)
    text = page.render(
        say=visit.say,
        language=visit.desk.settings.language,
        nonce=visit.request.state.nonce,
        token=visit.session.token,
        viewer=visit.viewer if is_known else None,
        rights=visit.rights if is_known else None,
        is_signed_in=is_known and visit.session.user_since is not None,
        **values,
    )
    return HTMLResponse(text, status)


def go(address: str) -> Response:
    """Return a redirect after a post."""
    return RedirectResponse(address, 303)


def done(visit: Visit, address: str, **values: object) -> Response:
    """Return what a post gives: JSON to a script, the page it came from to a form."""
    return JSONResponse({"ok": True, **values}) if visit.wants_json else go(address)


def set_cookie(response: Response, request: Request, cookie: str) -> None:
    """Give the browser its session: not for scripts, not for other sites, not over plain HTTP where the page came by TLS."""
    is_tls = request.url.scheme == "https"
    response.set_cookie(cookie_name(request), cookie, httponly=True, samesite="strict", secure=is_tls, path="/")


def cookie_name(request: Request) -> str:
    """Return the cookie's name; browsers send cookies to every port of a host, and two desks may run."""
    return f"desk_{request.url.port or 0}"


def _session(frame: Frame, request: Request) -> tuple[Session | None, str]:
    """Return the visitor's session, and its cookie where it was made just now."""
    session = frame.sessions.find(request.cookies.get(cookie_name(request), ""))
    has_users = not frame.is_lone or bool(frame.users.all())
    if session is not None and _is_valid(frame, session, has_users=has_users):
        return session, ""
    if has_users:
        return None, ""
    return frame.sessions.start(_own_viewer())


def _is_valid(frame: Frame, session: Session, *, has_users: bool) -> bool:
    """Tell whether a session still holds: a user removed or a link revoked is out at once."""
    if session.link_id:
        now = datetime.now(UTC)
        link = next((item for item in frame.users.links() if item.link_id == session.link_id), None)
        return link is not None and link.state(now) is LinkState.VALID
    if not has_users:
        return session.user_since is None
    user = frame.users.find(session.viewer.login)
    return user is not None and user.role is session.viewer.role and user.changed_at == session.user_since


@functools.cache
def _own_viewer() -> Viewer:
    """Return who sits at this machine: without users the desk answers only there, and its user is the trainer."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "trainer"
    return Viewer(login=name, role=UserRole.TRAINER)


_NOBODY: Final = Session(id="", viewer=Viewer(login="nobody", role=UserRole.MANAGER), token="", used_at=0.0)


async def _read_form(request: Request) -> Mapping[str, str]:
    if request.method != "POST":
        return {}
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return {name: value for name, value in reversed(form.multi_items()) if isinstance(value, str)}


def _denied(frame: Frame, request: Request, key: str) -> Response:
    words = say(key, frame.desk.settings.language)
    if request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse({"error": words}, 403)
    return HTMLResponse(_plain_error(frame, words), 403)


def _error(visit: Visit, words: str, status: int) -> Response:
    if visit.wants_json:
        return JSONResponse({"error": words}, status)
    return write(visit, "error.html", status, title=visit.say("error"), message=words)


def _plain_error(frame: Frame, words: str) -> str:
    from markupsafe import escape

    return f"<!doctype html><html lang={frame.desk.settings.language}><title>callscore</title><p>{escape(words)}</p>"


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
