"""Calls of a FreeSWITCH, from the files it writes: cdr-csv, json_cdr, xml_cdr, and recordings on disk."""

from callscore.sources.freeswitch.source import FreeSwitch, Settings, open_source

__all__ = ["FreeSwitch", "Settings", "open_source"]
