"""`callscore sql`: a query on the published copy."""

from __future__ import annotations

import csv
import sys

import click
from rich.table import Table
from rich.text import Text

from callscore.cli.options import App, with_app
from callscore.cli.output import print_json, stdout_console
from callscore.store import open_reader
from callscore.store.entries import QueryResult

__all__ = ["command"]


@click.command()
@click.argument("query")
@click.option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@with_app
def command(app: App, query: str, format_: str) -> None:
    """Run a query on what was published last; QUERY may be - to read it from standard input.

    Times are UTC. SHOW TABLES lists the tables; every table and column has a comment in duckdb_columns().

    \b
    Example:
      callscore sql "SELECT operator, score FROM operator_scores WHERE period = 'all'"
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        result = reader.query(sys.stdin.read() if query == "-" else query)
    if format_ == "json":
        print_json([dict(zip(result.columns, row, strict=True)) for row in result.rows])
    elif format_ == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows(result.rows)
    else:
        stdout_console().print(_table(result))


def _table(result: QueryResult) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in result.columns:
        table.add_column(Text(name))
    for row in result.rows:
        table.add_row(*(Text("-" if value is None else str(value)) for value in row))
    return table
