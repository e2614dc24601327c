"""Fitting thresholds to stored calls, from a real store to the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from callscore.errors import ConfigError
from callscore.evaluation import Truth, TruthCall
from callscore.evaluation.calibration import Calibration
from callscore.jobs.calibrate import CalibrationRequest, calibrate, target_file
from callscore.jobs.labelled import read_labelled
from callscore.records import Verdict, Word
from callscore.rubric import load_book
from callscore.rubric.thresholds import read_thresholds
from callscore.store import StoreReader, open_reader, open_store
from tests.builders import dialogue
from tests.rubric.book_files import write_book
from tests.store.build import result

N_CALLS = 40
# No greeting in it; with every third word badly heard, callscore is not sure of that.
TALK = "слушаю вас внимательно говорите пожалуйста номер заказа сейчас посмотрю на складе пока пусто привезут во вторник утром"
SHARE_WEAK = 0.36


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreReader]:
    """Return a store of calls that begin without a greeting and were heard half well."""
    path = tmp_path_factory.mktemp("store") / "x.duckdb"
    with open_store(path) as writer:
        for number in range(N_CALLS):
            talk = dialogue(f"O 0-9000 {TALK}")
            words = talk.turns[0].words
            weak = tuple(
                Word(span=w.span, text=w.text, prob=0.2 if n < SHARE_WEAK * len(words) else 0.9) for n, w in enumerate(words)
            )
            heard = replace(talk, turns=(replace(talk.turns[0], words=weak),))
            writer.save_call(replace(result(number), dialogue=heard), "r1", ())
    with open_reader(path) as opened:
        yield opened


def fitted(reader: StoreReader, folder: Path, labels: Sequence[Verdict], steps: list[float] | None = None) -> Calibration:
    """Fit to calls labelled so, with the small rubrics of the tests."""
    calls = tuple(
        TruthCall(call_id=f"c{number:06d}", file=None, labels={"greeting": label}, where=f"t.jsonl:{number}")
        for number, label in enumerate(labels)
    )
    labelled = read_labelled(reader, Truth(calls=calls, file="t.jsonl"))
    book = load_book(write_book(folder / "rubrics"))
    request = CalibrationRequest(labelled=labelled, book=book, file=folder / "thresholds.yaml", today=date(2026, 10, 5))
    return calibrate(request, (steps if steps is not None else []).append)


def test_doubts_that_people_do_not_share_go(reader: StoreReader, tmp_path: Path) -> None:
    """Where people say that "not found" was right, more badly heard words are borne; the file says on what grounds."""
    steps: list[float] = []
    found = fitted(reader, tmp_path, [Verdict.FAIL] * N_CALLS, steps)
    assert (found.trial.before.unsure, found.trial.after.right) == (N_CALLS, N_CALLS)
    assert found.written == tmp_path / "thresholds.yaml"
    written = read_thresholds(found.written)
    assert {name: getattr(written, name) for name, _, _ in found.changes} == {name: new for name, _, new in found.changes}
    assert "on 2026-10-05: 40 labels of 40 calls heard with scripted" in written.origin
    assert "0.0% unsure after" in written.origin
    assert [path.name for path in tmp_path.iterdir() if "thresholds" in path.name] == ["thresholds.yaml"]
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_nothing_is_written_where_nothing_is_gained(reader: StoreReader, tmp_path: Path) -> None:
    """Where deciding would be wrong as often as right, doubt stays, and no file appears."""
    found = fitted(reader, tmp_path, [Verdict.FAIL, Verdict.PASS] * (N_CALLS // 2))
    assert (found.written, found.changes) == (None, ())
    assert found.trial.before == found.trial.after
    assert not (tmp_path / "thresholds.yaml").exists()


def test_too_few_calls_are_refused(reader: StoreReader, tmp_path: Path) -> None:
    """Twenty-nine calls cannot carry a fit; the message says how many are needed and there."""
    with pytest.raises(ConfigError, match="needs 30 labelled calls that are stored and were heard, there are 29"):
        fitted(reader, tmp_path, [Verdict.FAIL] * 29)


def test_where_the_file_goes(tmp_path: Path) -> None:
    """Beside the shop's own rubrics, or where --output says; never beside the rubrics that come with callscore."""
    assert target_file(tmp_path, None) == tmp_path / "thresholds.yaml"
    assert target_file(tmp_path / "no", tmp_path / "x.yaml") == tmp_path / "x.yaml"
    with pytest.raises(ConfigError, match="no folder of rubrics of your own"):
        target_file(None, None)
    with pytest.raises(ConfigError, match="does not exist or cannot be written"):
        target_file(tmp_path / "no", None)
