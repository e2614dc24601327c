"""Who is who in a vCon: the parties, which of them is the client and which are ours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import Fields, RowError

__all__ = ["Parties", "Party", "party_numbers", "read_parties"]

_OURS: Final = ("agent", "supervisor", "sme")
_CLIENT: Final = ("customer", "client", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party; `role` and `kind` are the vCon's own words in small letters."""

    ident: str | None
    name: str | None
    phone: Phone
    role: str
    kind: str
    has_org: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """All parties, the number of the client and those of ours. `is_known`: the sides were told, not guessed."""

    all: tuple[Party, ...]
    client: int | None
    ours: frozenset[int]
    is_known: bool

    def people(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Return which of the numbers are employees, in order; bots and organisations are none."""
        return tuple(n for n in dict.fromkeys(numbers) if n in self.ours and self.all[n].kind not in ("bot", "organization"))


def party_numbers(value: object, n_parties: int) -> Iterator[int]:
    """Yield the numbers in a `parties` member: one, a list, or a list with an entry per channel.

    Raises:
        RowError: for what is no number, or the number of no party.
    """
    if value is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from party_numbers(item, n_parties)
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < n_parties:
        raise RowError("parties names a party that is not there")
    yield value


def read_parties(
    rows: object, heard: Sequence[int], originator: int | None, our_phones: frozenset[str], region: str
) -> Parties:
    """Return the parties; `heard` are the numbers of those that take part in dialogs, `originator` began the first.

    Roles tell the sides, then what kind of party it is, our own numbers, and short numbers. Where nothing tells them the
    originator is taken for the client.

    Raises:
        RowError: if they cannot be read.
    """
    given = rows if isinstance(rows, list) else []
    parties = tuple(_party(row if isinstance(row, Mapping) else {}, region) for row in given)
    present = [n for n in dict.fromkeys(heard) if n < len(parties)] or list(range(len(parties)))
    ours = {n for n in present if _is_ours(parties[n], our_phones)}
    clients = [n for n in present if parties[n].role in _CLIENT]
    if clients:
        # Whoever is no client and no third party works for us.
        ours |= {n for n in present if n not in clients and parties[n].role != "thirdparty"}
        return Parties(all=parties, client=clients[0], ours=frozenset(ours), is_known=True)
    others = [n for n in present if n not in ours and parties[n].role != "thirdparty"]
    with_phone = [n for n in others if parties[n].phone.e164]
    if ours and others:
        client = (with_phone or others)[0]
    elif len(with_phone) == 1:
        client = with_phone[0]
    else:
        if not others:
            return Parties(all=parties, client=None, ours=frozenset(ours), is_known=bool(ours))
        client = originator if originator in others else others[0]
        return Parties(all=parties, client=client, ours=frozenset({*ours, *others} - {client}), is_known=False)
    return Parties(all=parties, client=client, ours=frozenset({*ours, *others} - {client}), is_known=True)


def _is_ours(party: Party, our_phones: frozenset[str]) -> bool:
    if party.role:
        return party.role in _OURS
    is_line = party.phone.e164 in our_phones
    return is_line or party.kind == "bot" or party.has_org or (party.phone.e164 is None and party.phone.extension is not None)


def _party(row: Mapping[str, Any], region: str) -> Party:
    fields = Fields(row)
    phone = parse_phone(fields.text("tel") or fields.text("sip"), region)
    return Party(
        ident=fields.text("uuid"),
        name=None if fields.text("name") == "anonymous" else fields.text("name"),
        phone=phone,
        role=(fields.text("role") or "").lower(),
        kind=(fields.text("type") or "").lower(),
        has_org=bool(fields.text("org") or fields.text("dept")),
    )
