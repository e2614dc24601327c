"""Which of onnx-asr's models lies in a folder, told by the names of its files; loads no library.

onnx-asr itself finds out only while loading, takes GigaAM v3 without its config.json for version 2 (and hears noise), and
knows neither languages nor the longest sound a model can take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from callscore.errors import ModelError

__all__ = ["OnnxModel", "OnnxTraits", "find_onnx_model"]

_CONFIG: Final = "config.json"
# Which weights to take where several lie side by side; "" are those without a suffix, mostly 32 bits.
_CHOICE: Final[Mapping[str, tuple[str, ...]]] = {
    "auto": ("int8", "", "fp16"),
    "auto on a GPU": ("", "fp16", "int8"),
    "default": ("", "int8", "fp16"),
    "float32": ("",),
    "float16": ("fp16",),
    "int8": ("int8",),
    "int8_float32": ("int8",),
    "int8_float16": ("int8",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxTraits:
    """What onnx-asr does not tell of a model.

    Args:
        languages: ISO 639-1 codes; empty: those the model's tokens or letters name.
        longest_ms: the longest sound it may be given; the makers of GigaAM allow 25 s, those of Whisper 30 s.
        lag_ms: by how much its times are late.
        tail_ms: silence it needs after the last word.
        has_times: whether each token comes with its time.
        has_batches: whether words do not depend on what is decoded along with them.
    """

    languages: tuple[str, ...] = ()
    longest_ms: int = 25_000
    lag_ms: int = 0
    tail_ms: int = 0
    has_times: bool = True
    has_batches: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxModel:
    """A model in a folder: onnx-asr's name for its kind, the suffix of its weights ("int8", "fp16" or none), its files."""

    kind: str
    quantization: str
    files: tuple[str, ...]
    traits: OnnxTraits


@dataclass(frozen=True, slots=True)
class _Kind:
    """How to know a kind: its weights, where ~ may be a dot and a suffix, and its other files."""

    name: str
    weights: tuple[str, ...]
    others: tuple[str, ...]
    traits: OnnxTraits = OnnxTraits()


_RUSSIAN: Final = OnnxTraits(languages=("ru",))
# The makers' pipeline moves times by MEAN_TIME_BIAS = 0.33 s and lays 0.3 s of silence around (tone/onnx_wrapper.py,
# tone/pipeline.py in github.com/voicekit-team/T-one); onnx-asr does the second only.
_T_ONE: Final = OnnxTraits(languages=("ru",), lag_ms=330, tail_ms=300)
# Decoders that write on until every clip of a batch has ended, and a feature extractor that takes one peak for a batch.
_WRITERS: Final = OnnxTraits(has_times=False, has_batches=False)
_WHISPER: Final = OnnxTraits(longest_ms=29_000, has_times=False, has_batches=False)
_RNNT: Final = ("encoder", "decoder", "joint")
_KINDS: Final = (
    _Kind("gigaam-v3-ctc", ("v3_ctc~.onnx",), ("v3_vocab.txt", _CONFIG), _RUSSIAN),
    _Kind("gigaam-v3-rnnt", tuple(f"v3_rnnt_{part}~.onnx" for part in _RNNT), ("v3_vocab.txt", _CONFIG), _RUSSIAN),
    _Kind("gigaam-v3-e2e-ctc", ("v3_e2e_ctc~.onnx",), ("v3_e2e_ctc_vocab.txt", _CONFIG), _RUSSIAN),
    _Kind(
        "gigaam-v3-e2e-rnnt",
        tuple(f"v3_e2e_rnnt_{part}~.onnx" for part in _RNNT),
        ("v3_e2e_rnnt_vocab.txt", _CONFIG),
        _RUSSIAN,
    ),
    _Kind("gigaam-v2-ctc", ("v2_ctc~.onnx",), ("v2_vocab.txt",), _RUSSIAN),
    _Kind("gigaam-v2-rnnt", tuple(f"v2_rnnt_{part}~.onnx" for part in _RNNT), ("v2_vocab.txt",), _RUSSIAN),
    _Kind("gigaam-multilingual-ctc", ("multilingual*_ctc~.onnx",), ("multilingual_vocab.txt", _CONFIG)),
    _Kind("t-one-ctc", ("model~.onnx",), (_CONFIG,), _T_ONE),
    _Kind("nemo-conformer-ctc", ("model~.onnx",), ("vocab.txt",)),
    _Kind("nemo-conformer-rnnt", ("encoder-model~.onnx", "decoder_joint-model~.onnx"), ("vocab.txt",)),
    _Kind("nemo-conformer-aed", ("encoder-model~.onnx", "decoder-model~.onnx"), ("vocab.txt",), _WRITERS),
    _Kind("kaldi-rnnt", ("*/encoder~.onnx", "*/decoder~.onnx", "*/joiner~.onnx"), ("*/tokens.txt",)),
    _Kind("whisper-ort", ("whisper-*_beamsearch~.onnx",), ("vocab.json", "added_tokens.json"), _WHISPER),
    _Kind(
        "whisper",
        ("[onnx/]encoder_model~.onnx", "[onnx/]decoder_model_merged~.onnx"),
        ("vocab.json", "added_tokens.json"),
        _WHISPER,
    ),
)


def find_onnx_model(folder: Path, compute_type: str = "auto", *, is_gpu: bool = False) -> OnnxModel:
    """Return the one model in `folder`; where its weights lie there in several precisions, the one for `compute_type`.

    Raises:
        ModelError: if there is none that onnx-asr knows, or more than one, a file of it is missing or its config.json wrong.
    """
    names = _names(folder)
    config = _read_config(folder)
    found = [kind for kind in _KINDS if _precisions(kind, names) and _fits(kind, config, names)]
    if not found:
        raise _nothing_found(folder, names)
    if len(found) > 1:
        raise ModelError(
            f"several models lie in the folder: {', '.join(kind.name for kind in found)}",
            where=str(folder),
            hint="leave the files of one of them there",
        )
    kind = found[0]
    precisions = _precisions(kind, names)
    wanted = "auto on a GPU" if compute_type == "auto" and is_gpu else compute_type
    chosen = next((suffix for suffix in _CHOICE.get(wanted, ()) if suffix in precisions), None)
    if chosen is None:
        here = ", ".join(suffix or "float32" for suffix in sorted(precisions))
        raise ModelError(
            f"{kind.name} has no weights for compute type {compute_type}, only {here}",
            where=str(folder),
            hint="set transcribe.compute_type to auto",
        )
    _check_version(kind, config, folder)
    files = [*precisions[chosen], *(_match(name, names) for name in kind.others), *((_CONFIG,) if config else ())]
    name = "nemo-conformer-tdt" if kind.name == "nemo-conformer-rnnt" and _says(config, "tdt") else kind.name
    return OnnxModel(kind=name, quantization=chosen, files=tuple(dict.fromkeys(files)), traits=kind.traits)


def _names(folder: Path) -> tuple[str, ...]:
    """Return the files of a folder and of the folders in it, without hidden ones, as paths below it."""
    if not folder.is_dir():
        raise ModelError("the folder with weights does not exist", where=str(folder), hint="callscore models list")
    inside = [*folder.glob("*"), *folder.glob("*/*")]
    below = (path.relative_to(folder).as_posix() for path in inside if path.is_file())
    return tuple(sorted(name for name in below if not name.startswith(".")))


def _read_config(folder: Path) -> Mapping[str, Any]:
    path = folder / _CONFIG
    if not path.is_file():
        return {}
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelError(f"{_CONFIG} cannot be read: {exc}", where=str(folder), hint="fetch it again") from exc
    return config if isinstance(config, dict) else {}


def _pattern(name: str) -> str:
    """Return the regular expression for a file's name; its group is the suffix.

    >>> re.fullmatch(_pattern("*/encoder~.onnx"), "am-onnx/encoder.int8.onnx").group(1)
    'int8'
    """
    escaped = re.escape(name).replace(r"\*", "[^/]*").replace(re.escape("[onnx/]"), "(?:onnx/)?")
    return escaped.replace("\\~", "~").replace("~", "(?:[._-](int8|fp16))?")


def _precisions(kind: _Kind, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the files of the weights by suffix, for each suffix with which all parts are there."""
    parts: list[dict[str, str]] = []
    for part in kind.weights:
        matches = (re.fullmatch(_pattern(part), name) for name in names)
        parts.append({match.group(1) or "": match.string for match in matches if match})
    complete = set(parts[0]).intersection(*parts)
    return {suffix: [part[suffix] for part in parts] for suffix in complete}


def _match(name: str, names: Iterable[str]) -> str:
    return next((given for given in names if re.fullmatch(_pattern(name), given)), "")


def _fits(kind: _Kind, config: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Tell whether the other files are there too; T-one and NeMo's CTC have the same name of weights."""
    if not all(_match(name, names) for name in kind.others):
        return False
    return kind.name != "t-one-ctc" or "decoder_params" in config


def _says(config: Mapping[str, Any], word: str) -> bool:
    return word in str(config.get("model_type", ""))


def _check_version(kind: _Kind, config: Mapping[str, Any], folder: Path) -> None:
    if kind.name.startswith("gigaam-v3") and config.get("version") != "v3":
        raise ModelError(
            f'{_CONFIG} does not say "version": "v3", which {kind.name} needs: other sound features would be computed',
            where=str(folder),
            hint="fetch config.json from the place where the weights are from",
        )


def _nothing_found(folder: Path, names: Sequence[str]) -> ModelError:
    """Return the error for a folder without a model; what is missing, where weights of one are there."""
    for kind in _KINDS:
        missing = [name for name in kind.others if not _match(name, names)]
        if missing and _precisions(kind, names):
            what = f"{' and '.join(missing)} of {kind.name} {'are' if len(missing) > 1 else 'is'} missing"
            return ModelError(what, where=str(folder), hint="fetch the whole folder from the place where the weights are from")
    return ModelError(
        "the folder holds no model that onnx-asr knows",
        where=str(folder),
        hint="it knows GigaAM, T-one, Vosk, NeMo (Parakeet, Canary) and Whisper by the names of their files; models/README.md",
    )
