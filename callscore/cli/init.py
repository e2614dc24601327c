"""`callscore init`: a workspace to start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from callscore.cli.output import message
from callscore.cli.rubric_new import schema_text
from callscore.config import CONFIG_NAME, DEFAULTS_PATH
from callscore.connectors import CONNECTORS
from callscore.errors import ConfigError
from callscore.outside.settings import common_options, example_section
from callscore.rubric.json_schema import SCHEMA_FILE
from callscore.shipped import shipped_dir

__all__ = ["command"]


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--debug", is_flag=True, help="Log more and show tracebacks.")
def command(folder: Path, debug: bool) -> None:
    """Create a workspace in DIR: callscore.toml, rubrics/ to edit, data/ for the database.

    Nothing that exists is overwritten.

    \b
    Example:
      callscore init quality
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    del debug
    settings, rubrics, data = folder / CONFIG_NAME, folder / "rubrics", folder / "data"
    for path in (settings, rubrics):
        if path.exists():
            raise ConfigError("this is a workspace already", where=str(path), hint="choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(shipped_dir("rubrics"), rubrics, ignore=shutil.ignore_patterns("__pycache__", "__init__.py"))
        (rubrics / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
        data.mkdir(exist_ok=True)
        # Last: its presence says that the workspace is whole.
        settings.write_text(_commented(DEFAULTS_PATH.read_text(encoding="utf-8")) + _sources(), encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"the workspace cannot be created: {exc.strerror or exc}", where=str(exc.filename or folder)) from exc
    message(f"created {settings}, {rubrics}/ and {data}/")
    message(f"next: cd {folder} && callscore ingest <folder with recordings>")


def _sources() -> str:
    """Return a commented section per kind of source."""
    head = (
        "\n# One section per system; take away the # of those you have and give each its name after the dot. Secrets are not\n"
        '# written here: "env:NAME" names an environment variable, "keyring:SERVICE/USER" an entry of the system\'s keyring.\n'
        "# Every section also knows:\n"
    )
    sections = [example_section(known.settings, known.kind, known.title) for known in CONNECTORS.values()]
    return head + common_options() + "\n" + "\n".join(sections)


def _commented(defaults: str) -> str:
    """Return the defaults with every option commented out, so that later versions can improve what a user never set."""
    lines = defaults.splitlines()
    return "\n".join(f"# {line}" if "=" in line and not line.startswith(("#", "version")) else line for line in lines) + "\n"
