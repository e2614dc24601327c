"""Saving and replacing calls, failures, runs and rubrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.errors import StoreError
from callscore.records import Dialogue, Role, Verdict, Word
from callscore.stats.flags import flag_call
from callscore.stats.operators import score_operators
from callscore.store import StoreWriter, open_reader, open_store, store_digest
from callscore.store.assemble import read_dialogue
from callscore.store.entries import CallFilter, CriterionEntry, Flag, ModelEntry, RubricEntry, RunSummary
from callscore.units import Span
from tests.store.build import START, failed, record, result, score, turn


def rows(db: Path, sql: str) -> list[tuple[object, ...]]:
    """Return the answer of the database itself, not of the copy."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def save(writer: StoreWriter, number: int) -> None:
    """Save a call with its flags as a run does."""
    made = result(number)
    writer.save_call(made, "r1", flag_call(made))


def test_a_call_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """Dialogue, metrics, scores with all evidence, provenance, notes and flags survive the store unchanged."""
    db = tmp_path / "x.duckdb"
    made = result(7)
    flag = Flag(reason="long_silence", severity=2, detail="00:18", start_ms=4000, end_ms=22000)
    with open_store(db) as writer:
        writer.save_call(made, "r1", [flag])
    with open_reader(db) as reader:
        stored = reader.call("c000007")
    assert stored is not None
    assert (stored.dialogue, stored.metrics, stored.scores) == (made.dialogue, made.metrics, made.scores)
    assert (stored.provenance, stored.notes, stored.flags) == (made.provenance, made.notes, (flag,))
    assert stored.call_type == made.call_type
    assert stored.audio == made.audio
    assert replace(stored.info, call_type=None, language=None) == made.record.info


# Times reach past a day, words are any text a recogniser may give.
_SPANS = st.tuples(st.integers(0, 90_000_000), st.integers(0, 60_000)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
_WORDS = st.builds(
    Word,
    span=_SPANS,
    text=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    prob=st.floats(0, 1),
)


def test_any_dialogue_comes_back_exactly(tmp_path: Path) -> None:
    """Rescoring from the store sees the very numbers the first scoring saw."""
    made = result(1)
    with open_store(tmp_path / "x.duckdb") as writer:

        @settings(max_examples=40, deadline=None)
        @given(
            st.lists(st.lists(_WORDS, max_size=4), max_size=4), st.lists(st.tuples(st.sampled_from(Role), _SPANS), max_size=3)
        )
        def check(turns: list[list[Word]], unrecognised: list[tuple[Role, Span]]) -> None:
            dialogue = Dialogue(
                duration_ms=100_000_000,
                layout=made.layout,
                language="ru",
                turns=tuple(replace(turn(n, Role.CLIENT), words=tuple(words)) for n, words in enumerate(turns)),
                unrecognised=tuple(unrecognised),
            )
            writer.save_call(replace(made, dialogue=dialogue), "r1")
            assert read_dialogue(writer._connection, "c000001") == dialogue

        check()


def test_saving_the_same_call_again_changes_nothing(tmp_path: Path) -> None:
    """A call that is processed twice is there once."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number in (1, 2):
            save(writer, number)
    once = store_digest(db)
    with open_store(db) as writer:
        save(writer, 1)
    assert store_digest(db) == once


def test_a_new_result_replaces_every_row_of_the_old(tmp_path: Path) -> None:
    """Nothing of an earlier, longer result stays behind."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        save(writer, 1)
        writer.save_call(result(1, n_turns=1, verdicts=(Verdict.PASS,)), "r2")
    assert rows(db, "SELECT count(*) FROM turns") == [(1,)]
    assert rows(db, "SELECT count(*) FROM words") == [(12,)]
    assert rows(db, "SELECT criterion, verdict FROM verdicts") == [("criterion_0", "pass")]


def test_calls_do_not_depend_on_the_order_they_are_saved_in(tmp_path: Path) -> None:
    """An interrupted run ends with the same tables, operator scores to the last digit included."""
    digests = []
    for name, order in (("a", range(12)), ("b", reversed(range(12)))):
        with open_store(tmp_path / f"{name}.duckdb") as writer:
            for number in order:
                save(writer, number)
            writer.write_operator_scores(score_operators(writer.operator_sums("Europe/Moscow")))
        digests.append(store_digest(tmp_path / f"{name}.duckdb"))
    assert digests[0] == digests[1]
    assert digests[0]["operator_scores"].startswith("12-")


def test_a_failed_call_is_kept_with_its_facts_and_its_reason(tmp_path: Path) -> None:
    """The morning's list of failures names the call, and who handled it is not lost."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_failure(failed(4))
    assert rows(db, "SELECT status, operator, fingerprint FROM calls") == [("failed", "d.kozlov", None)]
    assert rows(db, "SELECT path, call_id, code, message, run_id FROM failures") == [
        ("c000004.wav", "c000004", 21, "the recording is empty", "r1")
    ]
    with open_store(db) as writer:
        assert writer.known_fingerprints() == {}


def test_a_failure_goes_when_the_call_succeeds(tmp_path: Path) -> None:
    """Only what is still broken is listed."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_failure(failed(4))
        save(writer, 4)
        assert writer.known_fingerprints() == {"c000004": "f4"}
    assert rows(db, "SELECT count(*) FROM failures") == [(0,)]
    assert rows(db, "SELECT status FROM calls") == [("done",)]


def test_a_failure_never_removes_an_earlier_result(tmp_path: Path) -> None:
    """A file that became unreadable does not cost last week's verdicts."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        save(writer, 4)
        writer.save_failure(failed(4))
        writer.save_failure(failed(4, run_id="r2", message="the recording is cut off"))
    assert rows(db, "SELECT status FROM calls") == [("done",)]
    assert rows(db, "SELECT count(*) FROM verdicts") == [(12,)]
    assert rows(db, "SELECT run_id, message FROM failures") == [("r2", "the recording is cut off")]


def test_a_wrong_value_leaves_nothing_half_written(tmp_path: Path) -> None:
    """One commit per call: all its rows or none."""
    db = tmp_path / "x.duckdb"
    made = result(1)
    naive = replace(made.record.info, started_at=datetime(2026, 10, 5))  # noqa: DTZ001 - the mistake under test
    twice = replace(made, scores=(made.scores[0], replace(made.scores[0], rubric=None)))  # type: ignore[arg-type]
    with open_store(db) as writer:
        with pytest.raises(ValueError, match="times must be aware"):
            writer.save_call(replace(made, record=replace(made.record, info=naive)), "r1")
        with pytest.raises(StoreError):
            writer.save_call(twice, "r1")
        save(writer, 2)
    assert rows(db, "SELECT DISTINCT call_id FROM turns UNION SELECT call_id FROM calls") == [("c000002",)]


def test_times_are_stored_as_utc(tmp_path: Path) -> None:
    """Wall-clock times are UTC in the store, whatever zone they came in."""
    db = tmp_path / "x.duckdb"
    moscow = datetime.fromisoformat("2026-10-05T01:30:00+03:00")
    made = result(1)
    with open_store(db) as writer:
        writer.save_call(replace(made, record=replace(made.record, info=replace(made.record.info, started_at=moscow))), "r1")
    assert rows(db, "SELECT started_at FROM calls") == [(datetime(2026, 10, 4, 22, 30),)]  # noqa: DTZ001 - UTC by contract


def test_a_killed_run_is_marked_by_the_next(tmp_path: Path) -> None:
    """`report health` tells a run that was killed from one that is running."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.start_run("r1", START, "0.1.0")
        writer.start_run("r2", START, "0.1.0")
        writer.finish_run(
            RunSummary(
                run_id="r2",
                finished_at=START,
                status="done",
                found=3,
                done=2,
                skipped=0,
                failed=1,
                audio_ms=120_000,
                wall_ms=9000,
            )
        )
    assert rows(db, "SELECT run_id, status, found, failed FROM runs ORDER BY run_id") == [
        ("r1", "killed", None, None),
        ("r2", "done", 3, 1),
    ]


def test_a_rubric_saved_again_replaces_its_criteria(tmp_path: Path) -> None:
    """Each rubric version is stored once, with the criteria it has now."""
    greeting = CriterionEntry(
        criterion="greeting", section="start", title_ru="Приветствие", title_en="Greeting", weight=1.0, critical=False
    )
    rubric = RubricEntry(
        rubric="sale", version=2, sha256="ab", language="ru", title="Продажа", body="id: sale", criteria=(greeting, greeting)
    )
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_rubrics([rubric])
        writer.save_rubrics([replace(rubric, criteria=(greeting,))])
        writer.save_models([ModelEntry(name="whisper-base", kind="transcribe", sha256="cd", licence="MIT")] * 2)
    with open_reader(db) as reader:
        assert reader.criteria() == {("sale", 2, "greeting"): greeting}
        assert reader.rubric_titles() == {("sale", 2): "Продажа"}
        assert reader.query("SELECT count(*) FROM models").rows == ((1,),)


def test_periods_begin_at_local_midnight(tmp_path: Path) -> None:
    """A call at 22:30 UTC belongs to the next day in Moscow; one without a time only to `all`."""
    db = tmp_path / "x.duckdb"
    late = replace(record(1, "anna").info, started_at=datetime(2026, 10, 4, 22, 30, tzinfo=UTC))
    undated = replace(record(2, "anna").info, started_at=None)
    with open_store(db) as writer:
        for info in (late, undated):
            made = result(1)
            writer.save_call(replace(made, record=replace(made.record, info=info)), "r1")
        periods = {(sums.period_kind, sums.period, sums.calls) for sums in writer.operator_sums("Europe/Moscow")}
    assert periods == {("day", "2026-10-05", 1), ("week", "2026-W41", 1), ("month", "2026-10", 1), ("all", "all", 2)}


def test_a_filter_picks_calls_by_time_and_operator(tmp_path: Path) -> None:
    """`since` is inclusive, `until` exclusive, and both go together with the operator."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number in range(9):
            save(writer, number)
    wanted = CallFilter(
        since=datetime(2026, 10, 5, 7, 17, tzinfo=UTC), until=datetime(2026, 10, 5, 8, 59, tzinfo=UTC), operator="d.kozlov"
    )
    with open_reader(db) as reader:
        assert [row.call_id for row in reader.calls(wanted)] == ["c000004", "c000001"]
        assert [row.call_id for row in reader.calls(replace(wanted, limit=1))] == ["c000004"]


def test_a_call_that_nothing_applied_to_is_listed_without_a_score(tmp_path: Path) -> None:
    """A call without a rubric is no error and no zero."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(replace(result(1), scores=()), "r1")
        writer.save_call(replace(result(2), scores=(score(),)), "r1")
    with open_reader(db) as reader:
        found = {row.call_id: (row.rubric, row.score) for row in reader.calls(CallFilter())}
    assert found == {"c000001": (None, None), "c000002": ("incoming_sale", None)}
