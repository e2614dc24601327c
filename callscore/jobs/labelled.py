"""Labelled calls together with what the store holds of them."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.evaluation import HeardCall, Pair, Truth, TruthCall, match_calls
from callscore.evaluation.evaluate import Known
from callscore.rubric import RubricBook
from callscore.store import StoreReader
from callscore.store.entries import CallFilter, StoredCall

__all__ = ["LabelledCall", "as_pair", "known_names", "read_labelled"]

LabelledCall = tuple[TruthCall, StoredCall | None]


def read_labelled(reader: StoreReader, truth: Truth) -> tuple[LabelledCall, ...]:
    """Return each labelled call with what is stored of it, None if it is not stored.

    Raises:
        ConfigError: if it is not clear which stored call is meant.
        NothingToDoError: if none of the labelled calls is stored.
    """
    stored = {row.call_id: row.recording for row in reader.calls(CallFilter())}
    ids = match_calls(truth.calls, stored.items())
    if not any(ids):
        raise NothingToDoError(
            f"none of the {len(truth.calls)} labelled calls is stored",
            where=str(reader.path),
            hint="ingest their recordings, or check file and call_id in the labels",
        )
    return tuple((call, reader.call(call_id) if call_id else None) for call, call_id in zip(truth.calls, ids, strict=True))


def as_pair(labelled: LabelledCall) -> Pair:
    """Return the labelled call with what was made of it when it was last scored."""
    truth, stored = labelled
    if stored is None:
        return truth, None
    heard = HeardCall(
        call_id=stored.info.call_id,
        verdicts={result.criterion: result for score in stored.scores for result in score.results},
        call_type=stored.call_type.id if stored.call_type else None,
        dialogue=stored.dialogue,
    )
    return truth, heard


def known_names(reader: StoreReader, book: RubricBook) -> Known:
    """Return the names of criteria and call types that labels may use."""
    types = {name.lower(): kind.id for kind in book.call_types for name in (*kind.aliases, kind.id)}
    criteria = {name for _, _, name in reader.criteria()}
    return Known(criteria=criteria | {item.id for rubric in book.rubrics for item in rubric.criteria}, call_types=types)
