"""Calls for other systems, in formats that they know."""

from callscore.export.vcon import Sound, VconOptions, build_vcon
from callscore.export.vcon_files import Exported, VconJob, export_vcons

__all__ = ["Exported", "Sound", "VconJob", "VconOptions", "build_vcon", "export_vcons"]
