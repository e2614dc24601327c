"""What rescoring takes over from stored verdicts: nothing that an edit could have changed, and all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from callscore import pipeline
from callscore.config import Config, load_config
from callscore.jobs.rescore import RescoreRequest, RescoreSummary, rescoring
from callscore.store import open_store, store_digest
from tests.jobs.inline import scoring_inline
from tests.jobs.random_book import RandomBook, random_calls
from tests.jobs.small_archive import CURT, LATE, POLITE, WITH_FAREWELL, make_archive, stored
from tests.jobs.test_rescore import Silent, rows
from tests.judge.model_server import Told, serve, verdict
from tests.rubric.book_files import CALL_TYPES, PHRASES, RUBRIC, write_book

N_CALLS, N_EDITS = 40, 8


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with scoring_inline(monkeypatch):
        yield


def rescore(config: Config, **request: Any) -> RescoreSummary:
    """Rescore and return the summary."""
    with rescoring(config, RescoreRequest(workers=1, **request), Silent()) as done:
        return done.summary


@pytest.fixture
def archive(tmp_path: Path) -> Config:
    """Return an archive of three calls, scored by two criteria."""
    config = make_archive(tmp_path, stored(0, POLITE), stored(1, CURT), stored(2, LATE), rubric=WITH_FAREWELL)
    rescore(config)
    return config


def edit(config: Config, rubric: str = WITH_FAREWELL, phrases: str = PHRASES, call_types: str = CALL_TYPES) -> tuple[int, int]:
    """Write other rubrics, rescore, and return how many verdicts were judged and how many kept."""
    write_book(Path(str(config.rubrics.dir)), rubric, phrases, call_types)
    summary = rescore(config)
    return summary.judged, summary.kept


@pytest.mark.parametrize("seed", range(3))
def test_after_random_edits_the_store_is_as_if_all_was_judged(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is edited, in whatever order: the rows are those of --full, scores of operators and history included."""
    book = RandomBook(tmp_path / "rubrics", seed)
    configs = []
    for name in ("quick.duckdb", "full.duckdb"):
        flags = {"store.db": tmp_path / name, "rubrics.dir": tmp_path / "rubrics"}
        configs.append(load_config(None, flags=flags).config)
        with open_store(configs[-1].store.db) as writer:
            for call in random_calls(N_CALLS, seed):
                writer.save_call(call, "r0")
    quick, full = configs
    kept, done = 0, "the first scoring"
    for _ in range(N_EDITS):
        monkeypatch.setattr(pipeline, "SCORING_VERSION", book.scoring_version)
        kept += rescore(quick).kept
        assert rescore(full, is_full=True).kept == 0
        assert store_digest(quick.store.db) == store_digest(full.store.db), done
        done = book.edit()
    assert kept > 0


def test_one_phrase_more_judges_its_criteria_alone(archive: Config) -> None:
    """A set's criteria are judged in every call, the others in none."""
    assert edit(archive, phrases=PHRASES.replace("[до свидания]", "[до свидания, ладно]")) == (3, 3)
    assert rows(archive, "SELECT call_id, verdict FROM verdicts WHERE criterion = 'farewell' ORDER BY 1") == [
        ("c000000", "pass"),
        ("c000001", "pass"),
        ("c000002", "fail"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 4", "version: 5"),
        ("ru: Прощание", "ru: Попрощался"),
        ("O: Алло.", "O: Алло, алло."),
        ("opening", "start"),
    ],
)
def test_what_no_verdict_depends_on_judges_nothing(archive: Config, old: str, new: str) -> None:
    """Versions, titles, examples and sections take over every verdict."""
    before = rows(archive, "SELECT * EXCLUDE (rubric_version) FROM verdicts ORDER BY ALL")
    assert edit(archive, WITH_FAREWELL.replace(old, new)) == (0, 6)
    assert rows(archive, "SELECT * EXCLUDE (rubric_version) FROM verdicts ORDER BY ALL") == before


def test_another_weight_gives_verdicts_other_points(archive: Config) -> None:
    """What was judged stays, and counts as much as the rubric says today; na still counts nothing."""
    assert edit(archive, WITH_FAREWELL.replace("weight: 2", "weight: 5")) == (0, 6)
    assert rows(archive, "SELECT verdict, points, max_points FROM verdicts WHERE criterion = 'greeting' ORDER BY call_id") == [
        ("pass", 5.0, 5.0),
        ("fail", 0.0, 5.0),
        ("fail", 0.0, 5.0),
    ]
    assert rows(archive, "SELECT points, max_points FROM call_scores ORDER BY call_id") == [(6.0, 6.0), (0.0, 6.0), (0.0, 6.0)]


@pytest.mark.parametrize(
    "changed",
    [
        {"call_types": CALL_TYPES.replace("weight: 2.0", "weight: 2.5")},
        {"call_types": CALL_TYPES.replace("[жалоба]", "[жалоба, вас]")},
    ],
)
def test_other_call_types_judge_everything(archive: Config, changed: dict[str, str]) -> None:
    """What tells call types apart may move a call to another rubric, so nothing is taken over."""
    assert edit(archive, **changed) == (6, 0)


def test_other_limits_of_doubt_judge_everything_but_their_origin_does_not(archive: Config) -> None:
    """A threshold can change any verdict; the remark on where it comes from none."""
    limits = Path(str(archive.rubrics.dir)) / "thresholds.yaml"
    limits.write_text("format: 1\norigin: a\nvalues: {match_sure: 0.84}\n", encoding="utf-8")
    assert edit(archive) == (6, 0)
    limits.write_text("format: 1\norigin: b\nvalues: {match_sure: 0.84}\n", encoding="utf-8")
    assert edit(archive) == (0, 6)


def test_verdicts_of_an_older_version_are_judged_anew(archive: Config) -> None:
    """Where it is not known what a verdict was given by, it is not taken over."""
    with duckdb.connect(str(archive.store.db)) as connection:
        connection.execute("UPDATE verdicts SET criterion_sha256 = NULL WHERE call_id = 'c000001'")
    assert edit(archive, WITH_FAREWELL.replace("weight: 2", "weight: 5")) == (2, 4)
    assert rows(archive, "SELECT count(*) FROM verdicts WHERE criterion_sha256 IS NULL") == [(0,)]


def test_a_call_that_moves_to_another_rubric_keeps_common_verdicts(archive: Config) -> None:
    """A criterion that two rubrics share gives the same verdict in both."""
    other = WITH_FAREWELL.replace("id: small", "id: other").replace("sections:", "applies_to: {call_types: sale}\nsections:")
    (Path(str(archive.rubrics.dir)) / "other.yaml").write_text(other, encoding="utf-8")
    assert edit(archive) == (0, 6)
    assert rows(archive, "SELECT call_id, rubric FROM call_scores ORDER BY 1") == [
        ("c000000", "other"),
        ("c000001", "small"),
        ("c000002", "other"),
    ]


def test_full_judges_up_to_date_calls_too(archive: Config) -> None:
    """--full takes nothing for granted, and finds the same."""
    before = store_digest(archive.store.db)
    summary = rescore(archive, is_full=True)
    assert (summary.rescored, summary.up_to_date, summary.judged, summary.kept) == (3, 0, 6, 0)
    assert store_digest(archive.store.db) == before


JUDGED = (
    RUBRIC
    + """\
  - id: helped
    title: {ru: Помог, en: Helped}
    check:
      judge: {question: {ru: Помог ли оператор?, en: Did the operator help?}, by: operator}
"""
)


def with_judge(folder: Path, url: str, model: str = "small") -> Config:
    """Return the settings of the archive in `folder` with a language model."""
    flags = {"store.db": folder / "x.duckdb", "rubrics.dir": folder / "rubrics", "judge.url": url, "judge.model": model}
    return load_config(None, flags=flags).config


def test_an_answer_of_a_language_model_is_taken_over(tmp_path: Path) -> None:
    """An edit beside it asks nothing again; another model is asked, and its question alone judged."""
    make_archive(tmp_path, stored(0, POLITE), rubric=JUDGED)
    with serve(verdict("yes", 1, "здравствуйте магазин слушаю")) as site:
        config = with_judge(tmp_path, site.url)
        assert rescore(config).judged == 2
        assert edit(config, JUDGED.replace("{first_turns: 2}", "{first_turns: 1}")) == (1, 1)
        assert len(site.asked) == 1
        summary = rescore(with_judge(tmp_path, site.url, "large"))
        assert (summary.judged, summary.kept, len(site.asked)) == (1, 1, 2)
    assert rows(config, "SELECT criterion, verdict, decided_by FROM verdicts ORDER BY 1") == [
        ("greeting", "pass", "machine"),
        ("helped", "pass", "judge"),
    ]


def test_a_language_model_that_owes_an_answer_is_asked_again(tmp_path: Path) -> None:
    """Without an answer there is no verdict to take over, though nothing was edited; the others stay."""
    make_archive(tmp_path, stored(0, POLITE), rubric=JUDGED)
    with serve(Told(status=503, headers={"Retry-After": "900"}), verdict("yes", 1, "здравствуйте магазин слушаю")) as site:
        config = with_judge(tmp_path, site.url)
        rescore(config)
        assert rows(config, "SELECT verdict FROM verdicts WHERE criterion = 'helped'") == [("unsure",)]
        summary = rescore(config)
    assert (summary.judged, summary.kept) == (1, 1)
    assert rows(config, "SELECT verdict FROM verdicts WHERE criterion = 'helped'") == [("pass",)]
