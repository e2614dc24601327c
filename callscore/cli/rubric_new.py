"""`callscore rubric new` and `callscore rubric schema`: a file to start from, and help while editing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.errors import RubricError, nearest
from callscore.rubric.json_schema import SCHEMA_FILE, build_schema
from callscore.rubric.load import load_heads
from callscore.rubric.new import DEFAULT_BASES, NewRubric, rubric_text
from callscore.rubric.phrase_files import LANGUAGES
from callscore.rubric.rubric_file import ID_RULE, RubricHead, is_id
from callscore.shipped import shipped_dir

__all__ = ["new", "schema", "schema_text"]


def _checked_id(context: click.Context, option: click.Parameter, value: str) -> str:
    del context, option
    if not is_id(value):
        raise click.BadParameter(f"{value!r} must be {ID_RULE}")
    return value


@click.command("new")
@click.argument("rubric_id", metavar="ID", callback=_checked_id)
@click.option("--from", "base", metavar="RUBRIC", help="Rubric to extend [default: core_ru or english].")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the calls [default: that of RUBRIC, else ru].")
@click.option("--title", help="Name for people [default: made of ID].")
@click.option("--output", type=click.Path(path_type=Path), help="File to write [default: ID.yaml among your rubrics].")
@with_app
def new(app: App, rubric_id: str, base: str | None, language: str | None, title: str | None, output: Path | None) -> None:
    """Write a small working rubric with comments, to be edited; nothing that exists is overwritten.

    It takes over all criteria of RUBRIC and adds one with examples. Without a folder of your own it is written here.

    \b
    Example:
      callscore rubric new furniture --title Мебель
    """  # noqa: D301 - click wants the character, not its escape
    heads = load_heads(app.config.rubrics.dir or shipped_dir("rubrics"))
    if rubric_id in heads:
        raise RubricError(
            f"there is a rubric '{rubric_id}' already", where=heads[rubric_id].node.file, hint="choose another id"
        )
    chosen, spoken = _base(heads, base, language)
    path = output or (app.config.rubrics.dir or Path()) / f"{rubric_id}.yaml"
    shown = (title or rubric_id.replace("_", " ").capitalize()).strip()
    if not shown or not shown.isprintable():
        raise RubricError("the title must be one line of text", hint="--title 'Мебель'")
    text = rubric_text(NewRubric(id=rubric_id, language=spoken, title=shown, base=chosen, schema=SCHEMA_FILE))
    _write_new(path, text)
    message(f"wrote {path}")
    if not (path.parent / SCHEMA_FILE).exists():
        message(f"for help in the editor: callscore rubric schema --output {path.parent / SCHEMA_FILE}")
    message(f"next: edit it, then callscore rubric check {path} && callscore rubric test {path}")


@click.command("schema")
@click.option("--output", type=click.Path(path_type=Path), help="File to write, replaced if it exists [default: the terminal].")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of rubrics, phrase sets, call types and thresholds, for editors.

    \b
    Example:
      callscore rubric schema --output rubric.schema.json
    """  # noqa: D301 - click wants the character, not its escape
    if output is None:
        click.echo(schema_text(), nl=False)
        return
    try:
        output.write_text(schema_text(), encoding="utf-8")
    except OSError as exc:
        raise RubricError(f"the schema cannot be written: {exc.strerror or exc}", where=str(output)) from exc
    message(f"wrote {output}")


def schema_text() -> str:
    """Return the schema as a JSON text."""
    return json.dumps(build_schema(), ensure_ascii=False, indent=2) + "\n"


def _base(heads: Mapping[str, RubricHead], base: str | None, language: str | None) -> tuple[str, str]:
    """Return the id of the rubric to extend (empty for none) and the language."""
    if base is None:
        spoken = language or LANGUAGES[0]
        usual = heads.get(DEFAULT_BASES[spoken])
        return (usual.id if usual and usual.language == spoken else ""), spoken
    if base not in heads:
        like = nearest(base, heads)
        hint = f"did you mean '{like}'?" if like else f"one of: {', '.join(sorted(heads))}"
        raise RubricError(f"there is no rubric '{base}' to extend", hint=hint)
    head = heads[base]
    if language not in (None, head.language):
        raise RubricError(f"rubric '{base}' is in language '{head.language}', not '{language}'", where=head.node.file)
    return base, head.language


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as exc:
        raise RubricError("the file exists already", where=str(path), hint="choose another id or --output") from exc
    except OSError as exc:
        raise RubricError(f"the rubric cannot be written: {exc.strerror or exc}", where=str(path)) from exc
