"""`callscore doctor`: each check tells the truth about one thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from callscore.cli import doctor
from callscore.cli.doctor import check_codecs, check_database, check_disk, check_gpu, check_model, check_packages, check_rubrics

DUCKDB_HEAD = b"checksumDUCK" + bytes(100)


def run(*args: str, cwd: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """Return exit code and findings by name of `callscore doctor --json`."""
    command = [sys.executable, "-m", "callscore", "doctor", "--json", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=cwd)
    return done.returncode, {row["name"]: row for row in json.loads(done.stdout)["checks"]}


def test_missing_weights_fail_with_the_code_of_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5 and the pull that helps, as a run would end."""
    monkeypatch.setenv("CALLSCORE_MODELS_DIR", str(tmp_path / "none"))
    code, found = run(cwd=tmp_path)
    assert code == 5
    assert found["model whisper-base"]["status"] == "fail"
    assert found["model whisper-base"]["hint"] == "callscore models pull whisper-base"
    assert found["Python"]["status"] == found["packages"]["status"] == found["codecs"]["status"] == "ok"


def test_a_scripted_engine_needs_no_recogniser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the models that the settings use are asked for."""
    monkeypatch.setenv("CALLSCORE_TRANSCRIBE_ENGINE", "scripted")
    _, found = run(cwd=tmp_path)
    assert "model whisper-base" not in found
    assert "model campplus-zh-en" in found


@pytest.mark.model
def test_a_machine_that_is_set_up_passes(tmp_path: Path) -> None:
    """With weights, rubrics and room nothing fails."""
    code, found = run("--db", str(tmp_path / "x.duckdb"), cwd=tmp_path)
    assert code == 0
    assert {name: row["status"] for name, row in found.items() if row["status"] == "fail"} == {}


def test_every_package_of_a_run_is_installed() -> None:
    """The packages are found without importing them."""
    finding = check_packages(deep=False)
    assert finding.status == "ok"
    assert "torch 2." in finding.detail


def test_a_missing_package_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not there is named."""
    monkeypatch.setattr(doctor, "_PACKAGES", (("no-such-package", "no_such_package"),))
    finding = check_packages(deep=False)
    assert (finding.status, finding.detail, finding.exit_code) == ("fail", "no-such-package is not installed", 3)


def test_a_package_that_breaks_on_import_fails_only_when_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--deep` finds what a look at the versions cannot."""
    (tmp_path / "broken_module.py").write_text("raise OSError('libcuda is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(doctor, "_PACKAGES", (("click", "broken_module"),))
    assert check_packages(deep=False).status == "ok"
    assert check_packages(deep=True).detail == "click cannot be imported: OSError: libcuda is missing"


def test_telephone_codecs_are_decoded() -> None:
    """PyAV's own wheel brings every decoder on the list."""
    assert check_codecs().status == "ok"


def test_an_unknown_model_fails(tmp_path: Path) -> None:
    """A mistyped setting is found before the night."""
    finding = check_model("whisper-bas", tmp_path)
    assert (finding.status, finding.detail) == ("fail", "there is no model called 'whisper-bas'")


def test_a_database_to_come_is_fine(tmp_path: Path) -> None:
    """No file yet, also in a folder to come, but one that can be made."""
    finding = check_database(tmp_path / "data" / "x.duckdb")
    assert (finding.status, finding.detail) == ("ok", f"{tmp_path / 'data' / 'x.duckdb'} will be made by the first run")


def test_a_database_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    """A DuckDB file passes; another file fails with the code of the store."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(DUCKDB_HEAD)
    bad.write_bytes(b"SQLite format 3")
    assert check_database(good).status == "ok"
    finding = check_database(bad)
    assert (finding.status, finding.detail, finding.exit_code) == ("fail", f"{bad} is no DuckDB file", 6)


def test_a_folder_in_the_place_of_the_database_fails(tmp_path: Path) -> None:
    """What cannot be opened is told, not thrown."""
    finding = check_database(tmp_path)
    assert (finding.status, finding.detail) == ("fail", f"{tmp_path} cannot be read: Is a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_fails(tmp_path: Path) -> None:
    """A database that cannot be made is found before the night."""
    (tmp_path / "data").mkdir(mode=0o555)
    assert check_database(tmp_path / "data" / "x.duckdb").status == "fail"


def test_an_empty_folder_of_rubrics_fails(tmp_path: Path) -> None:
    """A folder without YAML files, or none at all, fails with the code of rubrics."""
    assert check_rubrics(tmp_path).detail == f"no YAML file in {tmp_path}"
    assert check_rubrics(tmp_path / "none").exit_code == 4
    (tmp_path / "sales.yaml").write_text("id: sales")
    assert check_rubrics(tmp_path).detail == f"YAML files: 1, in {tmp_path}"


def test_little_room_warns_and_none_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two limits, on the real disk."""
    monkeypatch.setattr(doctor, "_DISK_FAIL_BYTES", 0)
    monkeypatch.setattr(doctor, "_DISK_WARN_BYTES", 0)
    assert check_disk("disk", tmp_path / "to" / "come").status == "ok"
    monkeypatch.setattr(doctor, "_DISK_WARN_BYTES", 1 << 62)
    assert check_disk("disk", tmp_path).status == "warn"
    monkeypatch.setattr(doctor, "_DISK_FAIL_BYTES", 1 << 62)
    assert check_disk("disk", tmp_path).status == "fail"


def test_no_gpu_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a driver the processor is used; a driver that fails is a warning."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_gpu().detail == "none seen, the processor is used"
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\nexit 9\n")
    tool.chmod(0o755)
    assert check_gpu().status == "warn"
    tool.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034 MiB'\n")
    assert check_gpu().detail == "NVIDIA L4, 23034 MiB"
