"""`callscore ingest`: the nightly run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from callscore.cli.boundary import EXIT_SOME_FAILED
from callscore.cli.options import App, json_option, parse_since, since_option, with_app
from callscore.cli.output import message, print_json
from callscore.cli.progress import make_progress
from callscore.jobs.collect import IngestRequest
from callscore.jobs.ingest import IngestSummary, run_ingest
from callscore.report.text import minutes

__all__ = ["command", "print_summary"]


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path))
@click.option("--source", "sources", multiple=True, metavar="NAME", help="A source of the settings; may be repeated.")
@since_option
@click.option("--metadata", type=click.Path(path_type=Path), help="What the PBX knows: CSV, XLSX, JSONL or Parquet.")
@click.option("--rubric", type=click.Path(path_type=Path), help="A rubric file that goes before the others where it applies.")
@click.option("--engine", "set_transcribe__engine", metavar="NAME", help="Recognition engine: whisper, onnx or scripted.")
@click.option(
    "--model", "set_transcribe__model", metavar="NAME", help="Weights: a name from `callscore models list`, or a folder."
)
@click.option(
    "--script", "set_transcribe__script", type=click.Path(path_type=Path), help="Transcripts for the scripted engine."
)
@click.option("--workers", "set_run__workers", type=click.IntRange(0, 256), help="Calls processed at once; 0: as fits.")
@json_option
@with_app
@click.pass_context
def command(
    ctx: click.Context,
    app: App,
    paths: tuple[Path, ...],
    sources: tuple[str, ...],
    since: str | None,
    metadata: Path | None,
    rubric: Path | None,
    as_json: bool,
) -> None:
    """Transcribe and score the recordings in PATH..., or of the configured sources.

    Calls that were done before with the same recording, facts and settings are skipped; a call that fails is named and the
    others go on. Exit status: 0 all done, 10-12 a source could not be read to the end, 20 some calls failed, 130 interrupted.

    \b
    Example:
      callscore ingest recordings/ --metadata calls.csv
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    request = IngestRequest(
        paths=paths,
        sources=sources,
        metadata=metadata,
        since=parse_since(since, app.config.report.timezone),
        rubric=rubric,
    )
    summary = run_ingest(app.config, request, make_progress(quiet=app.quiet or as_json))
    if as_json:
        print_json(dataclasses.asdict(summary))
    else:
        print_summary(summary)
    if summary.source_failures:
        ctx.exit(summary.source_failures[0].code)
    if summary.failed:
        ctx.exit(EXIT_SOME_FAILED)


def print_summary(summary: IngestSummary) -> None:
    """Say how a run ended, naming each failed call and the command that tries only those again."""
    for remark in summary.remarks:
        message(f"note: {remark}")
    for source in summary.source_failures:
        message(f"source {source.source} [{source.code}] {source.message}")
    for failure in summary.failures:
        message(f"failed: {failure.path} [{failure.code}] {failure.message}")
    speed = f", {summary.audio_s / summary.wall_s:.0f} x real time" if summary.done and summary.wall_s else ""
    message(
        f"{summary.done} done, {summary.skipped} skipped, {summary.failed} failed of {summary.found} calls; "
        f"{minutes(round(summary.audio_s * 1000))} of audio in {minutes(round(summary.wall_s * 1000))}{speed}"
    )
    if summary.failures:
        message("the same command again tries the failed calls only")
