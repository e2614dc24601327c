"""The command line: one file per command, loaded when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from callscore import __version__
from callscore.cli.boundary import run_command
from callscore.cli.lazy import LazyGroup

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS: Final[Mapping[str, str]] = {
    "init": "callscore.cli.init",
    "ingest": "callscore.cli.ingest",
    "rescore": "callscore.cli.rescore",
    "outcomes": "callscore.cli.outcomes",
    "sources": "callscore.cli.sources",
    "map": "callscore.cli.map",
    "operators": "callscore.cli.operators",
    "report": "callscore.cli.report",
    "flags": "callscore.cli.flags",
    "review": "callscore.cli.review",
    "reviews": "callscore.cli.reviews",
    "rubric": "callscore.cli.rubric",
    "eval": "callscore.cli.eval",
    "models": "callscore.cli.models",
    "export": "callscore.cli.export",
    "db": "callscore.cli.db",
    "sql": "callscore.cli.sql",
    "doctor": "callscore.cli.doctor",
    "config": "callscore.cli.config",
    "demo": "callscore.cli.demo",
}


class _Commands(LazyGroup):
    places: Mapping[str, str] = {name: f"{module}:command" for name, module in COMMANDS.items()}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="callscore")
def cli() -> None:
    """Score call recordings against rubrics, with evidence, on your own machine."""


def main() -> None:
    """Run the command line and exit with the code of style and README."""
    run_command(cli)
