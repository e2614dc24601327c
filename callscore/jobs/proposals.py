"""Phrases that people's corrections suggest: found in what operators said, tried on the rubrics, refused where they do harm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callscore.dialogue import measure
from callscore.errors import RubricError
from callscore.evaluation.learned import Proposal, Proposals, Refusal
from callscore.phrases import FUNCTION, Atom, atom_weight, compile_phrases, find_matches, word_info
from callscore.phrases.tokens import Border, split_text
from callscore.pipeline import score_dialogue
from callscore.records import Verdict, Word
from callscore.rubric import Criterion, Rubric, RubricBook, load_book
from callscore.rubric.lint.everyday import remarks_on_everyday
from callscore.rubric.lint.lists import phrase_lists
from callscore.rubric.lint.spelling import known_forms, remarks_on_spelling
from callscore.rubric.lint.wordings import remarks_on_wordings
from callscore.rubric.phrase_edit import add_phrases
from callscore.scoring.expected import Expected, expected_phrases, words_where_expected
from callscore.scoring.selftest import run_examples
from callscore.scoring.view import build_view
from callscore.stats.wordings import Token, find_wordings
from callscore.store.entries import StoredCall
from callscore.store.labels import ReviewLabel

__all__ = ["ProposalRequest", "propose_phrases"]

_CLASSES: Final = {"ru": ("<имя>", "<число>"), "en": ("<name>", "<number>")}
_MACHINE_MISSED: Final = (Verdict.FAIL, Verdict.UNSURE)
_SMALLEST_MATCH: Final = 0.7

Calls = Mapping[str, StoredCall]
Stretches = Sequence[Sequence[Word]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRequest:
    """Labels, the calls they are about, and by rubric and criterion some calls that the machine failed and nobody looked at."""

    labels: Sequence[ReviewLabel]
    calls: Calls
    unseen: Mapping[tuple[str, str], Sequence[StoredCall]]
    draft: Path
    """A folder with the rubrics in force, to which accepted phrases are added."""


def propose_phrases(request: ProposalRequest) -> Proposals:
    """Find wordings in corrected calls and add to the draft folder those that make no verdict of a person wrong.

    Corrections may come from any sample: a wording is looked for, no rate is told. A set's phrases are tried together: the
    rubric check must have no remark on them, the rubrics' own examples must keep their verdicts, and no label that agreed with
    the machine may be lost; else they are refused, with the reason.
    """
    book = load_book(request.draft)
    found = Proposals()
    by_set: dict[tuple[str, str], list[Proposal]] = defaultdict(list)
    for rubric in book.rubrics:
        for criterion in rubric.criteria:
            for proposal in _of_criterion(book, rubric, criterion, request, found):
                group = by_set[rubric.language, proposal.set_id]
                if all(proposal.phrase != other.phrase for other in group):
                    group.append(proposal)
    for (language, set_id), group in sorted(by_set.items()):
        book = _try_set(book, language, set_id, group, request, found)
    found.n_explained = len({(one.criterion, call) for one in found.accepted for call in one.wording.calls})
    return found


def _of_criterion(
    book: RubricBook, rubric: Rubric, criterion: Criterion, request: ProposalRequest, found: Proposals
) -> Iterable[Proposal]:
    of_this = (one for one in request.labels if (one.rubric, one.criterion) == (rubric.id, criterion.id))
    labels = [one for one in of_this if not one.is_contested]
    missed = [one for one in labels if one.truth is Verdict.PASS and one.machine in _MACHINE_MISSED]
    found.n_corrected += len(missed)
    expected = expected_phrases(criterion)
    if not expected:
        found.n_beyond_phrases += len(missed)
        return
    failed = [request.calls[one.call_id] for one in labels if one.truth is Verdict.FAIL and one.call_id in request.calls]
    unseen = request.unseen.get((rubric.id, criterion.id), ())
    corrected = [request.calls[one.call_id] for one in missed if one.call_id in request.calls]
    for place in expected:
        where = _Where(book, rubric.language, place)
        heard = {call.info.call_id: stretches for call in corrected if (stretches := where.find(call))}
        failing = [stretches for call in failed if (stretches := where.find(call))]
        others = [stretches for call in unseen if (stretches := where.find(call))]
        for wording in find_wordings(
            {name: where.tokens(stretches) for name, stretches in heard.items()},
            [where.tokens(stretches) for stretches in failing],
            [where.tokens(stretches) for stretches in others],
        ):
            phrase = compile_phrases((wording.text,), rubric.language)
            if any(find_matches(words, phrase, min_strength=_SMALLEST_MATCH) for call in failing for words in call):
                found.refused.append(Refusal(place.set_id, wording.text, "a call that a person failed has something like it"))
                continue
            yield Proposal(
                rubric=rubric.id,
                criterion=criterion.id,
                set_id=place.set_id,
                file=_file_of(book, rubric.language, place.set_id),
                phrase=wording.text,
                wording=wording,
                n_failed=len(failing),
            )


class _Where:
    """Finds the words of a call in which a phrase was expected."""

    def __init__(self, book: RubricBook, language: str, expected: Expected) -> None:
        self._book = book
        self._language = language
        self._expected = expected

    def find(self, call: StoredCall) -> Stretches:
        """Return stretches of words, none where a known phrase is said already or the call was not heard."""
        dialogue = call.dialogue
        if dialogue is None:
            return ()
        view = build_view(dialogue, measure(dialogue), call.info, self._language, self._book.thresholds)
        return words_where_expected(view, self._expected) or ()

    def tokens(self, stretches: Stretches) -> tuple[tuple[Token, ...], ...]:
        """Return the stretches as tokens, parted where a sentence ends or a word is in no dictionary."""
        return tuple(part for words in stretches for part in _tokens(words, self._language))


def _tokens(words: Sequence[Word], language: str) -> Iterable[tuple[Token, ...]]:
    part: list[Token] = []
    for text, border in (pair for word in words for pair in split_text(word.text)):
        token = _token(text, language)
        if token is not None:
            part.append(token)
        if token is None or border >= Border.SENTENCE:
            yield tuple(part)
            part = []
    yield tuple(part)


def _token(text: str, language: str) -> Token | None:
    """Return a word by its lemma, names and numbers by their class; None for a word that no dictionary knows."""
    info = word_info(text, language)
    name, number = _CLASSES[language]
    if info.is_number:
        return Token(number, number, is_content=False)
    if info.is_name:
        return Token(name, name, is_content=False)
    if not text.isalpha() or (language == "ru" and not info.is_known):
        return None
    return Token(info.main[0], text, is_content=atom_weight(Atom("lemma", text)) > FUNCTION)


def _file_of(book: RubricBook, language: str, set_id: str) -> str:
    where = next(one.where for one in book.phrase_sets if (one.language, one.id) == (language, set_id))
    return str(Path(where.rpartition(":")[0]).relative_to(book.folder))


def _try_set(
    book: RubricBook, language: str, set_id: str, group: Sequence[Proposal], request: ProposalRequest, found: Proposals
) -> RubricBook:
    """Add a set's phrases to the draft if they do no harm; return the book that then is in the draft."""
    path = request.draft / group[0].file
    old = path.read_text(encoding="utf-8")
    left = list(group)
    while left:
        try:
            path.write_text(add_phrases(old, set_id, [one.phrase for one in left], str(path)), encoding="utf-8")
            draft = load_book(request.draft)
        except RubricError as exc:
            found.refused.append(Refusal(set_id, "", exc.message))
            break
        remarks = _remarks(draft, language, set_id, {one.phrase for one in left})
        if remarks:
            found.refused += [Refusal(set_id, phrase, why) for phrase, why in remarks.items()]
            left = [one for one in left if one.phrase not in remarks]
            continue
        harm = _harm(book, draft, request)
        if harm:
            found.refused += [Refusal(set_id, one.phrase, harm) for one in left]
            break
        found.accepted += left
        return draft
    path.write_text(old, encoding="utf-8")
    return book


def _remarks(draft: RubricBook, language: str, set_id: str, phrases: set[str]) -> dict[str, str]:
    """Return what the rubric check says of new phrases."""
    lists = phrase_lists(draft)
    forms = known_forms(draft, lists)
    found: dict[str, str] = {}
    for one in lists:
        if (one.name, one.language) != (f"phrase set '{set_id}'", language):
            continue
        for remark in (*remarks_on_wordings(one), *remarks_on_spelling(one, forms), *remarks_on_everyday(one)):
            for phrase in phrases:
                if f"'{phrase}'" in remark.message:
                    found.setdefault(phrase, remark.message)
    return found


def _harm(book: RubricBook, draft: RubricBook, request: ProposalRequest) -> str:
    """Return what the draft spoils, empty for nothing."""
    before = {(one.rubric, one.where) for one in run_examples(book, measure) if not one.is_right}
    wrong = [one for one in run_examples(draft, measure) if not one.is_right and (one.rubric, one.where) not in before]
    if wrong:
        return f"an example of {wrong[0].criterion} would get another verdict: {wrong[0].where}"
    by_call: dict[str, list[ReviewLabel]] = defaultdict(list)
    for label in request.labels:
        by_call[label.call_id].append(label)
    for call_id, labels in by_call.items():
        call = request.calls.get(call_id)
        if call is None:
            continue
        old, new = _verdicts(call, book), _verdicts(call, draft)
        for label in labels:
            key = label.rubric, label.criterion
            if old.get(key) is label.truth and new.get(key) is not label.truth:
                return f"a verdict of {label.criterion} with which a person agreed would change: call {call_id}"
    return ""


def _verdicts(call: StoredCall, book: RubricBook) -> dict[tuple[str, str], Verdict]:
    if call.dialogue is None:
        return {}
    scored = score_dialogue(call.dialogue, call.info, book, notes=call.notes)
    return {(score.rubric, result.criterion): result.verdict for score in scored.scores for result in score.results}
