"""`callscore rubric`: check rubrics and run their own examples."""

from __future__ import annotations

from pathlib import Path

import click

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json
from callscore.dialogue.metrics import measure
from callscore.errors import RubricError
from callscore.rubric import RubricBook, load_book
from callscore.rubric.lint import find_remarks
from callscore.scoring.selftest import ExampleResult, run_examples
from callscore.shipped import shipped_dir

__all__ = ["command"]

_path_argument = click.argument("path", required=False, metavar="[PATH]", type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """Check rubrics and run the examples that they carry.

    \b
    Example:
      callscore rubric check
    """  # noqa: D301 - click wants the character, not its escape


@command.command("check")
@_path_argument
@json_option
@with_app
def check(app: App, path: Path | None, as_json: bool) -> None:
    """Read the rubrics (or one more file, or a folder) and name every mistake with file and line.

    Mistakes stop with exit status 4; remarks, such as a criterion without examples, do not.

    \b
    Example:
      callscore rubric check rubrics/complaint.yaml
    """  # noqa: D301 - click wants the character, not its escape
    book, _ = _open(app, path)
    remarks = find_remarks(book)
    if as_json:
        rubrics = [{"id": r.id, "version": r.version, "language": r.language, "sha256": r.sha256} for r in book.rubrics]
        rows = [{"where": remark.where, "message": remark.message} for remark in remarks]
        print_json({"rubrics": rubrics, "call_types": [kind.id for kind in book.call_types], "remarks": rows})
        return
    for remark in remarks:
        click.echo(f"{remark.where}: {remark.message}")
    n_criteria = sum(len(rubric.criteria) for rubric in book.rubrics)
    message(f"{len(book.rubrics)} rubrics with {n_criteria} criteria are in order, {len(remarks)} remarks")


@command.command("test")
@_path_argument
@json_option
@with_app
def test(app: App, path: Path | None, as_json: bool) -> None:
    """Run every criterion's own examples: each must get the verdict it is filed under.

    Exit status 4 if one does not.

    \b
    Example:
      callscore rubric test rubrics/complaint.yaml
    """  # noqa: D301 - click wants the character, not its escape
    book, rubric_id = _open(app, path)
    results = run_examples(book, measure, rubric_id)
    wrong = [result for result in results if not result.is_right]
    if as_json:
        print_json({"examples": len(results), "right": len(results) - len(wrong), "wrong": [_row(item) for item in wrong]})
    else:
        for item in wrong:
            click.echo(
                f"{item.where}: {item.rubric}, {item.criterion}: expected {item.expected}, got {item.got}: {item.reason}"
            )
        message(f"{len(results) - len(wrong)} of {len(results)} examples get their verdict")
    if wrong:
        raise RubricError(
            f"{len(wrong)} of {len(results)} examples get another verdict", hint="correct the phrases, or the examples"
        )


def _open(app: App, path: Path | None) -> tuple[RubricBook, str]:
    """Return the book and the id of the one rubric that `path` names, if it is a file."""
    folder = app.config.rubrics.dir or shipped_dir("rubrics")
    if path is None or path.is_dir():
        return load_book(path or folder), ""
    if path.resolve().parent == folder.resolve():
        book = load_book(folder)
        return book, next((rubric.id for rubric in book.rubrics if Path(rubric.file).resolve() == path.resolve()), "")
    book = load_book(folder, path)
    return book, next((rubric.id for rubric in book.rubrics if rubric.extra), "")


def _row(result: ExampleResult) -> dict[str, str]:
    return {
        "rubric": result.rubric,
        "criterion": result.criterion,
        "where": result.where,
        "expected": result.expected,
        "got": result.got,
        "reason": result.reason,
    }
