"""`callscore doctor`: tell before the night whether a run can work here; each check is a small function that only looks."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import click
from rich.markup import escape
from rich.table import Table

from callscore.catalogue import load_catalogue
from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import print_json, stdout_console
from callscore.config import Config, JudgeConfig
from callscore.errors import CallscoreError, ConfigError, ModelError, RubricError, StoreError
from callscore.hearing import find_recogniser
from callscore.judge import NoReplyError, is_local, list_models
from callscore.pipeline import judge_options
from callscore.registry import ModelFiles, default_cache_dir, find_model
from callscore.shipped import shipped_dir

__all__ = ["Finding", "command", "examine"]

# Distribution to module; their order is that of the stages of a run.
_PACKAGES: Final = (
    ("av", "av"),
    ("webrtcvad-wheels", "webrtcvad"),
    ("faster-whisper", "faster_whisper"),
    ("ctranslate2", "ctranslate2"),
    ("onnx-asr", "onnx_asr"),
    ("onnxruntime", "onnxruntime"),
    ("torch", "torch"),
    ("torchaudio", "torchaudio"),
    ("pyannote.audio", "pyannote.audio"),
    ("pymorphy3", "pymorphy3"),
    ("rapidfuzz", "rapidfuzz"),
    ("duckdb", "duckdb"),
    ("pyarrow", "pyarrow"),
    ("pandas", "pandas"),
)
# What telephone exchanges record in; any one decoder of a line will do.
_DECODERS: Final = (
    ("pcm_s16le",),
    ("pcm_alaw",),
    ("pcm_mulaw",),
    ("gsm", "libgsm"),
    ("gsm_ms", "libgsm_ms"),
    ("g722",),
    ("mp3", "mp3float"),
    ("opus", "libopus"),
    ("vorbis", "libvorbis"),
    ("flac",),
    ("aac",),
    ("amrnb", "libopencore_amrnb"),
)
_GIB: Final = 1 << 30
_JUDGE_LIMIT_S: Final = 10.0
# A night's results and temporary files of a small shop take well under 2 GiB; under 200 MiB a run cannot finish.
_DISK_WARN_BYTES: Final = 2 * _GIB
_DISK_FAIL_BYTES: Final = 200 * (1 << 20)
# Every DuckDB file has these four bytes after an eight-byte checksum (https://duckdb.org/docs/stable/internals/storage).
_DUCKDB_MAGIC: Final = b"DUCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found; `exit_code` is that of the error a run would stop with, 0 unless the status is fail."""

    name: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    hint: str = ""
    exit_code: int = 0


@click.command()
@click.option("--deep", is_flag=True, help="Also import every package, which takes half a minute.")
@json_option
@with_app
def command(app: App, deep: bool, as_json: bool) -> None:
    """Check that a run can work on this machine: packages, codecs, weights, disk, GPU, rubrics, database.

    Exits with 0 if nothing failed, else with the code of the error that a run would stop with.

    \b
    Example:
      callscore doctor --json
    """  # noqa: D301 - click wants the character, not its escape
    findings = list(examine(app, deep=deep))
    if as_json:
        print_json({"ok": all(item.status != "fail" for item in findings), "checks": [asdict(item) for item in findings]})
    else:
        _print_table(findings)
    raise click.exceptions.Exit(next((item.exit_code for item in findings if item.status == "fail"), 0))


def examine(app: App, *, deep: bool) -> Iterator[Finding]:
    """Yield what every check finds, in the order a run would stumble over it."""
    config = app.config
    cache_dir = config.models.cache_dir or default_cache_dir()
    yield check_python()
    yield check_packages(deep=deep)
    yield check_torch_pair()
    yield check_codecs()
    if config.transcribe.engine != "scripted":
        yield check_recogniser(config)
    for name in _diarizers():
        yield check_model(name, cache_dir)
    yield check_gpu()
    yield check_rubrics(_rubrics_dir(app))
    yield check_judge(config.judge)
    yield check_database(app.db)
    yield check_disk("disk for the database", app.db.parent)
    yield check_disk("disk for weights", cache_dir)


def check_python() -> Finding:
    """Tell the Python version; callscore needs 3.11 to 3.13."""
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding(name="Python", status="ok", detail=detail)
    return _fail("Python", detail, "install Python 3.11, 3.12 or 3.13, then: make setup", ConfigError)


def check_packages(*, deep: bool) -> Finding:
    """Tell the versions of the packages of all stages; `deep` imports them, else they are only looked for."""
    found, broken = [], []
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # pyannote.audio reads it at import
    for distribution, module in _PACKAGES:
        try:
            found.append(f"{distribution} {metadata.version(distribution)}")
            if deep:
                importlib.import_module(module)
            elif importlib.util.find_spec(module.partition(".")[0]) is None:
                broken.append(f"{distribution}: module {module} is missing")
        except metadata.PackageNotFoundError:
            broken.append(f"{distribution} is not installed")
        except Exception as exc:  # noqa: BLE001 - a package broken in any way is what we look for
            broken.append(f"{distribution} cannot be imported: {type(exc).__name__}: {exc}")
    if broken:
        return _fail("packages", "; ".join(broken), "pip install --require-hashes -r requirements.lock", ConfigError)
    return Finding(name="packages", status="ok", detail=", ".join(found))


def check_torch_pair() -> Finding:
    """Tell whether torch and torchaudio are of one release; of two, torchaudio fails at import."""
    try:
        versions = [metadata.version(name) for name in ("torch", "torchaudio")]
    except metadata.PackageNotFoundError as exc:
        return _fail("torch", f"{exc.name} is not installed", "pip install --require-hashes -r requirements.lock", ConfigError)
    detail = f"torch {versions[0]}, torchaudio {versions[1]}"
    if versions[0] == versions[1]:
        return Finding(name="torch", status="ok", detail=detail)
    hint = "pip install --require-hashes -r requirements.lock"
    return Finding(name="torch", status="warn", detail=f"{detail}: not the locked pair", hint=hint)


def check_codecs() -> Finding:
    """Tell which telephone codecs PyAV decodes here."""
    try:
        codecs_available = importlib.import_module("av.codec").codecs_available
    except ImportError as exc:
        return _fail(
            "codecs", f"PyAV cannot be imported: {exc}", "pip install --require-hashes -r requirements.lock", ConfigError
        )
    missing = [names[0] for names in _DECODERS if not set(names) & set(codecs_available)]
    if missing:
        detail = f"PyAV does not decode {', '.join(missing)}"
        return Finding(name="codecs", status="warn", detail=detail, hint="install PyAV from its own wheel: pip install av")
    return Finding(name="codecs", status="ok", detail=", ".join(names[0] for names in _DECODERS))


def check_recogniser(config: Config) -> Finding:
    """Tell whether the weights for recognition are here and verified, and whether the engine can read them."""
    return _model_finding(config.transcribe.model, lambda: find_recogniser(config))


def check_model(name: str, cache_dir: Path) -> Finding:
    """Tell whether the weights called `name` are here and verified."""
    return _model_finding(name, lambda: find_model(name, cache_dir))


def _model_finding(name: str, find: Callable[[], ModelFiles]) -> Finding:
    try:
        files = find()
    except CallscoreError as error:
        return _fail(f"model {name}", error.message, error.hint, ModelError)
    return Finding(name=f"model {name}", status="ok", detail=f"sha256 {files.sha256[:12]} in {files.folder}")


def check_gpu() -> Finding:
    """Tell which GPU the driver sees; none is fine, the processor is used then."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Finding(name="GPU", status="ok", detail="none seen, the processor is used")
    try:
        query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603 - found on the PATH
    except (OSError, subprocess.SubprocessError) as exc:
        hint = "check the driver, or set transcribe.device to cpu"
        return Finding(name="GPU", status="warn", detail=f"nvidia-smi fails: {exc}", hint=hint)
    return Finding(name="GPU", status="ok", detail="; ".join(done.stdout.strip().splitlines()) or "none seen")


def check_rubrics(folder: Path) -> Finding:
    """Tell whether the folder of rubrics holds any."""
    try:
        n_files = sum(1 for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as exc:
        return _fail("rubrics", f"{folder} cannot be read: {exc.strerror}", "set rubrics.dir, or: callscore init", RubricError)
    if n_files == 0:
        return _fail("rubrics", f"no YAML file in {folder}", "set rubrics.dir, or: callscore init", RubricError)
    return Finding(name="rubrics", status="ok", detail=f"YAML files: {n_files}, in {folder}")


def check_judge(judge: JudgeConfig) -> Finding:
    """Tell whether the language model for judge checks answers, and whether text leaves this machine; none is fine."""
    if not judge.url:
        return Finding(name="language model", status="ok", detail="none configured, judge checks are left to a person")
    try:
        names = list_models(judge_options(judge, Path()).open(), _JUDGE_LIMIT_S)
    except NoReplyError as exc:
        hint = "start the server or correct judge.url; until then judge checks are unsure"
        return Finding(name="language model", status="warn", detail=f"{judge.url} does not answer: {exc}", hint=hint)
    except ConfigError as error:
        return _fail("language model", error.message, error.hint, ConfigError)
    return _judge_found(judge, names)


def _judge_found(judge: JudgeConfig, names: tuple[str, ...]) -> Finding:
    """Tell whether the server has the model, and where the text goes."""
    detail = f"{judge.url} answers"
    if judge.model not in names:
        hint = f"set judge.model to one of: {', '.join(names[:5])}"
        return Finding(name="language model", status="warn", detail=f"{detail}, but has no model {judge.model}", hint=hint)
    if is_local(judge.url):
        return Finding(name="language model", status="ok", detail=f"{detail}, model {judge.model}")
    remark = "masked text of calls leaves this machine"
    if judge.url.startswith("https:"):
        return Finding(name="language model", status="ok", detail=f"{detail}, model {judge.model}; {remark}")
    return Finding(name="language model", status="warn", detail=f"{detail}; {remark} unencrypted", hint="use an https address")


def check_database(path: Path) -> Finding:
    """Tell whether the database can be used: a DuckDB file we may write, or a folder where one can be made."""
    if not path.exists():
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return Finding(name="database", status="ok", detail=f"{path} will be made by the first run")
        return _fail(
            "database", f"{path} cannot be made: no permission in {folder}", "choose another file with --db", StoreError
        )
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
    except OSError as exc:
        return _fail("database", f"{path} cannot be read: {exc.strerror}", "choose another file with --db", StoreError)
    if head[8:] != _DUCKDB_MAGIC:
        return _fail("database", f"{path} is no DuckDB file", "choose another file with --db", StoreError)
    if not os.access(path, os.W_OK):
        return Finding(name="database", status="warn", detail=f"{path} may only be read", hint="a run needs to write it")
    return Finding(name="database", status="ok", detail=f"{path}, {path.stat().st_size / (1 << 20):.0f} MiB")


def check_disk(name: str, folder: Path) -> Finding:
    """Tell how much room is left where `folder` lies or will lie."""
    place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free_bytes = shutil.disk_usage(place).free
    detail = f"{free_bytes / _GIB:.1f} GiB free at {place}"
    if free_bytes < _DISK_FAIL_BYTES:
        return _fail(name, detail, "free some space", StoreError)
    if free_bytes < _DISK_WARN_BYTES:
        return Finding(name=name, status="warn", detail=detail, hint="free some space soon")
    return Finding(name=name, status="ok", detail=detail)


def _diarizers() -> tuple[str, ...]:
    """Return the models that mono recordings need."""
    return tuple(item.name for item in load_catalogue().models if item.task == "diarize" and item.default)


def _rubrics_dir(app: App) -> Path:
    if app.config.rubrics.dir is not None:
        return app.config.rubrics.dir
    beside = app.loaded.file.parent / "rubrics" if app.loaded.file else None
    return beside if beside is not None and beside.is_dir() else shipped_dir("rubrics")


def _fail(name: str, detail: str, hint: str, error: type[CallscoreError]) -> Finding:
    return Finding(name=name, status="fail", detail=detail, hint=hint, exit_code=error.exit_code)


def _print_table(findings: list[Finding]) -> None:
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    table = Table("Check", "Result", "Detail", box=None, pad_edge=False)
    for item in findings:
        hint = f"\ntry: {item.hint}" if item.hint else ""
        table.add_row(item.name, f"[{colours[item.status]}]{item.status}[/]", escape(f"{item.detail}{hint}"))
    stdout_console().print(table)
