"""Answers kept by content, a small file each, so that the same words are asked about once; they hold masked words only."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Final

from callscore.judge.answer import answer_text, parse_answer
from callscore.scoring.judging import JudgeAnswer

__all__ = ["AnswerCache"]

_LOG = logging.getLogger(__name__)
MAX_BYTES: Final = 16_384


class AnswerCache:
    """Answers in a folder that nobody else may read. A damaged file is as good as none, and a full disk no failure."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_broken = False

    def get(self, key: str) -> JudgeAnswer | None:
        """Return the answer kept under `key`, if there is a sound one."""
        try:
            with self._path(key).open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            return parse_answer(content.decode()) if len(content) <= MAX_BYTES else None
        except (OSError, ValueError):
            return None

    def put(self, key: str, answer: JudgeAnswer) -> None:
        """Keep an answer; it appears whole or not at all."""
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    stream.write(answer_text(answer))
                Path(name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except (OSError, ValueError) as exc:
            if not self._is_broken:
                _LOG.warning("answers of the language model cannot be kept: %s", type(exc).__name__)
            self._is_broken = True

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
