"""`callscore models`: list, pull and verify weights."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from callscore.catalogue import Catalogue, Model, load_catalogue
from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stderr_console, stdout_console
from callscore.config import ModelsConfig
from callscore.download import Progress as Watcher
from callscore.download import Silent
from callscore.errors import ModelError
from callscore.fetch import Pulled, PullOptions, pull
from callscore.registry import default_cache_dir, find_problems

__all__ = ["command"]

_MB: Final = 1_000_000
_LABEL_CHARS: Final = 32


@click.group()
def command() -> None:
    """List, fetch and verify the weights that recognition and diarization use.

    \b
    Example:
      callscore models pull
    """  # noqa: D301 - click wants the character, not its escape


@command.command("list")
@json_option
@with_app
def list_models(app: App, as_json: bool) -> None:
    """List the models known by name, and which are on this machine.

    \b
    Example:
      callscore models list
    """  # noqa: D301 - click wants the character, not its escape
    cache_dir = _cache_dir(app.config.models)
    rows = [_row(model, cache_dir) for model in load_catalogue().models]
    if as_json:
        print_json({"cache_dir": cache_dir, "models": rows})
        return
    table = Table("Model", "State", "Size", "Licence", "Default", "What it is", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for row in rows:
        default = "yes" if row["default"] else "-"
        table.add_row(row["name"], row["state"], _size(row["size_bytes"]), row["licence"], default, row["title"])
    stdout_console().print(table)
    message(f"weights lie in {cache_dir}")


@command.command("pull")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@with_app
def pull_models(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Fetch models by name, or those that the default settings need.

    What is already here is not fetched again; an interrupted download goes on where it stopped. Sources are tried in the
    order of models/models.toml, and every file must have the size and sha256 given there.

    \b
    Example:
      callscore models pull whisper-small
    """  # noqa: D301 - click wants the character, not its escape
    settings = app.config.models
    cache_dir = _cache_dir(settings)
    with _watch(quiet=app.quiet or as_json) as watcher:
        done = pull(_choose(load_catalogue(), names, everything=False), cache_dir, watcher, _pull_options(settings))
    if as_json:
        print_json({"cache_dir": cache_dir, "models": [asdict(item) for item in done]})
        return
    for item in done:
        message(_sentence(item))


@command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@with_app
def verify_models(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Read every byte of the weights again and compare size and sha256.

    Without names it checks all models that are on this machine.

    \b
    Example:
      callscore models verify whisper-base
    """  # noqa: D301 - click wants the character, not its escape
    cache_dir = _cache_dir(app.config.models)
    models = _choose(load_catalogue(), names, everything=True)
    if not names:
        models = [model for model in models if (cache_dir / model.name).is_dir()]
    found = [(model, [problem.reason for problem in find_problems(model, cache_dir, rehash=True)]) for model in models]
    if as_json:
        rows = [{"model": model.name, "problems": problems} for model, problems in found]
        print_json({"cache_dir": cache_dir, "models": rows})
    elif not found:
        message(f"no models in {cache_dir}")
    else:
        for model, problems in found:
            click.echo(f"{model.name}: {'; '.join(problems) or 'verified'}")
    bad = [model.name for model, problems in found if problems]
    if bad:
        where = str(cache_dir)
        raise ModelError(f"not fit for use: {', '.join(bad)}", where=where, hint=f"callscore models pull {' '.join(bad)}")


def _choose(catalogue: Catalogue, names: Sequence[str], *, everything: bool) -> Sequence[Model]:
    if names:
        return [catalogue.get(name) for name in dict.fromkeys(names)]
    return catalogue.models if everything else catalogue.default


def _cache_dir(settings: ModelsConfig) -> Path:
    return settings.cache_dir or default_cache_dir()


def _pull_options(settings: ModelsConfig) -> PullOptions:
    named = os.environ.get("CALLSCORE_MODELS_LOCAL", "").split(os.pathsep)
    extra = tuple(Path(folder).expanduser().absolute() for folder in named if folder)
    return PullOptions(local_dirs=(*extra, *settings.local_dirs))


def _row(model: Model, cache_dir: Path) -> dict[str, Any]:
    here = (cache_dir / model.name).is_dir()
    found = list(find_problems(model, cache_dir)) if here else []
    state = "incomplete" if any(problem.is_missing for problem in found) else "damaged" if found else "ready"
    return {
        "name": model.name,
        "state": state if here else "not here",
        "problems": [problem.reason for problem in found],
        "title": model.title,
        "task": model.task,
        "engine": model.engine,
        "licence": model.licence,
        "default": model.default,
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "folder": cache_dir / model.name,
    }


def _sentence(item: Pulled) -> str:
    if item.status == "present":
        return f"{item.model}: already here and verified"
    return f"{item.model}: {_size(item.n_bytes)} fetched and verified, from {item.source}"


def _size(n_bytes: int) -> str:
    """Return a size for people.

    >>> _size(147_882_941)
    '148 MB'
    """
    return f"{n_bytes / _MB:.0f} MB"


@contextmanager
def _watch(*, quiet: bool) -> Iterator[Watcher]:
    """Give what shows transfers: bars on a terminal, else a line each; nothing if `quiet`."""
    console = stderr_console()
    if quiet:
        yield Silent()
    elif not console.is_terminal:
        yield _Lines()
    else:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console) as progress:
            yield _Bars(progress)


class _Lines:
    """A line for each transfer, for logs."""

    def begin(self, label: str, total_bytes: int | None, done_bytes: int) -> None:
        size = "size unknown" if total_bytes is None else _size(total_bytes)
        start = f", going on from {_size(done_bytes)}" if done_bytes else ""
        message(f"fetching {label} ({size}{start})")

    def advance(self, n_bytes: int) -> None:
        """Say nothing: a log needs no ticking."""

    def note(self, text: str) -> None:
        message(text)


class _Bars:
    """A bar for each transfer."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._current: TaskID | None = None

    def begin(self, label: str, total_bytes: int | None, done_bytes: int) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label if len(label) <= _LABEL_CHARS else f"{label[:_LABEL_CHARS]}...")
        self._current = self._tasks[label]
        self._progress.update(self._current, total=total_bytes, completed=done_bytes)

    def advance(self, n_bytes: int) -> None:
        if self._current is not None:
            self._progress.advance(self._current, n_bytes)

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False)
