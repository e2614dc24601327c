"""Writes small rubric folders for tests."""

from __future__ import annotations

from pathlib import Path

CALL_TYPES = """\
format: 1
types:
  - id: sale
    title: {ru: Продажа, en: Sale}
    aliases: [inbound]
    direction: inbound
    cues:
      ru:
        - {by: client, any: [хочу купить], weight: 2.0}
  - id: complaint
    title: {ru: Жалоба, en: Complaint}
    direction: inbound
    queues: {claims: 3.0}
    cues:
      ru:
        - {by: client, any: [жалоба], weight: 3.0}
"""

PHRASES = """\
format: 1
language: ru
sets:
  hello:
    phrases: [здравствуйте, добрый день]
  bye:
    phrases: [до свидания]
    except: [всего лишь]
"""

RUBRIC = """\
format: 1
id: small
version: 3
language: ru
title: {ru: Малая, en: Small}
sections:
  - {id: opening, title: {ru: Начало, en: Opening}}
criteria:
  - id: greeting
    section: opening
    title: {ru: Приветствие, en: Greeting}
    weight: 2
    check:
      phrase: {by: operator, any: [$hello], within: {first_turns: 2}}
    examples:
      - pass: |
          O: Добрый день.
      - fail: |
          O: Алло.
      - fail: |
          O: Слушаю.
"""


def write_book(folder: Path, rubric: str = RUBRIC, phrases: str = PHRASES, call_types: str = CALL_TYPES) -> Path:
    """Write a folder of rubrics and return it."""
    (folder / "phrases").mkdir(parents=True, exist_ok=True)
    (folder / "phrases" / "own.yaml").write_text(phrases, encoding="utf-8")
    (folder / "call_types.yaml").write_text(call_types, encoding="utf-8")
    (folder / "small.yaml").write_text(rubric, encoding="utf-8")
    return folder
