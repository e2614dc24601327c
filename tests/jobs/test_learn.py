"""Learning from reviews: the planted wording is proposed, noise is not, and nothing is changed without being accepted."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from callscore.config import Config
from callscore.errors import ConfigError, NothingToDoError
from callscore.evaluation.learned import Learned
from callscore.jobs.learn import LearnRequest, apply_draft, learning
from callscore.rubric import load_book
from tests.jobs.reviewed_archive import PLANTED, make_reviewed
from tests.jobs.test_rescore import Silent
from tests.rubric.book_files import PHRASES, RUBRIC
from tests.store.reviewed import Review, add_reviews

TODAY = date(2026, 11, 5)


@contextlib.contextmanager
def learnt(config: Config, **given: object) -> Iterator[Learned]:
    """Learn in this process, without a progress bar."""
    request = dataclasses.replace(LearnRequest(today=TODAY, workers=1), **given)  # type: ignore[arg-type]
    with learning(config, request, Silent(), lambda _: None) as found:
        yield found


def phrases(found: Learned) -> list[str]:
    """Return the phrases that are proposed."""
    return [one.phrase for one in found.proposals.accepted]


def test_the_planted_wording_is_proposed_and_noise_is_not(tmp_path: Path) -> None:
    """Ten corrected calls share one greeting among everyday words: it alone is proposed, with what it would change."""
    config = make_reviewed(tmp_path, "p" * 10 + "n" * 12 + "k" * 4 + "pnnnnppn", "p" * 10 + "f" * 12)
    before = {path: path.read_bytes() for path in (tmp_path / "rubrics").rglob("*.yaml")}
    with learnt(config) as found:
        assert phrases(found) == [PLANTED]
        (proposal,) = found.proposals.accepted
        assert (len(proposal.wording.calls), proposal.wording.n_corrected, proposal.n_failed) == (10, 10, 12)
        assert (proposal.wording.with_it, proposal.wording.n_others) == (3, 8)
        assert (found.effects[0].calls, found.effects[0].operators) == (13, 3)
        assert found.archive is not None
        assert (found.archive.found, found.archive.totals.changed_calls) == (34, 13)
        assert (
            f"-    phrases: [здравствуйте, добрый день]\n+    phrases: [здравствуйте, добрый день, '{PLANTED}']" in found.diff
        )
        assert found.calibration is None
    assert {path: path.read_bytes() for path in (tmp_path / "rubrics").rglob("*.yaml")} == before


def test_accepting_writes_the_phrase_and_nothing_else(tmp_path: Path) -> None:
    """The accepted file differs by the phrase alone, loads, and learning again proposes nothing more."""
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8)
    with learnt(config) as found:
        (written,) = apply_draft(found)
    assert written == tmp_path / "rubrics" / "phrases" / "own.yaml"
    sets = yaml.safe_load(written.read_text(encoding="utf-8"))["sets"]
    assert sets["hello"]["phrases"] == ["здравствуйте", "добрый день", PLANTED]
    assert sets["bye"] == yaml.safe_load(PHRASES)["sets"]["bye"]
    with learnt(config) as again:
        assert (phrases(again), again.diff) == ([], "")
        assert apply_draft(again) == ()


def test_corrections_without_a_common_wording_propose_nothing(tmp_path: Path) -> None:
    """Twelve calls that people passed for twelve reasons have only everyday words in common."""
    config = make_reviewed(tmp_path, "n" * 24, "p" * 12 + "f" * 12)
    with learnt(config) as found:
        assert (phrases(found), found.diff, found.archive) == ([], "", None)
        assert found.proposals.n_corrected == 12


def test_two_corrections_are_no_habit(tmp_path: Path) -> None:
    """A wording of two corrected calls is not proposed."""
    config = make_reviewed(tmp_path, "pp" + "n" * 20, "pp" + "f" * 20)
    with learnt(config) as found:
        assert phrases(found) == []


def test_a_wording_that_people_failed_too_is_not_proposed(tmp_path: Path) -> None:
    """What stands in a call that a person failed cannot be what meets the criterion."""
    config = make_reviewed(tmp_path, "p" * 10 + "p" + "n" * 12, "p" * 10 + "f" + "f" * 12)
    with learnt(config) as found:
        assert phrases(found) == []


def test_reviewers_who_differ_teach_nothing(tmp_path: Path) -> None:
    """A contested verdict is counted and not used."""
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8)
    other = [
        Review(
            call=f"c{n:06d}",
            criterion="greeting",
            verdict="fail",
            reviewer="other",
            rubric="small",
            version=3,
            sample="flagged",
        )
        for n in range(8)
    ]
    add_reviews(config.store.db, other)
    with learnt(config) as found:
        assert phrases(found) == []
        assert sum(one.is_contested for one in found.labels) == 8


def test_words_outside_the_window_are_not_looked_at(tmp_path: Path) -> None:
    """The rubric wants the greeting in the first turns; a farewell that all corrected calls share is none."""
    rubric = RUBRIC.replace("first_turns: 2", "first_turns: 1")
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8, rubric=rubric)
    with learnt(config) as found:
        assert phrases(found) == [PLANTED]


def test_an_example_of_the_rubric_goes_before_a_correction(tmp_path: Path) -> None:
    """A wording that a rubric's own example fails is refused, with the reason, and the draft stays as it was."""
    example = f"      - fail: |\n          O: Слушаю, {PLANTED}.\n"
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8, rubric=RUBRIC + example)
    with learnt(config) as found:
        assert (phrases(found), found.diff) == ([], "")
        (refusal,) = found.proposals.refused
        assert refusal.phrase == PLANTED
        assert "an example of greeting would get another verdict" in refusal.why


def test_hostile_words_do_not_break_the_file(tmp_path: Path) -> None:
    """Signs of YAML and of the phrase notation in what was heard end in a file that loads, or in no proposal."""
    hostile = "рада: приветствовать' {вас} #<имя> \x1b[31m !!python/object [x|y]"
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8, planted=hostile)
    with learnt(config) as found:
        for phrase in phrases(found):
            assert phrase.replace("<число>", "").replace(" ", "").isalpha()
        apply_draft(found)
    assert load_book(tmp_path / "rubrics").rubrics


def test_the_flagged_queue_moves_no_threshold(tmp_path: Path) -> None:
    """Forty corrections from the queue are no calls to fit limits to; drawn by lot they are."""
    flagged = make_reviewed(tmp_path / "flagged", "n" * 40, "f" * 40)
    drawn = make_reviewed(tmp_path / "drawn", "n" * 40, "f" * 40, sample="random")
    with learnt(flagged) as found:
        assert (found.n_rate_calls, found.calibration) == (0, None)
    with learnt(drawn) as found:
        assert found.n_rate_calls == 40
        assert found.calibration is not None


def test_rubrics_changed_meanwhile_are_not_overwritten(tmp_path: Path) -> None:
    """What somebody wrote between looking and accepting stays."""
    config = make_reviewed(tmp_path, "p" * 8 + "n" * 8, "p" * 8 + "f" * 8)
    file = tmp_path / "rubrics" / "phrases" / "own.yaml"
    with learnt(config) as found:
        file.write_text(PHRASES.replace("до свидания", "всего доброго"), encoding="utf-8")
        with pytest.raises(ConfigError, match="changed meanwhile"):
            apply_draft(found)
    assert "всего доброго" in file.read_text(encoding="utf-8")


def test_nothing_reviewed_is_said(tmp_path: Path) -> None:
    """Without a review there is nothing to learn from."""
    config = make_reviewed(tmp_path, "nn", "..")
    with pytest.raises(NothingToDoError, match="no stored call was reviewed"), learnt(config):
        pass
