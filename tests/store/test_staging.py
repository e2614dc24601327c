"""New scores on their way into the store."""

from __future__ import annotations

import resource
from pathlib import Path

import duckdb
import pytest

from callscore.errors import StoreError
from callscore.records import Verdict
from callscore.stats.flags import flag_call
from callscore.store import open_store, published_path
from callscore.store.staging import SCORE_TABLES, ScoredCall, ScoreStage, prepare_stage, staged_files
from tests.store.build import result

VERDICTS = (Verdict.FAIL, Verdict.UNSURE, Verdict.FAIL, Verdict.PASS)


def scored(number: int) -> ScoredCall:
    """Return what scoring call number `number` gave, which is a reason to listen to it."""
    made = result(number, verdicts=VERDICTS)
    return ScoredCall(
        call_id=made.record.info.call_id,
        fingerprint="h.f.s",
        metrics=made.metrics,
        call_type=made.call_type,
        scores=made.scores,
        flags=flag_call(made),
    )


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Return the readers' copy of an empty store."""
    with open_store(tmp_path / "x.duckdb"):
        pass
    return published_path(tmp_path / "x.duckdb")


def test_staged_rows_are_those_a_run_would_save(tmp_path: Path, snapshot: Path) -> None:
    """Row for row and type for type, what is staged is what save_call stores; also in a folder with an odd name."""
    folder = tmp_path / "odd [name]*?"
    folder.mkdir()
    prepare_stage(folder, snapshot, ("new",))
    ScoreStage(folder, snapshot, "new").write(0, [scored(1), scored(2)])
    ScoreStage(folder, snapshot, "new").write(1, [scored(3)])
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number in (1, 2, 3):
            made = result(number, verdicts=VERDICTS)
            writer.save_call(made, "r1", flag_call(made))
    with duckdb.connect(str(db), read_only=True) as connection:
        for table in SCORE_TABLES:
            staged = f"SELECT * FROM read_parquet('{staged_files(folder, 'new', table)}')"
            saved = f"SELECT * FROM {table}"
            assert connection.execute(f"({staged} EXCEPT ALL {saved}) UNION ALL ({saved} EXCEPT ALL {staged})").fetchall() == []
            assert connection.sql(staged).types == connection.sql(saved).types
            assert len(connection.execute(staged).fetchall()) >= 3


def test_no_space_for_new_scores_is_said(tmp_path: Path, snapshot: Path) -> None:
    """A worker that cannot write stops the command with one message."""
    stage = ScoreStage(tmp_path, snapshot, "new")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(StoreError) as caught:
            stage.write(0, [scored(1)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.message == "the disk is full: the new scores could not be written"
