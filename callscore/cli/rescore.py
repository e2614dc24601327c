"""`callscore rescore`: verdicts again from stored words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

import click

from callscore.cli.differences import Differences, note_edited, print_differences
from callscore.cli.options import App, json_option, parse_since, since_option, with_app
from callscore.cli.output import message
from callscore.cli.progress import make_progress
from callscore.cli.selection import format_option, view_options
from callscore.jobs.rescore import Rescored, RescoreRequest, RescoreSummary, rescoring
from callscore.report.text import minutes
from callscore.store.changes import ChangeTotals

__all__ = ["command"]

_SQL_CHANGED: Final = (
    "SELECT call_id, criterion, h.verdict AS was, v.verdict AS is FROM verdict_history h "
    "LEFT JOIN verdicts v USING (call_id, criterion) WHERE run_id = '{run_id}' AND h.verdict IS DISTINCT FROM v.verdict"
)


@click.command()
@click.option("--rubric", type=click.Path(path_type=Path), help="A rubric file that goes before the others where it applies.")
@since_option
@click.option("--dry-run", is_flag=True, help="Print what would change and store nothing.")
@click.option("--full", is_flag=True, help="Judge every criterion of every call, also where the rubrics are as before.")
@click.option("--workers", "set_run__workers", type=click.IntRange(0, 256), help="Processes that score; 0: one per core.")
@format_option
@json_option
@with_app
def command(app: App, rubric: Path | None, since: str | None, dry_run: bool, full: bool, format_: str, as_json: bool) -> None:
    """Score stored calls again with today's rubrics and show what changes.

    Only stored words are read, no recording is heard. Calls scored with these very rubrics before are left out; of the others
    only those criteria are judged that may give another verdict now. All new verdicts are stored at once or, whatever happens,
    none; the old ones stay in verdict_history and score_history. Corrections by people are not touched.

    \b
    Example:
      callscore rescore --dry-run
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    format_ = "json" if as_json else format_
    request = RescoreRequest(rubric=rubric, since=parse_since(since, app.config.report.timezone), dry_run=dry_run, is_full=full)
    with rescoring(app.config, request, make_progress(quiet=app.quiet or format_ == "json")) as done:
        found = Differences(
            differences=done.differences,
            rubrics=done.rubrics,
            books=(done.book,),
            summary=dataclasses.asdict(done.summary),
            how_to_see_all=_how_to_see_all(done.summary),
        )
        totals = print_differences(found, view_options(app), format_)
    if format_ != "json":
        _say_end(done, totals)


def _say_end(done: Rescored, totals: ChangeTotals) -> None:
    summary = done.summary
    note_edited(done.rubrics)
    if summary.unscored:
        message(f"note: calls without verdicts: {summary.unscored} (no rubric is for their call type, direction and language)")
    if not summary.rescored:
        message(f"every call is up to date: {summary.found} calls were scored with these rubrics before")
        return
    verb = "would be scored again" if summary.dry_run else "scored again"
    changed = f"{totals.changed_calls} calls changed ({totals.changed_verdicts} verdicts)"
    message(
        f"{summary.rescored} calls {verb}, {summary.up_to_date} up to date; "
        f"{changed if totals.changed_calls else 'no differences'}; took {minutes(round(1000 * summary.wall_s))}"
    )
    message(f"verdicts: {summary.judged} judged, {summary.kept} as before, for nothing they depend on has changed")


def _how_to_see_all(summary: RescoreSummary) -> str:
    if summary.dry_run:
        return "--json, --format csv"
    return f'callscore sql "{_SQL_CHANGED.format(run_id=summary.run_id)}"'
