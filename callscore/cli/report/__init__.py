"""`callscore report`: what managers read, a file per subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from callscore.cli.lazy import LazyGroup

__all__ = ["REPORTS", "command"]

REPORTS: Final[Mapping[str, str]] = {
    "operators": "people",
    "compare": "people",
    "calls": "scores",
    "criteria": "scores",
    "conversion": "conversion",
    "call": "scores",
    "health": "health",
    "digest": "digest",
    "agreement": "agreement",
    "coaching": "coaching",
    "missed": "telephony",
    "lines": "telephony",
    "outcomes": "telephony",
    "workload": "workload",
    "costs": "money",
    "teams": "money",
    "priorities": "priorities",
    "efficiency": "efficiency",
}
"""The module here by the name of the report."""


class _Reports(LazyGroup):
    places: Mapping[str, str] = {name: f"callscore.cli.report.{module}:{name}" for name, module in REPORTS.items()}


@click.group(cls=_Reports)
def command() -> None:
    """Show what the stored calls say.

    Reports read the published copy of the database, so they also work while `callscore ingest` runs.

    \b
    Example:
      callscore report operators
    """  # noqa: D301 - click wants the character, not its escape
