"""Reading the archive in bulk: the same dialogues as one by one, in chunks that bound the work."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from callscore.store import open_store, published_path
from callscore.store.archive import CHUNK_CALLS, CHUNK_WORDS, ArchiveReader, plan_archive
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
    read = {call.record.info.call_id: call for call in ArchiveReader(published_path(db)).read(chunk)}
    assert sorted(read) == [f"c{number:06d}" for number in range(12)]
    for number in range(12):
        made, call = result(number, n_turns=number % 4), read[f"c{number:06d}"]
        assert (call.dialogue, call.audio, call.fingerprint) == (made.dialogue, made.audio, made.fingerprint)
        assert replace(call.record.info, language=None) == made.record.info
        assert call.record.recording == made.record.recording


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
