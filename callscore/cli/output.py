"""Printing: data to stdout, progress and messages to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console

__all__ = ["message", "print_json", "stderr_console", "stdout_console"]

# Wide enough that nothing is cut where no terminal tells its width.
_PIPE_WIDTH = 200


def stdout_console() -> Console:
    """Return a console for data; plain and wide where stdout is no terminal."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def stderr_console() -> Console:
    """Return a console for progress and messages."""
    return Console(file=sys.stderr, highlight=False)


def print_json(value: Any) -> None:
    """Print `value` as one JSON document, readable Cyrillic, times and paths as text."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def message(text: str) -> None:
    """Print one line for the person at the terminal, to stderr."""
    click.echo(text, err=True)
