"""Run pip and read its settings; nothing is ever installed by it from here."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

__all__ = ["PipError", "default_index", "pip_settings", "run_pip"]

_TIMEOUT_S: Final = 1800
# Later sections win, as in pip: what is set for all commands, for one, in the environment.
_SECTIONS: Final = ("global", "download", "install", ":env:")


class PipError(Exception):
    """pip cannot be run, or failed for the reason in the message."""


def run_pip(*args: str) -> str:
    """Return what pip prints.

    Raises:
        PipError: if it cannot be run or fails; the message is pip's own.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *args]
    # A wide page: pip breaks long words of its help texts otherwise.
    environ = {**os.environ, "COLUMNS": "500"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=environ)  # noqa: S603 - our own pip
    except (OSError, subprocess.SubprocessError) as exc:
        raise PipError(f"pip cannot be run: {exc}") from exc
    if done.returncode:
        raise PipError(_reason(done.stderr))
    return done.stdout


def pip_settings() -> Mapping[str, str]:
    """Return pip's settings, such as "index-url", from its files and the environment; none if pip cannot tell."""
    return _settings(tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("PIP_"))))


def default_index() -> str:
    """Return the index pip uses where none is set; empty if pip does not say."""
    try:
        found = re.search(r"\(default\s+(https?://[^\s)]+)\)", run_pip("download", "--help"))
    except PipError:
        return ""
    return found.group(1) if found else ""


@functools.lru_cache(maxsize=1)
def _settings(environ: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    del environ  # the key of the cache: pip reads it itself
    try:
        return _parse_settings(run_pip("config", "list"))
    except PipError:
        return {}


def _parse_settings(text: str) -> Mapping[str, str]:
    r"""Return name to value of what `pip config list` prints.

    >>> _parse_settings("global.cert='/a.pem'\n:env:.no-index='1'\ndownload.cert='/b.pem'\n")
    {'cert': '/b.pem', 'no-index': '1'}
    """
    lines = re.findall(r"^(\S+?)\.([a-z-]+)=(['\"].*['\"])$", text, flags=re.MULTILINE)
    return {name: str(ast.literal_eval(value)) for section in _SECTIONS for found, name, value in lines if found == section}


def _reason(stderr: str) -> str:
    r"""Return the last line in which pip says what went wrong.

    >>> _reason("WARNING: slow\nERROR: No matching distribution found for x==1\n")
    'No matching distribution found for x==1'
    """
    errors = re.findall(r"^ERROR: (.+)$", stderr, flags=re.MULTILINE)
    lines = errors or stderr.strip().splitlines() or ["pip failed without a word"]
    return str(lines[-1]).strip()
