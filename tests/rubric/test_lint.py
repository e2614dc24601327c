"""Remarks on rubrics that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callscore.rubric import load_book
from callscore.rubric.lint import find_remarks
from tests.rubric.book_files import CALL_TYPES, PHRASES, RUBRIC, write_book

ROOT = Path(__file__).resolve().parents[2]
CHECK = "phrase: {by: operator, any: [$hello], within: {first_turns: 2}}"
SECOND = """
  - id: second
    title: {ru: Второй, en: Second}
    check:
      event: {kind: hold, at_most: 3}
    examples:
      - pass: 'O: Добрый день.'
      - fail: 'O: Алло.'
      - na: 'O: Слушаю.'
"""


def messages(folder: Path) -> list[str]:
    """Return the texts of the remarks on a folder; each has a file and a line, but for those on the folder as a whole."""
    remarks = find_remarks(load_book(folder))
    assert all(re.search(r"\.yaml(:\d+)?$", remark.where) or remark.where == str(folder) for remark in remarks)
    return [remark.message for remark in remarks]


def on_criterion(folder: Path, condition: str = "", check: str = CHECK) -> list[str]:
    """Return the remarks on the small rubric with another condition or check for its criterion."""
    text = RUBRIC.replace(CHECK, check)
    if condition:
        text = text.replace("weight: 2", f"weight: 2\n    applies_when: {condition}")
    return messages(write_book(folder, text))


def on_phrases(folder: Path, *lines: str, exceptions: str = "") -> list[str]:
    """Return the remarks on a set of these phrases, which the small rubric looks for."""
    listed = "".join(f"      - {line}\n" for line in lines)
    phrases = PHRASES.replace("    phrases: [здравствуйте, добрый день]\n", f"    phrases:\n{listed}{exceptions}")
    return messages(write_book(folder, phrases=phrases))


def test_shipped_criteria_have_examples() -> None:
    """Each criterion of each shipped rubric, the English one included, has three examples, a pass and a fail among them."""
    for rubric in load_book(ROOT / "rubrics").rubrics:
        for criterion in rubric.criteria:
            verdicts = [str(example.verdict) for example in criterion.examples]
            assert len(verdicts) >= 3, (rubric.id, criterion.id)
            assert {"pass", "fail"} <= set(verdicts), (rubric.id, criterion.id)


def test_criterion_without_examples(tmp_path: Path) -> None:
    """A criterion that nothing tests is worth a remark with its line."""
    text = RUBRIC[: RUBRIC.index("    examples:")]
    (remark,) = find_remarks(load_book(write_book(tmp_path, text)))
    assert remark.message == "criterion 'greeting' has no examples, so nothing shows that it works"
    assert remark.where.endswith("small.yaml:9")


def test_no_example_of_a_verdict(tmp_path: Path) -> None:
    """Examples of one verdict only show half of a criterion."""
    text = RUBRIC.replace("- pass: |\n          O: Добрый день.", "- fail: |\n          O: Говорите.")
    assert messages(write_book(tmp_path, text)) == ["criterion 'greeting' has no example of 'pass'"]


def test_call_type_without_rubric(tmp_path: Path) -> None:
    """Calls of a type that no rubric takes would get no verdicts."""
    text = RUBRIC.replace("sections:", "applies_to: {call_types: [sale]}\nsections:", 1)
    assert messages(write_book(tmp_path, text)) == ["no rubric in language 'ru' takes calls of type 'complaint'"]


def test_rivals(tmp_path: Path) -> None:
    """Of two rubrics for the same calls one is never used."""
    write_book(tmp_path)
    (tmp_path / "twin.yaml").write_text(RUBRIC.replace("id: small", "id: twin"), encoding="utf-8")
    assert messages(tmp_path) == ["rubrics 'small' and 'twin' take the same calls; one of them is never used"]


def test_a_rubric_for_no_call(tmp_path: Path) -> None:
    """Incoming types under a rubric for outgoing calls: it never applies."""
    text = RUBRIC.replace("sections:", "applies_to: {direction: outbound, call_types: [sale, complaint]}\nsections:", 1)
    assert messages(write_book(tmp_path, text)) == [
        "rubric 'small' takes no call: its call types go in the other direction; correct applies_to"
    ]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("{direction: outbound}", "no rubric with it takes outbound calls"),
        ("{call_type: sale, not: {call_type: inbound}}", "its `not` forbids every call that the rest allows"),
        ("{call_type: sale, not: {direction: inbound}}", "its `not` forbids every call that the rest allows"),
        ("{not: [{event: hold}, {not: {event: hold}}]}", "its `not` forbids every call that the rest allows"),
        ("{flag: cut_off, not: {flag: cut_off}}", "its `not` forbids every call that the rest allows"),
        (
            "{said: {by: client, any: [да]}, not: {said: {by: client, any: [да]}}}",
            "its `not` forbids every call that the rest allows",
        ),
    ],
)
def test_conditions_that_never_hold(tmp_path: Path, condition: str, why: str) -> None:
    """A condition that contradicts itself, or what the rubric is for, is named with the reason."""
    assert on_criterion(tmp_path, condition)[0] == f"criterion 'greeting' never applies: {why}; correct applies_when"


def test_a_type_the_rubric_never_sees(tmp_path: Path) -> None:
    """A criterion for complaints in a rubric for sales."""
    text = RUBRIC.replace("sections:", "applies_to: {call_types: [sale]}\nsections:", 1)
    text = text.replace("weight: 2", "weight: 2\n    applies_when: {call_type: complaint}")
    found = messages(write_book(tmp_path, text))
    assert "criterion 'greeting' never applies: no rubric with it takes calls of type complaint; correct applies_when" in found


@pytest.mark.parametrize(
    "condition", ["{call_type: [sale, complaint]}", "{direction: inbound}", "{not: {direction: outbound}}"]
)
def test_conditions_that_always_hold(tmp_path: Path, condition: str) -> None:
    """A condition that excludes nothing suggests a distinction that is not there."""
    assert on_criterion(tmp_path, condition) == [
        "applies_when of criterion 'greeting' holds for every call that its rubrics take; leave it out"
    ]


def test_an_inner_condition_that_never_holds(tmp_path: Path) -> None:
    """A part of `not` that nothing meets is named at its own line."""
    text = RUBRIC.replace(
        "weight: 2",
        "weight: 2\n    applies_when:\n      event: hold\n      not:\n        - flag: cut_off\n        - direction: outbound",
    )
    (remark,) = find_remarks(load_book(write_book(tmp_path, text)))
    assert remark.message == (
        "this part of `not` in criterion 'greeting' never holds, so it says nothing; correct or leave it out"
    )
    assert remark.where.endswith("small.yaml:17")


def test_an_inherited_criterion_is_judged_by_all_its_rubrics(tmp_path: Path) -> None:
    """A condition on sales in a common base is right if one of the rubrics that extend it takes sales."""
    base = RUBRIC.replace("id: small", "id: base\nabstract: true").replace(
        "weight: 2", "weight: 2\n    applies_when: {call_type: sale}"
    )
    write_book(tmp_path, base)
    for name in ("sale", "complaint"):
        text = f"format: 1\nid: for_{name}\nversion: 1\nlanguage: ru\ntitle: {{ru: Р, en: R}}\nextends: base\n"
        (tmp_path / f"for_{name}.yaml").write_text(text + f"applies_to: {{call_types: [{name}]}}\n", encoding="utf-8")
    assert messages(tmp_path) == []


def test_an_example_that_cannot_be_read(tmp_path: Path) -> None:
    """A line in no known form would stop `rubric test`; `check` names it already."""
    (remark,) = find_remarks(load_book(write_book(tmp_path, RUBRIC.replace("O: Алло.", "A: Алло."))))
    assert remark.message.startswith("this example of criterion 'greeting' cannot be read: the line 'A: Алло.' is none of")
    assert remark.where.endswith("small.yaml:18")


def test_an_example_that_is_never_run(tmp_path: Path) -> None:
    """An example for calls to which the criterion does not apply shows nothing."""
    text = RUBRIC.replace("weight: 2", "weight: 2\n    applies_when: {call_type: sale}")
    text += "        call_type: complaint\n"
    (found,) = messages(write_book(tmp_path, text))
    assert found.startswith(
        "this example of criterion 'greeting' is never run: no rubric with the criterion applies it to such"
    )


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ("{before: hold, after: hold}", "nothing is before hold and after hold at once; leave one of them out"),
        ("{before: ring, after: transfer}", "nothing is before ring and after transfer at once; leave one of them out"),
        (
            "{first_turns: 2, last_s: 20}",
            "it counts from the beginning and from the end, so a call of usual length has nothing inside; leave one out",
        ),
    ],
)
def test_windows_that_hold_nothing(tmp_path: Path, window: str, why: str) -> None:
    """A window that is empty in every usual call makes the criterion fail for all."""
    assert on_criterion(tmp_path, check=CHECK.replace("{first_turns: 2}", window)) == [f"within: {why}"]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (
            "any_of: [{phrase: {by: operator, any: [алло], within: {first_s: 9}}}, {phrase: {by: operator, any: [алло, тс]}}]",
            "criterion 'greeting': any_of adds nothing",
        ),
        (
            "all_of: [{absence: {by: operator, any: [алло, аллё]}}, {absence: {by: operator, any: [алло]}}]",
            "criterion 'greeting': branch 2 of all_of adds nothing to branch 1; leave it out",
        ),
        (
            "all_of: [{event: {kind: hold, at_least: 1}}, {not: {event: {kind: hold, at_least: 1}}}]",
            "criterion 'greeting': all_of can never pass: branches 1 and 2 contradict each other; correct one of them",
        ),
        (
            "event: {kind: hold, at_least: 3, at_most: 1}",
            "criterion 'greeting' can never pass: at_least is above at_most; correct one of them",
        ),
        (
            "metric: {name: operator_talk_frac, below: 60}",
            "criterion 'greeting': operator_talk_frac is a share of 0 to 1, write 0.6 for 60%",
        ),
        (
            "metric: {name: longest_silence_ms, below: 0.5}",
            "criterion 'greeting': longest_silence_ms is in milliseconds, write 1500 for 1.5 seconds",
        ),
        (
            "metric: {name: hold_ms, at_least: 10, below: 20, grey: 5}",
            "criterion 'greeting': grey covers all between at_least and below, so this is always doubtful; make grey smaller",
        ),
        (
            "sequence: {around: hold, before: {by: operator, any: [минуту], within: {first_turns: 3}}}",
            "criterion 'greeting': within says nothing in before and after of a sequence; use turns",
        ),
    ],
)
def test_checks_that_cannot_tell(tmp_path: Path, check: str, message: str) -> None:
    """Branches that add nothing, limits that leave nothing, figures in the wrong unit."""
    text = message.replace("any_of adds nothing", "branch 1 of any_of adds nothing to branch 2; leave it out")
    assert on_criterion(tmp_path, check=check) == [text]


def test_two_criteria_of_one_check(tmp_path: Path) -> None:
    """The same question twice gives its points twice; under another condition it is another question."""
    twin = SECOND.replace("id: second", "id: third")
    assert messages(write_book(tmp_path, RUBRIC + SECOND + twin)) == [
        "criterion 'third' checks the same as 'second', so it counts twice; leave one of them out"
    ]
    other = twin.replace("    check:", "    applies_when: {event: hold}\n    check:")
    assert messages(write_book(tmp_path, RUBRIC + SECOND + other)) == []


def test_sections(tmp_path: Path) -> None:
    """A section without criteria, and one whose criteria count for nothing."""
    empty = "sections:\n  - {id: empty, title: {ru: Пусто, en: Empty}}\n  - {id: free, title: {ru: Даром, en: Free}}"
    text = RUBRIC.replace("sections:", empty) + SECOND.replace("    check:", "    section: free\n    weight: 0\n    check:")
    assert messages(write_book(tmp_path, text)) == [
        "section 'empty' has no criteria; leave it out, or name it in a criterion",
        "all criteria of section 'free' have weight 0, so it never counts; give one a weight",
    ]


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        (
            "всего доброго дня",
            "phrase 'всего доброго дня' of phrase set 'hello' can never be found: the exception 'всего доброго' ",
        ),
        (
            '"hello" всем',
            "phrase '\"hello\" всем': 'hello' in double quotes is in another alphabet than the language; spell it as it sounds",
        ),
        (
            '"3х" кратно',
            "phrase '\"3х\" кратно': '3х' in double quotes mixes digits and letters, which recognisers seldom do; ",
        ),
        (
            "приветствую cегодня",
            "phrase 'приветствую cегодня': 'cегодня' mixes Latin and Russian letters that look alike; type it anew",
        ),
        (
            "дорого/NOUN бывает",
            "phrase 'дорого/NOUN бывает': 'дорого' is never the part of speech after its slash; correct or leave out",
        ),
        (
            "... слушаю вас внимательно",
            "phrase '... слушаю вас внимательно': a gap at the beginning or end says nothing; leave it out",
        ),
        ("здравствуйте", "phrase 'здравствуйте' of phrase set 'hello' is written twice; leave it out"),
        ("здравствуйте уважаемый!", ""),
        ("(мой|наш) магазин <любое>", ""),
        ("наш магазин <любое>", ""),
        (
            "здраствуйте уважаемый",
            "phrase 'здраствуйте уважаемый': no dictionary knows 'здраствуйте'; is 'здравствуйте' meant?",
        ),
        ("доставкка бесплатная", "phrase 'доставкка бесплатная': no dictionary knows 'доставкка'; is 'доставка' meant?"),
        ("вайлдберриз приветствует", ""),
        ("погуглите нас", ""),
        ("вы", "phrase 'вы' of phrase set 'hello' is a word that stands in any sentence; write more of what is said"),
    ],
)
def test_phrases(tmp_path: Path, phrase: str, message: str) -> None:
    """Slips, contradictions and phrases that say nothing are named; brands, slang and rare words are left alone."""
    others = ["здравствуйте", "здравствуйте девушка"]
    found = on_phrases(tmp_path, *others, f"'{phrase}'", exceptions="    except: [всего доброго]\n")
    assert len(found) == bool(message), found
    assert "".join(found).startswith(message)


def test_a_phrase_that_another_says(tmp_path: Path) -> None:
    """A phrase is not needed beside a wider one of the same length; the remark stands at its line."""
    write_book(tmp_path, phrases=PHRASES.replace("добрый день", "добрый (день|вечер), добрый вечер"))
    (remark,) = find_remarks(load_book(tmp_path))
    assert (
        remark.message == "phrase 'добрый вечер' of phrase set 'hello' is said by 'добрый (день|вечер)' already; leave it out"
    )
    assert remark.where.endswith("own.yaml:5")


def test_a_phrase_of_every_sentence(tmp_path: Path) -> None:
    """What is found in a tenth of turns about nothing tells nothing; as an answer, "да" is right."""
    (found,) = on_phrases(tmp_path, "(у|на|в) <любое>")
    assert re.fullmatch(
        r"phrase '\(у\|на\|в\) <любое>' of phrase set 'hello' is found in \d\d% of 15\d everyday turns that .*", found
    )
    answer = "exchange: {when: {by: client, any: [согласны]}, then: {by: operator, any: [да], within_turns: 1}}"
    assert on_criterion(tmp_path, check=answer) == []


def test_an_english_phrase_of_every_sentence(tmp_path: Path) -> None:
    """English phrases are measured on English turns."""
    text = RUBRIC.replace("language: ru", "language: en").replace("[$hello]", "['(the|a) <any>']")
    found = messages(write_book(tmp_path, text, call_types=CALL_TYPES))
    assert [message for message in found if "everyday turns" in message] != []


def test_exceptions_of_another_set(tmp_path: Path) -> None:
    """An exception in the criterion that forbids the very phrase it looks for is named there."""
    check = "phrase: {by: operator, any: [рад слышать], except: [рад]}"
    (found,) = on_criterion(tmp_path, check=check)
    assert found == (
        "phrase 'рад слышать' of what is written here can never be found: the exception 'рад' forbids it; narrow one of the two"
    )
