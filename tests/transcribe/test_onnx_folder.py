"""Which model lies in a folder is told by its files alone; every way it can be wrong has a plain error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callscore.errors import ModelError
from callscore.transcribe.onnx_folder import OnnxModel, find_onnx_model
from callscore.transcribe.onnx_languages import OnnxLanguages

V3 = {"config.json": '{"model_type": "gigaam", "version": "v3"}'}
T_ONE = {"config.json": '{"decoder_params": {"vocabulary": []}, "encoder_params": {}, "pad_token_id": 34}'}
RUSSIAN = "".join(f"{letter} {n}\n" for n, letter in enumerate("абвгдежзийклмнопрстуфхцчшщъыьэюя"))
ENGLISH = "".join(f"{letter} {n}\n" for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz"))


def folder_with(folder: Path, names: str, **contents: str) -> Path:
    """Make a folder with empty files of these names, and some with contents."""
    for name in names.split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("names", "contents", "kind", "quantization"),
    [
        ("v3_ctc.int8.onnx v3_vocab.txt", V3, "gigaam-v3-ctc", "int8"),
        ("v3_ctc.onnx v3_ctc.int8.onnx v3_vocab.txt v3_ctc.yaml README.md", V3, "gigaam-v3-ctc", "int8"),
        ("v3_rnnt_encoder.onnx v3_rnnt_decoder.onnx v3_rnnt_joint.onnx v3_vocab.txt", V3, "gigaam-v3-rnnt", ""),
        ("v3_e2e_ctc.int8.onnx v3_e2e_ctc_vocab.txt", V3, "gigaam-v3-e2e-ctc", "int8"),
        (
            "v3_e2e_rnnt_encoder.int8.onnx v3_e2e_rnnt_decoder.int8.onnx v3_e2e_rnnt_joint.int8.onnx v3_e2e_rnnt_vocab.txt",
            V3,
            "gigaam-v3-e2e-rnnt",
            "int8",
        ),
        ("v2_ctc.onnx v2_vocab.txt", {}, "gigaam-v2-ctc", ""),
        ("multilingual_large_ctc.int8.onnx multilingual_vocab.txt", V3, "gigaam-multilingual-ctc", "int8"),
        ("model.onnx vocab.json", T_ONE, "t-one-ctc", ""),
        ("model.int8.onnx vocab.txt", {"config.json": '{"model_type": "nemo-conformer-ctc"}'}, "nemo-conformer-ctc", "int8"),
        ("encoder-model.onnx encoder-model.onnx.data decoder_joint-model.onnx vocab.txt", {}, "nemo-conformer-rnnt", ""),
        (
            "encoder-model.int8.onnx decoder_joint-model.int8.onnx vocab.txt",
            {"config.json": '{"model_type": "nemo-conformer-tdt"}'},
            "nemo-conformer-tdt",
            "int8",
        ),
        ("encoder-model.onnx decoder-model.onnx vocab.txt", {}, "nemo-conformer-aed", ""),
        (
            "am-onnx/encoder.int8.onnx am-onnx/decoder.int8.onnx am-onnx/joiner.int8.onnx lang/tokens.txt",
            {},
            "kaldi-rnnt",
            "int8",
        ),
        ("whisper-base_beamsearch.onnx vocab.json added_tokens.json", {}, "whisper-ort", ""),
        (
            "onnx/encoder_model_fp16.onnx onnx/decoder_model_merged_fp16.onnx vocab.json added_tokens.json",
            {},
            "whisper",
            "fp16",
        ),
    ],
)
def test_each_layout_is_known(tmp_path: Path, names: str, contents: dict[str, str], kind: str, quantization: str) -> None:
    """The makers' folders, as they are downloaded."""
    found = find_onnx_model(folder_with(tmp_path, names, **contents))
    assert (found.kind, found.quantization) == (kind, quantization)
    assert all((tmp_path / name).is_file() for name in found.files)


@pytest.mark.parametrize(
    ("compute_type", "is_gpu", "quantization"),
    [("auto", False, "int8"), ("auto", True, ""), ("float32", False, ""), ("int8", True, "int8"), ("float16", True, "fp16")],
)
def test_the_compute_type_chooses_among_weights(tmp_path: Path, compute_type: str, is_gpu: bool, quantization: str) -> None:
    """Eight bits are quick on a processor, full precision on a GPU."""
    folder = folder_with(tmp_path, "v3_ctc.onnx v3_ctc.int8.onnx v3_ctc.fp16.onnx v3_vocab.txt", **V3)
    assert find_onnx_model(folder, compute_type, is_gpu=is_gpu).quantization == quantization


@pytest.mark.parametrize(
    ("names", "contents", "message"),
    [
        ("readme.md model.bin", {}, "the folder holds no model that onnx-asr knows"),
        ("v3_ctc.int8.onnx v3_vocab.txt", {}, "config.json of gigaam-v3-ctc is missing"),
        ("v3_ctc.int8.onnx", {}, "v3_vocab.txt and config.json of gigaam-v3-ctc are missing"),
        ("v3_rnnt_encoder.int8.onnx v3_rnnt_decoder.onnx v3_rnnt_joint.onnx v3_vocab.txt", V3, "the folder holds no model"),
        ("v3_ctc.int8.onnx v3_vocab.txt", {"config.json": '{"model_type": "gigaam"}'}, 'does not say "version": "v3"'),
        ("v3_ctc.int8.onnx v3_vocab.txt", {"config.json": "{"}, "config.json cannot be read"),
        (
            "v3_ctc.int8.onnx v3_vocab.txt v3_e2e_ctc.int8.onnx v3_e2e_ctc_vocab.txt",
            V3,
            "several models lie in the folder: gigaam-v3-ctc, gigaam-v3-e2e-ctc",
        ),
    ],
)
def test_a_wrong_folder_is_told_in_plain_words(tmp_path: Path, names: str, contents: dict[str, str], message: str) -> None:
    """What is missing or too much is named, with the folder."""
    with pytest.raises(ModelError, match=message) as caught:
        find_onnx_model(folder_with(tmp_path, names, **contents))
    assert caught.value.where == str(tmp_path)
    assert caught.value.hint


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A mistyped path is no folder without a model."""
    with pytest.raises(ModelError, match="the folder with weights does not exist"):
        find_onnx_model(tmp_path / "none")


def test_a_precision_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The message lists what is there."""
    with pytest.raises(ModelError, match="has no weights for compute type float16, only float32, int8"):
        find_onnx_model(folder_with(tmp_path, "v3_ctc.onnx v3_ctc.int8.onnx v3_vocab.txt", **V3), "float16")


def languages(folder: Path) -> tuple[OnnxModel, set[str]]:
    """Return the model of a folder and which of some languages it knows."""
    model = find_onnx_model(folder)
    known = OnnxLanguages(folder, model)
    return model, {code for code in ("ru", "en", "de", "uk", "russian", "") if code in known}


@pytest.mark.parametrize(
    ("names", "contents", "expected"),
    [
        ("v3_ctc.onnx v3_vocab.txt", V3, {"ru"}),
        ("model.onnx", T_ONE, {"ru"}),
        ("model.onnx", {"vocab.txt": ENGLISH}, {"en"}),
        ("model.onnx", {"vocab.txt": RUSSIAN}, {"ru"}),
        ("model.onnx", {"vocab.txt": RUSSIAN + ENGLISH + "ä 90\nö 91\nü 92\n"}, {"ru", "en", "de"}),
        (
            "whisper-base_beamsearch.onnx",
            {"vocab.json": "{}", "added_tokens.json": json.dumps({"<|en|>": 1, "<|ru|>": 2, "<|uk|>": 3})},
            {"ru", "en", "uk"},
        ),
    ],
)
def test_a_model_knows_its_languages(tmp_path: Path, names: str, contents: dict[str, str], expected: set[str]) -> None:
    """As the makers say, by tokens for languages, or by the letters it can write."""
    assert languages(folder_with(tmp_path, names, **contents))[1] == expected
