"""Where certainty ends: the limits of doubt that belong to a folder of rubrics, and their file. Pure but for reading."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from callscore.rubric.nodes import Node, read_yaml

__all__ = ["THRESHOLDS_FILE", "Thresholds", "highest", "read_thresholds"]

THRESHOLDS_FILE: Final = "thresholds.yaml"
_MOST: Final = {"lost_ms": 600_000, "long_word": 64}  # every other threshold is a share 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The limits between pass, fail and unsure.

    The values here were chosen on exact, corrupted and recognised transcripts of 36 labelled calls; `callscore eval
    --calibrate` fits them to other labelled calls and writes thresholds.yaml.

    Attributes:
        match_sure: strength 0..1 from which a match counts as said.
        match_grey: strength from which a match is doubtful instead of absent.
        trace: strength from which words in the very place where a phrase belongs are a trace of it, so that "not found" is
            doubtful, if the call was not heard well.
        trace_clear: the same in a call that was heard well.
        noisy: share of badly recognised words from which a call was not heard well.
        trace_beside: strength from which words anywhere are such a trace, if a badly recognised word stands in or beside them.
        single_sure: match_sure for a match of one short word, which is easily misheard as another.
        long_word: letters from which one word is as good as several.
        exact: strength from which the words themselves are beyond doubt, even where the recogniser was not sure of them.
        word_sure: confidence 0..1 of the matched words below which a match that is not exact is doubtful.
        blame_sure: confidence of the words, exact or not, below which an unacceptable phrase is doubtful.
        blame_match: strength below which an unacceptable phrase is doubtful.
        capital_sure: probability of the words from which capital letters tell a company's name.
        role_sure: role confidence 0..1 below which it is doubtful who spoke.
        type_sure: confidence 0..1 of the call type below which conditions on it are doubtful.
        lost_ms: unrecognised speech in the window from which "not found" is doubtful.
        lost_frac: the same as a share of the window's speech.
        weak_prob: a word less probable than this was recognised badly.
        weak_frac: share of badly recognised words in the window from which "not found" is doubtful. On 36 labelled calls heard
            with whisper-base, two in five such verdicts were wrong from 0.3 on, one in twelve below.
        origin: what the values were fitted on, for people.
    """

    match_sure: float = 0.8
    match_grey: float = 0.75
    trace: float = 0.5
    trace_clear: float = 0.72
    noisy: float = 0.03
    trace_beside: float = 0.66
    single_sure: float = 0.88
    long_word: int = 9
    exact: float = 0.95
    word_sure: float = 0.5
    blame_sure: float = 0.6
    blame_match: float = 0.85
    capital_sure: float = 0.7
    role_sure: float = 0.6
    type_sure: float = 0.6
    lost_ms: int = 1500
    lost_frac: float = 0.3
    weak_prob: float = 0.5
    weak_frac: float = 0.3
    origin: str = "shipped with callscore"


def read_thresholds(path: Path) -> Thresholds:
    """Return the thresholds of a file of `format`, `origin` and `values`; what it leaves out keeps its usual value.

    Raises:
        RubricError: for an unknown name or a value out of range, with file and line.
    """
    known = read_yaml(path).fields("thresholds", ("format", "origin", "values"), ("format", "origin", "values"))
    known["format"].whole("format", 1, 1)
    usual = {field.name: field.default for field in dataclasses.fields(Thresholds) if field.name != "origin"}
    given = known["values"].fields("values", usual)
    changed: dict[str, Any] = {name: _value(node, name, usual[name]) for name, node in given.items()}
    found = replace(Thresholds(origin=known["origin"].text("origin")), **changed)
    if found.match_grey > found.match_sure:
        raise known["values"].error("match_grey must not be above match_sure")
    return found


def _value(node: Node, name: str, usual: object) -> float | int:
    if isinstance(usual, int):
        return node.whole(name, 1, highest(name))
    return node.number(name, 0.0, 1.0)


def highest(name: str) -> int:
    """Return the highest value that a threshold may have; the lowest is 1 for a whole number and 0 for a share."""
    return _MOST.get(name, 1)
