"""Where calls come from: folders of recordings and what is known about them."""

from callscore.sources.base import Found, Problem, Source
from callscore.sources.folder import FolderSettings, FolderSource
from callscore.sources.metadata import MetadataOptions

__all__ = ["FolderSettings", "FolderSource", "Found", "MetadataOptions", "Problem", "Source"]
