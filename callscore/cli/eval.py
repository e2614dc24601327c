"""`callscore eval`: measure callscore on labelled calls, and fit its limits of doubt to them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from callscore.cli.delivery import show_report
from callscore.cli.fitting import fitting_progress
from callscore.cli.learning import FromReviews, learn_from_reviews, review_options
from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message
from callscore.cli.selection import format_option, view_options
from callscore.evaluation import Evaluation, Truth, evaluate, read_truth
from callscore.evaluation.calibration import Calibration
from callscore.evaluation.evaluate import check_criteria
from callscore.jobs.calibrate import CalibrationRequest, calibrate, target_file
from callscore.jobs.labelled import as_pair, known_names, read_labelled
from callscore.report.calibration import calibration_report
from callscore.report.evaluation import evaluation_report
from callscore.rubric import RubricBook, load_book
from callscore.shipped import shipped_dir
from callscore.store import open_reader

__all__ = ["command"]

_MOST_NAMES: Final = 10


@click.command()
@click.option("--truth", type=click.Path(path_type=Path), help="Labelled calls: .jsonl or .csv.")
@click.option("--criteria", default="", metavar="A,B", help="Only these criteria.")
@click.option("--verbose", is_flag=True, help="Also list every wrong verdict with its quote.")
@click.option("--calibrate", "is_fit", is_flag=True, help="Fit the limits of doubt (thresholds.yaml) to these calls.")
@click.option("--output", type=click.Path(path_type=Path), help="With --calibrate: write the thresholds to this file.")
@review_options
@format_option
@json_option
@with_app
def command(
    app: App,
    truth: Path | None,
    criteria: str,
    verbose: bool,
    is_fit: bool,
    output: Path | None,
    from_reviews: FromReviews | None,
    format_: str,
    as_json: bool,
) -> None:
    """Compare stored verdicts, roles and words with labelled calls, with 95% intervals.

    TRUTH has a line per call ({"file": ..., "labels": {criterion: pass|fail|na}}, optional type and turns), or a row per label
    (columns file or call_id, criterion, verdict). Unsure verdicts count apart, as neither right nor wrong.

    With --calibrate the stored words are scored under other thresholds instead, a wrong verdict costing as much as four unsure
    ones; what costs less is written if it clearly does so on calls that were not fitted to as well.

    With --from-reviews the labels are what trainers said: the limits of doubt are fitted to the calls drawn by lot or judged
    blind, phrases that the machine does not know are proposed from corrected verdicts, and what both would change on the stored
    calls is shown. --apply accepts them.

    \b
    Example:
      callscore eval --truth labels.csv
      callscore eval --from-reviews
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    only = tuple(filter(None, (name.strip() for name in criteria.split(","))))
    format_ = "json" if as_json else format_
    if from_reviews is not None:
        if truth or verbose or is_fit or output:
            raise click.UsageError("--from-reviews goes without --truth, --verbose, --calibrate and --output")
        learn_from_reviews(app, from_reviews, only, format_)
        return
    if truth is None:
        raise click.UsageError("name labelled calls with --truth, or use --from-reviews")
    if output is not None and not is_fit:
        raise click.UsageError("--output goes with --calibrate")
    labels = read_truth(truth)
    check_criteria(labels, only)
    if is_fit:
        _calibrate(app, labels, only, output, format_)
    else:
        _evaluate(app, labels, only, verbose, format_)


def _evaluate(app: App, labels: Truth, only: tuple[str, ...], verbose: bool, format_: str) -> None:
    book = _book(app)
    with open_reader(app.db) as reader:
        pairs = [as_pair(call) for call in read_labelled(reader, labels)]
        known = known_names(reader, book)
    found = evaluate(labels, pairs, known, only)
    in_full = format_ == "json"
    if not in_full:
        _print_remarks(found)
    options = view_options(app)
    show_report(evaluation_report(found, options, with_wrong=verbose or in_full, in_full=in_full), format_, options)


def _calibrate(app: App, labels: Truth, only: tuple[str, ...], output: Path | None, format_: str) -> None:
    file = target_file(app.config.rubrics.dir, output)
    book = _book(app)
    with open_reader(app.db) as reader:
        labelled = read_labelled(reader, labels)
    today = datetime.now(UTC).astimezone(ZoneInfo(app.config.report.timezone)).date()
    request = CalibrationRequest(labelled=labelled, book=book, file=file, today=today, only=only)
    with fitting_progress(quiet=app.quiet or format_ == "json") as on_progress:
        found = calibrate(request, on_progress)
    show_report(calibration_report(found, view_options(app)), format_, view_options(app))
    message(_outcome(found, is_in_use=output is None))


def _book(app: App) -> RubricBook:
    return load_book(app.config.rubrics.dir or shipped_dir("rubrics"))


def _outcome(found: Calibration, *, is_in_use: bool) -> str:
    if found.written is None and not found.changes:
        return "nothing is written: no other value does better on these calls"
    if found.written is None:
        saved = f"{found.trial.gain:g} ± {found.trial.error:.1f}"
        return f"nothing is written: on calls not fitted to, other values save {saved}, which may be chance"
    after = "callscore rescore applies them" if is_in_use else "put it beside your rubrics as thresholds.yaml to use it"
    return f"wrote {found.written}: {after}"


def _print_remarks(found: Evaluation) -> None:
    for remark in found.remarks:
        message(f"note: {remark}")
    for what, names in (("not in the store", found.not_stored), ("not heard, their recording failed", found.not_heard)):
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            message(f"note: {what}: {len(names)} of {found.n_calls} labelled calls ({', '.join(names[:_MOST_NAMES])}{more})")
