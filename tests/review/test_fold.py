"""Tests for bringing the journal into the store: each entry once, nothing about nobody, no claim without proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.records import Role, Verdict
from callscore.review.entries import (
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Discussed,
    Entry,
    RoleCorrected,
    SampleDrawn,
    SessionOpened,
    TextCorrected,
    VerdictGiven,
    to_json,
)
from callscore.review.fold import FoldSummary, fold_journal
from callscore.review.journal import Journal, new_id
from callscore.store import open_reader, open_store
from tests.store.build import START, result

NOW = datetime(2026, 10, 6, 3, tzinfo=UTC)
TABLES = (
    *("reviews", "appeals", "text_corrections", "clips", "coaching", "review_sessions", "review_samples", "calls_seen"),
    "review_folds",
)


def made(kind: type[Entry], **fields: Any) -> Any:
    """An entry with an id of its own."""
    common = {"id": new_id(), "at": NOW, "who": "olga", **fields}
    return kind(**common)


def verdict(call: int = 0, **fields: Any) -> VerdictGiven:
    """A verdict on a stored call."""
    given = {"call_id": f"c{call:06d}", "rubric": "incoming_sale", "rubric_version": 1, "criterion": "criterion_2", **fields}
    entry: VerdictGiven = made(VerdictGiven, old=Verdict.FAIL, new=Verdict.PASS, **given)
    return entry


def one_of_each() -> tuple[Entry, ...]:
    """An entry of every kind about call 0."""
    call = {"call_id": "c000000"}
    return (
        verdict(reason="слышно на 0:05"),
        made(TextCorrected, **call, turn_no=0, word_no=1, old="компания", new="кампания"),
        made(RoleCorrected, **call, turn_no=1, old=Role.CLIENT, new=Role.OPERATOR),
        made(
            AppealFiled,
            **call,
            who="Иванова",
            appeal_id="a1",
            rubric="incoming_sale",
            criterion="criterion_2",
            reason="сказала",
        ),
        made(AppealDecided, appeal_id="a1", accepted=True, reason="да"),
        made(ClipTaken, **call, clip_id="k1", collection="лучшее", start_ms=0, end_ms=900, note="тон"),
        made(ClipTaken, **call, clip_id="k2", collection="лучшее", start_ms=0, end_ms=900),
        made(ClipRemoved, clip_id="k1"),
        made(Discussed, operator="Иванова", criterion="criterion_2"),
        made(SessionOpened, session_id="s1", title="Октябрь", rubric="", call_ids=("c000000", "c000001"), reviewers=("olga",)),
        made(
            SampleDrawn,
            sample_id="d1",
            rubric="",
            since=None,
            until=NOW,
            half_width=0.1,
            seed=7,
            population=3,
            call_ids=("c000000",),
        ),
        made(CallSeen, **call),
    )


def store(db: Path, n_calls: int = 2) -> Path:
    """A store with some calls."""
    with open_store(db) as writer:
        writer.start_run(run_id := new_id(), START, "0")
        for number in range(n_calls):
            writer.save_call(result(number, n_turns=3), run_id)
    return db


def fold(db: Path) -> FoldSummary:
    """Bring the journal beside the store into it."""
    with open_store(db) as writer:
        return fold_journal(writer, Journal(db.parent / "reviews"), NOW)


def rows(db: Path, sql: str) -> tuple[tuple[object, ...], ...]:
    """Ask the published store."""
    with open_reader(db) as reader:
        return reader.query(sql).rows


def everything(db: Path) -> dict[str, tuple[tuple[object, ...], ...]]:
    """All rows of the desk's tables."""
    return {table: rows(db, f"SELECT * FROM {table} ORDER BY ALL") for table in TABLES}


def test_every_kind_of_entry_comes_into_the_store(tmp_path: Path) -> None:
    """Who, when, old, new and why are there to be asked by SQL."""
    db = store(tmp_path / "x.duckdb")
    Journal(tmp_path / "reviews").append(*one_of_each())
    summary = fold(db)
    assert (summary.new, summary.remarks) == (12, ())
    assert rows(db, "SELECT call_id, criterion, verdict, old_verdict, reviewer, reason, sample, session FROM reviews") == (
        ("c000000", "criterion_2", "pass", "fail", "olga", "слышно на 0:05", None, None),
    )
    assert rows(db, "SELECT kind, turn_no, word_no, old_text, new_text FROM text_corrections ORDER BY kind") == (
        ("role", 1, None, "client", "operator"),
        ("text", 0, 1, "компания", "кампания"),
    )
    assert rows(db, "SELECT filed_by, state, decided_by, decision_reason FROM appeals") == (
        ("Иванова", "accepted", "olga", "да"),
    )
    assert rows(db, "SELECT clip_id, removed_by FROM clips ORDER BY clip_id") == (("k1", "olga"), ("k2", None))
    assert rows(db, "SELECT operator, discussed_by FROM coaching") == (("Иванова", "olga"),)
    assert rows(db, "SELECT title, call_ids FROM review_sessions") == (("Октябрь", ["c000000", "c000001"]),)
    assert rows(db, "SELECT seed, half_width, call_ids FROM review_samples") == ((7, 0.1, ["c000000"]),)
    assert rows(db, "SELECT call_id, seen_by FROM calls_seen") == (("c000000", "olga"),)


def test_folding_again_changes_nothing(tmp_path: Path) -> None:
    """By itself, after the place was forgotten, or with the whole journal doubled: the same rows."""
    db = store(tmp_path / "x.duckdb")
    journal = Journal(tmp_path / "reviews")
    journal.append(*one_of_each())
    fold(db)
    before = everything(db)
    assert fold(db).new == 0
    assert everything(db) == before
    with open_store(db) as writer:
        writer._connection.execute("DELETE FROM review_folds")
        writer._is_published = False
    assert fold(db).new == 0
    assert everything(db) == before
    journal.path.write_bytes(journal.path.read_bytes() * 2)
    assert fold(db).new == 0
    doubled = everything(db)
    assert doubled.pop("review_folds") != before.pop("review_folds")
    assert doubled == before


@settings(deadline=None, max_examples=8)
@given(cuts=st.lists(st.integers(0, 12), max_size=3))
def test_folding_in_pieces_gives_the_same(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    """However often the fold comes in between, the store ends the same."""
    entries = one_of_each()
    stores = []
    for pieces in ([], sorted(cuts)):
        folder = tmp_path_factory.mktemp("fold")
        db, journal = store(folder / "x.duckdb"), Journal(folder / "reviews")
        at = 0
        for cut in (*pieces, len(entries)):
            journal.append(*entries[at:cut])
            fold(db)
            at = max(at, cut)
        stores.append(everything(db))
    assert stores[0] == stores[1]


def test_entries_about_unknown_calls_wait_and_are_told(tmp_path: Path) -> None:
    """A purged call's entries are counted, not stored; once the call is there they come in."""
    db = store(tmp_path / "x.duckdb", n_calls=1)
    Journal(tmp_path / "reviews").append(
        verdict(0), verdict(1), made(AppealDecided, appeal_id="lost", accepted=False, reason="")
    )
    summary = fold(db)
    assert (summary.new, summary.unknown) == (1, 2)
    assert summary.remarks == (
        "2 entries of the journal of reviews are about calls that are not stored, and wait in the journal",
    )
    assert fold(db).unknown == 2
    store(db, n_calls=2)
    assert (fold(db).new, fold(db).unknown) == (1, 1)
    assert rows(db, "SELECT call_id FROM reviews ORDER BY call_id") == (("c000000",), ("c000001",))


def test_only_drawn_calls_are_random(tmp_path: Path) -> None:
    """Whatever the page claims: random is a call that was drawn before, blind one of the session; else the claim is dropped."""
    db = store(tmp_path / "x.duckdb", n_calls=3)
    journal = Journal(tmp_path / "reviews")
    draw = {"since": None, "until": None, "half_width": None, "seed": 1, "population": 3}
    journal.append(
        verdict(0, sample="random"),  # before it was drawn
        made(SampleDrawn, sample_id="d1", rubric="incoming_sale", call_ids=("c000000",), **draw),
        made(SampleDrawn, sample_id="d2", rubric="complaint", call_ids=("c000001",), **draw),
        made(SessionOpened, session_id="s1", title="", rubric="", call_ids=("c000002",), reviewers=("olga",)),
        verdict(0, sample="random"),
        verdict(1, sample="random"),
        verdict(2, sample="blind", session="s1"),
        verdict(0, sample="blind", session="s1"),
        verdict(0, sample="flagged"),
    )
    summary = fold(db)
    assert summary.unproven == 3
    assert rows(db, "SELECT call_id, sample FROM reviews ORDER BY reviewed_at") == (
        *(("c000000", None), ("c000000", "random"), ("c000001", None)),
        *(("c000002", "blind"), ("c000000", None), ("c000000", "flagged")),
    )
    journal.append(verdict(0, sample="random"))  # the draw is in the store by now, and not read again
    fold(db)
    assert rows(db, "SELECT count(*) FROM reviews WHERE sample = 'random'") == ((2,),)


def test_a_damaged_journal_gives_what_is_whole(tmp_path: Path) -> None:
    """Noise, a torn end, an entry of the future: the rest comes in, each is told."""
    db = store(tmp_path / "x.duckdb")
    journal = Journal(tmp_path / "reviews")
    journal.append(verdict(0))
    with journal.path.open("ab") as file:
        file.write(b"\x00\xff\n")
        file.write(to_json(verdict(1)).replace('"kind":"verdict"', '"kind":"mood"').encode() + b"\n")
        file.write(to_json(verdict(1)).encode()[:50])
    summary = fold(db)
    assert (summary.new, summary.newer, len(summary.notes)) == (1, 1, 2)
    assert len(summary.remarks) == 3


def test_hostile_text_is_stored_as_it_is(tmp_path: Path) -> None:
    """Quotes, markup, formulas and odd signs are letters to the store."""
    db = store(tmp_path / "x.duckdb")
    text = '\'; DROP TABLE calls; -- <script>alert(1)</script> =HYPERLINK("x") ../../etc \u202e\u0000\U0001f600'
    Journal(tmp_path / "reviews").append(
        verdict(0, reason=text), made(Discussed, operator=text, criterion=text), made(CallSeen, call_id=text)
    )
    summary = fold(db)
    assert (summary.new, summary.unknown) == (2, 1)
    assert rows(db, "SELECT reason FROM reviews UNION SELECT operator FROM coaching") == ((text,),)


def test_reviews_of_a_call_survive_its_being_heard_again(tmp_path: Path) -> None:
    """A new transcript replaces the machine's rows and leaves people's alone."""
    db = store(tmp_path / "x.duckdb")
    Journal(tmp_path / "reviews").append(*one_of_each())
    fold(db)
    before = everything(db)
    store(db)
    assert everything(db) == before


def test_a_clock_set_back_keeps_the_latest_verdict_the_latest(tmp_path: Path) -> None:
    """Views that take the latest by time agree with the order of the journal."""
    db = store(tmp_path / "x.duckdb")
    journal = Journal(tmp_path / "reviews")
    journal.append(verdict(0))
    journal.append(made(VerdictGiven, at=NOW - timedelta(days=9), call_id="c000000", rubric="incoming_sale", rubric_version=1,
                        criterion="criterion_2", old=Verdict.PASS, new=Verdict.NA))  # fmt: skip
    fold(db)
    found = rows(db, "SELECT verdict FROM explained_verdicts WHERE call_id = 'c000000' AND criterion = 'criterion_2'")
    assert found == (("na",),)
