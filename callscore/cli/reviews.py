"""`callscore reviews`: what people did at the trainer's desk, in the store."""

from __future__ import annotations

import dataclasses

import click

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json
from callscore.jobs.reviews import fold_now
from callscore.store.work import require_database

__all__ = ["command"]


@click.group()
def command() -> None:
    """Bring verdicts, appeals, clips and corrections of trainers into the store.

    \b
    Example:
      callscore reviews fold
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@command.command()
@json_option
@with_app
def fold(app: App, as_json: bool) -> None:
    """Bring the journal of the desk into the store, as each ingest does; doing it twice changes nothing.

    The journal keeps everything. Exit status: 0 done, 7 a run holds the database (its end brings them over).

    \b
    Example:
      callscore reviews fold
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    require_database(app.db)
    summary = fold_now(app.config)
    if as_json:
        print_json(dataclasses.asdict(summary))
        return
    message(f"new entries in the store: {summary.new}")
    for remark in summary.remarks:
        message(remark)
