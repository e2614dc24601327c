"""Pulling weights: from each source, through failing networks, killed and doubled processes, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callscore.catalogue import Catalogue
from callscore.download import Retry
from callscore.errors import ModelError
from callscore.fetch import Pulled, PullOptions, pull
from callscore.registry import find_model
from tests.file_server import Fault, FileServer, serve
from tests.weights import FILES, WEIGHTS_SHA256, catalogue, hub, hub_files, model_toml

QUICK = Retry(attempts=2, wait_s=0.01, timeout_s=5.0)
WEIGHTS_PATH = "/maker/tiny/resolve/abc/model.bin"
CONFIG_PATH = "/maker/tiny/resolve/abc/config.json"

# A pull as a process of its own, so that it can be killed.
SCRIPT = """
import sys
from pathlib import Path
from callscore.catalogue import load_catalogue
from callscore.download import Retry
from callscore.fetch import PullOptions, pull

(done,) = pull(load_catalogue(Path(sys.argv[1])).models, Path(sys.argv[2]), options=PullOptions(retry=Retry(wait_s=0.05)))
print(done.status)
"""


@pytest.fixture
def site() -> Iterator[FileServer]:
    """Return a hub that serves the tiny model."""
    with serve(hub_files()) as server:
        yield server


@pytest.fixture
def known(site: FileServer, tmp_path: Path) -> Catalogue:
    """Return a list in which the tiny model comes from that hub."""
    return catalogue(tmp_path, model_toml("tiny", hub(site.url)))


def take(known: Catalogue, cache: Path, *local_dirs: Path) -> Pulled:
    """Pull the tiny model with little patience."""
    return pull([known.get("tiny")], cache, options=PullOptions(local_dirs=local_dirs, retry=QUICK))[0]


def start(tmp_path: Path) -> subprocess.Popen[str]:
    """Start a pull in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "models.toml"), str(tmp_path / "cache")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds; fail after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def weights_part(tmp_path: Path) -> Path:
    """Return where a pull gathers the weights."""
    return tmp_path / "cache" / ".downloads" / "tiny" / "model.bin.part"


def test_a_pulled_model_is_found_offline(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """What a pull brought is verified and found without asking anybody."""
    done = take(known, tmp_path / "cache")
    n_asked = len(site.asked)
    assert done == Pulled(model="tiny", status="pulled", source=f"model hub ({site.url}/maker/tiny)", n_bytes=300_014)
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256
    assert len(site.asked) == n_asked == 2
    assert sorted(path.name for path in (tmp_path / "cache" / "tiny").iterdir()) == [
        ".verified.json",
        "config.json",
        "model.bin",
    ]


def test_a_second_pull_asks_nobody(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """What is here is not fetched again."""
    take(known, tmp_path / "cache")
    site.asked.clear()
    assert take(known, tmp_path / "cache").status == "present"
    assert site.asked == []


def test_a_killed_pull_goes_on_where_it_stopped(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """After kill -9 nothing half-done is found, and the next pull asks for the missing bytes only."""
    site.faults[WEIGHTS_PATH] = [Fault(wait_s=0.1)]
    with start(tmp_path) as process:
        wait_for(lambda: weights_part(tmp_path).exists() and weights_part(tmp_path).stat().st_size > 50_000)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "cache" / "tiny").exists()
    size = weights_part(tmp_path).stat().st_size
    site.asked.clear()
    assert take(known, tmp_path / "cache").status == "pulled"
    assert [(item.path, item.range_start) for item in site.asked] == [(WEIGHTS_PATH, size)]
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_two_pulls_at_once_fetch_once(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """The second waits for the first and finds its work done."""
    site.faults[WEIGHTS_PATH] = [Fault(wait_s=0.05)]
    with start(tmp_path) as first:
        wait_for(lambda: WEIGHTS_PATH in site.paths())
        with start(tmp_path) as second:
            answers = [process.communicate(timeout=30)[0].strip() for process in (first, second)]
    assert answers == ["pulled", "present"]
    assert sorted(site.paths()) == [CONFIG_PATH, WEIGHTS_PATH]


def test_damaged_weights_are_replaced(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """A pull repairs what is broken and leaves the rest alone."""
    take(known, tmp_path / "cache")
    site.asked.clear()
    (tmp_path / "cache" / "tiny" / "model.bin").write_bytes(b"x" * 300_000)
    assert take(known, tmp_path / "cache").n_bytes == 300_000
    assert site.paths() == [WEIGHTS_PATH]
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_wrong_bytes_from_a_source_leave_no_model(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """A hub that serves other weights is refused by name, file and hash."""
    site.files[WEIGHTS_PATH] = b"z" * 300_000
    with pytest.raises(ModelError, match=rf"model\.bin has sha256 \w+, expected {WEIGHTS_SHA256}"):
        take(known, tmp_path / "cache")
    assert not (tmp_path / "cache" / "tiny").exists()


def test_the_next_source_is_tried(tmp_path: Path) -> None:
    """A source that fails is passed over, and what it gave is kept."""
    with serve() as empty, serve(hub_files()) as full:
        empty.files[CONFIG_PATH] = FILES["config.json"]
        known = catalogue(tmp_path, model_toml("tiny", hub(empty.url), hub(full.url)))
        assert take(known, tmp_path / "cache").source == f"model hub ({full.url}/maker/tiny)"
        assert full.paths() == [WEIGHTS_PATH]


def test_every_source_tried_is_named_with_its_reason(tmp_path: Path) -> None:
    """If all fail, one message lists them in order."""
    with serve() as first, serve() as second:
        second.always = Fault(status=500)
        known = catalogue(tmp_path, model_toml("tiny", hub(first.url), hub(second.url)))
        with pytest.raises(ModelError) as caught:
            take(known, tmp_path / "cache", tmp_path / "usb")
    assert caught.value.message == (
        "model tiny cannot be fetched; every source failed:\n"
        f"  - local folders: no config.json in {tmp_path / 'usb'}\n"
        f"  - model hub ({first.url}/maker/tiny): config.json: HTTP 404 Not Found\n"
        f"  - model hub ({second.url}/maker/tiny): config.json: HTTP 500 Internal Server Error (2 attempts)"
    )
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("inside", ["tiny", "."])
def test_local_folders_come_first(site: FileServer, known: Catalogue, tmp_path: Path, inside: str) -> None:
    """Files at <dir>/<model>/<file> or <dir>/<file> are copied, and the network is left alone."""
    folder = tmp_path / "usb" / inside
    folder.mkdir(parents=True)
    for name, body in FILES.items():
        (folder / name).write_bytes(body)
    assert take(known, tmp_path / "cache", tmp_path / "none", tmp_path / "usb").source == "local folders"
    assert site.asked == []
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256


def test_a_damaged_local_copy_is_passed_over(site: FileServer, known: Catalogue, tmp_path: Path) -> None:
    """A bad copy on a stick does not keep the hub from being asked, for that file alone."""
    (tmp_path / "config.json").write_bytes(FILES["config.json"])
    (tmp_path / "model.bin").write_bytes(b"bad")
    assert take(known, tmp_path / "cache", tmp_path).source.startswith("model hub")
    assert site.paths() == [WEIGHTS_PATH]


def test_a_full_disk_is_said(known: Catalogue, tmp_path: Path) -> None:
    """A full disk ends the pull with a plain message, and the next pull works once there is room."""
    part = weights_part(tmp_path)
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(ModelError, match="the disk is full: fetching tiny takes up to 1 MB") as caught:
        take(known, tmp_path / "cache")
    assert caught.value.where == str(tmp_path / "cache")
    part.unlink()
    assert take(known, tmp_path / "cache").status == "pulled"


def test_a_folder_that_cannot_be_made_is_said(known: Catalogue, tmp_path: Path) -> None:
    """A cache path that leads through a file becomes a message with a way out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="the folder for weights cannot be used: Not a directory") as caught:
        take(known, tmp_path / "file" / "cache")
    assert caught.value.hint == "choose another folder with CALLSCORE_MODELS_DIR or models.cache_dir"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_is_said(known: Catalogue, tmp_path: Path) -> None:
    """Missing permission becomes a message, not a traceback."""
    (tmp_path / "cache").mkdir(mode=0o555)
    with pytest.raises(ModelError, match="the folder for weights cannot be used: Permission denied"):
        take(known, tmp_path / "cache")


def test_the_hub_is_the_one_its_users_expect(site: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_ENDPOINT names the hub and HF_TOKEN signs in there."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", site.url + "/")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    take(catalogue(tmp_path, model_toml("tiny", hub())), tmp_path / "cache")
    assert [item.headers["authorization"] for item in site.asked] == ["Bearer hf_secret"] * 2


def test_a_token_goes_to_no_other_hub(
    site: FileServer, known: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub named in models.toml gets no token that was meant for the default one."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    take(known, tmp_path / "cache")
    assert not any("authorization" in item.headers for item in site.asked)


def test_an_offline_order_is_obeyed(site: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_HUB_OFFLINE leaves the hub out and is named as the reason."""
    monkeypatch.setenv("HF_ENDPOINT", site.url)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        take(catalogue(tmp_path, model_toml("tiny", hub())), tmp_path / "cache")
    assert site.asked == []


def test_a_gated_model_tells_how_to_sign_in(site: FileServer, tmp_path: Path) -> None:
    """A refusal without a token comes with what to do."""
    site.always = Fault(status=401)
    known = catalogue(tmp_path, model_toml("tiny", hub(site.url) + "gated = true\n"))
    with pytest.raises(ModelError, match="HTTP 401 Unauthorized; accept its conditions on the hub and set HF_TOKEN"):
        take(known, tmp_path / "cache")


def test_files_of_a_pull_killed_before_the_end_are_not_fetched_again(
    site: FileServer, known: Catalogue, tmp_path: Path
) -> None:
    """Whole files that wait to be moved are verified and used."""
    staged = tmp_path / "cache" / ".downloads" / "tiny" / "files"
    staged.mkdir(parents=True)
    (staged / "model.bin").write_bytes(FILES["model.bin"])
    (staged / "config.json").write_bytes(b"bad")
    take(known, tmp_path / "cache")
    assert site.paths() == [CONFIG_PATH]
    assert find_model("tiny", tmp_path / "cache", catalogue=known).sha256 == WEIGHTS_SHA256
