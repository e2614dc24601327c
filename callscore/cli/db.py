"""`callscore db`: the database by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.store import published_path
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
