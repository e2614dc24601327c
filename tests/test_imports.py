"""Who may import whom: the map of the code, enforced."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = Path(__file__).resolve().parents[1] / "callscore"

# Stages know the records and nothing of each other; pipeline.py joins them.
STAGES: Final = ("outside", "sources", "crm", "audio", "vad", "transcribe", "diarize", "dialogue", "rubric", "scoring", "store")
COMMON: Final = ("records", "units", "errors")
EXTRA: Final[Mapping[str, tuple[str, ...]]] = {
    "outside": ("download", "http_answers", "tls"),  # recordings are downloaded as weights are: resumed, whole or not at all
    "sources": ("outside", "http_answers", "tls"),  # s3fs makes its own connections and is told which certificates to trust
    "crm": ("outside",),
    "dialogue": ("phrases",),  # roles are told by what is said
    "rubric": ("phrases",),  # a rubric is compiled into phrases when it is loaded
    # a check reads the rubric's records and matches its phrases; what a language model may see is masked before it is asked
    "scoring": ("phrases", "rubric", "masking"),
}

# Where a library may be imported; everything else uses the adapter.
OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    "click": ("cli",),
    "duckdb": ("store",),
    # outside reads Parquet tables that never meet the database; report writes reports as Parquet
    "pyarrow": ("store", "outside", "report"),
    "babel": ("report",),
    "jinja2": ("report", "review"),
    "markupsafe": ("report", "review"),
    "xlsxwriter": ("report",),
    "pandas": ("report",),
    "scipy": ("stats",),
    "faster_whisper": ("transcribe",),
    "ctranslate2": ("transcribe",),
    "torch": ("diarize",),
    "pyannote": ("diarize",),
    "onnx": ("diarize",),
    "onnx_asr": ("transcribe",),
    "onnxruntime": ("vad", "diarize", "transcribe"),  # two small models, each with its own adapter; settings for onnx_asr
    "webrtcvad": ("vad",),
    "av": ("audio",),
    "pymorphy3": ("phrases",),
    "rapidfuzz": ("phrases",),
    "yaml": ("rubric", "dialogue"),  # dialogue reads the cues for roles
    "httpx": ("download", "tls", "judge", "outside"),
    "openpyxl": (),  # tests write workbooks with it; a reader of our own is faster and takes what other systems write
    "phonenumbers": ("outside",),
    "keyring": ("outside",),
    "fsspec": ("sources",),
    "paramiko": ("sources",),
    "sqlalchemy": ("sources",),
    "defusedxml": ("sources", "crm"),
    "jiwer": ("evaluation",),
    "argon2": ("review",),
    "starlette": ("review",),
    "uvicorn": ("review",),
}
HEAVY: Final = (
    "torch",
    "pyannote",
    "faster_whisper",
    "ctranslate2",
    "onnx",
    "onnx_asr",
    "onnxruntime",
    "webrtcvad",
    "pandas",
    "scipy",
    "pymorphy3",
    "av",
    "jiwer",
    "babel",
    "jinja2",
    "xlsxwriter",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module's dotted name below callscore with its syntax tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every imported module's dotted name, also those imported on use."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_knows_only_the_records(stage: str) -> None:
    """A stage imports no other stage, no settings, no command line."""
    allowed = (*COMMON, stage, *EXTRA.get(stage, ()))
    strange = {
        (name, target)
        for name, tree in modules()
        if name.split(".")[0] == stage
        for target in imported(tree)
        if target.startswith("callscore.") and target.split(".")[1] not in allowed
    }
    assert strange == set()


def test_the_records_need_no_stage() -> None:
    """What everybody imports imports nothing but its like."""
    strange = {
        (name, target)
        for name, tree in modules()
        if name in COMMON
        for target in imported(tree)
        if target.startswith("callscore.") and target.split(".")[1] not in COMMON
    }
    assert strange == set()


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_used_by_its_owner_only(library: str) -> None:
    """Each foreign library has one home, so that it can be replaced there."""
    users = {name.split(".")[0] for name, tree in modules() for target in imported(tree) if target.split(".")[0] == library}
    assert users <= set(OWNERS[library])


def test_heavy_libraries_are_imported_on_use() -> None:
    """No module imports a heavy library when it is itself imported."""
    eager = {
        (name, target)
        for name, tree in modules()
        for node in tree.body
        for target in imported(node)
        if not _is_type_checking(node)
        and not isinstance(node, ast.FunctionDef | ast.ClassDef)
        and target.split(".")[0] in HEAVY
    }
    assert eager == set()


def test_help_loads_no_heavy_library() -> None:
    """`callscore --help` and every command's module stay light."""
    code = (
        "import importlib, sys\n"
        "from callscore.cli import COMMANDS\n"
        "[importlib.import_module(module) for module in COMMANDS.values()]\n"
        f"print(sorted(set(sys.modules) & set({HEAVY!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
