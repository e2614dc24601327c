"""Tests for the queue: why a call is in it, when it leaves it, and what counts before the store knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from callscore.records import Verdict
from callscore.review.entries import AppealDecided, AppealFiled, CallSeen, Entry, VerdictGiven
from callscore.review.fold import fold_journal
from callscore.review.journal import Journal, new_id
from callscore.review.queue import QueuePage, queue_neighbours, queue_page, read_tail, reason_counts
from callscore.review.sample import SampleWanted, draw, sample_progress
from callscore.store import open_reader, open_store
from callscore.store.entries import Flag
from callscore.store.maintain import publish_store
from callscore.store.review_queue import QueueFilter
from callscore.store.review_sample import SampleFilter
from tests.store.build import START, result

NOW = datetime(2026, 10, 6, 3, tzinfo=UTC)
FLAGS = {
    0: (Flag(reason="critical_failed", severity=3, detail="не назвала цену", criterion="criterion_2", start_ms=0, end_ms=900),),
    1: (
        Flag(reason="low_score", severity=2, detail="41"),
        Flag(reason="critical_unsure", severity=2, detail="", criterion="criterion_1"),
    ),
    2: (Flag(reason="badly_heard", severity=1, detail="30%"),),
    4: (Flag(reason="low_score", severity=2, detail="<b>'; DROP TABLE flags; --"),),
}


def store(folder: Path) -> Path:
    """Five calls of three operators; the third one flagged least, the fourth not flagged but its big order lost."""
    db = folder / "x.duckdb"
    with open_store(db) as writer:
        writer.start_run("r1", START, "0")
        for number in range(5):
            writer.save_call(result(number, n_turns=1), "r1", FLAGS.get(number, ()))
    insert = "INSERT INTO outcomes (outcome_id, source, call_id, status, outcome, amount) VALUES (?, 'crm', ?, '', ?, ?)"
    orders = [["o1", "c000003", "lost", 10000], ["o2", "c000003", "lost", 25000.5], ["o3", "c000002", "lost", 9999.99]]
    with duckdb.connect(str(db)) as connection:
        connection.executemany(insert, [*orders, ["o4", "c000002", "won", 90000], ["o5", None, "lost", 90000]])
    publish_store(db)
    return db


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store, to be read only."""
    return store(tmp_path_factory.mktemp("queue"))


def made(kind: type[Entry], **fields: Any) -> Any:
    """An entry of the journal."""
    common = {"id": new_id(), "at": NOW, "who": "olga", **fields}
    return kind(**common)


def verdict(call: int, criterion: str, new: Verdict = Verdict.PASS, **fields: Any) -> VerdictGiven:
    """A verdict of a person."""
    given = {"call_id": f"c{call:06d}", "rubric": "incoming_sale", "rubric_version": 1, "old": Verdict.FAIL, **fields}
    entry: VerdictGiven = made(VerdictGiven, criterion=criterion, new=new, **given)
    return entry


def appeal(call: int, appeal_id: str = "a1") -> AppealFiled:
    """An appeal of an operator."""
    given = {"call_id": f"c{call:06d}", "rubric": "incoming_sale", "criterion": "criterion_2", "reason": "я сказала"}
    entry: AppealFiled = made(AppealFiled, appeal_id=appeal_id, **given)
    return entry


def page(db: Path, *tail: Entry, **wanted: Any) -> QueuePage:
    """A page of the queue with entries that the store does not hold yet."""
    with open_reader(db) as reader:
        return queue_page(reader, QueueFilter(**wanted), tail, tail, reader.criteria())


def calls(db: Path, *tail: Entry, **wanted: Any) -> list[int]:
    """The numbers of the calls of the queue in order."""
    return [int(item.row.call_id[1:]) for item in page(db, *tail, **wanted).items]


def test_the_most_urgent_comes_first_then_the_newest(db: Path) -> None:
    """Severity before age; a call without a reason is not there."""
    found = page(db)
    assert [int(item.row.call_id[1:]) for item in found.items] == [0, 4, 3, 1, 2]
    assert found.total == 5
    assert [(reason.reason, reason.severity) for reason in found.items[3].row.reasons] == [
        ("critical_unsure", 2),
        ("low_score", 2),
    ]


def test_a_big_lost_order_is_a_reason(db: Path) -> None:
    """From the amount of the settings on, once per call, with the largest amount."""
    (item,) = page(db, reason="lost_order").items
    assert [(reason.severity, reason.detail) for reason in item.row.reasons] == [(2, "25000.50")]
    assert calls(db, reason="lost_order", big_order=25_001) == []
    assert calls(db, reason="lost_order", big_order=9_000) == [3, 2]


def test_each_filter_narrows_the_queue(db: Path) -> None:
    """Operator, dates, reason, severity, criterion, rubric, and calls found by a search."""
    assert calls(db, operator="a.smirnova") == [0, 3]
    assert calls(db, since=START + timedelta(minutes=17), until=START + timedelta(minutes=51)) == [1, 2]
    assert calls(db, reason="low_score") == [4, 1]
    assert calls(db, severity=3) == [0]
    assert calls(db, rubric="incoming_sale") == [0, 4, 3, 1, 2]
    assert calls(db, rubric="complaint") == []
    assert calls(db, criterion="criterion_0") == [3, 2]  # failed or in doubt there
    assert calls(db, call_ids=("c000001", "gone")) == [1]
    assert calls(db, call_ids=()) == []
    assert (calls(db, limit=2, offset=1), page(db, limit=2, offset=1).total) == ([4, 3], 5)


def test_a_reason_with_a_criterion_is_settled_by_a_verdict_on_it(db: Path) -> None:
    """Another criterion does not settle it; once nothing is open the call leaves the queue, and can be shown still."""
    assert calls(db, verdict(0, "criterion_5")) == [0, 4, 3, 1, 2]
    assert calls(db, verdict(0, "criterion_2")) == [4, 3, 1, 2]
    handled = page(db, verdict(0, "criterion_2"), is_open=False).items[-1].row
    assert (handled.call_id, handled.is_open, handled.urgency) == ("c000000", False, 0)
    assert handled.reasons[0].is_handled


def test_any_other_reason_is_settled_by_being_done_with_the_call(db: Path) -> None:
    """Seen, or judged in any criterion; what names a criterion stays open."""
    seen = made(CallSeen, call_id="c000001")
    assert calls(db, seen) == [0, 4, 3, 1, 2]
    row = next(item.row for item in page(db, seen).items if item.row.call_id == "c000001")
    assert [(reason.reason, reason.is_handled) for reason in row.reasons] == [("critical_unsure", False), ("low_score", True)]
    assert calls(db, seen, verdict(1, "criterion_1")) == [0, 4, 3, 2]
    assert calls(db, made(CallSeen, call_id="c000003")) == [0, 4, 1, 2]


def test_an_appeal_is_urgent_until_it_is_decided(db: Path) -> None:
    """A verdict alone is no answer to the operator."""
    assert calls(db, appeal(2)) == [2, 0, 4, 3, 1]
    assert calls(db, appeal(2), verdict(2, "criterion_2")) == [2, 0, 4, 3, 1]
    decided = made(AppealDecided, appeal_id="a1", accepted=False, reason="")
    assert calls(db, appeal(2), decided) == [0, 4, 3, 1, 2]


def test_the_queue_is_the_same_before_and_after_a_fold(tmp_path: Path) -> None:
    """What a trainer did counts at once, and no less once it is in the store."""
    db = store(tmp_path)
    journal = Journal(tmp_path / "reviews")
    decided = made(AppealDecided, appeal_id="a2", accepted=True, reason="")
    journal.append(verdict(0, "criterion_2"), appeal(2), appeal(4, "a2"), decided, made(CallSeen, call_id="c000003"))
    with open_reader(db) as reader:
        tail = read_tail(reader, journal)
    before = [item.row for item in page(db, *tail, is_open=False).items]
    with open_store(db) as writer:
        fold_journal(writer, journal, NOW)
    with open_reader(db) as reader:
        assert read_tail(reader, journal) == ()
    assert [item.row for item in page(db, is_open=False).items] == before


def test_rows_carry_the_score_that_stands(db: Path) -> None:
    """A corrected verdict shows in the list at once, the machine's score beside it."""
    plain = page(db, reason="critical_failed").items[0].scores[0]
    assert plain.score == plain.machine
    changed = page(db, verdict(0, "criterion_2"), reason="critical_failed", is_open=False).items[0].scores[0]
    assert (changed.machine.points, changed.score.points) == (plain.machine.points, plain.machine.points + 1)


def test_neighbours_are_known_also_of_a_call_just_settled(db: Path) -> None:
    """The next key leads on from where the trainer was."""
    with open_reader(db) as reader:
        found = queue_neighbours(reader, QueueFilter(), (), "c000004")
        assert (found.previous, found.next, found.place, found.total) == ("c000000", "c000003", 2, 5)
        settled = queue_neighbours(reader, QueueFilter(), (verdict(0, "criterion_2"),), "c000000")
        assert settled.total == 5
        assert settled.previous or settled.next
        assert queue_neighbours(reader, QueueFilter(), (), "gone").total == 0


def test_reasons_are_counted_by_calls(db: Path) -> None:
    """What the filters offer, most severe first."""
    with open_reader(db) as reader:
        found = {count.reason: count.calls for count in reason_counts(reader, QueueFilter(), ())}
    assert found == {"critical_failed": 1, "low_score": 2, "critical_unsure": 1, "lost_order": 1, "badly_heard": 1}


def test_a_call_of_the_sample_counts_once_all_of_it_was_judged(db: Path) -> None:
    """Every criterion but na needs a person's verdict, one of them within the sample; purged calls are told."""
    with open_reader(db) as reader:
        wanted = SampleWanted(calls=SampleFilter(until=START + timedelta(minutes=1)))
        sample = draw(reader, wanted, who="olga", now=NOW, seed=1)
        assert (sample.call_ids, sample.population) == (("c000000",), 1)
        (call,) = sample_progress(reader, sample, ())
        assert (call.asked, call.answered, call.is_done) == (10, 0, False)
        names = [f"criterion_{n}" for n in range(12) if n % 6 != 4]
        flagged = [verdict(0, name, sample="flagged") for name in names]
        assert not sample_progress(reader, sample, flagged)[0].is_done
        assert sample_progress(reader, sample, [*flagged, verdict(0, names[0], sample="random")])[0].is_done
        other = [verdict(0, name, sample="random", rubric_version=2) for name in names]
        assert sample_progress(reader, sample, other)[0].answered == 0
        gone = made(type(sample), **{**sample_fields(sample), "call_ids": ("gone",)})
        assert sample_progress(reader, gone, ())[0].is_gone


def sample_fields(sample: Any) -> dict[str, Any]:
    """The fields of a sample but its key."""
    names = ("sample_id", "rubric", "since", "until", "half_width", "seed", "population")
    return {name: getattr(sample, name) for name in names}
