"""Who heard which call: a line per access to audio, ids only."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from callscore.errors import StoreError
from callscore.review.viewer import Viewer
from callscore.units import Span

__all__ = ["AccessLog"]


class AccessLog:
    """The file access.jsonl beside the journal; a line is written before the audio is sent."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "access.jsonl"

    def write(self, viewer: Viewer, call_id: str, span: Span | None, what: str) -> None:
        """Add a line: `what` is play, waveform or export; `span` None: all of it.

        Raises:
            StoreError: if it cannot be written: then nobody hears anything.
        """
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "who": viewer.login,
            "role": viewer.role,
            "call_id": call_id,
            "what": what,
            "start_ms": span.start_ms if span else None,
            "end_ms": span.end_ms if span else None,
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # One write to a file opened for appending: lines of two servers never mix.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
            try:
                os.write(descriptor, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
            finally:
                os.close(descriptor)
        except OSError as exc:
            raise StoreError(f"the access log cannot be written: {exc.strerror}", where=str(self._path)) from exc
