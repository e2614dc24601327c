"""Who may open the desk: people with a password and a role, and links that open an operator's own calls without one.

The file is written whole and readable by its owner only. Passwords are kept as argon2id hashes, links as SHA-256 of their
token: who reads the file can sign in with neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from callscore.errors import ConfigError, StoreError
from callscore.review.journal import locked, new_id
from callscore.store.publish import sync_folder

if TYPE_CHECKING:
    import argon2

__all__ = ["LINK_PATH", "Link", "LinkState", "User", "UserRole", "Users", "clean_login"]

MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 1024
MAX_NAME: Final = 200
LINK_PATH: Final = "/link/"
"""Where the page opens a link; the token follows."""
_TOKEN_BYTES: Final = 32
_VERSION: Final = 1


class UserRole(StrEnum):
    """What a person may do: correct verdicts, read, or read the own calls and appeal."""

    TRAINER = "trainer"
    MANAGER = "manager"
    OPERATOR = "operator"


class LinkState(StrEnum):
    """What a link is good for."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who signs in. `operator` is the name in the calls, for the role operator only.

    `changed_at` is when password or role were last set: sessions begun before it are void.
    """

    login: str
    role: UserRole
    password_hash: str
    changed_at: datetime
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to an operator's own calls, until `expires_at` or `revoked_at`, aware UTC; of its token only the SHA-256."""

    link_id: str
    operator: str
    token_sha256: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> LinkState:
        """Return what the link is good for at `now`."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.VALID if now < self.expires_at else LinkState.EXPIRED


@dataclass(frozen=True, slots=True)
class _Book:
    users: tuple[User, ...] = ()
    links: tuple[Link, ...] = ()


class Users:
    """The users and links of one workspace; every question reads the file anew, so that a removed user is out at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "users.json"

    def all(self) -> tuple[User, ...]:
        """Return every user, by login.

        Raises:
            StoreError: if the file cannot be read; then nobody may sign in.
        """
        return tuple(sorted(self._load().users, key=lambda user: user.login))

    def find(self, login: str) -> User | None:
        """Return a user, None if there is none of that login."""
        name = _fold(login)
        return next((user for user in self._load().users if user.login == name), None)

    def add(self, login: str, password: str, role: UserRole, *, now: datetime, operator: str | None = None) -> User:
        """Add a user.

        Raises:
            ConfigError: if the login is taken or no login, the password too short, an operator has no name or others have one.
        """
        name = clean_login(login)
        if (role is UserRole.OPERATOR) != bool(operator):
            rule = (
                "an operator needs the name that calls have for the person"
                if not operator
                else "only operators have such a name"
            )
            raise ConfigError(rule, hint="--operator NAME goes with --role operator")
        if operator:
            _check_operator(operator)
        password_hash = _hash(password)
        user = User(login=name, role=role, password_hash=password_hash, changed_at=now, operator=operator)

        def change(book: _Book) -> _Book:
            if any(known.login == name for known in book.users):
                raise ConfigError(f"there is a user {name!r} already", hint="callscore review users passwd, or another login")
            return replace(book, users=(*book.users, user))

        self._change(change)
        return user

    def remove(self, login: str) -> None:
        """Remove a user; what the person wrote stays in the journal.

        Raises:
            ConfigError: if there is none.
        """
        name = _fold(login)
        self._change(lambda book: replace(book, users=tuple(user for user in _having(book, name) if user.login != name)))

    def set_password(self, login: str, password: str, *, now: datetime) -> None:
        """Give a user another password; sessions begun before `now` are void.

        Raises:
            ConfigError: if there is no such user or the password is too short.
        """
        name, password_hash = _fold(login), _hash(password)
        self._change(
            lambda book: replace(
                book,
                users=tuple(
                    replace(user, password_hash=password_hash, changed_at=now) if user.login == name else user
                    for user in _having(book, name)
                ),
            )
        )

    def check(self, login: str, password: str) -> User | None:
        """Return the user if the password is right, else None, after the same work whether the login exists or not."""
        import argon2

        user = self.find(login)
        if len(password) > MAX_PASSWORD:
            return None
        try:
            _hasher().verify(user.password_hash if user else _nobody(), _normal(password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return None
        return user

    def links(self) -> tuple[Link, ...]:
        """Return every link that was made, oldest first."""
        return self._load().links

    def make_link(self, operator: str, *, now: datetime, days: int) -> tuple[Link, str]:
        """Make a link to the calls of `operator`; its token is returned this once and stored nowhere.

        Raises:
            ConfigError: if that is no name.
        """
        _check_operator(operator)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        link = Link(
            link_id=new_id(),
            operator=operator,
            token_sha256=_digest(token),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        self._change(lambda book: replace(book, links=(*book.links, link)))
        return link, token

    def find_link(self, token: str, *, now: datetime) -> tuple[Link | None, LinkState]:
        """Return the link of a token and what it is good for; None and UNKNOWN for a token of no link."""
        digest = _digest(token)
        for link in self._load().links:
            if secrets.compare_digest(link.token_sha256, digest):
                return link, link.state(now)
        return None, LinkState.UNKNOWN

    def revoke_links(self, operator: str, *, now: datetime) -> int:
        """Make every valid link of an operator void; return how many there were."""
        found = [link.link_id for link in self._load().links if _is_open(link, operator, now)]
        if found:
            self._change(
                lambda book: replace(
                    book,
                    links=tuple(replace(x, revoked_at=now) if _is_open(x, operator, now) else x for x in book.links),
                )
            )
        return len(found)

    def _load(self) -> _Book:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                raise StoreError("the file of users was written by a newer callscore", where=str(self._path))
            return _Book(tuple(map(_user, data["users"])), tuple(map(_link, data["links"])))
        except FileNotFoundError:
            return _Book()
        except OSError as exc:
            raise StoreError(f"the file of users cannot be read: {exc.strerror}", where=str(self._path)) from exc
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreError(
                "the file of users is damaged, nobody can sign in",
                where=str(self._path),
                hint="put a copy in its place, or move it away and add the users again",
            ) from exc

    def _change(self, change: Callable[[_Book], _Book]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "users.lock"):
                self._write(change(self._load()))
        except OSError as exc:
            raise StoreError(f"the file of users cannot be written: {exc.strerror}", where=str(self._path)) from exc

    def _write(self, book: _Book) -> None:
        users = [{**asdict(user), "changed_at": user.changed_at.isoformat()} for user in book.users]
        links = [{**asdict(link), **{name: _text(getattr(link, name)) for name in _LINK_TIMES}} for link in book.links]
        text = json.dumps({"version": _VERSION, "users": users, "links": links}, ensure_ascii=False, indent=1)
        with _fresh_file(self._path) as file:
            file.write(f"{text}\n".encode())
        sync_folder(self._folder)


_LINK_TIMES: Final = ("made_at", "expires_at", "revoked_at")


def clean_login(login: str) -> str:
    """Return a login as it is kept: small letters.

    >>> clean_login("Olga.P")
    'olga.p'

    Raises:
        ConfigError: if it is no login.
    """
    name = _fold(login)
    if not re.fullmatch(r"[\w.@+-]{1,64}", name):
        raise ConfigError(f"{login[:80]!r} is no login", hint="1 to 64 letters, digits and . @ + - _")
    return name


@contextlib.contextmanager
def _fresh_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of `path` once it is whole, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _having(book: _Book, login: str) -> tuple[User, ...]:
    if all(user.login != login for user in book.users):
        raise ConfigError(f"there is no user {login[:80]!r}", hint="callscore review users list")
    return book.users


def _check_operator(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise ConfigError(f"{name[:80]!r} is no name of an operator", hint="callscore operators list")


def _is_open(link: Link, operator: str, now: datetime) -> bool:
    return link.operator == operator and link.state(now) is LinkState.VALID


def _user(data: dict[str, Any]) -> User:
    return User(**{**data, "role": UserRole(data["role"]), "changed_at": _moment(data["changed_at"])})


def _link(data: dict[str, Any]) -> Link:
    return Link(**{**data, **{name: _moment(data[name]) if data[name] else None for name in _LINK_TIMES}})


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("times must be aware")
    return at.astimezone(UTC)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _digest(token: str) -> str:
    # A token of 256 random bits needs no slow hash: it cannot be guessed.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _fold(login: str) -> str:
    return unicodedata.normalize("NFKC", login).casefold().strip()


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


def _hash(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ConfigError(
            f"a password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters", hint="four words in a row will do"
        )
    return _hasher().hash(_normal(password))


def _hasher() -> argon2.PasswordHasher:
    import argon2

    # argon2id with the second choice of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    return argon2.PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash of nobody's password, so that a wrong login takes as long as a wrong password."""
    return _hasher().hash(secrets.token_urlsafe(_TOKEN_BYTES))
