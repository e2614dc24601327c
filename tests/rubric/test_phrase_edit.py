"""Adding phrases to a file that a person wrote."""

from __future__ import annotations

import pytest
import yaml

from callscore.errors import RubricError
from callscore.rubric.phrase_edit import add_phrases

BLOCK = """\
# Own phrases
format: 1
language: ru
sets:
  hello:
    note: Приветствие
    phrases:
      - здравствуйте   # по-русски
      - 'добрый день'
    except:
      - до свидания
  bye:
    phrases: [до свидания, "всего доброго"]
"""


def phrases(text: str, name: str) -> list[str]:
    """Return the phrases of a set."""
    found: list[str] = yaml.safe_load(text)["sets"][name]["phrases"]
    return found


@pytest.mark.parametrize(
    "phrase", ["рада: приветствовать", "# нет", "'", '"', "да", "null", "[x", "a\nb", "- x", "!!python/object:os.system", "{x}"]
)
def test_any_signs_are_kept_as_text(phrase: str) -> None:
    """Whatever a phrase holds, the file reads back as that phrase and nothing else."""
    for name in ("hello", "bye"):
        new = add_phrases(BLOCK, name, [phrase])
        assert phrases(new, name) == [*phrases(BLOCK, name), phrase]


def test_comments_and_layout_stay() -> None:
    """Only a line is added."""
    new = add_phrases(BLOCK, "hello", ["рада вам", "рад вам"])
    added = [line for line in new.splitlines() if line not in BLOCK.splitlines()]
    assert added == ["      - 'рада вам'", "      - 'рад вам'"]
    assert new.replace("      - 'рада вам'\n      - 'рад вам'\n", "") == BLOCK


@pytest.mark.parametrize(
    "text",
    [
        "sets:\n  hello:\n    phrases:\n    - привет",
        "sets:\n  hello:\n    phrases:\n    - привет\n\n\n# end\n",
        "sets:\n  hello:\n    phrases:\n    - >\n      добрый\n      день\n  bye: {phrases: [пока]}\n",
        "sets:\n  hello:\n    phrases:\n    - добрый\n      день\n",
        "sets: {hello: {phrases: [привет]}}\n",
    ],
)
def test_lists_in_other_hands(text: str) -> None:
    """Without a last line break, with comments after it, with texts over several lines, in brackets."""
    assert phrases(add_phrases(text, "hello", ["рада вам"]), "hello")[-1] == "рада вам"


@pytest.mark.parametrize("text", ["sets: {}\n", "- a\n", "a: [\n", "sets:\n  hello:\n    phrases: []\n", ""])
def test_what_cannot_be_added_to_is_refused(text: str) -> None:
    """No set of that name, no phrases, no YAML: an error in words."""
    with pytest.raises(RubricError):
        add_phrases(text, "hello", ["рада вам"])
