"""Tests for what stands: the latest human verdict, added up as scoring does, with everything else still there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callscore.records import CallInfo, CallScore, CriterionResult, DecidedBy, Evidence, Role, Verdict
from callscore.review.entries import (
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Entry,
    RoleCorrected,
    TextCorrected,
    VerdictGiven,
)
from callscore.review.standing import EffectiveCall, stand
from callscore.scoring.combine import combine_points
from callscore.store.entries import CriterionEntry, StoredCall
from callscore.units import Span
from tests.builders import dialogue

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
WEIGHTS = {"greeting": 2.0, "price": 1.0, "politeness": 3.0}
CRITERIA = {
    ("sale", 1, name): CriterionEntry(
        criterion=name, section="", title_ru="", title_en="", weight=weight, critical=name == "politeness"
    )
    for name, weight in WEIGHTS.items()
}


def result(criterion: str, verdict: Verdict) -> CriterionResult:
    """A machine's result."""
    return CriterionResult(
        criterion=criterion,
        verdict=verdict,
        confidence=0.7,
        points=WEIGHTS[criterion] if verdict is Verdict.PASS else 0.0,
        max_points=0.0 if verdict is Verdict.NA else WEIGHTS[criterion],
        critical=criterion == "politeness",
        evidence=(Evidence(span=Span(0, 1000), role=Role.OPERATOR, text="добрый день"),),
        reason="Сказано в начале.",
    )


def score(verdicts: Sequence[Verdict]) -> CallScore:
    """A score as scoring makes it."""
    return combine_points("sale", 1, "ab", tuple(map(result, WEIGHTS, verdicts)))


def call(*verdicts: Verdict) -> StoredCall:
    """A stored call with two turns."""
    return StoredCall(
        info=CallInfo(call_id="c1"), source="office", recording=None, status="done", fingerprint=None, audio=None,
        call_type=None,
        dialogue=dialogue("O 0-1000 добрый день", "C 1500-3000 почём коньки"), metrics=None, scores=(score(verdicts),),
        provenance=(), notes=(), flags=(), failures=(),
    )  # fmt: skip


def made(kind: type[Entry], number: int, **fields: Any) -> Any:
    """An entry of the journal at its minute."""
    common = {"id": f"{number:032x}", "at": NOON + timedelta(minutes=number), "who": "olga", **fields}
    return kind(**common)


def verdict(number: int, criterion: str, new: Verdict, **fields: Any) -> VerdictGiven:
    """A verdict of a person."""
    given = {"call_id": "c1", "rubric": "sale", "rubric_version": 1, "old": Verdict.FAIL, **fields}
    entry: VerdictGiven = made(VerdictGiven, number, criterion=criterion, new=new, **given)
    return entry


def standing(entries: Sequence[Entry], *verdicts: Verdict) -> EffectiveCall:
    """What stands after the entries."""
    return stand(call(*(verdicts or (Verdict.FAIL, Verdict.NA, Verdict.UNSURE))), entries, CRITERIA)


VERDICT = st.sampled_from(Verdict)
GIVEN = st.tuples(st.sampled_from([*WEIGHTS, "gone"]), VERDICT, st.sampled_from(["olga", "ivan"]))


@given(machine=st.tuples(VERDICT, VERDICT, VERDICT), said=st.lists(GIVEN, max_size=8))
def test_the_score_is_what_scoring_gives_for_the_verdicts_that_count(
    machine: tuple[Verdict, ...], said: list[tuple[str, Verdict, str]]
) -> None:
    """For any verdicts of anybody: the latest counts, and the score is scoring's own over these verdicts."""
    entries = [verdict(n, criterion, new, who=who) for n, (criterion, new, who) in enumerate(said)]
    (found,) = stand(call(*machine), entries, CRITERIA).scores
    latest = dict(zip(WEIGHTS, machine, strict=True)) | {name: new for name, new, _who in said if name != "gone"}
    wanted = score(list(latest.values()))
    assert [item.verdict for item in found.verdicts] == list(latest.values())
    assert (found.score.points, found.score.max_points, found.score.critical_failed, found.score.n_unsure) == (
        wanted.points, wanted.max_points, wanted.critical_failed, wanted.n_unsure,
    )  # fmt: skip
    assert (found.score.score, found.score.score_low, found.score.score_high) == (
        wanted.score,
        wanted.score_low,
        wanted.score_high,
    )
    assert found.machine == score(machine)
    assert [item.machine for item in found.verdicts] == list(score(machine).results)


def test_the_machines_verdict_stays_beside_the_persons() -> None:
    """What counts names a person, holds no doubt and does not explain itself by the machine's reason."""
    (found,) = standing([verdict(1, "greeting", Verdict.PASS)]).scores
    item = found.verdicts[0]
    assert (item.machine.verdict, item.machine.reason, item.verdict) == (Verdict.FAIL, "Сказано в начале.", Verdict.PASS)
    assert (item.result.decided_by, item.result.confidence, item.result.reason) == (DecidedBy.HUMAN, 1.0, "")
    assert item.is_corrected
    assert (found.machine.score, found.score.score) == (0.0, 100.0)


def test_without_people_the_machines_score_is_the_same_object() -> None:
    """A call nobody judged keeps its stored score to the last digit."""
    (found,) = standing([made(CallSeen, 1, call_id="c1")]).scores
    assert found.score is found.machine


def test_two_reviewers_are_both_kept_and_their_disagreement_shows() -> None:
    """The latest counts; each one's last word is there; agreeing later ends the dispute."""
    entries: list[Entry] = [
        verdict(1, "greeting", Verdict.PASS, who="olga"),
        verdict(2, "greeting", Verdict.FAIL, who="ivan"),
    ]
    item = standing(entries).scores[0].verdicts[0]
    assert item.verdict is Verdict.FAIL
    assert item.is_disputed
    assert {who: entry.new for who, entry in item.by_reviewer.items()} == {"olga": Verdict.PASS, "ivan": Verdict.FAIL}
    item = standing([*entries, verdict(3, "greeting", Verdict.FAIL, who="olga")]).scores[0].verdicts[0]
    assert not item.is_disputed
    assert [entry.who for entry in item.given] == ["olga", "ivan", "olga"]


def test_a_verdict_of_another_version_counts_and_is_marked() -> None:
    """A correction is not lost when the rubric is edited, and the page can say which version it was given under."""
    item = standing([verdict(1, "greeting", Verdict.PASS, rubric_version=7)]).scores[0].verdicts[0]
    assert (item.verdict, item.is_of_other_version) == (Verdict.PASS, True)
    assert not standing([verdict(1, "greeting", Verdict.PASS)]).scores[0].verdicts[0].is_of_other_version


def test_entries_of_other_calls_and_rubrics_are_passed_over() -> None:
    """Nothing slips from one call to another."""
    entries = [
        verdict(1, "greeting", Verdict.PASS, call_id="c2"),
        verdict(2, "greeting", Verdict.PASS, rubric="complaint"),
        made(TextCorrected, 3, call_id="c2", turn_no=0, word_no=0, old="добрый", new="злой"),
    ]
    found = standing(entries)
    assert found.scores[0].score is found.scores[0].machine
    assert found.turns[0].text == "добрый день"


def test_corrected_words_stand_beside_the_machines() -> None:
    """A word, a turn, a role: each as people say and as the machine heard, the last correction on top."""
    found = standing(
        [
            made(TextCorrected, 1, call_id="c1", turn_no=0, word_no=1, old="день", new="вечер"),
            made(TextCorrected, 2, call_id="c1", turn_no=0, word_no=1, old="вечер", new="ветер"),
            made(TextCorrected, 3, call_id="c1", turn_no=1, word_no=None, old="почём коньки", new="почём нынче коньки"),
            made(RoleCorrected, 4, call_id="c1", turn_no=1, old=Role.CLIENT, new=Role.OPERATOR),
        ]
    )
    first, second = found.turns
    assert (first.text, first.turn.text) == ("добрый ветер", "добрый день")
    assert first.words[1].by is not None
    assert (second.text, second.turn.text) == ("почём нынче коньки", "почём коньки")
    assert (second.role, second.turn.role) == (Role.OPERATOR, Role.CLIENT)


def test_a_correction_of_words_that_are_gone_is_kept_apart() -> None:
    """A call that was heard again has other words: the correction is not put onto one of them, and not lost."""
    entries = [
        made(TextCorrected, 1, call_id="c1", turn_no=0, word_no=1, old="вечер", new="ветер"),
        made(TextCorrected, 2, call_id="c1", turn_no=0, word_no=99, old="день", new="x"),
        made(TextCorrected, 3, call_id="c1", turn_no=99, word_no=None, old="день", new="x"),
        made(RoleCorrected, 4, call_id="c1", turn_no=0, old=Role.SYSTEM, new=Role.CLIENT),
    ]
    found = standing(entries)
    assert list(found.stale) == entries
    assert [turn.text for turn in found.turns] == ["добрый день", "почём коньки"]


def test_an_appeal_stays_on_record_with_every_answer() -> None:
    """Filed, declined, then accepted: the last answer counts, both are there; the verdict changes by a verdict only."""
    filed = made(
        AppealFiled, 1, who="ivanova", appeal_id="a1", call_id="c1", rubric="sale", criterion="greeting", reason="сказала"
    )
    no = made(AppealDecided, 2, appeal_id="a1", accepted=False, reason="не слышно")
    yes = made(AppealDecided, 3, appeal_id="a1", accepted=True, reason="слышно")
    assert [item.state for item in standing([filed]).appeals] == ["open"]
    assert [item.state for item in standing([filed, no]).appeals] == ["declined"]
    found = standing([filed, no, yes])
    assert (found.appeals[0].state, found.appeals[0].decisions) == ("accepted", (no, yes))
    assert found.scores[0].score is found.scores[0].machine


def test_clips_and_who_saw_the_call() -> None:
    """A removed clip is gone from the call, the journal still has it; who gave a verdict has seen the call."""
    clip = made(ClipTaken, 1, clip_id="k1", collection="best", call_id="c1", start_ms=0, end_ms=900)
    other = made(ClipTaken, 2, clip_id="k2", collection="best", call_id="c1", start_ms=100, end_ms=900)
    seen = made(CallSeen, 4, who="ivan", call_id="c1")
    found = standing([clip, other, made(ClipRemoved, 3, clip_id="k1"), seen, verdict(5, "price", Verdict.NA)])
    assert found.clips == (other,)
    assert found.seen_by == ("ivan", "olga")


def test_a_failed_call_stands_as_it_is() -> None:
    """A call without words and scores takes entries without complaint."""
    bare = replace(call(Verdict.NA, Verdict.NA, Verdict.NA), dialogue=None, scores=())
    entry = made(TextCorrected, 1, call_id="c1", turn_no=0, word_no=0, old="a", new="b")
    found = stand(bare, [verdict(1, "price", Verdict.PASS), entry], CRITERIA)
    assert (found.scores, found.turns, found.stale) == ((), (), (entry,))
