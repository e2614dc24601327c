"""Replaced verdicts and rubric texts are kept, once, and only where something differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from callscore.records import Verdict
from callscore.store import open_store, store_digest
from callscore.store.entries import RubricEntry
from tests.store.build import START, result


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_call_saved_again_keeps_the_verdicts_it_had(tmp_path: Path) -> None:
    """All verdicts of the call are kept as soon as one differs, with the run that replaced them and its time."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.start_run("r2", START, "0.1.0")
        writer.save_call(result(1, verdicts=(Verdict.PASS, Verdict.FAIL)), "r1")
        writer.save_call(result(1, verdicts=(Verdict.PASS, Verdict.UNSURE)), "r2")
    sql = "SELECT criterion, verdict, evidence_text, rubric_sha256 = repeat('ab', 32), run_id, replaced_at FROM verdict_history"
    at = START.replace(tzinfo=None)
    assert rows(db, f"{sql} ORDER BY 1") == [
        ("criterion_0", "pass", "Алло, компания", True, "r2", at),
        ("criterion_1", "fail", "Алло, компания", True, "r2", at),
    ]
    assert rows(db, "SELECT call_id, score, n_unsure, run_id FROM score_history") == [("c000001", 50.0, 0, "r2")]
    assert rows(db, "SELECT verdict FROM verdicts ORDER BY criterion") == [("pass",), ("unsure",)]


def test_equal_verdicts_are_not_kept_twice(tmp_path: Path) -> None:
    """A call done again with the same outcome, or with another hash of the rubric alone, leaves no history."""
    db = tmp_path / "x.duckdb"
    made = result(1)
    with open_store(db) as writer:
        writer.save_call(made, "r1")
        writer.save_call(made, "r2")
        renamed = tuple(replace(score, rubric_sha256="cd" * 32) for score in made.scores)
        writer.save_call(replace(made, scores=renamed), "r3")
    assert rows(db, "SELECT (SELECT count(*) FROM verdict_history), (SELECT count(*) FROM score_history)") == [(0, 0)]
    assert rows(db, "SELECT DISTINCT rubric_sha256 FROM call_scores") == [("cd" * 32,)]


def test_history_counts_in_the_digest_but_not_when_it_was_made(tmp_path: Path) -> None:
    """Two archives with the same past are equal, however their runs were called; with another past they are not."""
    digests = []
    for name, first in (("a", Verdict.FAIL), ("b", Verdict.FAIL), ("c", Verdict.NA)):
        db = tmp_path / f"{name}.duckdb"
        with open_store(db) as writer:
            writer.start_run(f"run {name}", START, "0.1.0")
            writer.save_call(result(1, verdicts=(first,)), "r0")
            writer.save_call(result(1, verdicts=(Verdict.PASS,)), f"run {name}")
        digests.append(store_digest(db))
    assert digests[0] == digests[1]
    assert digests[0]["verdicts"] == digests[2]["verdicts"]
    assert digests[0]["verdict_history"] != digests[2]["verdict_history"]


def test_the_text_of_a_rubric_changed_under_its_number_is_kept_once(tmp_path: Path) -> None:
    """The hash beside an old verdict always leads to a text: in rubrics, or in rubric_history."""
    first = RubricEntry(rubric="sale", version=1, sha256="aa", language="ru", title="Продажа", body="one", criteria=())
    second = replace(first, sha256="bb", body="two")
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for entry in (first, first, second, first, second, replace(second, version=2)):
            writer.save_rubrics([entry])
    assert rows(db, "SELECT version, sha256, body FROM rubrics ORDER BY 1") == [(1, "bb", "two"), (2, "bb", "two")]
    assert rows(db, "SELECT sha256, body FROM rubric_history ORDER BY 1") == [("aa", "one"), ("bb", "two")]
