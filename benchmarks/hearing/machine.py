"""What the figures were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import psutil

__all__ = ["describe_machine", "gpu_name", "machine_line"]

_PACKAGES: Final = ("callscore", "faster-whisper", "ctranslate2", "whisperx", "whisper-ctranslate2", "onnxruntime", "torch")


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, memory in bytes, GPU, Python and the versions of what recognises speech here."""
    return {
        "cpu": _cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "gpu": gpu_name(),
        "python": platform.python_version(),
        "versions": {name: version for name in _PACKAGES if (version := _version(name))},
        "threads_set_outside": {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")},
    }


def machine_line(facts: dict[str, Any]) -> str:
    """Return the machine and the versions in one line."""
    gpu = f", {facts['gpu']}" if facts["gpu"] else ""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    memory = f"{facts['memory_bytes'] / 1e9:.0f} GB"
    return f"{facts['cpu']}, {facts['cores']} cores, {memory}{gpu}; Python {facts['python']}, {versions}"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def gpu_name() -> str:
    """Return the name of the first NVIDIA GPU, empty if there is none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ""
    done = subprocess.run(  # noqa: S603 - a fixed command
        [command, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ""
