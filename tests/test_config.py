"""Settings: precedence, origins, and messages that name the place."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from callscore.config import DEFAULTS_PATH, Config, SourceConfig, load_config
from callscore.errors import ConfigError


def load(tmp_path: Path, text: str = "", flags: dict[str, Any] | None = None, **environ: str) -> Config:
    """Resolve the settings of a workspace that holds `text`."""
    (tmp_path / "callscore.toml").write_text(text, encoding="utf-8")
    return load_config(flags=flags, environ=environ, cwd=tmp_path).config


def test_defaults_file_and_records_hold_the_same_keys() -> None:
    """An option exists in defaults.toml exactly if a record carries it."""
    table = tomllib.loads(DEFAULTS_PATH.read_text(encoding="utf-8"))
    in_file = {f"{section}.{key}" for section, keys in table.items() if isinstance(keys, dict) for key in keys}
    config = load_config(environ={}, cwd=Path("/")).config
    in_records = {
        f"{section.name}.{field.name}"
        for section in dataclasses.fields(Config)
        if section.name not in ("version", "sources")
        for field in dataclasses.fields(getattr(config, section.name))
    }
    assert in_file == in_records


def test_every_default_is_documented_in_the_readme(repository: Path) -> None:
    """The README's table of settings names every option."""
    readme = (repository / "README.md").read_text(encoding="utf-8")
    keys = [key for key, _ in load_config(environ={}, cwd=Path("/")).origins if key != "version"]
    assert [key for key in keys if f"`{key}`" not in readme] == []


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """The nearest word wins."""
    file = '[transcribe]\nmodel = "from-file"\n'
    assert load(tmp_path).transcribe.model == "whisper-base"
    assert load(tmp_path, file).transcribe.model == "from-file"
    assert load(tmp_path, file, CALLSCORE_TRANSCRIBE_MODEL="from-env").transcribe.model == "from-env"
    assert load(tmp_path, file, {"transcribe.model": "flag"}, CALLSCORE_TRANSCRIBE_MODEL="e").transcribe.model == "flag"


def test_origin_names_file_and_line(tmp_path: Path) -> None:
    """Where a value comes from can be found again."""
    (tmp_path / "callscore.toml").write_text("[run]\n\nthreads = 3\n", encoding="utf-8")
    origins = dict(load_config(environ={}, cwd=tmp_path).origins)
    assert origins["run.threads"] == "callscore.toml:3"
    assert origins["run.workers"] == "default"


def test_paths_of_a_file_start_at_its_folder(tmp_path: Path) -> None:
    """A workspace can be used from anywhere."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "callscore.toml").write_text('[store]\ndb = "x.duckdb"\n', encoding="utf-8")
    config = load_config(tmp_path / "callscore.toml", environ={}, cwd=tmp_path / "deep").config
    assert config.store.db == tmp_path / "x.duckdb"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("[run]\nthread = 2\n", "unknown option 'run.thread'", "callscore.toml:2"),
        ("[run]\nthreads = -1\n", "run.threads must be 0..1024, got -1", "callscore.toml:2"),
        ('[run]\nthreads = "two"\n', "run.threads must be a int, got 'two'", "callscore.toml:2"),
        ('[transcribe]\nlanguage = "russian"\n', "transcribe.language must be two letters such as ru, got 'russian'", "toml:2"),
        ('[transcribe]\nline_languages = ["749=english"]\n', "transcribe.line_languages must hold texts such as", "toml:2"),
        ('[metadata]\nfile_name_pattern = "("\n', "metadata.file_name_pattern must be a regular expression", "toml:2"),
        ('[transcribe]\ncompute_type = "int4"\n', "transcribe.compute_type must be one of auto, default, int8", "toml:2"),
        ('[report]\ntimezone = "Mars"\n', "report.timezone must be a time zone", "callscore.toml:2"),
        ("threads = 1\n", "'threads' stands outside any section", "callscore.toml:1"),
        ("version = 2\n", "the config has version 2, this callscore reads version 1", "callscore.toml"),
        ("[run\n", "the config file is not valid TOML", "callscore.toml"),
        ('[sources.a]\npath = "x"\n', "source 'a' needs a kind", "callscore.toml:1"),
        ('[sources."a/b"]\nkind = "folder"\n', "a source cannot be named 'a/b'", "callscore.toml"),
        ('[telephony]\nopen_at = "9"\n', "telephony.open_at must be a time", "callscore.toml:2"),
        ('[telephony]\nwork_days = "mon"\n', "telephony.work_days must be digits of week days", "callscore.toml:2"),
        ('[telephony]\ndays_off = ["1.05"]\n', "telephony.days_off must hold dates such as", "toml:2"),
        ('[telephony]\ndays_off = ["2026-01-08..2026-01-01"]\n', "telephony.days_off must hold dates such as", "toml:2"),
        ('[telephony]\nline_names = ["Skates"]\n', "telephony.line_names must hold texts such as", "toml:2"),
        ("[telephony]\nservice_share = 80\n", "telephony.service_share must be 0.01..0.99, got 80", "callscore.toml:2"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, text: str, message: str, line: str) -> None:
    """Every mistake in the file says what, and where."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in caught.value.message
    assert line in caught.value.where


def test_days_off_and_names_of_lines_are_read(tmp_path: Path) -> None:
    """A range stands for its days, both ends within; a line is known by the digits of its number."""
    text = '[telephony]\ndays_off = ["2026-01-01..2026-01-03", "2026-05-09"]\nline_names = ["+7 (495) 000-00-01 = Skates"]\n'
    telephony = load(tmp_path, text).telephony
    assert telephony.days_off == ("2026-01-01", "2026-01-02", "2026-01-03", "2026-05-09")
    assert telephony.line_names == (("74950000001", "Skates"),)


def test_unknown_key_offers_the_nearest(tmp_path: Path) -> None:
    """A typo is met with the right word."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[transcribe]\nmodle = "x"\n')
    assert caught.value.hint == "did you mean transcribe.model?"


def test_environment_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    """A number in the environment must be one."""
    with pytest.raises(ConfigError, match="CALLSCORE_RUN_THREADS must be a int, got 'many'"):
        load(tmp_path, CALLSCORE_RUN_THREADS="many")


def test_sources_are_read(tmp_path: Path) -> None:
    """A source keeps its name and its own table, which is read when it is opened; paths start at the workspace."""
    config = load(tmp_path, '[sources.office]\nkind = "folder"\npath = "rec"\nmetadata = "calls.csv"\n')
    table = {"path": "rec", "metadata": "calls.csv"}
    assert config.sources == (SourceConfig("office", "folder", table, tmp_path, f"{tmp_path / 'callscore.toml'}:2"),)


def test_missing_config_file_is_an_error(tmp_path: Path) -> None:
    """A config that was asked for and is not there stops the run."""
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(Path("absent.toml"), environ={}, cwd=tmp_path)
