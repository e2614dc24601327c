"""`--out` and the forms of files: whole or not at all, and refusals in words."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import ConfigError
from callscore.stats.flags import flag_call
from callscore.store import open_store
from tests.store.build import result


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database with six calls of three operators."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number in range(6):
            made = result(number, n_turns=3)
            writer.save_call(made, "r1", flag_call(made))
    return path


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("ending", "start"),
    [(".html", b"<!DOCTYPE html>"), (".xlsx", b"PK\x03\x04"), (".parquet", b"PAR1"), (".csv", b"operator,"), (".md", b"## ")],
)
def test_the_name_of_the_file_says_the_form(db: Path, tmp_path: Path, ending: str, start: bytes) -> None:
    """--format is not needed where the name ends with it; stdout stays empty."""
    target = tmp_path / f"report{ending}"
    done = run("report", "operators", "--db", db, "--out", target)
    assert (done.exit_code, done.stdout) == (0, "")
    assert target.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_every_form_can_be_written_for_flags_and_single_calls(db: Path, tmp_path: Path) -> None:
    """All reading commands share the options."""
    for name in ("table", "json", "csv", "md", "html", "xlsx", "parquet"):
        for command in (["flags"], ["report", "call", "c000002"], ["report", "health"]):
            assert run(*command, "--db", db, "--format", name, "--out", tmp_path / f"x-{name}").exit_code == 0


def test_an_unknown_ending_is_a_usage_error(db: Path, tmp_path: Path) -> None:
    """Nothing is guessed that the name does not say."""
    done = run("report", "operators", "--db", db, "--out", tmp_path / "report.pdf")
    assert done.exit_code == 2
    assert "end it with one of .txt, .json" in done.stderr


def test_a_missing_folder_is_named(db: Path, tmp_path: Path) -> None:
    """A wrong path is exit code 3 with the command that helps."""
    done = run("report", "operators", "--db", db, "--out", tmp_path / "none" / "x.html")
    assert isinstance(done.exception, ConfigError)
    assert done.exception.hint == f"mkdir -p {tmp_path / 'none'}"


def test_a_full_disk_leaves_the_old_file(db: Path, tmp_path: Path) -> None:
    """A report that cannot be finished changes nothing."""
    target = tmp_path / "report.html"
    target.write_text("old")
    # A file may not grow over 4 kB here, which is how a full disk looks to the program.
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "import callscore.cli.boundary as b; from callscore.cli import cli; from pathlib import Path;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "sys.argv = ['callscore', *sys.argv[1:]]; b.run_command(cli)"
    )
    command = [sys.executable, "-c", script, "report", "operators", "--db", str(db), "--out", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "the file cannot be written: File too large" in done.stderr
    assert target.read_text() == "old"
    assert list(tmp_path.glob(".report*")) == []


def test_a_workbook_is_not_thrown_at_a_terminal(db: Path) -> None:
    """Binary output to a terminal is refused in words; to a pipe it is written."""
    command = [sys.executable, "-m", "callscore", "report", "operators", "--db", str(db), "--format", "xlsx"]
    leader, follower = pty.openpty()
    try:
        done = subprocess.run(command, stdout=follower, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(follower)
        os.close(leader)
    assert done.returncode == 2
    assert "--out report.xlsx" in done.stderr
    piped = subprocess.run(command, capture_output=True, check=True)
    assert piped.stdout.startswith(b"PK")


def test_a_page_names_period_and_selection(db: Path, tmp_path: Path) -> None:
    """Who gets a file by mail sees what it is about."""
    target = tmp_path / "x.html"
    run("report", "operators", "--db", db, "--since", "2026-10-01", "--operator", "a.smirnova", "--out", target)
    page = target.read_text(encoding="utf-8")
    assert "с 01.10.2026" in page
    assert "--operator a.smirnova" in page
    assert "Данные на" in page
