"""Who is signed in: sessions kept in memory, tokens against forged posts, and a brake on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.review.viewer import Viewer

__all__ = ["Brake", "Session", "Sessions"]

_IDLE_S: Final = 12 * 3600
_MOST_SESSIONS: Final = 10_000
_LONGEST_COOKIE: Final = 200


@dataclass(slots=True, kw_only=True)
class Session:
    """One browser's visit. `token` must come with every post; `used_at` is monotonic seconds.

    `user_since` is when the user's password was set, `link_id` the link he came by: a session ends when they change.
    """

    id: str
    viewer: Viewer
    token: str
    used_at: float
    user_since: datetime | None = None
    link_id: str = ""


class Sessions:
    """Sessions by cookie. A cookie is a random id and its signature; everything else stays here."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def start(self, viewer: Viewer, *, user_since: datetime | None = None, link_id: str = "") -> tuple[Session, str]:
        """Return a new session and its cookie; a sign-in always gets a new one, so that no id can be planted before it."""
        session_id = secrets.token_urlsafe(32)
        token = self._sign("post", session_id)
        session = Session(
            id=session_id, viewer=viewer, token=token, used_at=self._clock(), user_since=user_since, link_id=link_id
        )
        with self._lock:
            self._drop_old()
            self._open[session_id] = session
        return session, f"{session_id}.{self._sign('cookie', session_id)}"

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, None where it was never given, or was not used for twelve hours."""
        session_id, _, signature = cookie[:_LONGEST_COOKIE].partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("cookie", session_id).encode()):
            return None
        with self._lock:
            session = self._open.get(session_id)
            if session is None or self._clock() - session.used_at > _IDLE_S:
                self._open.pop(session_id, None)
                return None
            session.used_at = self._clock()
            return session

    def end(self, session: Session) -> None:
        """Forget a session."""
        with self._lock:
            self._open.pop(session.id, None)

    def _sign(self, purpose: str, session_id: str) -> str:
        return hmac.new(self._key, f"{purpose}:{session_id}".encode(), hashlib.sha256).hexdigest()

    def _drop_old(self) -> None:
        now = self._clock()
        for key in [key for key, session in self._open.items() if now - session.used_at > _IDLE_S]:
            del self._open[key]
        while len(self._open) >= _MOST_SESSIONS:
            self._open.pop(next(iter(self._open)))


class Brake:
    """At most `most` failures per key in `within_s` seconds: a login that is guessed at waits, others do not."""

    def __init__(self, *, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._within_s, self._clock = most, within_s, clock
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, key: str) -> float:
        """Return how many seconds `key` has to wait, 0 if it may try."""
        with self._lock:
            times = self._failures.get(key)
            if not times:
                return 0.0
            self._forget(times)
            return self._within_s - (self._clock() - times[0]) if len(times) >= self._most else 0.0

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            if len(self._failures) > _MOST_SESSIONS:
                self._failures = {name: times for name, times in self._failures.items() if self._is_fresh(times)}
            self._failures.setdefault(key, deque(maxlen=self._most)).append(self._clock())

    def _forget(self, times: deque[float]) -> None:
        while times and self._clock() - times[0] > self._within_s:
            times.popleft()

    def _is_fresh(self, times: deque[float]) -> bool:
        return bool(times) and self._clock() - times[-1] <= self._within_s
