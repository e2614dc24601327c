"""`callscore outcomes`: orders from CRM systems and tables, joined to calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click

from callscore.cli.boundary import EXIT_SOME_FAILED
from callscore.cli.options import App, json_option, parse_since, with_app
from callscore.cli.output import message, print_json
from callscore.config import SourceConfig
from callscore.errors import NothingToDoError
from callscore.jobs.conversion import refresh_conversion
from callscore.jobs.feeds import named_sources
from callscore.jobs.pull_calls import Pull
from callscore.jobs.pull_orders import JoinSummary, OrdersSummary, join_stored, pull_orders
from callscore.store import open_store

__all__ = ["command"]

_EVERYTHING = "2000-01-02"


@click.group()
def command() -> None:
    """Bring in orders and deals, and find the calls that led to them.

    \b
    Example:
      callscore outcomes import orders.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@command.command()
@click.option("--source", "sources", multiple=True, metavar="NAME", help="A source of the settings; may be repeated.")
@click.option("--since", metavar="DATE", help="Only orders created or changed then or later: 2026-10-05.")
@json_option
@with_app
@click.pass_context
def pull(ctx: click.Context, app: App, sources: tuple[str, ...], since: str | None, as_json: bool) -> None:
    """Read the named sources of orders, or all, from where the last run ended, and join the orders to calls.

    Exit status: 0 all read, 10-12 a source could not be read to the end, 20 some rows could not be used.

    \b
    Example:
      callscore outcomes pull --source crm
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    chosen = named_sources(app.config, sources, with_orders=True)
    if not chosen:
        raise NothingToDoError(
            "no source of orders is configured", hint="add one to callscore.toml, or: callscore outcomes import FILE"
        )
    _run(ctx, app, chosen, since, as_json=as_json)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", "name", metavar="NAME", default="file", show_default=True, help="What to call these orders' source.")
@json_option
@with_app
@click.pass_context
def import_(ctx: click.Context, app: App, file: Path, name: str, as_json: bool) -> None:
    """Read the orders in FILE (CSV, XLSX, JSONL, Parquet, or CommerceML from 1С) and join them to calls.

    Columns are known by their headings; `callscore map --guess FILE` shows how they are understood. Orders that are there
    already are replaced. Exit status: 0 all read, 20 some rows could not be used.

    \b
    Example:
      callscore outcomes import orders.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    kind = "commerceml" if file.suffix.lower() == ".xml" else "order-table"
    source = SourceConfig(name, kind, {"path": str(file.absolute())}, Path.cwd(), str(file))
    _run(ctx, app, (source,), _EVERYTHING, as_json=as_json)


def _run(ctx: click.Context, app: App, sources: Sequence[SourceConfig], since: str | None, *, as_json: bool) -> None:
    note = (lambda _: None) if app.quiet or as_json else message
    with open_store(app.db) as writer:
        asked = Pull(config=app.config, writer=writer, note=note, since=parse_since(since, app.config.report.timezone))
        read = [pull_orders(source, asked) for source in sources]
        joined = join_stored(writer, app.config)
        writer.save_timezone(app.config.report.timezone)
        writer.refresh_shifts(app.config.operators.shift_gap_hours)
        refresh_conversion(writer, app.config)
    if as_json:
        print_json({"sources": [dataclasses.asdict(summary) for summary in read], "joined": _joined_json(joined)})
    else:
        _print(read, joined)
    failure = next((summary.failure for summary in read if summary.failure), None)
    if failure:
        ctx.exit(failure.code)
    if any(summary.rejected for summary in read):
        ctx.exit(EXIT_SOME_FAILED)


def _joined_json(joined: JoinSummary) -> dict[str, object]:
    return {
        "orders": joined.orders,
        "joined": joined.joined,
        "by_certainty": dict(joined.by_certainty),
        "without_a_call": dict(joined.by_reason),
    }


def _print(read: Sequence[OrdersSummary], joined: JoinSummary) -> None:
    for summary in read:
        rejected = f", {summary.rejected} rows could not be used (callscore report health)" if summary.rejected else ""
        message(f"{summary.source}: {summary.orders} orders{rejected}")
        if summary.failure:
            message(f"source {summary.source} [{summary.failure.code}] {summary.failure.message}")
    certainty = ", ".join(f"{count} {word}" for word, count in joined.by_certainty)
    reasons = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in joined.by_reason)
    message(f"{joined.joined} of {joined.orders} orders have a call" + (f" ({certainty})" if certainty else ""))
    if reasons:
        message(f"without a call: {reasons} (callscore report outcomes --unmatched)")
