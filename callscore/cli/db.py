"""`callscore db`: the database by hand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stdout_console
from callscore.errors import StoreError
from callscore.store import published_path
from callscore.store.dictionary import data_dictionary
from callscore.store.maintain import backup_store, migrate_store, pending_migrations, publish_store

__all__ = ["command"]

_dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")


@click.group()
def command() -> None:
    """Look after the database.

    \b
    Example:
      callscore db path
    """  # noqa: D301 - click wants the character, not its escape


@command.command()
@click.option("--readers", is_flag=True, help="The read-only copy that reports open, which is never locked.")
@with_app
def path(app: App, readers: bool) -> None:
    """Print where the database lies.

    \b
    Example:
      duckdb -readonly "$(callscore db path --readers)"
    """  # noqa: D301 - click wants the character, not its escape
    db = app.db.absolute()
    click.echo(published_path(db) if readers else db)


@command.command()
@click.argument("table", required=False)
@json_option
@with_app
def dictionary(app: App, table: str | None, as_json: bool) -> None:
    """Print every view, table and column with its type, unit and meaning; of one TABLE if it is named.

    \b
    Example:
      callscore db dictionary verdicts
    """  # noqa: D301 - click wants the character, not its escape
    del app  # the schema is that of this callscore, whatever the database
    docs = data_dictionary()
    if table is not None:
        docs = tuple(doc for doc in docs if doc.name == table)
        if not docs:
            raise StoreError(f"there is no table {table!r}", hint="callscore db dictionary")
    if as_json:
        print_json([asdict(doc) for doc in docs])
        return
    for doc in docs:
        view = Table(
            "column", "type", "meaning", title=f"{doc.name}: {doc.meaning}", title_justify="left", box=None, pad_edge=False
        )
        for column in doc.columns:
            view.add_row(column.name, column.sql_type, column.meaning)
        stdout_console().print(view, "")


@command.command()
@_dry_run_option
@with_app
def publish(app: App, dry_run: bool) -> None:
    """Refresh the copy that reports read; runs do it by themselves.

    Needed after the database was put back from a backup or changed by another program.

    \b
    Example:
      callscore db publish
    """  # noqa: D301 - click wants the character, not its escape
    if dry_run:
        message(f"would write {published_path(app.db.absolute())}")
        return
    message(f"published {publish_store(app.db)}")


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@_dry_run_option
@with_app
def backup(app: App, file: Path | None, dry_run: bool) -> None:
    """Copy the whole database to FILE, by default beside it with the time in its name.

    Works during a run as well; the copy then holds what the run published last.

    \b
    Example:
      callscore db backup /backup/callscore.duckdb
    """  # noqa: D301 - click wants the character, not its escape
    now = datetime.now(ZoneInfo(app.config.report.timezone))
    target = file or app.db.with_name(f"{app.db.stem}-{now:%Y%m%d-%H%M%S}{app.db.suffix}")
    if dry_run:
        message(f"would write {target}")
        return
    backup_store(app.db, target)
    message(f"backed up to {target}")


@command.command()
@_dry_run_option
@with_app
def migrate(app: App, dry_run: bool) -> None:
    """Bring the database to the schema of this callscore; `callscore ingest` does it by itself.

    \b
    Example:
      callscore db migrate --dry-run
    """  # noqa: D301 - click wants the character, not its escape
    steps = pending_migrations(app.db) if dry_run else migrate_store(app.db)
    for step in steps:
        message(f"{'would apply' if dry_run else 'applied'} {step}")
    if not steps:
        message("the schema is up to date")
