"""`callscore eval --from-reviews` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_ingest import callscore
from tests.jobs.reviewed_archive import PLANTED, make_reviewed


def make(folder: Path) -> Path:
    """Store reviewed calls with a planted greeting, and the settings beside them."""
    make_reviewed(folder, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8)
    (folder / "callscore.toml").write_text('[store]\ndb = "x.duckdb"\n[rubrics]\ndir = "rubrics"\n', encoding="utf-8")
    return folder


def test_shown_first_and_written_on_demand(tmp_path: Path) -> None:
    """The table shows the phrase and its effect, --diff a diff alone, and only --apply writes it."""
    make(tmp_path)
    file = tmp_path / "rubrics" / "phrases" / "own.yaml"
    before = file.read_text(encoding="utf-8")
    shown = callscore(tmp_path, "eval", "--from-reviews")
    assert shown.returncode == 0, shown.stderr
    assert PLANTED in shown.stdout
    assert "--apply" in shown.stdout
    said = json.loads(callscore(tmp_path, "eval", "--from-reviews", "--json").stdout)
    (row,) = said["proposals"]
    assert (row["phrase"], row["said"], row["failed"], row["effect_calls"]) == (PLANTED, 8, 0, 8)
    diff = callscore(tmp_path, "eval", "--from-reviews", "--diff").stdout
    assert diff.startswith("--- a/phrases/own.yaml\n+++ b/phrases/own.yaml\n@@")
    assert file.read_text(encoding="utf-8") == before
    applied = callscore(tmp_path, "eval", "--from-reviews", "--apply")
    assert "callscore rescore applies it" in applied.stderr
    assert PLANTED in file.read_text(encoding="utf-8")


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    """One source of labels at a time, and options only with theirs; exit status 2."""
    make_reviewed(tmp_path, "n", ".")
    for given in (
        ["--from-reviews", "--truth", "x.csv"],
        [],
        ["--truth", "x.csv", "--apply"],
        ["--from-reviews", "--calibrate"],
    ):
        assert callscore(tmp_path, "eval", *given).returncode == 2


def test_nothing_to_learn_from_or_to_write_to(tmp_path: Path) -> None:
    """No review is exit status 8; accepting without rubrics of one's own, and an unknown criterion, 3."""
    make_reviewed(tmp_path, "n", ".")
    db = ["--db", "x.duckdb"]
    assert callscore(tmp_path, "eval", "--from-reviews", *db).returncode == 8
    refused = callscore(tmp_path, "eval", "--from-reviews", "--apply", *db)
    assert (refused.returncode, "no folder of rubrics of your own" in refused.stderr) == (3, True)
    unknown = callscore(tmp_path, "eval", "--from-reviews", "--criteria", "greting", *db)
    assert (unknown.returncode, "did you mean 'greeting'" in unknown.stderr) == (3, True)
