"""Words and roles against what was really said."""

from __future__ import annotations

from callscore.evaluation.compare import Pair
from callscore.evaluation.speech import plain_words, score_roles, score_words
from callscore.records import Role
from tests.builders import dialogue
from tests.evaluation.build import heard, said, truth


def pair(said_lines: list[str], *heard_lines: str) -> Pair:
    """Return a call with a transcript and what was heard of it."""
    return truth(turns=tuple(said(line) for line in said_lines)), heard(dialogue=dialogue(*heard_lines))


def test_spelling_is_no_error() -> None:
    """Case, punctuation, ё and hyphens do not count."""
    assert plain_words("Ещё — по-русски, «№ 5»!") == "еще по русски 5"


def test_word_errors_per_side() -> None:
    """Each side's words are compared with what was given to that side."""
    operator, client = score_words(
        [
            pair(
                ["O 0-1000 добрый день шинторг", "C 1000-2000 есть зимние шины"],
                "O 0-1000 добрый пень",
                "C 1000-2000 а есть зимние шины",
            )
        ]
    )
    assert (operator.role, operator.n_words, operator.substituted, operator.deleted, operator.inserted) == (
        Role.OPERATOR, 3, 1, 1, 0,
    )  # fmt: skip
    assert (client.n_words, client.substituted, client.deleted, client.inserted) == (3, 0, 0, 1)
    assert round(operator.rate.value, 4) == 0.6667


def test_prompts_count_to_the_operators_words() -> None:
    """What was recognised of a prompt stands on the operator's side, where the transcript has it too."""
    prompt = said("O 0-1000 ваш звонок важен", Role.SYSTEM)
    found = score_words([(truth(turns=(prompt,)), heard(dialogue=dialogue("S 0-1000 ваш звонок важен")))])
    assert [(side.role, side.rate.value) for side in found] == [(Role.OPERATOR, 0.0)]


def test_roles_by_time() -> None:
    """Of the speech time that any role covers, the share of the right role counts."""
    found = score_roles([pair(["O 0-1000 да", "C 1000-2000 нет"], "O 0-1500 да нет", "C 1500-2500 да")])
    assert found is not None
    assert found.value == 0.75


def test_a_prompt_is_nobodys_speech() -> None:
    """Time of a prompt is right where the role is system."""
    prompt = said("O 0-1000 ваш звонок важен", Role.SYSTEM)
    found = score_roles([(truth(turns=(prompt,)), heard(dialogue=dialogue("S 0-600 ваш", "O 600-1000 звонок")))])
    assert found is not None
    assert found.value == 0.6


def test_calls_without_a_transcript_say_nothing() -> None:
    """Where nobody wrote down the words, or nothing was heard, there is no rate instead of a made-up one."""
    pairs: list[Pair] = [(truth(), heard(dialogue=dialogue("O 0-10 да"))), (truth(turns=()), heard()), (truth(turns=()), None)]
    assert score_words(pairs) == ()
    assert score_roles(pairs) is None
