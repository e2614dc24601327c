"""Loading: what a good folder gives, and that every mistake is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.errors import RubricError
from callscore.records import Role, Verdict
from callscore.rubric import load_book
from callscore.rubric.schema import Phrase
from tests.rubric.book_files import CALL_TYPES, PHRASES, RUBRIC, write_book


def test_reads_a_rubric(tmp_path: Path) -> None:
    """A rubric file becomes a record with its criteria, windows and phrase sets."""
    book = load_book(write_book(tmp_path))
    (rubric,) = book.rubrics
    (criterion,) = rubric.criteria
    assert (rubric.id, rubric.version, rubric.language) == ("small", 3, "ru")
    assert (criterion.id, criterion.weight, criterion.section) == ("greeting", 2.0, "opening")
    assert isinstance(criterion.check, Phrase)
    assert criterion.check.parts[0].roles == (Role.OPERATOR,)
    assert criterion.check.parts[0].window.first_turns == 2
    assert [example.verdict for example in criterion.examples] == [Verdict.PASS, Verdict.FAIL, Verdict.FAIL]


MISTAKES = {
    "unknown key": ("weight: 2", "wieght: 2", "unknown key 'wieght' in a criterion", 12, "did you mean 'weight'?"),
    "weight too high": ("weight: 2", "weight: 11", "the weight of criterion 'greeting' is 11, it must be 0..10", 12, ""),
    "weight negative": ("weight: 2", "weight: -2", "the weight of criterion 'greeting' is -2, it must be 0..10", 12, ""),
    "weight of a wrong type": ("weight: 2", "weight: much", "the weight of criterion 'greeting' is much", 12, ""),
    "doubled key": ("weight: 2", "weight: 2\n    weight: 3", "key 'weight' stands twice in a criterion", 13, ""),
    "no check": ("phrase: {", "phrases: {", "unknown key 'phrases' in a check", 14, "did you mean 'phrase'?"),
    "judge": ("phrase: {", "judge: {", "unknown key 'any' in judge", 14, "by, context_turns, missing, question, within"),
    "judge alone and critical": (
        "weight: 2\n    check:\n      phrase: {by: operator, any: [$hello], within: {first_turns: 2}}",
        "critical: true\n    check:\n      not: {any_of: [{judge: {by: operator, question: {ru: Да?, en: Yes?}}}]}",
        "the critical criterion 'greeting' rests on a language model alone",
        14,
        "any_of or all_of",
    ),
    "unknown set": ("$hello", "$helo", "phrase set 'helo' does not exist for language 'ru'", 14, "did you mean '$hello'?"),
    "unknown role": ("by: operator", "by: agent", "by is 'agent', which is not known", 14, "operator"),
    "unknown section": ("section: opening", "section: opning", "section is 'opning'", 10, "did you mean 'opening'?"),
    "empty window": ("within: {first_turns: 2}", "within: {}", "within must name at least one limit", 14, ""),
    "window of no turns": ("first_turns: 2", "first_turns: 0", "first_turns is '0', it must be a whole number", 14, ""),
    "window from both ends": ("first_turns: 2", "first_turns: 2, last_turns: 2", "not from both", 14, ""),
    "bad id": ("id: greeting", "id: Gr eeting", "the criterion's id is 'Gr eeting'", 9, ""),
    "format missing": ("format: 1\n", "", "the file lacks the key 'format'", 1, "format: 1"),
    "format of the future": ("format: 1\n", "format: 2\n", "format 2 is not known", 1, "update callscore"),
    "version of a wrong type": ("version: 3", "version: three", "version is 'three'", 3, ""),
    "unknown language": ("language: ru", "language: fr", "language is 'fr'", 4, "one of: ru, en"),
    "anchor": ("weight: 2", "weight: &w 2", "anchors and aliases are not allowed", 12, ""),
    "broken YAML": ("weight: 2", "weight: [2", "the YAML cannot be read", 13, ""),
    "bad phrase": ("[$hello]", "['(да|нет']", "phrase", 14, ""),
    "bad example": ("- pass: |", "- passed: |", "unknown key 'passed' in an example", 16, "did you mean 'pass'?"),
    "unknown base": (
        "version: 3",
        "extends: smal\nversion: 3",
        "extends 'smal', which does not exist",
        1,
        "did you mean 'small'?",
    ),
    "circle": ("version: 3", "extends: small\nversion: 3", "extend each other in a circle", 1, ""),
    "nothing to score": ("weight: 2", "weight: 0", "has only criteria of weight 0", 1, ""),
    "a list for a mapping": ("title: {ru: Малая, en: Small}", "title: [Малая]", "title must be a mapping", 5, ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, name: str) -> None:
    """Each wrong shape gives one message with file, line and, where one is near, the right word."""
    old, new, message, line, hint = MISTAKES[name]
    assert old in RUBRIC
    folder = write_book(tmp_path, RUBRIC.replace(old, new, 1))
    with pytest.raises(RubricError) as caught:
        load_book(folder)
    assert message in caught.value.message
    assert caught.value.where.endswith(f"small.yaml:{line}")
    assert hint in caught.value.hint
    assert caught.value.exit_code == 4


def test_doubled_criterion(tmp_path: Path) -> None:
    """Two criteria of one id in a file are a mistake, not an override."""
    half = RUBRIC[RUBRIC.index("  - id: greeting") :]
    with pytest.raises(RubricError, match="criterion 'greeting' stands twice"):
        load_book(write_book(tmp_path, RUBRIC + half))


def test_doubled_rubric(tmp_path: Path) -> None:
    """Two files may not define the same rubric."""
    write_book(tmp_path)
    (tmp_path / "other.yaml").write_text(RUBRIC, encoding="utf-8")
    with pytest.raises(RubricError, match="already defined in"):
        load_book(tmp_path)


def test_doubled_phrase_set(tmp_path: Path) -> None:
    """A phrase set may be defined once per language."""
    write_book(tmp_path)
    (tmp_path / "phrases" / "second.yaml").write_text(PHRASES, encoding="utf-8")
    with pytest.raises(RubricError, match=r"phrase set '(hello|bye)' is already defined"):
        load_book(tmp_path)


def test_unknown_call_type(tmp_path: Path) -> None:
    """A condition may only name call types of call_types.yaml, by id or alias."""
    text = RUBRIC.replace("weight: 2", "weight: 2\n    applies_when: {call_type: sail}")
    with pytest.raises(RubricError, match="call type is 'sail'") as caught:
        load_book(write_book(tmp_path, text))
    assert caught.value.hint == "did you mean 'sale'?"


def test_doubled_alias(tmp_path: Path) -> None:
    """An alias belongs to one call type."""
    with pytest.raises(RubricError, match="the name 'inbound' already belongs to call type 'sale'"):
        load_book(write_book(tmp_path, call_types=CALL_TYPES.replace("id: complaint", "id: inbound")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("- 1\n- 2\n", "a rubric must be a mapping"),
        ("{" * 30 + "}" * 30, "nested deeper than 24 levels"),
        ("a: &x [1]\nb: [*x, *x]\n", "anchors and aliases are not allowed"),
        (
            "!!python/object/apply:os.system ['true']\n",
            "YAML tags such as 'tag:yaml.org,2002:python/object/apply:os.system' are not",
        ),
    ],
)
def test_hostile_files(tmp_path: Path, text: str, message: str) -> None:
    """Bombs, tags and nonsense are refused with a message, nothing is executed or expanded."""
    with pytest.raises(RubricError, match=message):
        load_book(write_book(tmp_path, text))


def test_long_file(tmp_path: Path) -> None:
    """A file of several megabytes is refused before it is read."""
    with pytest.raises(RubricError, match="longer than 2 MB"):
        load_book(write_book(tmp_path, RUBRIC + "# " + "x" * 2_100_000))


def test_file_that_is_no_text(tmp_path: Path) -> None:
    """A file in another encoding is named, with what to do."""
    write_book(tmp_path)
    (tmp_path / "small.yaml").write_bytes("title: Продажа".encode("cp1251"))
    with pytest.raises(RubricError, match="not UTF-8") as caught:
        load_book(tmp_path)
    assert caught.value.hint == "save it as UTF-8"


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is an error with a hint."""
    with pytest.raises(RubricError, match="does not exist"):
        load_book(tmp_path / "nowhere")


def test_extends_replaces_and_leaves_out(tmp_path: Path) -> None:
    """A rubric takes its base's criteria, replaces those of the same id, drops those named in `without`."""
    more = """
  - id: farewell
    title: {ru: Прощание, en: Farewell}
    check:
      phrase: {by: operator, any: [$bye]}
"""
    write_book(tmp_path, RUBRIC + more)
    own = """\
format: 1
id: own
version: 1
language: ru
title: {ru: Своя, en: Own}
extends: small
without: [farewell]
criteria:
  - id: greeting
    title: {ru: Приветствие, en: Greeting}
    weight: 5
    check:
      phrase: {by: operator, any: [привет]}
"""
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    rubric = next(r for r in load_book(tmp_path).rubrics if r.id == "own")
    assert [(c.id, c.weight) for c in rubric.criteria] == [("greeting", 5.0)]


def test_hash_covers_phrases_but_not_comments(tmp_path: Path) -> None:
    """A changed phrase of a used set changes the rubric's hash; a comment or another set does not."""
    first = load_book(write_book(tmp_path)).rubrics[0].sha256
    commented = load_book(write_book(tmp_path, "# a comment\n" + RUBRIC)).rubrics[0].sha256
    other_set = load_book(write_book(tmp_path, phrases=PHRASES.replace("до свидания", "пока"))).rubrics[0].sha256
    changed = load_book(write_book(tmp_path, phrases=PHRASES.replace("добрый день", "добрый вечер"))).rubrics[0].sha256
    assert first == commented == other_set
    assert changed != first


def test_book_hash_covers_call_types(tmp_path: Path) -> None:
    """What tells call types apart decides verdicts, so it belongs to the book's hash."""
    first = load_book(write_book(tmp_path)).sha256
    changed = load_book(write_book(tmp_path, call_types=CALL_TYPES.replace("weight: 3.0", "weight: 4.0"))).sha256
    assert first != changed


def test_extra_file_replaces_its_namesake(tmp_path: Path) -> None:
    """A rubric given by hand takes the place of the one of the same id and is marked."""
    folder = write_book(tmp_path / "book")
    extra = tmp_path / "mine.yaml"
    extra.write_text(RUBRIC.replace("version: 3", "version: 4"), encoding="utf-8")
    (rubric,) = load_book(folder, extra).rubrics
    assert (rubric.version, rubric.extra) == (4, True)
