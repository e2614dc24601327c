"""Secrets stay outside the settings file: it only says in which environment variable or keyring entry one lies."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from callscore.errors import ConfigError

__all__ = ["Secret"]


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret lies: "env:NAME" or "keyring:SERVICE/USER". The secret itself is in no record, log or message.

    Raises:
        ValueError: if `place` is neither; it is not repeated, because it may be the secret itself.
    """

    place: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"env:\w+|keyring:[^/\s]+/[^/\s]+", self.place):
            raise ValueError('a secret is not written here: use "env:NAME" or "keyring:SERVICE/USER"')

    def reveal(self) -> str:
        """Return the secret.

        Raises:
            ConfigError: if it is not there, or cannot be sent in a request.
        """
        kind, _, name = self.place.partition(":")
        value = (os.environ.get(name, "") if kind == "env" else _from_keyring(name)).strip()
        if not value:
            hint = f"export {name}=..." if kind == "env" else f"keyring set {name.replace('/', ' ')}"
            raise ConfigError("a secret is missing", where=self.place, hint=hint)
        if not value.isprintable():
            raise ConfigError("a secret holds characters that cannot be sent", where=self.place)
        return value


def _from_keyring(name: str) -> str:
    service, _, user = name.partition("/")
    try:
        import keyring
        import keyring.errors
    except ImportError as exc:
        raise ConfigError("keyring is not installed", where=f"keyring:{name}", hint="pip install 'callscore[keyring]'") from exc
    try:
        return keyring.get_password(service, user) or ""
    except keyring.errors.KeyringError as exc:
        raise ConfigError(f"the keyring cannot be read: {type(exc).__name__}", where=f"keyring:{name}") from exc
