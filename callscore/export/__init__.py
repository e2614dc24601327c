"""Calls for other systems, in formats that they know."""

from callscore.export.call_files import chosen_calls, export_texts
from callscore.export.subtitles import rttm_text, srt_text
from callscore.export.vcon import Sound, VconOptions, build_vcon
from callscore.export.vcon_files import Exported, VconJob, export_vcons

__all__ = [
    "Exported",
    "Sound",
    "VconJob",
    "VconOptions",
    "build_vcon",
    "chosen_calls",
    "export_texts",
    "export_vcons",
    "rttm_text",
    "srt_text",
]
