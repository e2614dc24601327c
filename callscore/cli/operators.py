"""`callscore operators`: the shop's list of operators with team, kind and cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.table import Table
from rich.text import Text

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stdout_console
from callscore.errors import NothingToDoError
from callscore.jobs.staff import load_staff, staff_path, store_staff
from callscore.report.text import local_time
from callscore.store import StoreReader, open_reader, open_store
from callscore.store.operators import CallName, OperatorEntry, read_call_names, read_operators
from callscore.store.people_groups import fold_name

__all__ = ["command"]

_SHOWN: Final = 30
_file_argument = click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """Tell callscore who the operators are: other names and extensions, team, kind of work, cost.

    \b
    Example:
      callscore operators check operators.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@command.command()
@_file_argument
@with_app
def check(app: App, file: Path | None) -> None:
    """Read FILE, or the configured one, and name every row that is wrong; nothing is stored.

    Exit status: 0 every row can be used, 3 some cannot, 10 the file cannot be read.

    \b
    Example:
      callscore operators check operators.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    staff = load_staff(staff_path(app.config, file), app.config.report.timezone)
    message(_summary(staff.entries))
    if not app.db.exists():
        return
    with open_reader(app.db) as reader:
        names = _names(reader)
    known = {name for entry in staff.entries for name in entry.names}
    strangers = [row for row in names if fold_name(row.name) not in known and fold_name(row.extension or "") not in known]
    heard = {fold_name(text) for row in names for text in (row.name, row.extension or "")}
    for row in strangers[:_SHOWN]:
        message(f"not in the file: {row.name} ({row.calls} calls)")
    if len(strangers) > _SHOWN:
        message(f"and {len(strangers) - _SHOWN} more names that are not in the file")
    for entry in staff.entries:
        if names and not heard.intersection(entry.names):
            message(f"no call knows: {entry.operator}")


@command.command("import")
@_file_argument
@with_app
def import_(app: App, file: Path | None) -> None:
    """Read FILE, or the configured one, in place of the stored list; if a row is wrong, the stored list stays.

    The configured file is also read by each `callscore ingest`. Exit status: 0 stored, 3 a row is wrong, 10 the file cannot be
    read.

    \b
    Example:
      callscore operators import operators.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    path = staff_path(app.config, file)
    staff = load_staff(path, app.config.report.timezone)
    with open_store(app.db) as writer:
        store_staff(writer, app.config, staff)
    message(f"stored: {_summary(staff.entries)}")
    if app.config.operators.file is not None and path.absolute() != app.config.operators.file.absolute():
        message(f"the next ingest reads {app.config.operators.file} again")


@command.command("list")
@json_option
@with_app
def list_(app: App, as_json: bool) -> None:
    """List the names that calls have for operators, and whom each is taken for.

    \b
    Example:
      callscore operators list
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    with open_reader(app.db) as reader:
        names = _names(reader)
        with reader.asking() as queries:
            teams = {entry.operator: entry.team for entry in read_operators(queries)}
    if not names:
        raise NothingToDoError("no call names an operator", where=str(app.db), hint="callscore ingest FOLDER")
    if as_json:
        print_json([_as_json(row, teams.get(row.person)) for row in names])
        return
    table = Table("in calls", "extension", "is", "team", "calls", "last call", box=None, pad_edge=False)
    for row in names:
        person = row.person if row.is_listed else "not in the list"
        last = local_time(row.last_at, app.config.report.timezone)
        cells = (row.name, row.extension or "-", person, teams.get(row.person) or "-", str(row.calls), last)
        table.add_row(*map(Text, cells))
    stdout_console().print(table)


def _names(reader: StoreReader) -> tuple[CallName, ...]:
    with reader.asking() as queries:
        return read_call_names(queries)


def _summary(entries: Sequence[OperatorEntry]) -> str:
    people = {fold_name(entry.operator) for entry in entries}
    costless = sorted({entry.operator for entry in entries if entry.cost_per_hour is None and entry.cost_per_call is None})
    teams = len({entry.team for entry in entries if entry.team})
    text = f"{len(people)} operators in {len(entries)} rows, {teams} teams"
    return f"{text}; without a cost: {', '.join(costless)}" if costless else text


def _as_json(row: CallName, team: str | None) -> dict[str, object]:
    return {
        "name": row.name,
        "extension": row.extension,
        "person": row.person if row.is_listed else None,
        "team": team if row.is_listed else None,
        "calls": row.calls,
        "last_at": row.last_at,
    }
