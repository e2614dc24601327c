"""`callscore map`: what the columns of a table mean."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stdout_console
from callscore.jobs.map_table import MapRequest, TableMap, map_table
from callscore.outside.pages import Tools

__all__ = ["command"]

_TITLES = {"table": "calls", "order-table": "orders"}
_SHOWN_REJECTS = 5


@click.command()
@click.option(
    "--guess",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The table: CSV, XLSX, JSONL, Parquet.",
)
@click.option("--kind", type=click.Choice(list(_TITLES)), help="Calls or orders [default: what fits better].")
@click.option("--column", "columns", multiple=True, metavar="'FIELD = HEADING'", help="What a column means; may be repeated.")
@click.option("--sheet", default="", metavar="NAME", help="The sheet of a workbook.")
@json_option
@with_app
def command(app: App, path: Path, kind: str | None, columns: tuple[str, ...], sheet: str, as_json: bool) -> None:
    """Guess what the columns of a table of calls or orders mean, try it on the first rows, and print it for confirmation.

    The lines at the end go into callscore.toml; mend them first where the guess is wrong. Nothing is stored.

    \b
    Example:
      callscore map --guess calls.xlsx
    """  # noqa: D301 - click wants the character, not its escape
    tools = Tools(timezone=app.config.metadata.timezone)
    found = map_table(MapRequest(path=path, kind=kind or "", columns=columns, sheet=sheet), tools)
    if as_json:
        print_json(dataclasses.asdict(found))
    else:
        _print_map(found)


def _print_map(found: TableMap) -> None:
    console = stdout_console()
    message(f"{found.header} seems to be the header of a table of {_TITLES[found.kind]}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Column", "Is", "Such as"):
        table.add_column(title)
    for column in found.columns:
        table.add_row(Text(column.heading), Text(column.field), Text(column.example or "-"))
    for heading in found.unused:
        table.add_row(Text(heading), Text("not used"), Text("-"))
    console.print(table)
    if found.lacks:
        message(f"\nit cannot be used yet: the table {found.lacks}; say which column is what with --column 'FIELD = HEADING'")
    else:
        message(f"\n{found.n_read} of the first {found.n_rows} rows can be read")
    for reject in found.rejects[:_SHOWN_REJECTS]:
        message(f"  {reject.where}: {reject.reason}")
    console.print()
    console.print(Text(found.toml), soft_wrap=True)
