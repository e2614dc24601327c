"""Which member of which queue is to have which level, and which cannot be told or written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callscore.export.queue_files import PlacedMember, PresentMember, extension_of, fault_of
from callscore.store.people_groups import fold_name
from callscore.store.standing import MemberRow

__all__ = ["Placing", "Refused", "place_members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A member for whom nothing is written, and why; `why` is the key of a text with `detail` in it."""

    who: str
    why: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What is known for writing levels.

    Args:
        levels: by person, 0 being tried first.
        first_level: how the exchange counts the first level.
        template: the name of a member, with {extension} in it.
        members: who took calls of which queue.
        present: what the exchange's own file has; empty: it was not given, and everybody goes back to the first level.
        people: person by folded name, for the members of that file.
    """

    levels: Mapping[str, int]
    first_level: int
    template: str
    members: Sequence[MemberRow]
    present: Sequence[PresentMember]
    people: Mapping[str, str]


def place_members(given: Placing) -> tuple[tuple[PlacedMember, ...], tuple[Refused, ...]]:
    """Return the members with their levels in order of queue, and those for whom nothing is written.

    With the exchange's own file, its members are the ones that are placed, each as it is named there. Without, they are those
    who took calls, by their extensions. A name that could be more than a name in a configuration is refused, and so is a
    telephone that two people of different levels use.
    """
    found = list(_present(given) if given.present else _seen(given))
    placed = [item for item in found if isinstance(item, PlacedMember)]
    refused = [item for item in found if isinstance(item, Refused)]
    by_telephone: dict[tuple[str, str], list[PlacedMember]] = {}
    for item in placed:
        by_telephone.setdefault((item.queue, item.member), []).append(item)
    kept = []
    for items in by_telephone.values():
        if len({item.level for item in items}) > 1:
            people = ", ".join(item.person for item in items)
            refused.append(Refused(who=items[0].member, why="shared", detail=people))
        else:
            kept.append(items[0])
    return tuple(sorted(kept, key=lambda item: item.queue)), tuple(refused)


def _seen(given: Placing) -> Iterator[PlacedMember | Refused]:
    for row in given.members:
        if row.person not in given.levels:
            continue
        if row.queue is None:
            yield Refused(who=row.person, why="no_queue")
        elif row.extension is None:
            yield Refused(who=row.person, why="no_extension", detail=row.queue)
        elif fault := fault_of(row.queue, given.template.replace("{extension}", row.extension), row.extension):
            yield Refused(who=row.person, why="unsafe", detail=f"{fault}: {_shown(row)}")
        else:
            member = given.template.replace("{extension}", row.extension)
            yield _placed(given, row.queue, member, row.person)


def _present(given: Placing) -> Iterator[PlacedMember | Refused]:
    for item in given.present:
        extension = extension_of(item.member) or ""
        names = (item.name, item.member, extension)
        person = next((given.people[fold_name(name)] for name in names if name and fold_name(name) in given.people), None)
        if fault := fault_of(item.queue, item.member):
            yield Refused(who=ascii(item.member)[:80], why="unsafe", detail=fault)
        elif person is None or person not in given.levels:
            yield Refused(who=item.member, why="stranger", detail=item.queue)
        else:
            yield _placed(given, item.queue, item.member, person, item)


def _placed(given: Placing, queue: str, member: str, person: str, present: PresentMember | None = None) -> PlacedMember:
    return PlacedMember(
        queue=queue,
        member=member,
        person=person,
        level=given.levels[person] + given.first_level,
        undo_level=present.level if present else given.first_level,
        rest=present.rest if present else (),
    )


def _shown(row: MemberRow) -> str:
    """Return what was refused so that it can be found and does no harm where it is printed."""
    return f"{ascii(row.extension)[:60]} {ascii(row.queue)[:60]}"
