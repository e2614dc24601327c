"""Coming in and going out: passwords, operators' links."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from starlette.responses import Response

from callscore.review.users import LinkState, UserRole
from callscore.review.viewer import Viewer
from callscore.review.web.frame import Visit, go, set_cookie, write

__all__ = ["link_page", "open_link", "sign_in", "sign_in_page", "sign_out"]

_LONGEST_LOGIN = 200


def sign_in_page(visit: Visit) -> Response:
    """Return the form."""
    return write(visit, "sign_in.html", login="", message="")


def sign_in(visit: Visit) -> Response:
    """Check login and password; guessing is slowed down per login and per address."""
    frame = visit.frame
    login, password = visit.form.get("login", "").strip()[:_LONGEST_LOGIN], visit.form.get("password", "")
    address = visit.request.client.host if visit.request.client else ""
    name = login.casefold()
    with frame.checking:
        wait_s = max(frame.login_brake.wait_s(name), frame.address_brake.wait_s(address))
        if wait_s > 0:
            words = visit.say("sign_in_wait", n=math.ceil(wait_s / 60))
            return write(visit, "sign_in.html", 429, login=login, message=words)
        user = frame.users.check(login, password)
        if user is None:
            frame.login_brake.failed(name)
            frame.address_brake.failed(address)
            return write(visit, "sign_in.html", 401, login=login, message=visit.say("sign_in_wrong"))
    viewer = Viewer(login=user.login, role=user.role, operator=user.operator)
    _, cookie = frame.sessions.start(viewer, user_since=user.changed_at)
    response = go("/")
    set_cookie(response, visit.request, cookie)
    return response


def sign_out(visit: Visit) -> Response:
    """Forget the session."""
    visit.frame.sessions.end(visit.session)
    return go("/sign-in" if visit.frame.users.all() else "/")


def link_page(visit: Visit) -> Response:
    """Say what a link is, with a button: previews of messengers open links too, and must not come in."""
    token = str(visit.request.path_params["key"])
    _, state = visit.frame.users.find_link(token, now=datetime.now(UTC))
    if state is not LinkState.VALID:
        return write(visit, "error.html", 410, title=visit.say("error"), message=visit.say(f"link_{state}"))
    return write(visit, "link.html", key=token)


def open_link(visit: Visit) -> Response:
    """Let an operator in by the link."""
    frame = visit.frame
    address = visit.request.client.host if visit.request.client else ""
    if frame.address_brake.wait_s(address) > 0:
        return write(visit, "error.html", 429, title=visit.say("error"), message=visit.say("sign_in_wait", n=15))
    link, state = frame.users.find_link(visit.form.get("key", ""), now=datetime.now(UTC))
    if link is None or state is not LinkState.VALID:
        frame.address_brake.failed(address)
        return write(visit, "error.html", 410, title=visit.say("error"), message=visit.say(f"link_{state}"))
    viewer = Viewer(login=f"link:{link.operator}", role=UserRole.OPERATOR, operator=link.operator)
    _, cookie = frame.sessions.start(viewer, link_id=link.link_id)
    response = go("/")
    set_cookie(response, visit.request, cookie)
    return response
