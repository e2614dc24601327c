"""Where errors become messages and exit codes; the only place that catches CallscoreError."""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from typing import Final

import click

from callscore.errors import CallscoreError

__all__ = ["EXIT_INTERRUPTED", "EXIT_SOME_FAILED", "format_error", "run_command"]

EXIT_SOME_FAILED: Final = 20
EXIT_INTERRUPTED: Final = 130


def format_error(error: CallscoreError) -> str:
    """Return what, where and what to do, one line each.

    >>> print(format_error(CallscoreError("no such file", where="a.wav", hint="check the path")))
    error: no such file
      at:  a.wav
      try: check the path
    """
    lines = [f"error: {error.message}"]
    if error.where:
        lines.append(f"  at:  {error.where}")
    if error.hint:
        lines.append(f"  try: {error.hint}")
    return "\n".join(lines)


def run_command(cli: click.Group) -> None:
    """Run `cli` with sys.argv and exit; a traceback is shown only for bugs and with --debug."""
    debug = "--debug" in sys.argv
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except CallscoreError as error:
        if debug:
            traceback.print_exc()
        click.echo(format_error(error), err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output left, as `| head` does; Python must not complain while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except Exception:  # noqa: BLE001 - the last line of defence: a bug is named as one
        traceback.print_exc()
        click.echo("this is a bug in callscore: please report it with the lines above (they hold no call content)", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
