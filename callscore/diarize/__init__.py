"""Diarization: one channel with several speakers in, who speaks when out."""

from callscore.diarize.base import DIARIZERS, DiarizeOptions, Diarizer, load_diarizer_class

__all__ = ["DIARIZERS", "DiarizeOptions", "Diarizer", "load_diarizer_class"]
