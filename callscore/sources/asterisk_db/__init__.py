"""Calls of an Asterisk, a FreePBX or a MikoPBX from the database that it writes them to."""

from __future__ import annotations

from callscore.outside.pages import Tools
from callscore.sources.asterisk_db.settings import Settings
from callscore.sources.base import Source

__all__ = ["Settings", "open_source"]


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured source; the database is asked when calls are."""
    from callscore.sources.asterisk_db.source import AsteriskDatabase

    return AsteriskDatabase(name, settings, tools)
