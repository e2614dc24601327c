"""Find the people, streets and e-mail addresses of a turn. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from callscore.masking.grammar import forms, info_of, is_given_name, is_surname, may_be_surname
from callscore.masking.lexicon import (
    ADDRESS_STREETS,
    ALSO_WORDS,
    EMAIL_SIGNS,
    EMAIL_TAILS,
    INTRODUCTIONS,
    OF_INTRODUCTION,
    TITLES,
)
from callscore.masking.pieces import Piece

__all__ = ["emails", "names", "streets"]

_MOST_EMAIL_BEFORE: Final = 8
_MOST_EMAIL_AFTER: Final = 5
_MOST_STREET_WORDS: Final = 3
_SPELLED: Final = 4
"""So many single letters in a row spell a name out."""
_BEFORE_EMAIL: Final = frozenset(
    {"почта", "адрес", "email", "мейл", "имейл", "на", "это", "мой", "пишите", "запишите", "mail", "address", "is", "my", "to"}
)


def names(pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
    """Return the stretches `(first, last)` of pieces that name people, neighbours joined."""
    marked = {at for at, piece in enumerate(pieces) if _is_name(piece, is_inside=at > 0 and not pieces[at - 1].ends_sentence)}
    marked |= _spelled(pieces)
    for at in range(len(pieces)):
        if at not in marked and _is_beside_name(pieces, at, marked):
            marked.add(at)
    for at in range(len(pieces) - 2, -1, -1):  # "Мороз Иван": the surname before the name
        is_joined = not pieces[at].ends_sentence and not pieces[at].text.endswith(",")
        if at not in marked and at + 1 in marked and is_joined and _may_be(pieces[at], at + 1, pieces):
            marked.add(at)
    return _runs(marked)


def _is_name(piece: Piece, *, is_inside: bool) -> bool:
    tokens = piece.tokens if is_inside and piece.is_capital else tuple(t for t in piece.tokens if t not in ALSO_WORDS)
    return any(is_given_name(token) or is_surname(token) for token in tokens)


def _is_beside_name(pieces: Sequence[Piece], at: int, marked: set[int]) -> bool:
    """Tell whether the word's place makes it a surname: after a name, a title or "фамилия", or by its capital letter."""
    piece = pieces[at]
    if not piece.tokens or at == 0:
        return False
    before = pieces[at - 1]
    is_inside = not before.ends_sentence
    if is_inside and not before.text.endswith(",") and (at - 1 in marked or before.kind == "name"):
        return _may_be(piece, at - 1, pieces)
    if is_inside and piece.is_capital and any(may_be_surname(token) for token in piece.tokens):
        return True
    return _is_introduced(pieces, at)


def _is_introduced(pieces: Sequence[Piece], at: int) -> bool:
    """Tell whether the word follows "господин", "фамилия", "my surname is" and may be what they announce."""
    for place in range(at - 1, max(-1, at - 4), -1):
        if pieces[place].ends_sentence:
            return False
        lemmas = {lemma for token in pieces[place].tokens for lemma in forms(token)}
        if lemmas & (TITLES | INTRODUCTIONS):
            token = pieces[at].tokens[0]
            is_garbled = not token.isascii() and not info_of(token).is_known
            return pieces[at].is_capital or is_garbled or may_be_surname(token)
        if not lemmas & OF_INTRODUCTION:
            return False
    return False


def _may_be(piece: Piece, beside: int, pieces: Sequence[Piece]) -> bool:
    """Tell whether a word beside a name belongs to it; in English any capital letter does, after a capital letter."""
    if any(may_be_surname(token) for token in piece.tokens):
        return True
    is_latin = all(token.isascii() and token.isalpha() for token in piece.tokens) and bool(piece.tokens)
    return (
        is_latin and piece.is_capital and len(piece.tokens[0]) > 1 and (pieces[beside].is_capital or bool(pieces[beside].kind))
    )


def _spelled(pieces: Sequence[Piece]) -> set[int]:
    """Return the places of single letters that stand four or more in a row."""
    found: set[int] = set()
    is_letter = [bool(piece.tokens) and all(len(t) == 1 and t.isalpha() for t in piece.tokens) for piece in pieces]
    for is_run, group in itertools.groupby(range(len(pieces)), key=is_letter.__getitem__):
        run = list(group)
        if is_run and sum(len(pieces[at].tokens) for at in run) >= _SPELLED:
            found.update(run)
    return found


def streets(pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
    """Return the names of streets: "улица Ленина", "Невский проспект", "Baker Street"; the word for street itself stays."""
    marked: set[int] = set()
    for at, piece in enumerate(pieces):
        if not any(forms(token) & ADDRESS_STREETS for token in piece.tokens):
            continue
        if at and not pieces[at - 1].ends_sentence and _is_street_before(pieces, at - 1):
            marked.add(at - 1)
        for place in range(at + 1, min(len(pieces), at + 1 + _MOST_STREET_WORDS)):
            if pieces[place - 1].ends_sentence or not _is_street_after(pieces[place]):
                break
            marked.add(place)
            if pieces[place].text.endswith(","):
                break
    return _runs(marked)


def _is_street_before(pieces: Sequence[Piece], at: int) -> bool:
    piece = pieces[at]
    if not piece.tokens or any(forms(token) & ADDRESS_STREETS for token in piece.tokens):
        return False
    info = info_of(piece.tokens[-1])
    is_adjective = info.is_known and info.main[1] == "adj" and "ск" in info.text
    return is_adjective or (piece.is_capital and at > 0 and not pieces[at - 1].ends_sentence)


def _is_street_after(piece: Piece) -> bool:
    if len(piece.tokens) == 0 or any(char.isdigit() for char in piece.text):
        return False
    info = info_of(piece.tokens[0])
    if any(forms(token) & ADDRESS_STREETS for token in piece.tokens):
        return False
    is_cyrillic = any("а" <= char <= "я" for char in info.text)
    is_of = is_cyrillic and (not info.is_known or info.is_surname or (info.is_genitive and info.main[1] in ("noun", "adj")))
    return piece.is_capital or is_of or (is_cyrillic and info.main[1] == "adj" and not info.is_number)


def emails(pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
    """Return e-mail addresses, written with @ or dictated ("иванов собака мейл точка ру")."""
    found: list[tuple[int, int]] = []
    for at, piece in enumerate(pieces):
        if "@" in piece.text and not piece.kind:
            found.append((at, at))
        elif any(token in EMAIL_SIGNS for token in piece.tokens):
            last = _email_end(pieces, at)
            first = max(_email_start(pieces, at), found[-1][1] + 1 if found else 0)
            if last > at and first <= at:
                found.append((first, last))
    return tuple(found)


def _email_end(pieces: Sequence[Piece], at: int) -> int:
    """Return the last piece of the provider's name, `at` where none follows."""
    window = range(at + 1, min(len(pieces), at + 1 + _MOST_EMAIL_AFTER))
    tails = [place for place in window if any(token in EMAIL_TAILS for token in pieces[place].tokens)]
    is_english = "at" in pieces[at].tokens
    if not tails or (is_english and not any("dot" in pieces[place].tokens for place in tails)):
        return at
    return tails[-1]


def _email_start(pieces: Sequence[Piece], at: int) -> int:
    start = at
    while start > max(0, at - _MOST_EMAIL_BEFORE):
        before = pieces[start - 1]
        if before.ends_sentence or any(forms(token) & _BEFORE_EMAIL for token in before.tokens):
            break
        start -= 1
    return start


def _runs(marked: set[int]) -> tuple[tuple[int, int], ...]:
    """Join neighbouring places.

    >>> _runs({1, 2, 5})
    ((1, 2), (5, 5))
    """
    found: list[tuple[int, int]] = []
    for at in sorted(marked):
        if found and found[-1][1] == at - 1:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return tuple(found)
