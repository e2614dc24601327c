"""Saved views of the queue: names for filters, shared by the trainers of a workspace, in one small file written whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from callscore.errors import StoreError
from callscore.review.journal import locked

__all__ = ["SavedView", "Views"]

_MOST: Final = 50
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A name and the filters as part of an address, see Chosen.query."""

    name: str
    query: str


class Views:
    """The file views.json beside the journal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "views.json"

    def all(self) -> tuple[SavedView, ...]:
        """Return the views by name; a file that cannot be read holds none, for they can be made again."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(SavedView(name=str(item["name"]), query=str(item["query"])) for item in data["views"])
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def save(self, view: SavedView) -> None:
        """Keep a view; one of the same name is replaced, and of more than fifty the first goes.

        Raises:
            StoreError: if the file cannot be written.
        """
        self._change(lambda views: (*(item for item in views if item.name != view.name), view)[-_MOST:])

    def remove(self, name: str) -> None:
        """Forget a view."""
        self._change(lambda views: tuple(item for item in views if item.name != name))

    def _change(self, change: Callable[[tuple[SavedView, ...]], tuple[SavedView, ...]]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "views.lock"):
                data = {"version": _VERSION, "views": [asdict(view) for view in change(self.all())]}
                fresh = self._path.with_name(f"{self._path.name}.new")
                fresh.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
                os.replace(fresh, self._path)  # noqa: PTH105 - atomic by name
        except OSError as exc:
            raise StoreError(f"the view cannot be saved: {exc.strerror}", where=str(self._path)) from exc
