"""A folder of rubrics that uses every key of every file, for tests that try each of them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FILES", "write_full"]

RUBRIC = """\
format: 1
id: full
version: 1
language: ru
title: {ru: Полная, en: Full}
extends: base
without: [leave_out]
abstract: false
applies_to: {direction: inbound, call_types: [sale, complaint], queues: [info], lines: ['74950001122']}
sections:
  - {id: talk, title: {ru: Разговор, en: Talk}}
criteria:
  - id: said
    section: talk
    title: {ru: Сказано, en: Said}
    weight: 2
    critical: true
    applies_when:
      call_type: [sale, inbound]
      direction: inbound
      event: hold
      flag: cut_off
      said: {by: client, any: [беру], except: [не беру], within: {last_turns: 3}, question: false}
      not: [{flag: no_answer}, {event: ring}]
    check:
      phrase: {by: [operator, system], any: [$hello, алло], except: [$bye], within: {first_turns: 2}, question: true}
    reasons: {pass: Есть., fail: Нет., na: Не нужно.}
    examples:
      - {pass: 'O: Добрый день?', call_type: sale}
      - {fail: 'O: Говорите.', call_type: [sale]}
      - {na: 'C: Алло.'}
      - {unsure: 'C: Алло.'}
  - id: combined
    title: {ru: Всё вместе, en: All together}
    check:
      any_of:
        - phrase: {by: anyone, all: [[беру], хорошо], except: [нет], within: {first_s: 30, until_client_turn: 2, after: ring}}
        - absence: {by: operator, any: [нет], within: {last_s: 60, before: hold}}
        - exchange:
            when: {by: client, any: [дорого]}
            then: {by: operator, any: [скидка], except: [без скидки], within_turns: 3}
            every: false
            missing: fail
            echo: true
            unclear: {words: 8, except: [не знаю]}
        - sequence: {around: hold, before: {by: operator, any: [минуту]}, after: {by: operator, any: [спасибо]}, turns: 2}
        - sequence: {steps: [{by: operator, any: [раз]}, {by: client, any: [два]}]}
        - metric: {name: longest_silence_ms, at_least: 0, below: 15000, grey: 100}
        - event: {kind: transfer, at_least: 1, at_most: 2}
        - name: {of: operator, frames: [меня зовут <имя>], fillers: [алло], within: {first_turns: 2}}
        - all_of:
            - not: {manual: {question: {ru: 'Вежлив?', en: 'Polite?'}}}
        - judge: {question: {ru: 'Помог?', en: 'Helped?'}, by: client, within: {last_s: 9}, context_turns: 1, missing: na}
"""
BASE = """\
format: 1
id: base
version: 1
language: ru
abstract: true
title: {ru: Основа, en: Base}
criteria:
  - {id: leave_out, title: {ru: Лишний, en: Extra}, check: {event: {kind: hold, at_most: 0}}}
"""
PHRASES = """\
format: 1
language: ru
sets:
  hello:
    note: Приветствие
    phrases: [здравствуйте, добрый день]
    except: [всего доброго]
  bye:
    phrases: [до свидания]
"""
CALL_TYPES = """\
format: 1
types:
  - id: sale
    title: {ru: Продажа, en: Sale}
    aliases: [inbound]
    direction: inbound
    prior: 1.0
    queues: {sales: 1.0}
    lines: {'74950001122': 0.5}
    cues:
      ru: [{by: client, any: [хочу купить], except: [не хочу], within: {first_turns: 2}, weight: 2.0}]
      en: [{by: client, any: [want to buy], weight: 2.0}]
    structure: [{turns_of: client, at_most: 0, weight: 8.0}]
  - {id: complaint, title: {ru: Жалоба, en: Complaint}}
"""
THRESHOLDS = """\
format: 1
origin: tests
values: {match_sure: 0.8, match_grey: 0.75, long_word: 9, lost_ms: 1500}
"""
ROLE_CUES = """\
format: 1
cues:
  ru:
    operator: [{weight: 2, direction: inbound, place: opening, phrases: [чем помочь]}]
"""
FILES = {
    "full.yaml": RUBRIC,
    "base.yaml": BASE,
    "call_types.yaml": CALL_TYPES,
    "thresholds.yaml": THRESHOLDS,
    "phrases/own.yaml": PHRASES,
    "phrases/role_cues.yaml": ROLE_CUES,
}


def write_full(folder: Path) -> Path:
    """Write the folder and return it."""
    (folder / "phrases").mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
