"""Where verified weights lie on this machine; never touches the network and never writes outside the cache folder.

The sha256 of a large file takes a second, so it is computed once: a stamp beside the files remembers size, modification
time and hash, and a file that changed since is hashed again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from callscore.catalogue import Catalogue, Model, ModelFile, load_catalogue
from callscore.errors import ModelError
from callscore.shipped import checkout_dir, shipped_dir

__all__ = [
    "FileProblem",
    "ModelFiles",
    "default_cache_dir",
    "file_sha256",
    "find_model",
    "find_problems",
    "write_stamp",
]

_log = logging.getLogger(__name__)

_STAMP: Final = ".verified.json"
_CTRANSLATE2: Final = "whisper"
_ONNX: Final = "onnx"
# What faster-whisper reads from a folder; without tokenizer.json it would ask a hub for one.
_CTRANSLATE2_FILES: Final = (("model.bin",), ("config.json",), ("tokenizer.json",), ("vocabulary.json", "vocabulary.txt"))
# ONNX weights, what they keep outside their file, vocabularies and settings; some makers put them into folders of their own.
_ONNX_FILES: Final = re.compile(r".*\.onnx(?:[._]data)?|.*\.(?:json|txt|ya?ml)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Weights that lie on this machine and were verified.

    `sha256` is that of `weights`, the main file; of a folder with an ONNX model that of all its files. `engine` is the
    recognition engine that reads them, empty if none does.
    """

    name: str
    engine: str
    folder: Path
    files: tuple[str, ...]
    weights: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file of a model that cannot be used, and why."""

    file: ModelFile
    is_missing: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when its hash was computed."""

    size_bytes: int
    mtime_ns: int
    sha256: str


def default_cache_dir() -> Path:
    """Return the folder for weights where none is configured.

    That is CALLSCORE_MODELS_DIR; else models/ of the checkout, if it can be written or already holds weights; else the
    user's cache folder.
    """
    if named := os.environ.get("CALLSCORE_MODELS_DIR"):
        return Path(named).expanduser().absolute()
    if checkout_dir() is not None:
        folder = shipped_dir("models")
        if os.access(folder, os.W_OK) or any(item.is_dir() for item in folder.glob("*")):
            return folder
    return platformdirs.user_cache_path("callscore", appauthor=False) / "models"


def find_model(name: str, cache_dir: Path | None = None, *, catalogue: Catalogue | None = None, engine: str = "") -> ModelFiles:
    """Return the verified files of a model, without any network.

    Args:
        name: a name from models.toml, or the path of a folder with CTranslate2 or ONNX weights, which is taken as it is.
        cache_dir: where pulled weights lie; None: `default_cache_dir()`.
        catalogue: the known models; None: those of models.toml.
        engine: the recognition engine that is to read them; empty: any.

    Raises:
        ModelError: if the name is unknown, a file is missing, unreadable or damaged, or another engine reads these weights.
    """
    cache = default_cache_dir() if cache_dir is None else cache_dir
    known = load_catalogue() if catalogue is None else catalogue
    if all(model.name != name for model in known.models) and (os.sep in name or name.startswith("~") or Path(name).is_dir()):
        return _find_folder(Path(name).expanduser().absolute(), cache, engine)
    model = known.get(name)
    if engine and model.engine != engine:
        raise _other_engine(name, model.engine, engine, [item.name for item in known.models if item.engine == engine])
    folder = cache / model.name
    problem = next(find_problems(model, cache), None)
    if problem is not None:
        state = "is not on this machine" if not folder.is_dir() else "is incomplete" if problem.is_missing else "is damaged"
        detail = "" if not folder.is_dir() else f": {problem.reason}"
        raise ModelError(f"model {name} {state}{detail}", where=str(folder), hint=f"callscore models pull {name}")
    return ModelFiles(
        name=name,
        engine=model.engine,
        folder=folder,
        files=tuple(file.name for file in model.files),
        weights=folder / model.weights,
        sha256=model.sha256,
    )


def find_problems(model: Model, cache_dir: Path, *, rehash: bool = False) -> Iterator[FileProblem]:
    """Yield the files of `model` that are missing or differ from models.toml, in its order.

    Args:
        model: what to check.
        cache_dir: the cache folder; the files lie in <cache_dir>/<model name>/.
        rehash: read every byte again, also of files that are stamped as verified.

    Raises:
        ModelError: if a file cannot be read.
    """
    folder = cache_dir / model.name
    stamp = folder / _STAMP
    seen = {} if rehash else _read_stamp(stamp)
    before = dict(seen)
    for file in model.files:
        reason, is_missing = "", False
        try:
            now = (folder / file.name).stat()
            if now.st_size != file.size_bytes:
                reason = f"{file.name} has {now.st_size} bytes, expected {file.size_bytes}"
            elif (found := _sha256_of(folder / file.name, seen, file.name)) != file.sha256:
                reason = f"{file.name} has sha256 {found}, expected {file.sha256}"
        except (FileNotFoundError, NotADirectoryError):
            reason, is_missing = f"{file.name} is missing", True
        except OSError as exc:
            raise ModelError(f"{file.name} of model {model.name} cannot be read: {exc.strerror}", where=str(folder)) from exc
        if reason:
            yield FileProblem(file, is_missing, reason)
    if seen != before:
        _write_seen(stamp, seen)


def write_stamp(model: Model, cache_dir: Path) -> None:
    """Remember that the files of `model` were verified just now."""
    folder = cache_dir / model.name
    seen = {}
    for file in model.files:
        now = (folder / file.name).stat()
        seen[file.name] = _Seen(now.st_size, now.st_mtime_ns, file.sha256)
    _write_seen(folder / _STAMP, seen)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _find_folder(folder: Path, cache_dir: Path, engine: str) -> ModelFiles:
    """Return the files of a folder the user names; nothing is written into it."""
    if not folder.is_dir():
        raise ModelError("the folder with weights does not exist", where=str(folder), hint="callscore models list")
    if engine == _ONNX or (not engine and not (folder / "model.bin").is_file() and _onnx_files(folder)):
        return _find_onnx(folder, cache_dir)
    if not (folder / "model.bin").is_file() and _onnx_files(folder):
        raise _other_engine(str(folder), _ONNX, engine, [])
    files = _ctranslate2_files(folder)
    return ModelFiles(
        name=str(folder),
        engine=_CTRANSLATE2,
        folder=folder,
        files=files,
        weights=folder / "model.bin",
        sha256=_hash_files(folder, ("model.bin",), cache_dir)["model.bin"],
    )


def _find_onnx(folder: Path, cache_dir: Path) -> ModelFiles:
    """Return the files of a folder with an ONNX model; whether it is one that can be used, its engine knows."""
    files = _onnx_files(folder)
    if not files:
        raise ModelError(
            "no .onnx file lies in the folder with weights",
            where=str(folder),
            hint="models/README.md tells where to get ONNX models; CTranslate2 weights are for transcribe.engine whisper",
        )
    # As `sha256sum` prints them, so that anybody can compute the same.
    listing = "".join(f"{sha256}  {name}\n" for name, sha256 in _hash_files(folder, files, cache_dir).items())
    weights = (folder / name for name in files if ".onnx" in name)
    return ModelFiles(
        name=str(folder),
        engine=_ONNX,
        folder=folder,
        files=files,
        weights=max(weights, key=lambda path: path.stat().st_size),
        sha256=hashlib.sha256(listing.encode()).hexdigest(),
    )


def _ctranslate2_files(folder: Path) -> tuple[str, ...]:
    files = []
    for names in _CTRANSLATE2_FILES:
        name = next((name for name in names if (folder / name).is_file()), None)
        if name is None:
            raise ModelError(
                f"{' or '.join(names)} is missing in the folder with weights",
                where=str(folder),
                hint="a CTranslate2 folder holds model.bin, config.json, tokenizer.json and vocabulary.json or .txt",
            )
        files.append(name)
    return tuple(files)


def _onnx_files(folder: Path) -> tuple[str, ...]:
    """Return the files of an ONNX model, also those one folder deeper, sorted; none if no weights are among them."""
    inside = [path for path in (*folder.glob("*"), *folder.glob("*/*")) if path.is_file()]
    names = sorted(path.relative_to(folder).as_posix() for path in inside if _ONNX_FILES.fullmatch(path.name))
    visible = tuple(name for name in names if not name.startswith("."))
    return visible if any(name.endswith(".onnx") for name in visible) else ()


def _other_engine(name: str, reads: str, wanted: str, instead: Sequence[str]) -> ModelError:
    """Return the error for weights that the engine cannot read."""
    others = f"transcribe.model to {' or '.join(instead)}, or " if instead else ""
    return ModelError(
        f"the engine {wanted} cannot read {name}" + (f", which is for the engine {reads}" if reads else ""),
        hint=f"set {others}" + (f"transcribe.engine to {reads}" if reads else "transcribe.model to another model"),
    )


def _hash_files(folder: Path, names: Sequence[str], cache_dir: Path) -> dict[str, str]:
    """Return the hash of each file of a folder that is not ours; what was hashed before is remembered in the cache folder."""
    stamp = cache_dir / ".verified" / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"
    seen = _read_stamp(stamp)
    before = dict(seen)
    try:
        hashes = {name: _sha256_of(folder / name, seen, name) for name in names}
    except OSError as exc:
        raise ModelError(f"{Path(exc.filename or names[0]).name} cannot be read: {exc.strerror}", where=str(folder)) from exc
    if seen != before:
        _write_seen(stamp, seen)
    return hashes


def _sha256_of(path: Path, seen: dict[str, _Seen], name: str) -> str:
    """Return the hash of a file, from `seen` if it is unchanged; else compute it and note it there under `name`."""
    now = path.stat()
    known = seen.get(name)
    if known is None or (known.size_bytes, known.mtime_ns) != (now.st_size, now.st_mtime_ns):
        known = seen[name] = _Seen(now.st_size, now.st_mtime_ns, file_sha256(path))
    return known.sha256


def _read_stamp(stamp: Path) -> dict[str, _Seen]:
    try:
        return {
            str(name): _Seen(int(size), int(at), str(sha)) for name, (size, at, sha) in json.loads(stamp.read_text()).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # no stamp, or none of ours: the files are hashed again


def _write_seen(stamp: Path, seen: dict[str, _Seen]) -> None:
    text = json.dumps({name: [item.size_bytes, item.mtime_ns, item.sha256] for name, item in sorted(seen.items())})
    temporary = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text)
        temporary.replace(stamp)
    except OSError as exc:
        _log.debug("the stamp of verified weights cannot be written: %s", exc)  # a read-only folder: hashed at each start
