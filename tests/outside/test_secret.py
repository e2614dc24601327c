"""Secrets stay outside the settings file."""

from __future__ import annotations

import sys
import types

import pytest

from callscore.errors import ConfigError
from callscore.outside.secret import Secret


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end that an editor left does not count."""
    monkeypatch.setenv("TEST_SECRET", "SECRET\n")
    assert Secret("env:TEST_SECRET").reveal() == "SECRET"


def test_the_record_never_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the place is seen in logs and messages."""
    monkeypatch.setenv("TEST_SECRET", "SECRET")
    secret = Secret("env:TEST_SECRET")
    secret.reveal()
    assert "SECRET'" not in repr(secret).replace("TEST_SECRET", "")


@pytest.mark.parametrize(
    "place", ["0123456789abcdef", "env:", "env:A B", "keyring:onlypart", "keyring:a/b/c", "file:x", "env:A\n", ""]
)
def test_a_secret_written_into_the_file_is_refused(place: str) -> None:
    """It is not repeated either."""
    with pytest.raises(ValueError, match="env:NAME") as caught:
        Secret(place)
    assert not place or place.strip("\n") == "env:" or place not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  \n"])
def test_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """The message says which variable to set."""
    monkeypatch.setenv("TEST_SECRET", value)
    with pytest.raises(ConfigError) as caught:
        Secret("env:TEST_SECRET").reveal()
    assert "TEST_SECRET" in caught.value.hint


def test_a_secret_of_two_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could smuggle headers into a request."""
    monkeypatch.setenv("TEST_SECRET", "SECRET\r\nX-Other: 1")
    with pytest.raises(ConfigError) as caught:
        Secret("env:TEST_SECRET").reveal()
    assert "X-Other" not in f"{caught.value.message}{caught.value.where}{caught.value.hint}"


class _Ring(types.ModuleType):
    """A keyring with one entry, in the place of the person's own."""

    def get_password(self, service: str, user: str) -> str | None:
        if service == "locked":
            raise sys.modules["keyring.errors"].KeyringError
        return "SECRET" if (service, user) == ("callscore", "telphin") else None


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a keyring in place: the person's own must not be touched by tests."""
    errors = types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    module = _Ring("keyring")
    module.errors = errors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


@pytest.mark.usefixtures("ring")
def test_a_secret_comes_from_the_keyring() -> None:
    """Service and user are written with a slash between them."""
    assert Secret("keyring:callscore/telphin").reveal() == "SECRET"


@pytest.mark.usefixtures("ring")
def test_a_secret_that_the_keyring_has_not_is_named() -> None:
    """The hint is the command that stores it."""
    with pytest.raises(ConfigError) as caught:
        Secret("keyring:callscore/other").reveal()
    assert caught.value.hint == "keyring set callscore other"


@pytest.mark.usefixtures("ring")
def test_a_locked_keyring_is_no_crash() -> None:
    """The person is told which entry was wanted."""
    with pytest.raises(ConfigError, match="keyring"):
        Secret("keyring:locked/x").reveal()


def test_without_keyring_installed_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is optional."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError) as caught:
        Secret("keyring:callscore/telphin").reveal()
    assert "pip install" in caught.value.hint
