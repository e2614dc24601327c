"""Reading the archive in bulk: the same dialogues as one by one, in chunks that bound the work."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from callscore.records import CallResult
from callscore.store import open_store, published_path
from callscore.store.archive import ArchiveReader
from callscore.store.chunks import CHUNK_CALLS, CHUNK_WORDS, plan_archive
from callscore.store.entries import CallFilter
from tests.store.build import failed, result


def test_a_chunk_reads_what_was_saved(tmp_path: Path) -> None:
    """Words, turns, facts and lost speech are those of the calls, also where rows of calls lie scattered after rewriting."""
    db = tmp_path / "x.duckdb"
    order = list(range(12))
    random.Random(5).shuffle(order)
    with open_store(db) as writer:
        for number in [*order, *order[:5]]:
            writer.save_call(result(number, n_turns=number % 4), "r1")
        writer.save_failure(failed(40))
    plan = plan_archive(published_path(db), CallFilter())
    (chunk,) = plan.chunks
    reader = ArchiveReader(published_path(db))
    read = {call.info.call_id: call for call in reader.read(chunk)}
    dialogues = reader.dialogues(chunk, read.values())
    assert sorted(read) == sorted(dialogues) == [f"c{number:06d}" for number in range(12)]
    for name, call in read.items():
        number = int(name[1:])
        made = result(number, n_turns=number % 4)
        assert (dialogues[name], call.fingerprint, call.stored) == (made.dialogue, made.fingerprint, None)
        assert call.outline == replace(made.dialogue, turns=(), unrecognised=(), second=())
        assert replace(call.info, language=None) == made.record.info


def test_stored_verdicts_are_read_as_they_were_saved(tmp_path: Path) -> None:
    """Those of the wanted criteria come with all evidence, metrics and call type; those of an older version never do."""
    db = tmp_path / "x.duckdb"
    made = [result(number, n_turns=2) for number in range(6)]
    hashed = [_hashed(call, "a", "b") for call in made[:4]] + made[4:]
    with open_store(db) as writer:
        for call in hashed:
            writer.save_call(call, "r1")
    (chunk,) = plan_archive(published_path(db), CallFilter()).chunks
    reader = ArchiveReader(published_path(db))
    assert reader.hashes() == {"a", "b"}
    assert [call.stored for call in reader.read(chunk)] == [None] * 6
    for wanted in ({"a", "b"}, {"b", "c"}):
        read = {call.info.call_id: call.stored for call in reader.read(chunk, wanted)}
        assert [read[call.record.info.call_id] for call in made[4:]] == [None, None]
        for call in hashed[:4]:
            stored = read[call.record.info.call_id]
            assert stored is not None
            assert (stored.metrics, stored.call_type) == (call.metrics, call.call_type)
            assert stored.results == tuple(item for item in call.scores[0].results if item.sha256 in wanted)


def _hashed(call: CallResult, *hashes: str) -> CallResult:
    (score,) = call.scores
    results = tuple(replace(item, sha256=sha256) for item, sha256 in zip(score.results, hashes, strict=False))
    return replace(call, scores=(replace(score, results=results),))


def test_chunks_are_bounded_by_calls_and_by_words(tmp_path: Path) -> None:
    """No chunk holds more than a worker reads at once, but for a single call that is longer."""
    db = tmp_path / "x.duckdb"
    with open_store(db):
        pass
    with duckdb.connect(str(db)) as connection:
        connection.execute(
            "INSERT INTO calls (call_id, source, status, layout, duration_ms, language) "
            "SELECT 'c' || i, 'office', 'done', 'stereo', 1000, 'ru' FROM range(20000) t(i)"
        )
        connection.execute(
            "INSERT INTO words SELECT 'c' || i, 0, w, 0, 1, 'да', 1.0 FROM range(1000) t(i), range(2000) u(w) "
            "WHERE i >= 700 AND i < 720 UNION ALL SELECT 'c999', 0, w, 0, 1, 'да', 1.0 FROM range(60000) u(w)"
        )
    plan = plan_archive(db, CallFilter())
    sizes = [len(chunk.call_ids) for chunk in plan.chunks]
    assert plan.n_calls == 20_000
    assert max(sizes) == CHUNK_CALLS
    assert ("c999",) in [chunk.call_ids for chunk in plan.chunks]
    wordy = {f"c{number}" for number in range(700, 720)}
    assert max(len(wordy & set(chunk.call_ids)) for chunk in plan.chunks) == CHUNK_WORDS // 2000
    assert [chunk.number for chunk in plan.chunks] == list(range(len(plan.chunks)))


def test_a_small_archive_is_parted_for_every_worker(tmp_path: Path) -> None:
    """Forty calls do not wait for a single worker."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number in range(40):
            writer.save_call(result(number, n_turns=1), "r1")
    assert [len(chunk.call_ids) for chunk in plan_archive(published_path(db), CallFilter()).chunks] == [20, 20]


@pytest.mark.parametrize(("scoring", "stale"), [("new", 2), ("s", 1), (None, 2)])
def test_a_fingerprint_tells_what_was_scored_before(tmp_path: Path, scoring: str | None, stale: int) -> None:
    """Calls whose last part is the wanted one are up to date; a fingerprint of an older form never is."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(replace(result(1), fingerprint="h.f.s"), "r1")
        writer.save_call(replace(result(2), fingerprint="h.s"), "r1")
    plan = plan_archive(published_path(db), CallFilter(), scoring)
    assert (plan.n_calls, plan.n_fresh) == (stale, 2 - stale)
