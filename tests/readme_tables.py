"""The tables of README.md that follow from the code; `python -m tests.readme_tables` writes them anew."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from callscore import errors
from callscore.cli.boundary import EXIT_INTERRUPTED, EXIT_SOME_FAILED
from callscore.config import DEFAULTS_PATH
from callscore.errors import CallError, CallscoreError

README = Path(__file__).resolve().parents[1] / "README.md"


def exit_codes() -> str:
    """Return the table of exit statuses from the error classes."""
    rows = {
        0: "done",
        1: "a bug in callscore: please report it",
        2: "wrong usage",
        EXIT_INTERRUPTED: "interrupted by Ctrl-C or SIGTERM",
    }
    for name in errors.__all__:
        error = getattr(errors, name)
        if not (isinstance(error, type) and issubclass(error, CallscoreError)) or error is CallscoreError:
            continue
        meaning = (error.__doc__ or "").strip().splitlines()[0].rstrip(".")
        rows[error.exit_code] = f"{meaning[0].lower()}{meaning[1:]}" + (
            " (code of a call)" if issubclass(error, CallError) else ""
        )
    rows[EXIT_SOME_FAILED] = "finished, but some calls failed"
    lines = [f"| {code} | {meaning} |" for code, meaning in sorted(rows.items())]
    return "\n".join(["| exit status | meaning |", "| --- | --- |", *lines])


def settings() -> str:
    """Return the table of settings from defaults.toml and its comments."""
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    section = ""
    for line in DEFAULTS_PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif section and (found := re.match(r"(\w+) = (.+?)\s+# (.*)", line)):
            key, value, meaning = found.groups()
            shown = tomllib.loads(f"x = {value}")["x"]
            default = "-" if shown in ("", []) else f"`{shown}`"
            lines.append(f"| `{section}.{key}` | {default} | {meaning} |")
    return "\n".join(lines)


TABLES = {"exit codes": exit_codes, "settings": settings}


def filled(readme: str) -> str:
    """Return the README with every generated table as it must be."""
    for name, table in TABLES.items():
        start = re.search(rf"<!-- {name}[^>]*-->\n", readme)
        if start is not None:
            end = readme.index("<!-- end -->", start.end())
            readme = f"{readme[: start.end()]}{table()}\n{readme[end:]}"
    return readme


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
