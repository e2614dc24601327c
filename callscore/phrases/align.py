"""Lay one variant of a phrase over the tokens: which slot is which token, and how strong the whole is. Pure.

Hits (a slot, or two glued slots, lying on one or two tokens or on a stretch of a class) are chained left to right; the best
chain that ends at each hit is found by dynamic programming over hits sorted by place. Work is bounded by hits x the widest gap:
a chain never looks back further than its gaps allow.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, NamedTuple

from callscore.phrases.analysed import AnalysedText, AtomHits
from callscore.phrases.prepare import DEFAULT_SLACK, PreparedSlot, PreparedVariant
from callscore.phrases.weights import FILLERS

__all__ = ["Chain", "Hit", "align_variant"]

_FILLER_COST: Final = 0.02
_WORD_COST: Final = 0.05
_SENTENCE_COST: Final = 0.05  # recognisers set full stops by ear, so a phrase may run over one, but it seldom does
_OPTIONAL_GAIN: Final = 1e-6  # an optional word that was said belongs to the match, yet makes it no stronger
_NAME_LIKE: Final = 0.85


class Hit(NamedTuple):
    """Slots `first_slot`..`last_slot` on tokens `first`..`last` (inclusive) with the weighted closeness `gain`."""

    first: int
    last: int
    first_slot: int
    last_slot: int
    gain: float


_Places = list[tuple[int, int, int, int, float]]
"""Hits not yet chosen, as bare tuples: most are made in vain."""


class Chain(NamedTuple):
    """Hits in order and the strength of the whole, 0..1."""

    hits: tuple[Hit, ...]
    strength: float


def align_variant(text: AnalysedText, variant: PreparedVariant, atom_hits: AtomHits, min_strength: float) -> list[Chain]:
    """Return the chains of at least `min_strength`, one for each hit that can be the last; in order of their ends."""
    hits = _all_hits(text, variant, atom_hits)
    if not hits:
        return []
    hits.sort()
    scores, before = _best_chains(text, variant, hits)
    least = min_strength * variant.total
    found = []
    for number, score in enumerate(scores):
        if score < least or not variant.ends[hits[number][3]]:
            continue
        chain = []
        at = number
        while at >= 0:
            chain.append(Hit(*hits[at]))
            at = before[at]
        chain.reverse()
        if _is_placed(text, variant, chain):
            found.append(Chain(tuple(chain), min(1.0, score / variant.total)))
    return found


def _is_placed(text: AnalysedText, variant: PreparedVariant, chain: list[Hit]) -> bool:
    if variant.at_start and not text.is_at_start(chain[0].first):
        return False
    return not variant.at_end or text.is_at_end(chain[-1].last)


def _best_chains(text: AnalysedText, variant: PreparedVariant, hits: _Places) -> tuple[list[float], list[int]]:
    """Return for each hit the best score of a chain that ends there, and the number of the hit before it (-1: none)."""
    reach = variant.reach + max([hit[1] - hit[0] for hit in hits])
    total = variant.total
    scores: list[float] = []
    before: list[int] = []
    for number, (first, _last, first_slot, _last_slot, gain) in enumerate(hits):
        best, previous = (gain, -1) if variant.begins[first_slot] else (-1.0, -1)
        for other in range(number - 1, -1, -1):
            earlier_first, earlier_last, _first_slot, earlier_slot, _gain = hits[other]
            if earlier_first + reach < first:
                break
            score = scores[other] + gain
            if score <= best or earlier_slot >= first_slot or earlier_last >= first or scores[other] < 0:
                continue
            cost = _link_cost(text, variant.slots, (earlier_slot, first_slot), (earlier_last, first))
            if cost is not None and score - cost * total > best:
                best, previous = score - cost * total, other
        scores.append(best)
        before.append(previous)
    return scores, before


def _link_cost(
    text: AnalysedText, slots: tuple[PreparedSlot, ...], passed: tuple[int, int], tokens: tuple[int, int]
) -> float | None:
    """Return what the words between two hits cost, None if there are too many or a required slot is passed over.

    `passed` are the slots, `tokens` the tokens, at which the earlier hit ends and the later one begins.
    """
    free = slack = 0
    last_slot, first_slot = passed
    last, first = tokens
    for place in range(last_slot + 1, first_slot + 1):
        slot = slots[place]
        if slot.gap is None:
            slack += DEFAULT_SLACK
        else:
            free += slot.gap
        if place < first_slot:
            if slot.is_required:
                return None
            free += 1  # a garbled word may stand in the place of the missed one
    between = first - last - 1
    if between > free + slack:
        return None
    cost = _SENTENCE_COST if text.sentences[last] < text.sentences[first] else 0.0
    if between > free:
        skipped = text.tokens[last + 1 : first]
        costs = sorted([_FILLER_COST if token in FILLERS else _WORD_COST for token in skipped])
        cost += sum(costs[: between - free])
    return cost


def _all_hits(text: AnalysedText, variant: PreparedVariant, atom_hits: AtomHits) -> _Places:
    """Return the hits of heavy slots, and those of function words where a heavy one is near."""
    found: _Places = []
    for place in variant.heavy:
        _add_hits(found, text, variant, place, atom_hits)
    if not variant.light:
        return found
    near = sorted([hit[0] for hit in found])
    light: _Places = []
    for place in variant.light:
        _add_hits(light, text, variant, place, atom_hits)
    for hit in light:
        first, _last, first_slot, last_slot, _gain = hit
        at = bisect_left(near, first - variant.reach)
        if first_slot != last_slot or (at < len(near) and near[at] <= first + variant.reach):
            found.append(hit)
    return found


def _add_hits(found: _Places, text: AnalysedText, variant: PreparedVariant, place: int, atom_hits: AtomHits) -> None:
    slot = variant.slots[place]
    weight = _OPTIONAL_GAIN if slot.is_optional else slot.weight
    for atom in slot.atoms & atom_hits.single.keys():
        found += [(first, last, place, place, close * weight) for first, last, close in atom_hits.places(atom)]
    if slot.glued:
        for atom in slot.glued & atom_hits.single.keys():
            both = weight + variant.slots[place + 1].weight
            found += [(first, last, place, place + 1, close * both) for first, last, close in atom_hits.places(atom)]
    for name in slot.classes:
        for first, ends in text.class_spans(name).items():
            for end in ends:
                is_sure = name != "name" or all(info.is_name for info in text.infos[first:end])
                found.append((first, end - 1, place, place, weight if is_sure else weight * _NAME_LIKE))
