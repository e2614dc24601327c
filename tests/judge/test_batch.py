"""A night with judge criteria: what leaves the machine, what is asked again, and what a server that is down costs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callscore.cli.doctor import check_judge
from callscore.config import JudgeConfig, load_config
from callscore.errors import ConfigError
from callscore.pipeline import open_ask, scoring_hash
from callscore.rubric import load_book
from callscore.scoring.judging import off
from tests.cli.test_ingest import SAMPLES, ingest, rows
from tests.judge.model_server import Told, serve, verdict
from tests.rubric.book_files import RUBRIC, write_book

JUDGED = """\
format: 1
id: judged
version: 1
language: ru
title: {ru: С моделью, en: With a model}
criteria:
  - id: helped
    title: {ru: Помог, en: Helped}
    check:
      judge: {question: {ru: Помог ли оператор клиенту?, en: Did the operator help?}, by: anyone}
  - id: spoke
    title: {ru: Говорил, en: Spoke}
    check:
      any_of:
        - judge: {question: {ru: Говорил ли оператор?, en: Did the operator speak?}, by: operator}
        - metric: {name: n_operator_turns, at_least: 1}
"""
VERDICTS = "SELECT call_id, criterion, verdict::varchar, decided_by FROM verdicts ORDER BY 1, 2"


def agreeing(payload: dict[str, Any]) -> Told:
    """Answer yes with the first words of a turn that is long enough."""
    data = json.loads(payload["messages"][1]["content"])
    turn = next(turn for turn in data["turns"] if len(turn["text"].replace("-", " ").split()) > 5 and "[" not in turn["text"])
    return verdict("yes", turn["n"], " ".join(turn["text"].split()[:5]))


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Return a folder with two sample calls, their transcripts, and rubrics that ask a language model."""
    write_book(tmp_path / "rubrics", JUDGED)
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in ("d002.wav", "d004.ogg", "calls.csv", "truth.jsonl"):
        shutil.copy(SAMPLES / name, folder)
    lines = (folder / "calls.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.startswith(("file,", "d002.", "d004."))]
    (folder / "calls.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


def settings(folder: Path, url: str) -> None:
    """Write callscore.toml with this address."""
    text = f'[judge]\nurl = "{url}"\nmodel = "small"\ntimeout_s = 5\n[run]\nworkers = 1\n'
    (folder / "callscore.toml").write_text(text, encoding="utf-8")


def run(folder: Path, calls: Path) -> dict[str, Any]:
    """Ingest and return the summary."""
    done = ingest(folder, str(calls), "--metadata", str(calls / "calls.csv"), "--json")
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_a_night_with_a_language_model(tmp_path: Path, calls: Path) -> None:
    """Answers become verdicts marked as the judge's; a second night asks nothing; what was sent names nobody."""
    db = tmp_path / "data" / "callscore.duckdb"
    with serve(agreeing) as site:
        settings(tmp_path, site.url)
        assert run(tmp_path, calls)["done"] == 2
        assert rows(db, VERDICTS) == [
            ("d002", "helped", "pass", "judge"),
            ("d002", "spoke", "pass", "machine"),
            ("d004", "helped", "pass", "judge"),
            ("d004", "spoke", "pass", "machine"),
        ]
        assert len(site.asked) == 2  # nothing is asked where figures or words settle it
        assert run(tmp_path, calls)["skipped"] == 2
        assert len(site.asked) == 2
    sent = json.dumps(site.asked, ensure_ascii=False) + json.dumps(site.headers)
    for line in (calls / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if call["id"] in ("d002", "d004"):
            assert call["id"] not in sent
            assert call["meta"]["operator"] not in sent
            assert call["meta"]["client_phone"].replace(" ", "") not in sent.replace(" ", "")
    assert "[имя]" in sent
    assert sorted(path.name for path in (tmp_path / "data").iterdir() if path.is_dir()) == ["judge-cache"]


def test_a_server_that_was_down_is_asked_the_next_night(tmp_path: Path, calls: Path) -> None:
    """Without an answer the call is done with `unsure`, and the next run asks again, from the stored words."""
    db = tmp_path / "data" / "callscore.duckdb"
    with serve(Told(status=503, headers={"Retry-After": "900"}), agreeing) as site:
        settings(tmp_path, site.url)
        assert run(tmp_path, calls)["done"] == 2
        unsure = "SELECT call_id, reason FROM verdicts WHERE verdict = 'unsure'"
        assert rows(db, unsure) == [("d002", "Языковая модель не ответила, решает человек: Помог ли оператор клиенту?")]
        assert run(tmp_path, calls)["done"] == 1
        assert rows(db, unsure) == []
        assert run(tmp_path, calls)["done"] == 0


def test_off_by_default(tmp_path: Path, calls: Path) -> None:
    """Without an address nothing is asked; naming one makes the calls stale."""
    (tmp_path / "callscore.toml").write_text("[run]\nworkers = 1\n", encoding="utf-8")
    assert run(tmp_path, calls)["done"] == 2
    db = tmp_path / "data" / "callscore.duckdb"
    assert [row[2:] for row in rows(db, VERDICTS)] == [("unsure", "machine"), ("pass", "machine")] * 2
    assert run(tmp_path, calls)["skipped"] == 2
    with serve(agreeing) as site:
        settings(tmp_path, site.url)
        assert run(tmp_path, calls)["done"] == 2


def config(url: str, model: str = "small") -> JudgeConfig:
    """Return the judge's settings."""
    flags = {"judge.url": url, "judge.model": model}
    return load_config(flags=flags, environ={}, cwd=Path("/")).config.judge


def test_the_address_matters_only_where_a_rubric_asks(tmp_path: Path) -> None:
    """Calls are not scored anew for a setting that their rubrics do not use, and no model is set up."""
    plain = load_book(write_book(tmp_path / "plain", RUBRIC))
    judged = load_book(write_book(tmp_path / "judged", JUDGED))
    one, other = config("http://127.0.0.1:1/v1"), config("http://127.0.0.1:1/v1", "large")
    assert len({scoring_hash(plain), scoring_hash(plain, one), scoring_hash(plain, other)}) == 1
    assert len({scoring_hash(judged), scoring_hash(judged, one), scoring_hash(judged, other)}) == 3
    assert scoring_hash(judged, config("")) == scoring_hash(judged)
    loaded = load_config(flags={"judge.url": "http://127.0.0.1:1/v1", "judge.model": "m"}, environ={}, cwd=tmp_path).config
    assert open_ask(loaded, plain) is off
    assert open_ask(loaded, judged) is not off


def test_doctor_tells_whether_the_model_answers() -> None:
    """Off is fine; a server that is down, or without the model, is a warning; a run works without it."""
    assert check_judge(config("")).status == "ok"
    with serve() as site:
        assert check_judge(config(site.url)).status == "ok"
        missing = check_judge(config(site.url, "large"))
        assert (missing.status, missing.hint) == ("warn", "set judge.model to one of: small")
        url = site.url
    gone = check_judge(config(url))
    assert (gone.status, gone.exit_code) == ("warn", 0)
    assert "does not answer: ConnectError" in gone.detail


@pytest.mark.parametrize(
    "url", ["ftp://x/v1", "http://", "127.0.0.1:8080", "http://user:pass@x/v1", "http://x/v1?key=1", "http://x:99999/v1"]
)
def test_an_address_that_cannot_be_used_is_an_error_of_the_settings(url: str) -> None:
    """A mistyped address stops at the settings, and passwords have no place in one."""
    with pytest.raises(ConfigError, match=r"judge\.url must be an address"):
        config(url)


def test_an_address_needs_a_model() -> None:
    """Servers hold several models; which one answers must be known."""
    with pytest.raises(ConfigError, match=r"judge\.model must be"):
        config("http://127.0.0.1:1/v1", "")
