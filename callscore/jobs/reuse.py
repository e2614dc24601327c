"""What an edit of the rubrics cannot have changed in stored scores, and rubrics fit to judge the rest quickly. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from callscore.pipeline import Earlier
from callscore.records import CallType
from callscore.rubric import RubricBook
from callscore.rubric.check_nodes import asks_judge
from callscore.rubric.recompile import Recompiler
from callscore.scoring.evaluate import choose_rubrics
from callscore.store.archive import ArchivedCall

__all__ = ["Reuse"]


class Reuse:
    """Tells which verdicts of a call stay as they are under a book of rubrics whose criteria have hashes.

    Attributes:
        hashes: of the criteria that some stored verdict was given by; empty where none can be taken over.
        whole_book: for calls of which nothing can be taken over.
        book: for calls with verdicts to take over. In it, criteria that no stored verdict was given by have their phrases
            compiled apart: a word is then compared with some hundred others, not with those of the whole book.
    """

    def __init__(self, book: RubricBook, stored: Collection[str]) -> None:
        criteria = [criterion for rubric in book.rubrics for criterion in rubric.criteria]
        self._asking = frozenset(criterion.sha256 for criterion in criteria if asks_judge(criterion.check))
        self.hashes = frozenset(criterion.sha256 for criterion in criteria if criterion.sha256 in stored)
        self.whole_book = book
        self.book = _with_apart(book, self.hashes) if self.hashes else book

    def earlier(self, call: ArchivedCall) -> Earlier | None:
        """Return what can be taken over, None if the call has to be scored as if it had never been.

        A verdict of the same hash is of the same way to tell call types as well, so the call is of the same type.
        """
        if call.stored is None:
            return None
        results = {result.sha256: result for result in call.stored.results if result.sha256 in self.hashes}
        if call.fingerprint.endswith("?"):  # a language model still owes answers
            results = {sha256: result for sha256, result in results.items() if sha256 not in self._asking}
        if not results:
            return None
        wanted = self._criteria(call, call.stored.call_type)
        return Earlier(
            metrics=call.stored.metrics,
            call_type=call.stored.call_type,
            results={sha256: result for sha256, result in results.items() if sha256 in wanted},
        )

    def needs_words(self, call: ArchivedCall, earlier: Earlier | None) -> bool:
        """Tell whether anything of the call is left to judge."""
        return earlier is None or not self._criteria(call, earlier.call_type) <= earlier.results.keys()

    def _criteria(self, call: ArchivedCall, call_type: CallType) -> frozenset[str]:
        """Return the hashes of the criteria that the call is scored by."""
        rubrics = choose_rubrics(call.outline, call.info, call_type, self.whole_book)
        return frozenset(criterion.sha256 for rubric in rubrics for criterion in rubric.criteria)


def _with_apart(book: RubricBook, known: Collection[str]) -> RubricBook:
    """Compile the criteria apart that have to be judged in every call."""
    apart = Recompiler()
    rubrics = (
        replace(rubric, criteria=tuple(item if item.sha256 in known else apart(item) for item in rubric.criteria))
        for rubric in book.rubrics
    )
    return replace(book, rubrics=tuple(rubrics))
