"""Tiny ONNX models in the makers' folder layouts, made on the spot, and the sounds they understand: a tone for each letter.

They have the inputs, outputs, vocabularies and delays of the real ones, so that the real onnx-asr runs them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from numpy.typing import NDArray

LETTERS: Final = "аднетмыо"
LETTER_MS: Final = 120
PAUSE_MS: Final = 240
_RATE_HZ: Final = 16_000
_N_MELS: Final = 64
# GigaAM's 64 mel bands reach to 8 kHz (HTK scale); every fifth from the ninth lies in a telephone's reach.
_BANDS: Final = tuple(range(9, 9 + 5 * len(LETTERS), 5))
_RUSSIAN: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


def band_hz(band: int) -> float:
    """Return the middle of one of GigaAM's mel bands.

    >>> round(band_hz(9))
    332
    """
    top = 2595 * np.log10(1 + 8000 / 700)
    return float(700 * (10 ** (top * (band + 1) / (_N_MELS + 1) / 2595) - 1))


def spoken(text: str, level: float = 0.3) -> NDArray[np.float32]:
    """Return the sound of `text` (of LETTERS and blanks) at 16 kHz, with a pause before, between and after words."""
    pause = np.zeros(PAUSE_MS * _RATE_HZ // 1000, dtype=np.float32)
    parts = [pause]
    for word in text.split():
        parts += [_tone(band_hz(_BANDS[LETTERS.index(letter)]), level) for letter in word]
        parts.append(pause)
    return np.concatenate(parts)


def build_gigaam(folder: Path) -> Path:
    """Make a model like GigaAM v3 CTC: each of LETTERS is heard where its band stands out, a blank where none does.

    It looks at every fourth frame of 10 ms. The vocabulary is that of the real one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["\u2581", *_RUSSIAN, "<blk>"]
    (folder / "v3_vocab.txt").write_text("".join(f"{token} {n}\n" for n, token in enumerate(vocabulary)), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": "gigaam", "version": "v3", "subsampling_factor": 4}))
    weights, bias = _letters(vocabulary[1:], _N_MELS, dict(zip(LETTERS, _BANDS, strict=True)))
    nodes = [
        helper.make_node("Transpose", ["features"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("Slice", ["frames", "zero", "end", "one", "four"], ["fewer"]),
        helper.make_node("MatMul", ["fewer", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["letters"]),
        helper.make_node("ReduceMean", ["fewer"], ["mean"], axes=[2]),
        helper.make_node("Add", ["mean", "unclear"], ["average"]),
        helper.make_node("Max", ["average", "quiet"], ["pause"]),
        helper.make_node("Concat", ["pause", "letters"], ["logits"], axis=2),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=-1),
        helper.make_node("Identity", ["feature_lengths"], ["lengths"]),
    ]
    inputs = [_float("features", ["n", _N_MELS, "t"]), _int("feature_lengths", ["n"])]
    outputs = [_float("log_probs", ["n", "t4", len(vocabulary)]), _int("lengths", ["n"])]
    constants = [
        *_numbers({"zero": [0], "end": [1 << 31], "one": [1], "four": [4]}, np.int64),
        *_numbers({"weights": weights, "bias": bias, "unclear": [3.0], "quiet": [-6.0]}, np.float32),
    ]
    _save(helper.make_graph(nodes, "gigaam", inputs, outputs, constants), folder / "v3_ctc.int8.onnx")
    return folder


def build_rnnt(folder: Path) -> Path:
    """Make a model like GigaAM v3 RNNT: hears what the CTC one hears, and remembers its last letter so as not to repeat it."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["\u2581", *_RUSSIAN, "<blk>"]
    (folder / "v3_vocab.txt").write_text("".join(f"{token} {n}\n" for n, token in enumerate(vocabulary)), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": "gigaam", "version": "v3", "subsampling_factor": 4}))
    weights, bias = _letters(vocabulary[:-1], _N_MELS, dict(zip(LETTERS, _BANDS, strict=True)))
    bias[0] = -6.0
    encoder = [
        helper.make_node("Transpose", ["audio_signal"], ["frames"], perm=[0, 2, 1]),
        helper.make_node("Slice", ["frames", "zero", "end", "one", "four"], ["fewer"]),
        helper.make_node("MatMul", ["fewer", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["letters"]),
        helper.make_node("ReduceMax", ["fewer"], ["loudest"], axes=[2]),
        helper.make_node("Add", ["loudest", "fainter"], ["almost"]),
        helper.make_node("Max", ["almost", "quiet"], ["nothing"]),
        helper.make_node("Concat", ["letters", "nothing"], ["logits"], axis=2),
        helper.make_node("Transpose", ["logits"], ["encoded"], perm=[0, 2, 1]),
        helper.make_node("Add", ["length", "three"], ["rounded"]),
        helper.make_node("Div", ["rounded", "four"], ["shorter"]),
        helper.make_node("Cast", ["shorter"], ["encoded_len"], to=TensorProto.INT32),
    ]
    constants = [
        *_numbers({"zero": [0], "end": [1 << 31], "one": [1], "four": [4], "three": [3]}, np.int64),
        *_numbers({"weights": weights, "bias": bias, "fainter": [-2.0], "quiet": [-6.5]}, np.float32),
    ]
    n_all = len(vocabulary)
    outputs = [_float("encoded", ["n", n_all, "t4"]), helper.make_tensor_value_info("encoded_len", TensorProto.INT32, ["n"])]
    inputs = [_float("audio_signal", ["n", _N_MELS, "t"]), _int("length", ["n"])]
    _save(helper.make_graph(encoder, "encoder", inputs, outputs, constants), folder / "v3_rnnt_encoder.int8.onnx")
    remember = [
        helper.make_node("OneHot", ["x", "depth", "values"], ["dec"], axis=-1),
        helper.make_node("Identity", ["h.1"], ["h"]),
        helper.make_node("Identity", ["c.1"], ["c"]),
    ]
    once = np.eye(n_all, dtype=np.float32) * -60.0
    once[-1, -1] = 0.0
    constants = [*_numbers({"depth": n_all}, np.int64), *_numbers({"values": [0.0, 1.0]}, np.float32)]
    state: list[int | str] = [1, 1, 320]
    inputs = [_int("x", [1, 1]), _float("h.1", state), _float("c.1", state)]
    outputs = [_float("dec", [1, 1, n_all]), _float("h", state), _float("c", state)]
    _save(helper.make_graph(remember, "decoder", inputs, outputs, constants), folder / "v3_rnnt_decoder.int8.onnx")
    join = [
        helper.make_node("MatMul", ["once", "dec"], ["said"]),
        helper.make_node("Add", ["enc", "said"], ["joint"]),
    ]
    inputs = [_float("enc", [1, n_all, 1]), _float("dec", [1, n_all, 1])]
    joint = helper.make_graph(join, "joint", inputs, [_float("joint", [1, n_all, 1])], _numbers({"once": once}, np.float32))
    _save(joint, folder / "v3_rnnt_joint.int8.onnx")
    return folder


def build_t_one(folder: Path) -> Path:
    """Make a model like T-one: 300 ms of 8 kHz sound at a time, a frame for each 30 ms, all given 330 ms late."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = [*_RUSSIAN, "ё", "|"]
    n_out, late = len(vocabulary) + 1, 11
    config = {
        "decoder_params": {"vocabulary": vocabulary},
        "encoder_params": {"reduction_kernel_size": 3},
        "pad_token_id": len(vocabulary),
    }
    (folder / "config.json").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    at = np.arange(240) / 8000
    waves = [wave(2 * np.pi * band_hz(band) * at) for wave in (np.cos, np.sin) for band in _BANDS]
    fold = np.vstack([np.eye(len(_BANDS)), np.eye(len(_BANDS))])
    weights, bias = _letters([*vocabulary, ""], len(_BANDS), {letter: n for n, letter in enumerate(LETTERS)})
    bias[vocabulary.index("|")] = 22.0
    nodes = [
        helper.make_node("Cast", ["signal"], ["sound"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["sound", "by_frame"], ["frames"]),
        helper.make_node("MatMul", ["frames", "waves"], ["sums"]),
        helper.make_node("Mul", ["sums", "sums"], ["squares"]),
        helper.make_node("MatMul", ["squares", "fold"], ["powers"]),
        helper.make_node("Add", ["powers", "least"], ["some"]),
        helper.make_node("Log", ["some"], ["levels"]),
        helper.make_node("MatMul", ["levels", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["now"], axis=-1),
        helper.make_node("Cast", ["state"], ["kept"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["kept", "by_late"], ["before"]),
        helper.make_node("Concat", ["before", "now"], ["all"], axis=1),
        helper.make_node("Slice", ["all", "zero", "ten", "one"], ["given"]),
        helper.make_node("Add", ["given", "fallback"], ["sure"]),
        helper.make_node("Log", ["sure"], ["logprobs"]),
        helper.make_node("Slice", ["all", "ten", "end", "one"], ["left"]),
        helper.make_node("Reshape", ["left", "flat"], ["flattened"]),
        helper.make_node("Cast", ["flattened"], ["state_next"], to=TensorProto.FLOAT16),
    ]
    size = late * n_out
    inputs = [
        helper.make_tensor_value_info("signal", TensorProto.INT32, ["n", 2400, 1]),
        helper.make_tensor_value_info("state", TensorProto.FLOAT16, ["n", size]),
    ]
    outputs = [
        _float("logprobs", ["n", 10, n_out]),
        helper.make_tensor_value_info("state_next", TensorProto.FLOAT16, ["n", size]),
    ]
    # Before the first sound the state is all zero, which is to mean a blank.
    fallback = np.where(np.array([*vocabulary, ""]) == "|", 1e-6, 1e-9)
    arrays = {"waves": np.array(waves).T, "fold": fold, "least": [1.0], "weights": weights, "bias": bias, "fallback": fallback}
    shapes = {"by_frame": [-1, 10, 240], "by_late": [-1, late, n_out], "flat": [-1, size]}
    places = {"zero": [0], "one": [1], "ten": [10], "end": [1 << 31]}
    constants = [*_numbers({**shapes, **places}, np.int64), *_numbers(arrays, np.float32)]
    _save(helper.make_graph(nodes, "t_one", inputs, outputs, constants), folder / "model.onnx")
    return folder


def _letters(vocabulary: list[str], n_in: int, places: dict[str, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights and bias that score each letter by its input, and everything else as good as never."""
    weights = np.zeros((n_in, len(vocabulary)), dtype=np.float32)
    bias = np.full(len(vocabulary), -60.0, dtype=np.float32)
    for letter, place in places.items():
        weights[place, vocabulary.index(letter)] = 1.0
        bias[vocabulary.index(letter)] = 0.0
    return weights, bias


def _numbers(values: Mapping[str, Any], dtype: type[np.generic]) -> list[Any]:
    return [numpy_helper.from_array(np.array(value, dtype=dtype), name) for name, value in values.items()]


def _tone(hz: float, level: float) -> NDArray[np.float32]:
    at = np.arange(LETTER_MS * _RATE_HZ // 1000) / _RATE_HZ
    return (level * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def _float(name: str, shape: list[int | str]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _int(name: str, shape: list[int | str]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _save(graph: Any, path: Path) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
