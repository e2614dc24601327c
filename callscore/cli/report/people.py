"""`callscore report operators`, `compare`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, parse_since, with_app
from callscore.cli.selection import between_options, call_filter, limit_option, rubric_option, select_options, view_options
from callscore.report.ask.operators import ask_comparison, ask_operators, ask_periods
from callscore.store import open_reader

__all__ = ["compare", "operators"]


@click.command()
@select_options
@rubric_option
@click.option(
    "--by", type=click.Choice(["day", "week", "month"]), help="A line per operator and whole period, latest first, as stored."
)
@limit_option
@click.option(
    "--sort",
    type=click.Choice(["name", "score"]),
    default="name",
    show_default=True,
    help="By score also shows the places each operator may hold, judged by the intervals.",
)
@output_options
@with_app
def operators(app: App, by: str | None, sort: str, output: Output, **given: Any) -> None:
    """Show each operator's score with the interval that covers sampling and unsure verdicts.

    Beside it stands the score steadied for few calls; below, the score for equal calls, the score as people would give it where
    they reviewed a random sample, and the trend by week. A score with fewer calls than report.min_calls is marked and gets no
    place. Where intervals overlap, a difference is not proven: see callscore report compare.

    \b
    Example:
      callscore report operators --since 2026-10-01 --sort score
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        wanted, options, by_score = call_filter(app, output.format, **given), view_options(app), sort == "score"
        report = (
            ask_periods(reader, wanted, by, options, by_score=by_score)
            if by
            else ask_operators(reader, wanted, options, by_score=by_score)
        )
        deliver(report, output, reader.asked)


@click.command()
@click.argument("names", metavar="[OPERATOR] [OPERATOR]", nargs=-1)
@between_options
@rubric_option
@click.option("--split", metavar="DATE", help="Compare each operator from this day on with himself before.")
@output_options
@with_app
def compare(app: App, names: tuple[str, ...], split: str | None, output: Output, **given: Any) -> None:
    """Say whether operators differ: better, worse or cannot tell.

    Two names: one against the other. One name, or none: that operator, or each, against all others together. With --split:
    before and after a day. The more comparisons in a table, the more it takes to say better or worse.

    \b
    Example:
      callscore report compare a.smirnova d.kozlov --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    if len(names) > 2 or (len(names) == 2 and names[0] == names[1]):
        raise click.UsageError("name at most two operators, and not the same one twice")
    split_at = parse_since(split, app.config.report.timezone)
    with open_reader(app.db) as reader:
        report = ask_comparison(reader, call_filter(app, **given), names, view_options(app), split_at)
        deliver(report, output, reader.asked)
