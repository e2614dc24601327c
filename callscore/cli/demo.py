"""`callscore demo`: a tour on the sample calls."""

from __future__ import annotations

from pathlib import Path

import click

from callscore.cli.delivery import show_report
from callscore.cli.ingest import print_summary
from callscore.cli.options import App, with_app_on
from callscore.cli.output import message
from callscore.cli.progress import make_progress
from callscore.cli.selection import view_options
from callscore.errors import ConfigError
from callscore.jobs.collect import IngestRequest
from callscore.jobs.ingest import run_ingest
from callscore.report.ask.operators import ask_operators
from callscore.shipped import checkout_dir
from callscore.store import open_reader
from callscore.store.entries import CallFilter

__all__ = ["command"]


@click.command()
@click.option("--engine", "set_transcribe__engine", metavar="NAME", help="Recognition engine: whisper, onnx or scripted.")
@with_app_on(Path("data/demo.duckdb"))
def command(app: App) -> None:
    """Score the ten sample calls and show the operators.

    Two more files of sample_audio/ are there to be met in real life: hold music without a word, and a damaged recording that
    fails with a message. The second time nothing is heard again.

    \b
    Example:
      callscore demo --engine scripted
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    root = checkout_dir()
    samples = root / "sample_audio" if root else None
    if samples is None or not samples.is_dir():
        raise ConfigError("the sample calls come with the repository, not with the package", hint="run this in a checkout")
    request = IngestRequest(paths=(samples,), metadata=samples / "calls.csv")
    print_summary(run_ingest(app.config, request, make_progress(quiet=app.quiet)))
    with open_reader(app.db) as reader:
        options = view_options(app)
        show_report(ask_operators(reader, CallFilter(), options), "table", options)
    message(f"next: callscore report call d007 --db {app.db}")
    message(f"      callscore flags --db {app.db}")
