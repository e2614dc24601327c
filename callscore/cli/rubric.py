"""`callscore rubric`: check rubrics, run their own examples, start a new one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json
from callscore.cli.rubric_diff import diff
from callscore.cli.rubric_new import new, schema
from callscore.dialogue.cues import load_role_cues
from callscore.dialogue.metrics import measure
from callscore.errors import RubricError, nearest
from callscore.pipeline import ROLE_CUES
from callscore.rubric import Rubric, RubricBook, load_book
from callscore.rubric.lint import find_remarks
from callscore.scoring.selftest import ExampleResult, run_examples
from callscore.shipped import shipped_dir

__all__ = ["command"]

_path_argument = click.argument("path", required=False, metavar="[PATH]", type=click.Path(path_type=Path))


@click.group()
def command() -> None:
    """Check rubrics, run the examples that they carry, start a new one.

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

    Mistakes stop with exit status 4. Remarks do not: a criterion without examples, a condition that never holds, a phrase that
    can never be found, or one that is found nearly everywhere.

    \b
    Example:
      callscore rubric check rubrics/complaint.yaml
    """  # noqa: D301 - click wants the character, not its escape
    book, _ = _open(app, path)
    cues = Path(book.folder) / ROLE_CUES
    if cues.is_file():
        load_role_cues(cues)
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
@click.option("--criterion", metavar="ID", help="Only the examples of this criterion.")
@json_option
@with_app
def test(app: App, path: Path | None, criterion: str | None, as_json: bool) -> None:
    """Run every criterion's own examples: each must get the verdict it is filed under.

    Exit status 4 if one does not. Criteria without examples are named.

    \b
    Example:
      callscore rubric test rubrics/complaint.yaml
    """  # noqa: D301 - click wants the character, not its escape
    book, rubric_id = _open(app, path)
    rubrics = [rubric for rubric in book.rubrics if rubric_id in ("", rubric.id)]
    _require_known(rubrics, criterion)
    results = [one for one in run_examples(book, measure, rubric_id) if criterion in (None, one.criterion)]
    wrong = [result for result in results if not result.is_right]
    rows = [row for rubric in rubrics if (row := _counts(rubric, results, criterion))["criteria"]]
    if as_json:
        told = {"examples": len(results), "right": len(results) - len(wrong), "wrong": [_row(item) for item in wrong]}
        print_json({**told, "rubrics": rows})
    else:
        _print_results(wrong, rows, len(results))
    if wrong:
        raise RubricError(
            f"{len(wrong)} of {len(results)} examples get another verdict", hint="correct the phrases, or the examples"
        )


def _require_known(rubrics: Sequence[Rubric], criterion: str | None) -> None:
    known = {item.id for rubric in rubrics for item in rubric.criteria}
    if criterion is not None and criterion not in known:
        like = nearest(criterion, known)
        raise RubricError(f"no rubric here has a criterion '{criterion}'", hint=f"did you mean '{like}'?" if like else "")


def _counts(rubric: Rubric, results: Sequence[ExampleResult], criterion: str | None) -> dict[str, object]:
    """Return what the examples of one rubric came to, and which of its criteria have none."""
    own = [result for result in results if result.rubric == rubric.id]
    asked = [item for item in rubric.criteria if criterion in (None, item.id)]
    return {
        "id": rubric.id,
        "criteria": len(asked),
        "examples": len(own),
        "right": sum(result.is_right for result in own),
        "without_examples": [item.id for item in asked if not item.examples],
    }


def _print_results(wrong: Sequence[ExampleResult], rows: Sequence[dict[str, object]], n_examples: int) -> None:
    for item in wrong:
        click.echo(f"{item.where}: {item.rubric}, {item.criterion}: expected {item.expected}, got {item.got}: {item.reason}")
    for row in rows:
        message(f"{row['id']}: {row['right']} of {row['examples']} examples of {row['criteria']} criteria")
        names = row["without_examples"]
        if isinstance(names, list) and names:
            message(f"{row['id']}: nothing shows that these work, they have no examples: {', '.join(names)}")
    message(f"{n_examples - len(wrong)} of {n_examples} examples get their verdict")


def _open(app: App, path: Path | None) -> tuple[RubricBook, str]:
    """Return the book and the id of the one rubric that `path` names, if it is a file."""
    folder = app.config.rubrics.dir or shipped_dir("rubrics")
    if path is None or path.is_dir():
        return load_book(path or folder), ""
    if os.path.realpath(path.parent) == os.path.realpath(folder) and path.exists():
        book = load_book(folder)
        return book, next((rubric.id for rubric in book.rubrics if Path(rubric.file).name == path.name), "")
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


command.add_command(new)
command.add_command(schema)
command.add_command(diff)
