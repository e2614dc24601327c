"""Whatever one row or one answer of a CRM holds, nothing crashes, nothing runs for ever, and the other rows still come."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from callscore.errors import CallscoreError
from callscore.records import OrderRecord
from tests.connectors.api_server import ApiServer, Asked, Handler, Reply
from tests.connectors.case import ORDER_KINDS, CrmCase, open_crm_case
from tests.connectors.story import ORDER_WINDOW, quick_tools

HOSTILE: Final[tuple[Any, ...]] = (
    None,
    [],
    {},
    "не то",
    ["x"],
    {"x": None},
    10**400,
    -1,
    1.5,
    True,
    "",
    float("nan"),
    "9" * 5000,
    "\u0000\ud800",
)
PER_FIELD: Final = 2
"""How many of these each field is tried with; which, changes from field to field."""
PER_ANSWER: Final = 6
MOST_REQUESTS: Final = 150
WHOLE: Final = (
    b"", b"null", b"[]", b"{}", b'"text"', b"17", b"NaN", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 100_000, b"[1,",
    b'\xef\xbb\xbf{"result": []}',
)  # fmt: skip
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Spot:
    """A field of an answer: the address asked, where in the answer it lies, and the row it is part of, if any."""

    path: str
    place: Place
    row_place: Place | None
    row: Any


@dataclass
class Tap:
    """Stands between a case's server and who asks: notes the first answer of each address, and spoils answers."""

    handler: Handler
    answers: dict[str, Any] = field(default_factory=dict)
    spot: Spot | None = None
    value: Any = None
    whole: tuple[str, bytes] | None = None
    n_asked: int = 0

    def answer(self, asked: Asked) -> Reply:
        """Answer as the system, with one thing changed."""
        self.n_asked += 1
        reply = self.handler(asked)
        if self.whole is not None and self.whole[0] == asked.path:
            return replace(reply, body=self.whole[1])
        try:
            answer = json.loads(reply.data())
        except ValueError:
            return reply
        self.answers.setdefault(asked.path, answer)
        if self.spot is None or self.spot.path != asked.path:
            return reply
        return replace(reply, body=json.dumps(spoiled(answer, self.spot, self.value)))


def spoiled(answer: Any, spot: Spot, value: Any) -> Any:
    """Return an answer with another value in one place, if the row meant is in it."""
    changed = copy.deepcopy(answer)
    try:
        if spot.row_place is not None and at(changed, spot.row_place) != spot.row:
            return answer
        inner = at(changed, spot.place[:-1])
        _ = inner[spot.place[-1]]
        inner[spot.place[-1]] = value
    except (KeyError, IndexError, TypeError):
        return answer
    return changed


def at(answer: Any, place: Place) -> Any:
    """Return what lies in a place."""
    for step in place:
        answer = answer[step]
    return answer


def spots(path: str, answer: Any) -> Iterator[Spot]:
    """Yield each field of an answer; of lists, and of objects that are lists by code, the first row stands for all."""

    def walk(value: Any, place: Place, row_place: Place | None) -> Iterator[Spot]:
        if place:
            yield Spot(path, place, row_place, None if row_place is None else at(answer, row_place))
        if isinstance(value, list) and value:
            yield from walk(value[0], (*place, 0), (*place, 0) if row_place is None else row_place)
        elif isinstance(value, Mapping) and len(value) > 1 and all(isinstance(item, Mapping) for item in value.values()):
            name = next(iter(value))
            yield from walk(value[name], (*place, name), (*place, name) if row_place is None else row_place)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                yield from walk(item, (*place, name), row_place)

    yield from walk(answer, (), None)


@pytest.fixture(params=ORDER_KINDS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CrmCase]:
    """Return each kind of CRM that speaks over HTTP in turn."""
    with open_crm_case(request.param, tmp_path, quick_tools()) as opened:
        if opened.server is None:
            pytest.skip("this system is read from files")
        yield opened


@pytest.fixture
def tap(case: CrmCase) -> Tap:
    """Return the tap, after a reading without faults."""
    server = case.server
    assert isinstance(server, ApiServer)
    found = Tap(server.handler)
    server.handler = found.answer
    assert len(read(case)) >= 4
    return found


def read(case: CrmCase) -> dict[str, OrderRecord]:
    """Return the orders by id."""
    return {order.order_id: order for page in case.crm.iter_pages(ORDER_WINDOW) for order in page.records}


def test_a_field_of_any_kind_spoils_no_other_row(case: CrmCase, tap: Tap) -> None:
    """An order with a bad field may be left out; the others come as they are. Other rows may cost what they tell, no more."""
    baseline = {key: (order.outcome, order.created_at) for key, order in read(case).items()}
    values = itertools.cycle(HOSTILE)
    victims: set[str | None] = set()
    for path, answer in list(tap.answers.items()):
        for spot in spots(path, answer):
            victim = order_id_of(spot.row, baseline)
            victims.add(victim)
            for value in itertools.islice(values, PER_FIELD):
                tap.spot, tap.value, tap.n_asked = spot, value, 0
                told = f"{path} {spot.place} = {str(value)[:20]!r}"
                try:
                    found = {key: (order.outcome, order.created_at) for key, order in read(case).items()}
                except CallscoreError:
                    assert victim is None, f"{told}: one bad row stops all"
                    found = baseline
                assert tap.n_asked < MOST_REQUESTS, told
                if victim is not None:
                    assert {**found, victim: None} == {**found, **baseline, victim: None}, told
    assert victims - {None}, "no field of an order was tried"


def test_an_answer_of_any_kind_is_an_error_at_most(case: CrmCase, tap: Tap) -> None:
    """A system that answers with nonsense is named; nothing else happens."""
    bodies = itertools.cycle(WHOLE)
    for path in list(tap.answers):
        for body in itertools.islice(bodies, PER_ANSWER):
            tap.whole, tap.n_asked = (path, body), 0
            with suppress(CallscoreError):
                read(case)
            assert tap.n_asked < MOST_REQUESTS, (path, body[:20])


def order_id_of(row: Any, known: Mapping[str, Any]) -> str | None:
    """Return the order that a row tells of."""
    if not isinstance(row, Mapping):
        return None
    return next((str(value) for value in row.values() if isinstance(value, str | int) and str(value) in known), None)
