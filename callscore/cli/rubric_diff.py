"""`callscore rubric diff`: what other rubrics would change on the archive."""

from __future__ import annotations

from pathlib import Path

import click

from callscore.cli.differences import Differences, print_differences
from callscore.cli.options import App, json_option, parse_since, since_option, with_app
from callscore.cli.output import message
from callscore.cli.progress import make_progress
from callscore.cli.selection import format_option, view_options
from callscore.jobs.rubric_diff import DiffRequest, comparing_rubrics
from callscore.report.text import minutes

__all__ = ["diff"]


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@since_option
@click.option("--workers", "set_run__workers", type=click.IntRange(0, 256), help="Processes that score; 0: one per core.")
@format_option
@json_option
@with_app
def diff(app: App, old: Path, new: Path, since: str | None, format_: str, as_json: bool) -> None:
    """Score the stored calls with OLD and with NEW and show which verdicts, operators and calls differ.

    Each is a rubric file or a folder with rubrics. A file stands for its rubric among the others of its folder, or of the
    settings' folder if it lies elsewhere. Nothing is stored.

    \b
    Example:
      callscore rubric diff rubrics/incoming_sale.yaml draft.yaml
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    format_ = "json" if as_json else format_
    request = DiffRequest(old=old, new=new, since=parse_since(since, app.config.report.timezone))
    with comparing_rubrics(app.config, request, make_progress(quiet=app.quiet or format_ == "json")) as done:
        found = Differences(
            differences=done.differences,
            rubrics=done.rubrics,
            books=tuple(side.book for side in done.sides),
            summary={"old": str(old), "new": str(new), "found": done.found, "wall_s": done.wall_s},
            how_to_see_all="--json, --format csv",
        )
        totals = print_differences(found, view_options(app), format_)
    if format_ == "json":
        return
    if done.differences is None:
        message("the rubrics are the same")
        return
    message(
        f"{totals.calls} of {done.found} calls are for these rubrics; "
        f"{totals.changed_calls} of them differ ({totals.changed_verdicts} verdicts); took {minutes(round(1000 * done.wall_s))}"
    )
