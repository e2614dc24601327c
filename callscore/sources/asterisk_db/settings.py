"""What a user says about the database of a PBX; its password is no part of the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from callscore.outside.secret import Secret
from callscore.outside.settings import need, setting
from callscore.sources.asterisk.settings import PbxSettings

__all__ = ["Settings"]

MOST_ROWS: Final = 100_000
_WORD: Final = re.compile(r"[?&](?:password|passwd|pwd)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(PbxSettings):
    """A database that SQLAlchemy knows, and the tables in it."""

    url: str = need(
        "mysql+pymysql://callscore@127.0.0.1/asteriskcdrdb", "address of the database as SQLAlchemy writes it, without password"
    )
    password: Secret | None = setting(None, 'where the password lies, such as "env:CDR_PASSWORD"')
    table: str = setting("cdr", 'table of CDR; "cdr_general" in MikoPBX')
    queue_log_table: str = setting("", "table of the queue log, where it is written to the database (queue_log)")
    page_size: int = setting(5000, "rows asked for at a time")

    def __post_init__(self) -> None:
        """Check what would only come out in the night."""
        PbxSettings.__post_init__(self)  # super() without arguments knows no class with slots
        try:
            parts = urlsplit(self.url)
            has_password = parts.password is not None or _WORD.search(self.url) is not None
        except ValueError:
            parts, has_password = urlsplit(""), False
        if has_password:
            raise ValueError('the password is not written into url: set password = "env:NAME"')
        if not re.fullmatch(r"\w+(?:\+\w+)?", parts.scheme):
            raise ValueError("url must look like mysql+pymysql://user@host/database or sqlite:////path/cdr.db")
        if not 1 <= self.page_size <= MOST_ROWS:
            raise ValueError(f"page_size must be 1..{MOST_ROWS}")
        if not self.table:
            raise ValueError("table must be named")
