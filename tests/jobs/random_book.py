"""A folder of rubrics that is edited at random, as people edit theirs, and calls that such rubrics are for."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from callscore.records import CallResult, Dialogue, SecondListen, Word
from tests.builders import dialogue
from tests.jobs.small_archive import stored

WORDS = (
    "здравствуйте", "добрый день", "добрый нюгг", "магазин", "хочу купить", "жалоба", "дорого", "очень дороги", "зато гарантия",
    "скидка", "я подумаю", "до свидания", "до свиданя", "алло", "да", "угу", "всего лишь", "Анна", "меня зовут Ольга", "диван",
    "перезвоню", "дурак", "спасибо за ожидание", "минуту", "рублей", "двести",
)  # fmt: skip
MORE = ("приветствую", "будьте здоровы", "доброго дня", "угу", "да", "диван", "двести рублей", "подумаю", "обожди", "ольга")
SAID = {"by": "operator", "any": ["$hello"]}


class RandomBook:
    """The folder and what is in it; every edit is written at once."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self.scoring_version = 100
        self._thresholds: dict[str, float] = {}
        self._cue = 2.0
        self._sets = {
            "hello": ["здравствуйте", "добрый день"],
            "bye": ["до свидания", "всего доброго"],
            "dear": ["дорого", "скидка"],
            "answer": ["гарантия", "зато"],
            "rude": ["дурак"],
            "own": ["меня зовут <имя>"],
            "money": ["<число> рублей"],
        }
        self._criteria: dict[str, dict[str, Any]] = {
            "greeting": {"check": {"phrase": {**SAID, "within": {"first_turns": 2}}}, "critical": True},
            "farewell": {"check": {"phrase": {"by": "operator", "any": ["$bye"], "except": ["всего лишь"]}}},
            "objection": {
                "check": {
                    "exchange": {
                        "when": {"by": "client", "any": ["$dear"]},
                        "then": {"by": "operator", "any": ["$answer", "$money"], "within_turns": 2},
                        "unclear": {"words": 2, "except": ["$bye"]},
                    }
                },
                "applies_when": {"call_type": ["sale"]},
                "reasons": {"na": "Клиент не возражал."},
            },
            "polite": {"check": {"absence": {"by": "operator", "any": ["$rude"]}}, "weight": 3},
            "name": {"check": {"name": {"of": "operator", "frames": ["$own"], "fillers": ["$hello"]}}},
            "company": {"check": {"name": {"of": "company", "frames": ["магазин"], "fillers": ["$hello"]}}},
            "client": {"check": {"name": {"of": "client"}}, "applies_when": {"not": {"call_type": "complaint"}}},
            "talks": {"check": {"metric": {"name": "n_operator_turns", "at_least": 2}}},
            "manual": {"check": {"manual": {"question": {"ru": "Вежлив?", "en": "Polite?"}}}},
            "steps": {"check": {"sequence": {"steps": [SAID, {"by": "operator", "any": ["$bye"]}]}}},
            "mixed": {
                "check": {"any_of": [{"phrase": {"by": "anyone", "any": ["$money"]}}, {"not": {"absence": SAID}}]},
                "applies_when": {"said": {"by": "client", "any": ["$dear"]}},
            },
        }  # fmt: skip
        self._away: dict[str, dict[str, Any]] = {"bye_client": {"check": {"phrase": {"by": "client", "any": ["$bye"]}}}}
        self._second: dict[str, Any] = {"call_types": ["complaint"]}
        self._version = 1
        self._write()

    def edit(self) -> str:
        """Change one thing, or two, and return what."""
        edits = [
            self._edit_set, self._edit_set, self._weigh, self._importance, self._take, self._put, self._renumber,
            self._retarget, self._doubt, self._types, self._program, self._retitle, self._widen, self._answer,
        ]  # fmt: skip
        made = [f"{edit.__name__}: {edit()}" for edit in self._random.sample(edits, self._random.choice((1, 1, 2)))]
        self._write()
        return "; ".join(made)

    def _edit_set(self) -> object:
        name = self._random.choice(sorted(self._sets))
        phrases = self._sets[name]
        if len(phrases) > 1 and self._random.random() < 0.4:
            return name, phrases.pop(self._random.randrange(len(phrases)))
        phrases.append(self._random.choice(MORE))
        return name, phrases[-1]

    def _weigh(self) -> object:
        return self._change("weight", self._random.choice((0.5, 1, 2, 7)))

    def _importance(self) -> object:
        return self._change("critical", self._random.random() < 0.5)

    def _answer(self) -> object:
        return self._change("reasons", {"fail": self._random.choice(("Не сказано.", "Этого не было."))})

    def _change(self, key: str, value: object) -> object:
        name = self._random.choice(sorted(self._criteria))
        self._criteria[name] = {**self._criteria[name], key: value}
        return name, key, value

    def _take(self) -> object:
        name = self._random.choice(sorted(set(self._criteria) - {"greeting"}))
        self._away[name] = self._criteria.pop(name)
        return name

    def _put(self) -> object:
        name = self._random.choice(sorted(self._away) or [""])
        if name:
            self._criteria[name] = self._away.pop(name)
        return name

    def _renumber(self) -> object:
        self._version += 1
        return self._version

    def _retarget(self) -> object:
        self._second = self._random.choice(
            ({}, {"call_types": ["sale"]}, {"call_types": ["complaint"]}, {"queues": ["claims"]})
        )
        return self._second

    def _doubt(self) -> object:
        name = self._random.choice(("match_sure", "word_sure", "weak_frac", "type_sure"))
        self._thresholds = {name: self._random.choice((0.76, 0.9))}
        return self._thresholds

    def _types(self) -> object:
        self._cue = self._random.choice((0.3, 1.0, 2.5))
        return self._cue

    def _program(self) -> object:
        self.scoring_version += 1
        return self.scoring_version

    def _retitle(self) -> object:
        return self._change("title", {"ru": f"Критерий {self._random.random()}", "en": "Criterion"})

    def _widen(self) -> object:
        turns = self._random.choice((1, 2, 3))
        self._criteria["greeting"] = {
            **self._criteria["greeting"],
            "check": {"phrase": {**SAID, "within": {"first_turns": turns}}},
        }
        return turns

    def _write(self) -> None:
        kinds = [
            {"id": "sale", "title": {"ru": "Продажа", "en": "Sale"}, "cues": {"ru": [self._cue_of("хочу купить", self._cue)]}},
            {"id": "complaint", "title": {"ru": "Жалоба", "en": "Complaint"}, "cues": {"ru": [self._cue_of("жалоба", 2.0)]}},
        ]
        head = {"format": 1, "language": "ru", "title": {"ru": "Р", "en": "R"}}
        criteria = [{"id": name, "title": {"ru": name, "en": name}, **item} for name, item in self._criteria.items()]
        second = {**head, "id": "second", "version": 1, "extends": "first", "applies_to": self._second}
        if not self._second:
            del second["applies_to"]
        files = {
            "phrases/own.yaml": {
                "format": 1, "language": "ru", "sets": {name: {"phrases": phrases} for name, phrases in self._sets.items()},
            },
            "call_types.yaml": {"format": 1, "types": kinds},
            "first.yaml": {**head, "id": "first", "version": self._version, "criteria": criteria},
            "second.yaml": {**second, "criteria": [{**criteria[0], "weight": 4}]},
            "thresholds.yaml": {"format": 1, "origin": "test", "values": self._thresholds},
        }  # fmt: skip
        for name, content in files.items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def _cue_of(phrase: str, weight: float) -> dict[str, object]:
        return {"by": "client", "any": [phrase], "weight": weight}


def random_calls(n_calls: int, seed: int) -> list[CallResult]:
    """Return calls of up to eight turns, some heard badly, some with places that were heard again."""
    rng = random.Random(seed)
    return [stored(number, _said(rng)) for number in range(n_calls)]


def _said(rng: random.Random) -> Dialogue:
    lines = [" ".join(rng.choices(WORDS, k=rng.randrange(1, 6))) for _ in range(rng.randrange(9))]
    said = dialogue(*(f"{'OC'[n % 2]} {n * 3000}-{n * 3000 + 2500} {text}" for n, text in enumerate(lines)), duration_ms=30_000)
    least = rng.choice((0.2, 0.9))
    turns = tuple(
        replace(turn, words=tuple(replace(word, prob=rng.uniform(least, 1.0)) for word in turn.words)) for turn in said.turns
    )
    said = replace(said, turns=turns)
    if not turns or rng.random() < 0.5:
        return said
    words = tuple(replace(word, text=text, prob=0.9) for word, text in zip(turns[0].words, _again(rng), strict=False))
    return replace(said, second=(_listen(turns[0].role, said, words),))


def _again(rng: random.Random) -> list[str]:
    return " ".join(rng.choices(WORDS, k=3)).split()


def _listen(role: Any, said: Dialogue, words: tuple[Word, ...]) -> SecondListen:
    return SecondListen(
        role=role, channel=said.turns[0].channel, span=said.turns[0].span, words=words, is_hinted=False, model="m"
    )
