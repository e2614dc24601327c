"""Finding weights: offline, verified, quick the second time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callscore import registry
from callscore.catalogue import Catalogue, load_catalogue
from callscore.errors import ModelError
from callscore.registry import default_cache_dir, find_model, find_problems
from tests.weights import FILES, WEIGHTS_SHA256, catalogue, hub, model_toml, sha256


@pytest.fixture
def known(tmp_path: Path) -> Catalogue:
    """Return a list with one model, tiny."""
    return catalogue(tmp_path, model_toml("tiny", hub()))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache folder that holds the tiny model."""
    folder = tmp_path / "cache" / "tiny"
    folder.mkdir(parents=True)
    for name, body in FILES.items():
        (folder / name).write_bytes(body)
    return folder.parent


def local_folder(folder: Path) -> Path:
    """Make a folder that looks like converted weights."""
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_verified_files_are_found(known: Catalogue, cache: Path) -> None:
    """The record says where the files lie and what the weights are."""
    found = find_model("tiny", cache, catalogue=known)
    assert found.folder == cache / "tiny"
    assert found.files == ("config.json", "model.bin")
    assert found.weights == cache / "tiny" / "model.bin"
    assert found.sha256 == WEIGHTS_SHA256


def test_bytes_are_read_once(known: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look trusts the stamp as long as size and time are the same; a change is noticed."""
    read: list[str] = []

    def spy(path: Path) -> str:
        read.append(path.name)
        return sha256(path.read_bytes())

    monkeypatch.setattr(registry, "file_sha256", spy)
    find_model("tiny", cache, catalogue=known)
    find_model("tiny", cache, catalogue=known)
    assert read == ["config.json", "model.bin"]
    os.utime(cache / "tiny" / "model.bin", ns=(1, 1))
    find_model("tiny", cache, catalogue=known)
    assert read == ["config.json", "model.bin", "model.bin"]


def test_a_folder_that_cannot_be_stamped_still_works(known: Catalogue, cache: Path) -> None:
    """Weights on a read-only disk are verified at every start instead."""
    (cache / "tiny" / ".verified.json").mkdir()
    assert find_model("tiny", cache, catalogue=known).sha256 == WEIGHTS_SHA256


def test_a_stamp_of_someone_else_is_ignored(known: Catalogue, cache: Path) -> None:
    """A broken stamp file means reading the bytes, not a crash."""
    for text in ("", "[]", '{"model.bin": 3}', '{"model.bin": ["a", "b", "c"]}'):
        (cache / "tiny" / ".verified.json").write_text(text)
        assert find_model("tiny", cache, catalogue=known).sha256 == WEIGHTS_SHA256


def test_a_missing_model_is_told_with_the_command(known: Catalogue, tmp_path: Path) -> None:
    """The message names the model, the hint fetches it."""
    with pytest.raises(ModelError) as caught:
        find_model("tiny", tmp_path / "empty", catalogue=known)
    assert caught.value.message == "model tiny is not on this machine"
    assert caught.value.hint == "callscore models pull tiny"


def test_an_incomplete_model_is_told_with_the_file(known: Catalogue, cache: Path) -> None:
    """A model with a file gone is not used."""
    (cache / "tiny" / "config.json").unlink()
    with pytest.raises(ModelError, match=r"^model tiny is incomplete: config.json is missing$"):
        find_model("tiny", cache, catalogue=known)


def test_damaged_weights_are_told_with_both_hashes(known: Catalogue, cache: Path) -> None:
    """One flipped bit is found, although size and stamp were fine before."""
    find_model("tiny", cache, catalogue=known)
    body = bytearray(FILES["model.bin"])
    body[1000] ^= 1
    (cache / "tiny" / "model.bin").write_bytes(body)
    with pytest.raises(ModelError) as caught:
        find_model("tiny", cache, catalogue=known)
    assert caught.value.message == (
        f"model tiny is damaged: model.bin has sha256 {sha256(bytes(body))}, expected {WEIGHTS_SHA256}"
    )
    assert caught.value.hint == "callscore models pull tiny"


def test_cut_weights_are_told_with_both_sizes(known: Catalogue, cache: Path) -> None:
    """A file cut short is found without reading it."""
    (cache / "tiny" / "model.bin").write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"model\.bin has 3 bytes, expected 300000"):
        find_model("tiny", cache, catalogue=known)


def test_verifying_reads_again(known: Catalogue, cache: Path) -> None:
    """A change that keeps size and time escapes the stamp but not a full check."""
    find_model("tiny", cache, catalogue=known)
    path = cache / "tiny" / "model.bin"
    before = path.stat()
    path.write_bytes(b"x" * len(FILES["model.bin"]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert list(find_problems(known.get("tiny"), cache)) == []
    assert [problem.file.name for problem in find_problems(known.get("tiny"), cache, rehash=True)] == ["model.bin"]


def test_a_folder_of_ones_own_is_used_as_it_is(known: Catalogue, tmp_path: Path) -> None:
    """A path names CTranslate2 weights; its hash is of the bytes there, and nothing is written into it."""
    folder = local_folder(tmp_path / "own")
    before = sorted(path.name for path in folder.iterdir())
    found = find_model(str(folder), tmp_path / "cache", catalogue=known)
    assert found.sha256 == sha256(b"model.bin")
    assert found.files == ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert len(list((tmp_path / "cache" / ".verified").iterdir())) == 1


def test_a_changed_folder_of_ones_own_has_another_hash(known: Catalogue, tmp_path: Path) -> None:
    """New weights under the same path are other weights."""
    folder = local_folder(tmp_path / "own")
    find_model(str(folder), tmp_path / "cache", catalogue=known)
    (folder / "model.bin").write_bytes(b"retrained")
    assert find_model(str(folder), tmp_path / "cache", catalogue=known).sha256 == sha256(b"retrained")


def test_a_folder_without_a_tokenizer_is_refused(known: Catalogue, tmp_path: Path) -> None:
    """The recogniser would fetch one from a hub, which it must not."""
    folder = local_folder(tmp_path / "own")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"^tokenizer.json is missing in the folder with weights$"):
        find_model(str(folder), tmp_path / "cache", catalogue=known)


def onnx_folder(folder: Path) -> Path:
    """Make a folder that looks like an ONNX model with weights outside their file, as a hub's client leaves it."""
    for name in ("encoder.onnx", "encoder.onnx.data", "lang/tokens.txt", "config.json", "README.md", ".cache/x.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def test_an_onnx_folder_is_named_by_all_its_files(known: Catalogue, tmp_path: Path) -> None:
    """Its hash is that of what sha256sum prints of them, so a changed vocabulary is another model; nothing is written there."""
    folder = onnx_folder(tmp_path / "own")
    before = sorted(folder.rglob("*"))
    found = find_model(str(folder), tmp_path / "cache", catalogue=known)
    names = ("config.json", "encoder.onnx", "encoder.onnx.data", "lang/tokens.txt")
    assert (found.engine, found.files, found.weights) == ("onnx", names, folder / "encoder.onnx.data")
    assert found.sha256 == sha256("".join(f"{sha256(name.encode())}  {name}\n" for name in names).encode())
    assert sorted(folder.rglob("*")) == before
    (folder / "lang" / "tokens.txt").write_bytes(b"other")
    assert find_model(str(folder), tmp_path / "cache", catalogue=known).sha256 != found.sha256


@pytest.mark.parametrize(
    ("make", "engine", "message"),
    [
        (onnx_folder, "whisper", "the engine whisper cannot read .*, which is for the engine onnx"),
        (local_folder, "onnx", "no .onnx file lies in the folder with weights"),
    ],
)
def test_a_folder_for_another_engine_is_refused(
    known: Catalogue, tmp_path: Path, make: Callable[[Path], Path], engine: str, message: str
) -> None:
    """An engine is told that it got the other one's weights, not that a file is missing."""
    with pytest.raises(ModelError, match=message):
        find_model(str(make(tmp_path / "own")), tmp_path / "cache", catalogue=known, engine=engine)


def test_a_model_for_another_engine_is_refused(known: Catalogue, tmp_path: Path) -> None:
    """The hint names what would work."""
    with pytest.raises(ModelError, match="the engine onnx cannot read tiny, which is for the engine whisper") as caught:
        find_model("tiny", tmp_path, catalogue=known, engine="onnx")
    assert caught.value.hint == "set transcribe.engine to whisper"


def test_a_path_that_leads_nowhere_is_told_as_a_path(known: Catalogue, tmp_path: Path) -> None:
    """A mistyped path is not taken for an unknown name."""
    with pytest.raises(ModelError, match="the folder with weights does not exist"):
        find_model(str(tmp_path / "none"), tmp_path / "cache", catalogue=known)


def test_a_model_wins_over_a_folder_of_its_name(
    known: Catalogue, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stray folder called like a model in the working directory changes nothing."""
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_model("tiny", cache, catalogue=known).folder == cache / "tiny"


def test_the_environment_names_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CALLSCORE_MODELS_DIR comes before the checkout's models/."""
    monkeypatch.setenv("CALLSCORE_MODELS_DIR", str(tmp_path))
    assert default_cache_dir() == tmp_path


def test_a_checkout_keeps_weights_in_its_models_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without other orders weights lie beside models.toml."""
    monkeypatch.delenv("CALLSCORE_MODELS_DIR", raising=False)
    assert default_cache_dir() == repository / "models"


@pytest.mark.model
def test_the_default_models_are_the_pinned_ones() -> None:
    """The weights the other tests run with are, byte for byte, those of models.toml."""
    problems = [
        problem for model in load_catalogue().default for problem in find_problems(model, default_cache_dir(), rehash=True)
    ]
    assert problems == []
