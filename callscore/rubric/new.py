"""The text of a first rubric of one's own: small, commented, working. Pure; reads and writes no file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_BASES", "NewRubric", "rubric_text"]

DEFAULT_BASES: Final = {"ru": "core_ru", "en": "english"}
"""What a new rubric extends if nothing else is asked for and the folder holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRubric:
    """What a rubric file is made of. `base` is the rubric it extends, empty for none; `schema` the schema for editors."""

    id: str
    language: str
    title: str
    base: str
    schema: str


_RUSSIAN: Final = """\
# yaml-language-server: $schema={schema}
# Проверьте файл после каждой правки: callscore rubric check, затем callscore rubric test. Формат описан в rubrics/README.md.
format: 1
id: {id}
version: 1                     # увеличьте, когда меняется смысл: у старых оценок останется прежняя версия
language: ru
title: {{ru: {title}, en: {title}}}
{extends}# К каким звонкам: назовите свою очередь, линию (lines), типы звонков (call_types) или направление (direction).
applies_to: {{queues: [{id}]}}
sections:
  - {{id: own, title: {{ru: Свои критерии, en: Own criteria}}}}
criteria:
  - id: related_product
    section: own
    title: {{ru: Предложил сопутствующий товар, en: Offers a related product}}
    weight: 2                  # от 0 до 10 баллов
    critical: false            # true: провал обнуляет всю оценку
    applies_when:              # иначе критерий не засчитывается: повода не было
      said: {{by: client, any: [(беру|возьму|берём|возьмём), (оформляйте|оформляем|оформите|оформим)]}}
    check:
      phrase:
        by: operator           # operator, client, system (автоинформатор) или anyone
        any:                   # достаточно одной фразы; формы слов и оговорки распознавания подбираются сами
          - (к нему|к ней|к ним|к этому) ... (берут|подойдёт|понадобится|пригодится|предлагаем)
          - (добавить|добавим|положить|положим) ... (чехол|плёнку|батарейки|средство|запасной)
          - (вместе|в комплекте) ... (выгоднее|дешевле|берут)
        except: [не понадобится]
    reasons:                   # первое предложение объяснения
      fail: Клиент решил купить, а сопутствующий товар ему не предложили.
      na: До покупки не дошло.
    examples:                  # проверка самого критерия: O оператор, C клиент, S автоинформатор
      - pass: |
          C: Хорошо, беру этот чайник.
          O: К нему часто берут средство от накипи, добавить?
          C: Нет, спасибо.
      - pass: |
          C: Да, оформляйте.
          O: Положим вам запасной фильтр?
          C: Давайте.
      - fail: |
          C: Хорошо, беру этот чайник.
          O: Записала, завтра привезём.
      - na: |
          C: А чайники у вас есть?
          O: Сейчас нет ни одного.
"""

_ENGLISH: Final = """\
# yaml-language-server: $schema={schema}
# After each change: callscore rubric check, then callscore rubric test. The format is explained in rubrics/README.md.
format: 1
id: {id}
version: 1                     # raise it when the meaning changes: earlier verdicts keep theirs
language: en
title: {{ru: {title}, en: {title}}}
{extends}# Which calls it is for. Name your own queue, line (lines), call types (call_types) or direction.
applies_to: {{queues: [{id}]}}
sections:
  - {{id: own, title: {{ru: Свои критерии, en: Own criteria}}}}
criteria:
  - id: related_product
    section: own
    title: {{ru: Предложил сопутствующий товар, en: Offers a related product}}
    weight: 2                  # 0 to 10 points
    critical: false            # true: a fail makes the whole score 0
    applies_when:              # else the verdict is na: it did not arise
      said: {{by: client, any: ["(I'll|I will) (take|have|buy) <any>", (order|book) (it|one) please]}}
    check:
      phrase:
        by: operator           # operator, client, system (recorded prompts) or anyone
        any:                   # one phrase is enough; forms of words and misheard ones are found as well
          - (goes|go) (well|nicely) with
          - (would you like|do you need|shall I add) ... (case|cover|batteries|cleaner|spare)
          - (most people|many customers) ... (add|take|buy)
        except: [you won't need]
    reasons:                   # the first sentence of the explanation
      fail: The client decided to buy and was offered nothing that goes with it.
      na: The client did not decide to buy.
    examples:                  # tests of the criterion itself: O operator, C client, S recorded prompt
      - pass: |
          C: Fine, I'll take it.
          O: Would you like a spare filter as well?
          C: No, thanks.
      - pass: |
          C: Good, I will take two.
          O: Most people add a cleaner.
          C: All right.
      - fail: |
          C: Fine, I'll take it.
          O: I have noted that.
      - na: |
          C: Do you have kettles?
          O: None at the moment.
"""


def rubric_text(new: NewRubric) -> str:
    """Return the file for `new`: what it extends, and one criterion of its own with examples.

    >>> print(rubric_text(NewRubric(id="lamps", language="en", title="Lamps", base="english", schema="s.json")).splitlines()[3])
    id: lamps
    """
    note = {
        "ru": "# Критерии основы; критерий с тем же id заменяет её критерий, without: [...] убирает лишние.\n",
        "en": "# Its criteria are taken over; one with the same id replaces it, without: [...] leaves some out.\n",
    }[new.language]
    return {"ru": _RUSSIAN, "en": _ENGLISH}[new.language].format(
        id=new.id,
        title=json.dumps(new.title, ensure_ascii=False),  # a JSON text is a YAML text
        extends=f"{note}extends: {new.base}\n" if new.base else "",
        schema=new.schema,
    )
