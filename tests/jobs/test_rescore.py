"""Scoring the archive again: what changes, what stays, and that all of it is stored or nothing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from callscore.config import Config
from callscore.errors import CallError, NothingToDoError, RubricError, StoreBusyError, StoreError
from callscore.jobs import score_stored
from callscore.jobs.rescore import RescoreRequest, RescoreSummary, rescoring
from callscore.jobs.score_stored import ChunkScorer, RubricSide, ScoreSettings
from callscore.records import Dialogue, Layout, Verdict
from callscore.rubric import load_book
from callscore.store import open_store, store_digest
from callscore.store.changes import ChangedCall, ChangeTotals
from callscore.store.chunks import plan_archive
from callscore.store.entries import CallFilter
from callscore.store.staging import prepare_stage
from callscore.store.work import take_snapshot
from tests.builders import dialogue
from tests.jobs.small_archive import ANYWHERE, CURT, LATE, POLITE, WITH_FAREWELL, make_archive, settings, stored
from tests.rubric.book_files import RUBRIC, write_book
from tests.store.build import failed

SCORED = ("calls", "verdicts", "evidence", "call_scores", "flags", "operator_scores")


class Silent:
    """Progress nobody watches."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def begin(self, found: int, skipped: int, todo: int) -> None:
        """See Progress.begin."""

    def advance(self, recording: str, audio_ms: int, failure: object) -> None:
        """See Progress.advance."""

    def finish(self) -> None:
        """See Progress.finish."""


def rescore(config: Config, **request: Any) -> tuple[RescoreSummary, ChangeTotals | None, tuple[ChangedCall, ...]]:
    """Rescore and return the summary, how much differs, and the changed calls."""
    with rescoring(config, RescoreRequest(workers=1, **request), Silent()) as done:
        if done.differences is None:
            return done.summary, None, ()
        return done.summary, done.differences.totals(), tuple(done.differences.calls())


def rows(config: Config, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    with duckdb.connect(str(config.store.db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def parts(digest: Mapping[str, str], *tables: str) -> dict[str, str]:
    """Return the digest of some tables."""
    return {table: digest[table] for table in tables}


@pytest.fixture
def archive(tmp_path: Path) -> Config:
    """Return an archive of three calls that were scored."""
    config = make_archive(tmp_path, stored(0, POLITE), stored(1, CURT), stored(2, LATE))
    rescore(config)
    return config


def test_the_first_scoring_gives_every_call_its_verdicts(archive: Config) -> None:
    """Verdicts, scores, flags and operator scores come from stored words, and the run is recorded."""
    assert rows(archive, "SELECT call_id, verdict, rubric_version FROM verdicts ORDER BY 1") == [
        ("c000000", "pass", 3),
        ("c000001", "fail", 3),
        ("c000002", "fail", 3),
    ]
    assert rows(archive, "SELECT call_id, call_type FROM calls ORDER BY 1") == [
        ("c000000", "sale"),
        ("c000001", "complaint"),
        ("c000002", "sale"),
    ]
    assert rows(archive, "SELECT count(*) FROM operator_scores WHERE period = 'all'") == [(3,)]
    assert rows(archive, "SELECT call_id FROM flags WHERE reason = 'low_score' ORDER BY 1") == [("c000001",), ("c000002",)]
    assert rows(archive, "SELECT status, found, done, skipped FROM runs WHERE run_id <> 'r0'") == [("done", 3, 3, 0)]
    assert rows(archive, "SELECT count(*) FROM verdict_history") == [(0,)]


def test_unchanged_rubrics_leave_nothing_to_do(archive: Config) -> None:
    """Rescoring twice does nothing the second time, not even a record of it."""
    before = store_digest(archive.store.db)
    summary, totals, _ = rescore(archive)
    assert (summary.found, summary.rescored, summary.up_to_date, summary.run_id) == (3, 0, 3, "")
    assert totals is None
    assert store_digest(archive.store.db) == before
    assert rows(archive, "SELECT count(*) FROM runs") == [(2,)]


def test_scoring_again_with_the_same_rubrics_changes_nothing(tmp_path: Path) -> None:
    """Forty random calls, scored anew without need, get the very same rows: scoring depends on words and rubrics alone."""
    rng = random.Random(20261005)
    words = (
        "здравствуйте",
        "добрый день",
        "диван",
        "хочу купить",
        "жалоба",
        "до свидания",
        "алло",
        "да",
        "магазин",
        "всего лишь",
    )
    calls = []
    for number in range(40):
        spoken = [" ".join(rng.choices(words, k=rng.randrange(1, 9))) for _ in range(rng.randrange(6))]
        said = dialogue(
            *(f"{'OC'[n % 2]} {n * 3000}-{n * 3000 + 2500} {text}" for n, text in enumerate(spoken)), duration_ms=20_000
        )
        calls.append(stored(number, said))
    config = make_archive(tmp_path, *calls)
    rescore(config)
    before = store_digest(config.store.db)
    with duckdb.connect(str(config.store.db)) as connection:
        connection.execute("UPDATE calls SET fingerprint = replace(fingerprint, split_part(fingerprint, '.', 3), 'none')")
    summary, totals, changed = rescore(config)
    assert summary.rescored == 40
    assert (totals, changed) == (ChangeTotals(calls=40, changed_calls=0, changed_verdicts=0, reworded_calls=0), ())
    assert store_digest(config.store.db) == before


def test_what_changes_is_known_with_quotes_and_reasons(archive: Config) -> None:
    """A wider window finds the late greeting: the call, both verdicts, the words and where they are."""
    write_book(Path(str(archive.rubrics.dir)), ANYWHERE)
    summary, totals, changed = rescore(archive)
    assert (summary.rescored, totals) == (3, ChangeTotals(calls=3, changed_calls=1, changed_verdicts=1, reworded_calls=0))
    (call,) = changed
    (verdict,) = call.verdicts
    assert (call.shift.call_id, call.shift.old_version, call.shift.new_version) == ("c000002", 3, 4)
    assert (call.shift.old_score, call.shift.new_score) == (0.0, 100.0)
    assert (verdict.criterion, verdict.old, verdict.new) == ("greeting", Verdict.FAIL, Verdict.PASS)
    assert (verdict.old_quote, verdict.new_quote, verdict.start_ms) == ("", "добрый день", 4000)
    assert verdict.old_reason != verdict.new_reason
    assert rows(archive, "SELECT verdict FROM verdicts WHERE call_id = 'c000002'") == [("pass",)]


def test_replaced_verdicts_are_kept_with_their_version(archive: Config) -> None:
    """Whoever was paid by the old verdict can still see it, with the rubric it came from and the run that replaced it."""
    write_book(Path(str(archive.rubrics.dir)), ANYWHERE)
    run_id = rescore(archive)[0].run_id
    kept = rows(archive, "SELECT call_id, rubric_version, criterion, verdict, run_id FROM verdict_history ORDER BY 1")
    assert kept == [(f"c00000{n}", 3, "greeting", verdict, run_id) for n, verdict in enumerate(("pass", "fail", "fail"))]
    assert rows(archive, "SELECT call_id, rubric_version, score FROM score_history ORDER BY 1") == [
        ("c000000", 3, 100.0),
        ("c000001", 3, 0.0),
        ("c000002", 3, 0.0),
    ]
    assert rows(
        archive, "SELECT count(*) FROM verdict_history WHERE length(rubric_sha256) = 64 AND replaced_at IS NOT NULL"
    ) == [(3,)]


def test_going_back_gives_the_first_verdicts_again(archive: Config) -> None:
    """Rubrics A, then B, then A: the scores are those of A, row for row, and corrections by people are where they were."""
    with duckdb.connect(str(archive.store.db)) as connection:
        connection.execute(
            "INSERT INTO reviews BY NAME SELECT 'v1' AS review_id, 'c000001' AS call_id, 'small' AS rubric, "
            "3 AS rubric_version, 'greeting' AS criterion, 'pass' AS verdict, 'lead' AS reviewer, 'heard it' AS reason, "
            "now()::TIMESTAMP AS reviewed_at"
        )
    before = store_digest(archive.store.db)
    folder = Path(str(archive.rubrics.dir))
    write_book(folder, ANYWHERE)
    rescore(archive)
    between = store_digest(archive.store.db)
    write_book(folder)
    rescore(archive)
    after = store_digest(archive.store.db)
    assert parts(after, *SCORED) == parts(before, *SCORED)
    assert parts(between, "verdicts")["verdicts"] != before["verdicts"]
    assert between["reviews"] == after["reviews"] == before["reviews"]
    assert rows(archive, "SELECT count(*) FROM verdict_history") == [(6,)]


def test_a_dry_run_shows_the_same_and_writes_nothing(archive: Config) -> None:
    """What would change is what then changes, and no byte of the database is another."""
    write_book(Path(str(archive.rubrics.dir)), ANYWHERE)
    before = archive.store.db.read_bytes()
    summary, totals, changed = rescore(archive, dry_run=True)
    assert (summary.dry_run, summary.run_id, archive.store.db.read_bytes() == before) == (True, "", True)
    assert rescore(archive)[1:] == (totals, changed)
    assert sorted(path.name for path in archive.store.db.parent.iterdir()) == [
        "rubrics", "x.duckdb", "x.duckdb.lock", "x.read.duckdb",
    ]  # fmt: skip


def test_added_and_removed_criteria_are_told_from_other_verdicts(archive: Config) -> None:
    """A criterion that is new has no verdict before, one that is gone none after; and going back removes its rows."""
    folder = Path(str(archive.rubrics.dir))
    write_book(folder, WITH_FAREWELL)
    with rescoring(archive, RescoreRequest(workers=1), Silent()) as done:
        assert done.differences is not None
        assert [(c.rubric, c.added, c.removed) for c in done.rubrics] == [("small", ("farewell",), ())]
        (entry,) = done.differences.criteria()
    assert (entry.criterion, [(move.old, move.new, move.calls) for move in entry.moves]) == (
        "farewell",
        [(None, Verdict.FAIL, 2), (None, Verdict.PASS, 1)],
    )
    write_book(folder)
    _, totals, changed = rescore(archive)
    assert totals is not None
    assert totals.changed_verdicts == 3
    assert {(verdict.criterion, verdict.new) for call in changed for verdict in call.verdicts} == {("farewell", None)}
    assert rows(archive, "SELECT DISTINCT criterion FROM verdicts") == [("greeting",)]


def test_another_weight_changes_scores_and_operators_only(archive: Config) -> None:
    """A call may change its score with every verdict as before; it is among the changed ones, without verdicts."""
    folder = Path(str(archive.rubrics.dir))
    write_book(folder, WITH_FAREWELL)
    rescore(archive)
    write_book(folder, WITH_FAREWELL.replace("weight: 2", "weight: 9"))
    with rescoring(archive, RescoreRequest(workers=1), Silent()) as done:
        assert done.differences is not None
        assert done.differences.totals().changed_verdicts == 0
        (change,) = done.rubrics
        assert [(w.criterion, w.old_weight, w.new_weight) for w in change.weights] == [("greeting", 2.0, 9.0)]
        assert change.old_version == change.new_version == 4
    assert rows(archive, "SELECT count(*) FROM rubric_history WHERE version = 4") == [(1,)]


def test_only_calls_since_a_day_are_scored(archive: Config) -> None:
    """--since leaves older calls with their verdicts and their fingerprint."""
    write_book(Path(str(archive.rubrics.dir)), ANYWHERE)
    since = datetime(2026, 10, 5, 7, 30, tzinfo=UTC)
    assert rescore(archive, since=since)[0].rescored == 1
    assert rows(archive, "SELECT call_id, rubric_version FROM verdicts ORDER BY 1") == [
        ("c000000", 3),
        ("c000001", 3),
        ("c000002", 4),
    ]
    assert rescore(archive)[0].rescored == 2


def test_a_given_call_type_stays_given(tmp_path: Path) -> None:
    """What the metadata said about a call outweighs its words, when it is scored again as well."""
    config = make_archive(tmp_path, stored(0, CURT, call_type="sale"), stored(1, CURT))
    rescore(config)
    assert rows(config, "SELECT call_id, call_type, call_type_given FROM calls ORDER BY 1") == [
        ("c000000", "sale", "sale"),
        ("c000001", "complaint", None),
    ]


def test_one_more_rubric_goes_before_the_others(archive: Config, tmp_path: Path) -> None:
    """--rubric FILE is applied wherever it fits; without it the calls are stale again."""
    own = tmp_path / "own.yaml"
    own.write_text(RUBRIC.replace("id: small", "id: own"), encoding="utf-8")
    with rescoring(archive, RescoreRequest(rubric=own, workers=1), Silent()) as done:
        assert done.differences is not None
        assert [(move.old_rubric, move.new_rubric, move.calls) for move in done.differences.rubric_moves()] == [
            ("small", "own", 3)
        ]
        assert done.differences.criteria() == ()
    assert rescore(archive)[0].rescored == 3


def test_calls_without_words_are_scored_too(tmp_path: Path) -> None:
    """A recording of silence or of music has no verdict but na, and stops nothing."""
    music = dialogue("S 0-5000 [hold]")
    silence = Dialogue(duration_ms=4000, layout=Layout.MONO, language="ru", turns=())
    config = make_archive(tmp_path, stored(0, music), stored(1, silence), stored(2, POLITE))
    assert rescore(config)[0].rescored == 3
    assert rows(config, "SELECT call_id, verdict FROM verdicts ORDER BY 1") == [
        ("c000000", "na"),
        ("c000001", "na"),
        ("c000002", "pass"),
    ]


def test_calls_that_no_rubric_is_for_are_counted(tmp_path: Path) -> None:
    """A call in another language gets no verdict, and the summary says how many there are."""
    config = make_archive(tmp_path, stored(0, replace(POLITE, language="de")), stored(1, POLITE))
    summary, totals, _ = rescore(config)
    assert (summary.rescored, summary.unscored) == (2, 1)
    assert totals is not None
    assert totals.calls == 1


def test_an_archive_without_calls_says_so(tmp_path: Path) -> None:
    """No database, no calls, only failed ones, none since then: an error each, and no database out of nothing."""
    config = settings(tmp_path)
    write_book(tmp_path / "rubrics")
    with pytest.raises(StoreError, match="there is no database yet"):
        rescore(config)
    assert not config.store.db.exists()
    with open_store(config.store.db) as writer:
        with pytest.raises(StoreBusyError):
            rescore(config)
        writer.save_failure(failed(1))
    for dry_run in (False, True):
        with pytest.raises(NothingToDoError, match="no call that was heard"):
            rescore(config, dry_run=dry_run)
    with open_store(config.store.db) as writer:
        writer.save_call(stored(0, POLITE), "r1")
    with pytest.raises(NothingToDoError, match="no call matches"):
        rescore(config, since=datetime(2030, 1, 1, tzinfo=UTC))


def test_a_rubric_with_a_mistake_stops_before_anything(archive: Config) -> None:
    """The message names file and line, and the store is as before."""
    before = store_digest(archive.store.db)
    write_book(Path(str(archive.rubrics.dir)), RUBRIC.replace("weight: 2", "wieght: 2"))
    with pytest.raises(RubricError, match="unknown key 'wieght'"):
        rescore(archive)
    assert store_digest(archive.store.db) == before


def test_a_call_that_cannot_be_scored_is_named_and_not_quoted(
    archive: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug met by one call tells which call and where, without its words."""

    def broken(*_: object) -> None:
        raise KeyError("хочу купить диван")

    monkeypatch.setattr(score_stored, "score_dialogue", broken)
    folder = tmp_path / "work"
    folder.mkdir()
    snapshot = take_snapshot(archive.store.db, folder)
    (chunk,) = plan_archive(snapshot, CallFilter()).chunks
    prepare_stage(folder, snapshot, ("new",))
    side = RubricSide(book=load_book(Path(str(archive.rubrics.dir))))
    worker = ChunkScorer(ScoreSettings(config=archive, snapshot=snapshot, folder=folder, sides={"new": side}))
    with pytest.raises(CallError) as caught:
        worker.run(chunk, lambda _: None)
    assert caught.value.message.startswith("call c000000 cannot be scored: unexpected KeyError at test_rescore.py:")
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_transcript_of_ten_hours_is_scored(tmp_path: Path) -> None:
    """A forgotten line of 90,000 words is a chunk of its own and holds up nothing."""
    lines = [
        f"{'OC'[n % 2]} {n * 4000}-{n * 4000 + 3900} " + "да нет угу алло магазин диван слушаю ладно тут там"
        for n in range(9000)
    ]
    config = make_archive(tmp_path, stored(0, POLITE), stored(1, dialogue(*lines)), stored(2, CURT))
    assert rescore(config)[0].rescored == 3
    assert rows(config, "SELECT verdict FROM verdicts WHERE call_id = 'c000001'") == [("fail",)]
