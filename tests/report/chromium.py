"""A headless Chromium for tests, where the machine has one; `python -m tests.report.chromium PAGE` makes pictures."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PICTURES = Path(__file__).resolve().parents[1] / "screenshots"
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--lang=ru",
    # The browser itself must not look for its maker either.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class Visit:
    """What a page looked like after its scripts ran, and what the browser logged."""

    dom: str
    log: str

    @property
    def console(self) -> list[str]:
        """What the page itself wrote to the console, errors of its policy among it."""
        return [line for line in self.log.splitlines() if ":CONSOLE" in line]


def visit(page: Path, *options: str, size: tuple[int, int] = (1200, 900)) -> Visit:
    """Open a page and return what became of it."""
    done = _run(page, "--enable-logging=stderr", "--v=0", "--dump-dom", *options, size=size)
    return Visit(done.stdout, done.stderr)


def picture(page: Path, target: Path, *options: str, size: tuple[int, int]) -> None:
    """Save what a page looks like as PNG."""
    _run(page, f"--screenshot={target}", *options, size=size)


def _run(page: Path, *options: str, size: tuple[int, int]) -> subprocess.CompletedProcess[str]:
    assert BINARY is not None
    with tempfile.TemporaryDirectory() as profile:
        command = [BINARY, *_QUIET, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", *options, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, scheme in (("light", 1), ("dark", 0)):
        preferred = f"--blink-settings=preferredColorScheme={scheme}"
        picture(Path(sys.argv[1]).absolute(), PICTURES / f"operators-{name}.png", preferred, size=(1120, 820))
