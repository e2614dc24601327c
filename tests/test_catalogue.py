"""models.toml: strict, and true for the models that come with callscore."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.catalogue import HubSource, IndexSource, load_catalogue
from callscore.errors import ModelError
from tests.weights import FILES, WEIGHTS_SHA256, catalogue, hub, index, model_toml


def test_the_shipped_list_names_seven_models() -> None:
    """The names people and settings use, in the order they are listed."""
    found = load_catalogue()
    assert [model.name for model in found.models] == [
        "whisper-base",
        "whisper-small",
        "whisper-large-v3-turbo",
        "gigaam-v3-ctc",
        "gigaam-v3-e2e-ctc",
        "pyannote-segmentation-3.0",
        "campplus-zh-en",
    ]
    assert [model.name for model in found.default] == ["whisper-base", "pyannote-segmentation-3.0", "campplus-zh-en"]


def test_every_shipped_model_has_a_hub_source_at_a_revision() -> None:
    """Each model can be had without the package index."""
    assert all(any(isinstance(source, HubSource) for source in model.sources) for model in load_catalogue().models)


def test_every_default_model_comes_through_the_package_index() -> None:
    """Where no hub can be reached the default set still comes."""
    assert all(isinstance(model.sources[0], IndexSource) for model in load_catalogue().default)


def test_each_recogniser_has_its_engine() -> None:
    """Weights are read by one engine; those that tell speakers apart by none."""
    engines = {model.name: model.engine for model in load_catalogue().models}
    assert engines["whisper-base"] == "whisper"
    assert engines["gigaam-v3-ctc"] == engines["gigaam-v3-e2e-ctc"] == "onnx"
    assert engines["campplus-zh-en"] == ""


def test_a_model_is_named_by_the_hash_of_its_weights(tmp_path: Path) -> None:
    """sha256 and size_bytes are those of the weights and of all files."""
    model = catalogue(tmp_path, model_toml("tiny", hub())).get("tiny")
    assert model.sha256 == WEIGHTS_SHA256
    assert model.size_bytes == 300_014


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    """A typing mistake costs one look."""
    with pytest.raises(ModelError, match="there is no model called 'tinny'") as caught:
        catalogue(tmp_path, model_toml("tiny", hub())).get("tinny")
    assert caught.value.hint == "did you mean tiny? callscore models list shows all"


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("licence =", "license =", "unknown key 'license'", "did you mean licence?"),
        ("licence =", "default =", "default must be a bool, got 'MIT'", ""),
        ('licence = "MIT"\n', "", "licence is missing", ""),
        ("version = 1\n", "version = 2\n", "the list of models has version 2, this callscore reads version 1", ""),
        ('"hub"', '"ftp"', "a source's kind must be index or hub, got 'ftp'", ""),
        ("revision =", "revison =", "unknown key 'revison'", "did you mean revision?"),
        (WEIGHTS_SHA256, "abc", "sha256 must be 64 hex digits, got 'abc' for 'model.bin'", ""),
        ('"config.json", size', '"../config.json", size', "name must be a file name without folders, got '../config.json'", ""),
        ('"config.json", size', '"model.bin", size', "files must have different names, got ['model.bin', 'model.bin']", ""),
        ("= 300000", "= 0", "size_bytes must be 1 or more, got 0 for 'model.bin'", ""),
        ('weights = "model.bin"', 'weights = "model.pt"', "weights must be one of the files, got 'model.pt'", ""),
        ("models.tiny", "models.Tiny", "a model's name must be lower-case letters, digits, dots and dashes", ""),
        ('"config.json" = "tiny', '"confg.json" = "tiny', "unknown key 'confg.json'", "did you mean config.json?"),
        ('"config.json" = "tiny_part1/config.json"\n', "", "no wheel holds 'config.json'", ""),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    """Every mistake is named; an unknown key comes with the nearest known one."""
    catalogue(tmp_path, model_toml("tiny", index(), hub()))
    path = tmp_path / "models.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load_catalogue(path)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_list_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """A syntax error and a missing file become one message with the path."""
    path = tmp_path / "models.toml"
    for text in (None, "version = = 1"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(ModelError, match="the list of models cannot be read") as caught:
            load_catalogue(path)
        assert caught.value.where == str(path)


def test_the_tiny_model_is_as_the_tests_say(tmp_path: Path) -> None:
    """Files keep the order and names of the list."""
    model = catalogue(tmp_path, model_toml("tiny", hub())).get("tiny")
    assert [file.name for file in model.files] == list(FILES)
