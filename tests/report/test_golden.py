"""Reports as users see them: each case file holds the command, the calls and the expected output.

A case is `$ command` with settings before it, then `call ID OPERATOR TIME VERDICTS...` (a verdict per criterion; `!` before one
makes it critical) followed by indented turns as tests.builders takes them, then `---` and the output.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from callscore.cli import cli
from callscore.dialogue import find_troubles
from callscore.records import CallResult, Verdict
from callscore.stats.flags import flag_call
from callscore.stats.operators import score_operators
from callscore.store import open_store
from callscore.store.entries import CriterionEntry, RubricEntry
from tests import builders
from tests.store.build import criterion, failed, result, score

CASES = Path(__file__).resolve().parents[1] / "cases" / "report"
TITLES = (("Приветствие", "Greeting"), ("Имя оператора", "Operator's name"), ("Вежливость", "Politeness"))
CRITERIA = tuple(
    CriterionEntry(criterion=f"criterion_{n}", section="", title_ru=russian, title_en=english, weight=1.0, critical=False)
    for n, (russian, english) in enumerate(TITLES)
)
RUBRIC = RubricEntry(
    rubric="incoming_sale", version=1, sha256="ab" * 32, language="ru", title="Входящая продажа", body="", criteria=CRITERIA
)


def parse_call(number: int, head: str, turns: list[str]) -> CallResult:
    """Return the call that a case describes; a line `notes CODE...` below it replaces its notes."""
    _, call_id, operator, at, *verdicts = head.split()
    made = result(number, n_turns=3)
    info = replace(
        made.record.info,
        call_id=call_id,
        operator=None if operator == "-" else operator,
        started_at=None if at == "-" else datetime.fromisoformat(at),
    )
    results = (
        criterion(f"criterion_{n}", Verdict(text.removeprefix("!")), critical=text.startswith("!"))
        for n, text in enumerate(verdicts)
    )
    notes = next((tuple(line.split()[1:]) for line in turns if line.startswith("notes ")), made.notes)
    turns = [line for line in turns if not line.startswith("notes ")]
    spoken = builders.dialogue(*turns) if turns else made.dialogue
    scores = () if find_troubles(spoken, made.metrics, notes) else (score(*results),)
    record = replace(made.record, info=replace(info, did="74950001122" if notes != made.notes else None))
    return replace(made, record=record, scores=scores, dialogue=spoken, notes=notes)


def fill(db: Path, lines: list[str]) -> None:
    """Store the calls of a case; a line `failed N` is a call that failed."""
    heads = [n for n, line in enumerate(lines) if line.startswith(("call ", "failed "))]
    with open_store(db) as writer:
        writer.save_rubrics([RUBRIC])
        for number, (start, end) in enumerate(zip(heads, [*heads[1:], len(lines)], strict=True)):
            if lines[start].startswith("failed "):
                writer.save_failure(failed(int(lines[start].split()[1])))
                continue
            made = parse_call(number, lines[start], [line.strip() for line in lines[start + 1 : end] if line.strip()])
            writer.save_call(made, "r1", flag_call(made))
        writer.write_operator_scores(score_operators(writer.operator_sums("Europe/Moscow")))


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_reports_look_as_agreed(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """What users read changes only on purpose."""
    given, _, expected = case.read_text(encoding="utf-8").partition("\n---\n")
    command, *lines = given.splitlines()
    fill(tmp_path / "x.duckdb", lines)
    monkeypatch.chdir(tmp_path)
    settings, _, arguments = command.removeprefix("$ ").partition("callscore ")
    for setting in settings.split():
        monkeypatch.setenv(*setting.split("="))
    outcome = CliRunner().invoke(cli, [*arguments.split(), "--db", "x.duckdb"], catch_exceptions=False)
    assert outcome.exit_code == 0
    # Tables pad their last column; blanks at line ends are no part of the agreement.
    printed = "\n".join(line.rstrip() for line in outcome.stdout.splitlines()) + "\n"
    if pytestconfig.getoption("--update-golden", default=False):
        case.write_text(f"{given}\n---\n{printed}", encoding="utf-8")
        return
    assert printed == expected, "pytest tests/report --update-golden rewrites the case"
