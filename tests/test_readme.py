"""The README says what is so, and its commands run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.big_store import make_store
from callscore.cli import COMMANDS
from tests.readme_tables import README, TABLES, filled


def blocks(language: str, guide: Path = README) -> list[str]:
    """Return the code blocks of a guide in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", guide.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_tables_follow_from_the_code() -> None:
    """Exit statuses and settings are those of the code; `python -m tests.readme_tables` writes them anew."""
    text = README.read_text(encoding="utf-8")
    assert all(f"<!-- {name}" in text for name in TABLES)
    assert filled(text) == text


def test_every_command_is_explained() -> None:
    """A command without a word in the README does not exist for users."""
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"callscore {name}" not in text] == []


def test_make_targets_of_the_readme_exist(repository: Path) -> None:
    """The two commands of the first screen are targets of the Makefile."""
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("sh")), flags=re.MULTILINE):
        assert f"\n{target}:" in makefile


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_run(tmp_path: Path, repository: Path) -> None:
    """Every line of the blocks marked bash works, in order, in an empty folder with the sample calls beside it."""
    (tmp_path / "sample_audio").symlink_to(repository / "sample_audio")
    script = "set -eu\n" + "\n".join(blocks("bash"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_of_the_guide_to_reports_run(tmp_path: Path, repository: Path) -> None:
    """Every report that is explained works as it is written, on a shop of forty thousand calls."""
    make_store(tmp_path / "shop.duckdb", 40_000)
    script = "set -eu\n" + "\n".join(blocks("bash", repository / "callscore" / "report" / "README.md"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "CALLSCORE_STORE_DB": str(tmp_path / "shop.duckdb")}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
