"""Where the folders that come with callscore lie; reads nothing in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

__all__ = ["checkout_dir", "shipped_dir"]

_PACKAGE: Final = Path(__file__).resolve().parent


def checkout_dir() -> Path | None:
    """Return the root of the checkout that callscore runs from; None for an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def shipped_dir(name: Literal["rubrics", "models"]) -> Path:
    """Return the folder `name` of the checkout (also of an editable install), else the copy inside the installed package.

    >>> shipped_dir("rubrics").name
    'rubrics'
    """
    root = checkout_dir()
    # In the checkout callscore/shipped/ holds links to the two folders; building a wheel turns them into copies.
    return _PACKAGE / "shipped" / name if root is None else root / name
