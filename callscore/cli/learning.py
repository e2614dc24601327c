"""`callscore eval --from-reviews`: options, printing, and accepting what was learnt."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from callscore.cli.delivery import show_report
from callscore.cli.fitting import fitting_progress
from callscore.cli.options import App, parse_since, since_option
from callscore.cli.output import message
from callscore.cli.progress import make_progress
from callscore.cli.selection import view_options
from callscore.errors import ConfigError, nearest
from callscore.jobs.calibrate import target_file
from callscore.jobs.learn import LearnRequest, apply_draft, learning
from callscore.report.learning import learning_report
from callscore.rubric import load_book
from callscore.shipped import shipped_dir

__all__ = ["FromReviews", "learn_from_reviews", "review_options"]


@dataclass(frozen=True, slots=True)
class FromReviews:
    """What goes with --from-reviews: accepting, printing the diff alone, and from when calls are scored to see the effect."""

    is_apply: bool
    is_diff: bool
    since: str | None


def review_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --from-reviews and what goes with it; the command gets them as `from_reviews`, None without it."""

    @functools.wraps(function)
    def with_reviews(*args: Any, is_from_reviews: bool, is_apply: bool, is_diff: bool, since: str | None, **given: Any) -> Any:
        if not is_from_reviews and (is_apply or is_diff or since):
            raise click.UsageError("--apply, --diff and --since go with --from-reviews")
        found = FromReviews(is_apply, is_diff, since) if is_from_reviews else None
        return function(*args, from_reviews=found, **given)

    options = (
        since_option,
        click.option(
            "--diff", "is_diff", is_flag=True, help="With --from-reviews: print only the changes to files, as a diff."
        ),
        click.option("--apply", "is_apply", is_flag=True, help="With --from-reviews: write what is proposed."),
        click.option("--from-reviews", "is_from_reviews", is_flag=True, help="Learn from the verdicts of trainers."),
    )
    decorated: Callable[..., Any] = with_reviews
    for option in options:
        decorated = option(decorated)
    return decorated


def learn_from_reviews(app: App, asked: FromReviews, only: Sequence[str], format_: str) -> None:
    """Learn, show what was learnt, and write it if it is accepted.

    Raises:
        ConfigError: if it is to be written and there is no folder for it, or a criterion is not known.
    """
    if asked.is_apply:
        target_file(app.config.rubrics.dir, None)
    _check_names(app, only)
    zone = app.config.report.timezone
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    request = LearnRequest(today=today, only=only, since=parse_since(asked.since, zone), workers=app.config.run.workers)
    is_quiet = app.quiet or format_ == "json" or asked.is_diff
    with (
        fitting_progress(quiet=is_quiet) as on_fit,
        learning(app.config, request, make_progress(quiet=is_quiet), on_fit) as learned,
    ):
        if asked.is_diff:
            click.echo(learned.diff, nl=False)
        else:
            options = view_options(app)
            show_report(learning_report(learned, options, is_applied=asked.is_apply), format_, options)
        if asked.is_apply:
            for path in apply_draft(learned):
                message(f"wrote {path}")
            message("callscore rescore applies it" if learned.diff else "nothing is written: there is nothing to propose")


def _check_names(app: App, only: Sequence[str]) -> None:
    book = load_book(app.config.rubrics.dir or shipped_dir("rubrics"))
    known = {criterion.id for rubric in book.rubrics for criterion in rubric.criteria}
    for name in only:
        if name not in known:
            like = nearest(name, known)
            raise ConfigError(f"no rubric has a criterion '{name}'", hint=f"did you mean '{like}'?" if like else "")
