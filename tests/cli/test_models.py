"""`callscore models`: what it prints, and with which code it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.catalogue import load_catalogue
from tests.file_server import serve
from tests.weights import FILES


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point callscore at an empty cache, an index without packages and a hub without files; work in an empty folder."""
    with serve() as site:
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        monkeypatch.setenv("CALLSCORE_MODELS_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        monkeypatch.chdir(tmp_path)
        yield


def run(*args: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a callscore command."""
    command = [sys.executable, "-m", "callscore", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def damage(cache: Path, *names: str) -> None:
    """Make folders for models with a wrong config.json in each."""
    for name in names:
        (cache / name).mkdir(parents=True)
        (cache / name / "config.json").write_bytes(FILES["config.json"])


@pytest.mark.usefixtures("env")
def test_the_list_tells_what_is_here(tmp_path: Path) -> None:
    """A line for each model with its state, the folder on stderr."""
    damage(tmp_path / "cache", "whisper-small")
    code, out, err = run("models", "list")
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines()[1:3]] == [
        ["whisper-base", "not", "here"],
        ["whisper-small", "incomplete", "486"],
    ]
    assert err == f"weights lie in {tmp_path / 'cache'}\n"


@pytest.mark.usefixtures("env")
def test_the_list_is_data_too(tmp_path: Path) -> None:
    """With --json one object with the cache folder and a row per model."""
    code, out, _ = run("models", "list", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["cache_dir"] == str(tmp_path / "cache")
    assert [row["name"] for row in found["models"]] == [model.name for model in load_catalogue().models]
    assert found["models"][0]["state"] == "not here"


@pytest.mark.usefixtures("env")
def test_a_pull_that_fails_names_the_sources(tmp_path: Path) -> None:
    """Exit 5, a line per source, and where the weights were to go."""
    code, out, err = run("models", "pull", "whisper-small")
    assert (code, out) == (5, "")
    lines = err.splitlines()
    assert "error: model whisper-small cannot be fetched; every source failed:" in lines
    assert "  - local folders: none configured (models.local_dirs, CALLSCORE_MODELS_LOCAL)" in lines
    assert any(line.endswith("config.json: HTTP 404 Not Found") for line in lines)
    assert f"  at:  {tmp_path / 'cache' / 'whisper-small'}" in lines


@pytest.mark.usefixtures("env")
def test_an_unknown_model_costs_nothing(tmp_path: Path) -> None:
    """A mistyped name ends with 5 before anything is made."""
    code, _, err = run("models", "pull", "whisper-smal")
    assert code == 5
    assert err.startswith("error: there is no model called 'whisper-smal'\n  try: did you mean whisper-small?")
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("env")
def test_verify_names_what_is_wrong(tmp_path: Path) -> None:
    """Exit 5 with the files and the pull that repairs them."""
    damage(tmp_path / "cache", "whisper-small")
    code, out, err = run("models", "verify")
    assert code == 5
    assert out.startswith("whisper-small: config.json has 14 bytes, expected 2370; model.bin is missing; ")
    assert err.splitlines()[0] == "error: not fit for use: whisper-small"
    assert err.splitlines()[2] == "  try: callscore models pull whisper-small"


@pytest.mark.usefixtures("env")
def test_nothing_to_verify_is_fine(tmp_path: Path) -> None:
    """An empty cache is no error, named models that are missing are one."""
    assert run("models", "verify") == (0, "", f"no models in {tmp_path / 'cache'}\n")
    assert run("models", "verify", "whisper-base")[0] == 5


@pytest.mark.model
def test_local_folders_bring_the_default_models(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CALLSCORE_MODELS_LOCAL carries weights to a machine without a network; a second pull finds them there."""
    monkeypatch.setenv("CALLSCORE_MODELS_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CALLSCORE_MODELS_LOCAL", str(repository / "models"))
    monkeypatch.chdir(tmp_path)
    code, out, err = run("models", "pull", "--json", "campplus-zh-en", "pyannote-segmentation-3.0")
    assert (code, err) == (0, "")
    assert [(row["model"], row["status"], row["source"]) for row in json.loads(out)["models"]] == [
        ("campplus-zh-en", "pulled", "local folders"),
        ("pyannote-segmentation-3.0", "pulled", "local folders"),
    ]
    assert run("models", "pull", "campplus-zh-en")[2] == "campplus-zh-en: already here and verified\n"


def test_every_help_page_has_an_example() -> None:
    """People copy the example."""
    for words in ((), ("list",), ("pull",), ("verify",)):
        code, out, _ = run("models", *words, "--help")
        assert code == 0
        assert "  Example:\n    callscore models " in out
