"""Tests for users and links: who gets in, and what the file gives away."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callscore.errors import ConfigError, StoreError
from callscore.review.users import LinkState, User, UserRole, Users

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
GOOD = "correct horse battery"


def users(folder: Path) -> Users:
    """A workspace with one trainer."""
    book = Users(folder / "reviews")
    book.add("Olga", GOOD, UserRole.TRAINER, now=NOW)
    return book


def test_the_right_password_opens(tmp_path: Path) -> None:
    """A login is the same in any letter case; the password is not."""
    book = users(tmp_path)
    found = book.check("OLGA ", GOOD)
    assert found is not None
    assert (found.login, found.role, found.operator) == ("olga", UserRole.TRAINER, None)
    assert book.check("olga", GOOD.upper()) is None
    assert book.check("olga", "") is None
    assert book.check("nobody", GOOD) is None
    assert book.check("olga", "x" * 2_000_000) is None


def test_the_file_gives_no_password_away(tmp_path: Path) -> None:
    """Only its owner reads it; it holds argon2id hashes and digests of tokens."""
    book = users(tmp_path)
    _link, token = book.make_link("Иванова", now=NOW, days=7)
    path = tmp_path / "reviews" / "users.json"
    text = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert GOOD not in text
    assert token not in text
    assert json.loads(text)["users"][0]["password_hash"].startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert len(token) == 43  # 256 bits


def test_a_link_opens_until_it_expires_or_is_revoked(tmp_path: Path) -> None:
    """Each end of a link is told apart, so that the page can say which it was."""
    book = users(tmp_path)
    link, token = book.make_link("Иванова", now=NOW, days=7)
    _other, kept = book.make_link("Петров", now=NOW, days=7)
    assert book.find_link(token, now=NOW) == (link, LinkState.VALID)
    assert book.find_link(token, now=NOW + timedelta(days=7))[1] is LinkState.EXPIRED
    assert book.find_link("guess", now=NOW) == (None, LinkState.UNKNOWN)
    assert book.find_link("\udcff", now=NOW) == (None, LinkState.UNKNOWN)
    assert book.revoke_links("Иванова", now=NOW + timedelta(hours=1)) == 1
    assert book.revoke_links("Иванова", now=NOW + timedelta(hours=1)) == 0
    assert book.find_link(token, now=NOW)[1] is LinkState.REVOKED
    assert book.find_link(kept, now=NOW)[1] is LinkState.VALID


def test_a_removed_user_is_out_at_once(tmp_path: Path) -> None:
    """No server goes on with what it read before."""
    book, other = users(tmp_path), Users(tmp_path / "reviews")
    assert other.find("olga") is not None
    book.remove("Olga")
    assert other.find("olga") is None
    assert other.check("olga", GOOD) is None
    with pytest.raises(ConfigError, match="no user"):
        book.remove("olga")


def test_another_password_ends_older_sessions(tmp_path: Path) -> None:
    """changed_at tells which sessions were begun with the old password."""
    book = users(tmp_path)
    book.set_password("olga", "another good one", now=NOW + timedelta(hours=1))
    found = book.check("olga", "another good one")
    assert isinstance(found, User)
    assert found.changed_at == NOW + timedelta(hours=1)
    assert book.check("olga", GOOD) is None


@pytest.mark.parametrize("login", ["", " ", "a b", "../root", "<script>", "x" * 65, "olga\n", "olga"])
def test_what_is_no_login_is_refused(tmp_path: Path, login: str) -> None:
    """A login is a short word of its own."""
    book = users(tmp_path)
    with pytest.raises(ConfigError):
        book.add(login if login != "olga\n" else "ol\nga", GOOD, UserRole.TRAINER, now=NOW)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_poor_password_is_refused(tmp_path: Path, password: str) -> None:
    """Ten characters are the least."""
    with pytest.raises(ConfigError, match="10 to 1024"):
        users(tmp_path).add("ivan", password, UserRole.TRAINER, now=NOW)


def test_operators_and_only_they_have_a_name_in_calls(tmp_path: Path) -> None:
    """An operator without a name would see nobody's calls, a trainer with one would be taken for an operator."""
    book = users(tmp_path)
    with pytest.raises(ConfigError, match="needs the name"):
        book.add("ivan", GOOD, UserRole.OPERATOR, now=NOW)
    with pytest.raises(ConfigError, match="only operators"):
        book.add("ivan", GOOD, UserRole.TRAINER, now=NOW, operator="Иванов")
    for name in ("x" * 201, "Иванов\n", "\udcff"):
        with pytest.raises(ConfigError, match="no name"):
            book.add("ivan", GOOD, UserRole.OPERATOR, now=NOW, operator=name)
    assert book.add("ivan", GOOD, UserRole.OPERATOR, now=NOW, operator="Иванов").operator == "Иванов"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "users": [{}], "links": []}'])
def test_a_damaged_file_opens_to_nobody_and_is_kept(tmp_path: Path, text: str) -> None:
    """Damage is said; nothing is written over it."""
    book = users(tmp_path)
    path = tmp_path / "reviews" / "users.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        book.check("olga", GOOD)
    with pytest.raises(StoreError, match="damaged"):
        book.make_link("Иванова", now=NOW, days=1)
    assert path.read_text(encoding="utf-8") == text


def test_two_who_change_the_file_lose_nothing(tmp_path: Path) -> None:
    """Links made at the same time by two servers are all there."""
    folder = tmp_path / "reviews"
    makers = [
        threading.Thread(target=lambda n=n: [Users(folder).make_link(f"o{n}", now=NOW, days=1) for _ in range(10)])
        for n in range(3)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(Users(folder).links()) == 30
