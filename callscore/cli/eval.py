"""`callscore eval`: measure callscore on labelled calls, and fit its limits of doubt to them."""

from __future__ import annotations

from pathlib import Path

import click

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message
from callscore.cli.selection import format_option, show_report, view_options
from callscore.evaluation import Evaluation, Truth, evaluate, read_truth
from callscore.evaluation.evaluate import check_criteria
from callscore.jobs.labelled import as_pair, known_names, read_labelled
from callscore.report.evaluation import evaluation_report
from callscore.rubric import load_book
from callscore.shipped import shipped_dir
from callscore.store import open_reader

__all__ = ["command"]

_MOST_NAMES = 10


@click.command()
@click.option("--truth", required=True, type=click.Path(path_type=Path), help="Labelled calls: .jsonl or .csv.")
@click.option("--criteria", default="", metavar="A,B", help="Only these criteria.")
@click.option("--verbose", is_flag=True, help="Also list every wrong verdict with its quote.")
@format_option
@json_option
@with_app
def command(app: App, truth: Path, criteria: str, verbose: bool, format_: str, as_json: bool) -> None:
    """Compare stored verdicts, roles and words with labelled calls, with 95% intervals.

    TRUTH has a line per call ({"file": ..., "labels": {criterion: pass|fail|na}}, optional type and turns), or a row per label
    (columns file or call_id, criterion, verdict). Unsure verdicts count apart, as neither right nor wrong.

    \b
    Example:
      callscore eval --truth labels.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    labels = read_truth(truth)
    only = tuple(filter(None, (name.strip() for name in criteria.split(","))))
    check_criteria(labels, only)
    found = _evaluate(app, labels, only)
    in_full = as_json or format_ == "json"
    if not in_full:
        _print_remarks(found)
    report = evaluation_report(found, view_options(app), with_wrong=verbose or in_full, in_full=in_full)
    show_report(report, "json" if in_full else format_)


def _evaluate(app: App, labels: Truth, only: tuple[str, ...]) -> Evaluation:
    book = load_book(app.config.rubrics.dir or shipped_dir("rubrics"))
    with open_reader(app.db) as reader:
        pairs = [as_pair(call) for call in read_labelled(reader, labels)]
        known = known_names(reader, book)
    return evaluate(labels, pairs, known, only)


def _print_remarks(found: Evaluation) -> None:
    for remark in found.remarks:
        message(f"note: {remark}")
    for what, names in (("not in the store", found.not_stored), ("stored as failed", found.not_heard)):
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            message(f"note: {len(names)} of {found.n_calls} labelled calls are {what}: {', '.join(names[:_MOST_NAMES])}{more}")
