"""Calls of an Asterisk or a FreePBX, from the files it writes: CDR, queue log, CEL, and the recordings of MixMonitor.

Only `readers` and `logs` know that the logs are files: a table of a database can take their place, see log.py.
"""

from __future__ import annotations

from callscore.outside.pages import Tools
from callscore.sources.asterisk.settings import Settings
from callscore.sources.base import Source

__all__ = ["Settings", "open_source"]


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return a configured Asterisk; its files are opened when they are read."""
    from callscore.sources.asterisk.logs import Logs
    from callscore.sources.asterisk.source import AsteriskSource

    return AsteriskSource(name, settings, tools, lambda: Logs.open(settings, tools.timezone))
