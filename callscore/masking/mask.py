"""Mask whole turns: every rule in order, again until nothing changes, so that masking twice is masking once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from callscore.masking.numbers import is_dictation, personal_numbers
from callscore.masking.people import emails, names, streets
from callscore.masking.pieces import Kind, Piece, cut_pieces, replaced

__all__ = ["mask_text", "mask_turns"]

_Rule = Callable[[Sequence[Piece]], tuple[tuple[int, int], ...]]
_RULES: Final[tuple[tuple[Kind, _Rule], ...]] = (
    ("email", emails),
    ("address", streets),
    ("name", names),
    ("number", personal_numbers),
)


def mask_text(text: str, language: str = "ru") -> str:
    """Return a text with its personal data masked.

    >>> mask_text("Меня зовут Ольга Ковалёва, номер заказа сорок пять восемьсот двенадцать, на 3 500 рублей.")
    'Меня зовут [имя], номер заказа [номер], на 3 500 рублей.'
    >>> mask_text("My name is John Smith, call 555 01 99 at five.", "en")
    'My name is [name], call [number] at five.'
    """
    return " ".join(piece.text for piece in mask_turns([text.split()], language)[0])


def mask_turns(turns: Sequence[Sequence[str]], language: str) -> tuple[tuple[Piece, ...], ...]:
    """Return the turns, given as words, with personal data masked; placeholders are in `language`.

    The turns are those of one call, in order: a number dictated digit by digit, a turn each, is told by its neighbours.
    """
    masked = tuple(cut_pieces(words) for words in turns)
    while True:
        rules_done = tuple(_mask(pieces, language) for pieces in masked)
        done = _mask_dictated(rules_done, language)
        if done == masked:
            return done
        masked = done


def _mask(pieces: tuple[Piece, ...], language: str) -> tuple[Piece, ...]:
    for kind, rule in _RULES:
        pieces = replaced(pieces, rule(pieces), kind, language)
    return pieces


def _mask_dictated(turns: tuple[tuple[Piece, ...], ...], language: str) -> tuple[tuple[Piece, ...], ...]:
    """Mask turns that are a single digit where a turn beside them, or one further, is dictated too."""
    flags = [is_dictation(pieces) for pieces in turns]
    done = []
    for at, pieces in enumerate(turns):
        near = [*range(max(0, at - 2), at), *range(at + 1, min(len(turns), at + 3))]
        if flags[at] and any(flags[place] for place in near):
            numbers = [place for place, piece in enumerate(pieces) if not piece.kind]
            done.append(replaced(pieces, [(numbers[0], numbers[-1])], "number", language) if numbers else pieces)
        else:
            done.append(pieces)
    return tuple(done)
