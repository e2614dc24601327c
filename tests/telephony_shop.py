"""A generated shop's telephony of eight weeks with a change of clocks: lines, operators, missed calls, orders."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, OrderRecord, Outcome
from callscore.store import open_store
from callscore.store.feeds import Feed, FeedBatch, JoinRow
from callscore.store.telephony import Hours

ZONE = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 9, 14, tzinfo=ZONE)
LAST = datetime(2026, 11, 9, tzinfo=ZONE)
HOURS = Hours(
    open_at="09:00",
    close_at="20:00",
    work_days="123456",
    timezone="Europe/Berlin",
    callback_hours=24,
    days_off=("2026-10-03",),
)
LINES = tuple(f"+4930000000{n}" for n in range(6))
SILENT_LINE, NEW_LINE = LINES[4], LINES[5]
SILENT_FROM = LAST - timedelta(hours=30)
NEW_FROM = LAST - timedelta(days=15)
OPERATORS = ("anna", "boris", "clara", "denis", "elena", "fedor", "galina", "hanna")
PBX, CLOUD = Feed(source="pbx", kind="asterisk"), Feed(source="cloud", kind="mango")
_MISSED = (Disposition.ABANDONED, Disposition.ABANDONED, Disposition.NO_ANSWER, Disposition.BUSY, Disposition.TIMEOUT)


@dataclass(frozen=True)
class Shop:
    """Everything that was stored, and which call led to which order."""

    calls: tuple[CallRecord, ...]
    orders: tuple[OrderRecord, ...]
    joins: tuple[JoinRow, ...]


def make_shop(n_calls: int, seed: int = 5) -> Shop:
    """Return a shop with about `n_calls` calls, those of the last weeks included; the same seed gives the same shop."""
    numbers = random.Random(seed)
    phones = [f"+4917{n:08d}" for n in range(n_calls // 6)]
    calls: list[CallRecord] = []
    for number in range(round(n_calls * 0.7)):
        call = _incoming(numbers, number, phones)
        calls.append(call)
        if call.disposition is not Disposition.ANSWERED and call.client_phone and numbers.random() < 0.6:
            calls.extend(_call_backs(numbers, call))
    calls.extend(_outgoing(numbers, number, phones) for number in range(round(n_calls * 0.1)))
    kept = tuple(call for call in calls if call.started_at < LAST and _is_open_line(call))
    return Shop(kept, *_orders(numbers, kept))


def store_shop(shop: Shop, path: Path) -> None:
    """Put the shop into a new database as a night's run would."""
    at = LAST.astimezone(UTC)
    with open_store(path) as writer:
        for feed in (PBX, CLOUD):
            own = [call for call in shop.calls if call.account == feed.source]
            for start in range(0, len(own), 10_000):
                writer.save_batch(FeedBatch(feed=feed, at=at, calls=tuple(own[start : start + 10_000]), covered_until=at))
        for source in ("accounting", "crm"):
            orders = tuple(order for order in shop.orders if order.account == source)
            writer.save_batch(FeedBatch(feed=Feed(source=source, kind="amocrm"), at=at, orders=orders, covered_until=at))
        writer.replace_joins(shop.joins, [])


def _moment(numbers: random.Random) -> datetime:
    """Return a time of day as clients choose it: mostly by day, now and then at night."""
    day = FIRST + timedelta(days=numbers.randrange((LAST - FIRST).days))
    second = int(min(86_399, max(0, numbers.gauss(14.5, 4.0) * 3600)))
    local = datetime.combine(day.date(), time(), tzinfo=ZONE) + timedelta(seconds=second, milliseconds=numbers.randrange(1000))
    return local.astimezone(UTC)


def _incoming(numbers: random.Random, number: int, phones: list[str]) -> CallRecord:
    is_cloud = number % 5 == 0
    answered = numbers.random() < 0.75
    start, wait = _moment(numbers), numbers.randrange(1, 90_000)
    call = CallRecord(
        source="mango" if is_cloud else "asterisk",
        account="cloud" if is_cloud else "pbx",
        call_id=f"{'c' if is_cloud else 'p'}{number}",
        started_at=start,
        direction=Direction.INBOUND,
        disposition=Disposition.ANSWERED if answered else numbers.choice(_MISSED),
        client_phone=None if numbers.random() < 0.03 else phones[int(len(phones) * numbers.random() ** 2)],
        line_phone=numbers.choice(LINES),
        queue=numbers.choice(("sales", "service", None)),
        wait_ms=None if numbers.random() < 0.02 else wait,
        ended_at=start + timedelta(milliseconds=wait),
        campaign=numbers.choice(("spring", "autumn", None, None)),
        utm=(("utm_source", "yandex"), ("utm_medium", "cpc")) if number % 7 == 0 else (),
    )
    return _answer(numbers, call, wait) if answered else call


def _answer(numbers: random.Random, call: CallRecord, wait_ms: int) -> CallRecord:
    talk_ms = int(numbers.expovariate(1 / 200_000)) + 1
    answered_at = call.started_at + timedelta(milliseconds=wait_ms)
    ended_at = answered_at + timedelta(milliseconds=talk_ms)
    name = None if numbers.random() < 0.05 else numbers.choice(OPERATORS)
    call = replace(call, answered_at=answered_at, ended_at=ended_at, talk_ms=talk_ms, operator_name=name)
    if call.account == "cloud":
        return call
    end = ended_at if numbers.random() < 0.93 else answered_at + timedelta(milliseconds=talk_ms // 2)
    legs = [_leg(LegKind.TALK, name, answered_at, end)]
    if numbers.random() < 0.3:
        legs.insert(0, CallLeg(kind=LegKind.RING, operator_name=numbers.choice(OPERATORS), result=Disposition.NO_ANSWER))
    if end < ended_at:
        legs.append(_leg(LegKind.TRANSFER_BLIND, numbers.choice(OPERATORS), end, ended_at))
    return replace(call, legs=tuple(legs))


def _leg(kind: LegKind, name: str | None, start: datetime, end: datetime) -> CallLeg:
    return CallLeg(kind=kind, operator_name=name, answered_at=start, ended_at=end, result=Disposition.ANSWERED)


def _call_backs(numbers: random.Random, missed: CallRecord) -> Iterator[CallRecord]:
    at = missed.started_at
    for number in range(numbers.choice((1, 1, 2))):
        at += timedelta(milliseconds=int(numbers.expovariate(1 / 4_000_000)) + 1)
        yield _dial(numbers, f"{missed.call_id}b{number}", at, missed.client_phone, missed.line_phone)


def _outgoing(numbers: random.Random, number: int, phones: list[str]) -> CallRecord:
    return _dial(numbers, f"o{number}", _moment(numbers), numbers.choice(phones), numbers.choice(LINES))


def _dial(numbers: random.Random, call_id: str, at: datetime, phone: str | None, line: str | None) -> CallRecord:
    answered = numbers.random() < 0.7
    call = CallRecord(
        source="asterisk",
        account="pbx",
        call_id=call_id,
        started_at=at,
        direction=Direction.OUTBOUND,
        disposition=Disposition.ANSWERED if answered else Disposition.NO_ANSWER,
        client_phone=phone,
        line_phone=line,
        ended_at=at + timedelta(seconds=20),
    )
    return _answer(numbers, call, 8000) if answered else call


def _is_open_line(call: CallRecord) -> bool:
    if call.line_phone == SILENT_LINE and call.direction is Direction.INBOUND:
        return call.started_at < SILENT_FROM
    return call.line_phone != NEW_LINE or call.started_at >= NEW_FROM


def _orders(numbers: random.Random, calls: tuple[CallRecord, ...]) -> tuple[tuple[OrderRecord, ...], tuple[JoinRow, ...]]:
    orders: list[OrderRecord] = []
    joins: list[JoinRow] = []
    for call in calls:
        if call.direction is not Direction.INBOUND or not call.client_phone or numbers.random() > 0.12:
            continue
        number = str(1000 + len(orders))
        order = OrderRecord(
            source="amocrm",
            account="crm",
            order_id=f"crm-{number}",
            created_at=call.started_at + timedelta(minutes=5),
            outcome=numbers.choice((Outcome.WON, Outcome.WON, Outcome.LOST)),
            number=number,
            amount=float(numbers.randrange(100, 90_000)),
            client_phones=(call.client_phone,),
        )
        if order.outcome is Outcome.WON and numbers.random() < 0.08:
            orders.append(
                replace(order, account="crm", order_id=f"return-{number}", amount=-float(numbers.randrange(100, 900)))
            )
            joins.append(_join(orders[-1], call))
        if numbers.random() < 0.1:
            orders.append(replace(order, account="accounting", order_id=f"acc-{number}"))
        orders.append(order)
        joins.append(_join(order, call))
    return tuple(orders), tuple(joins)


def _join(order: OrderRecord, call: CallRecord) -> JoinRow:
    return JoinRow(
        outcome_id=order.order_id,
        source=call.account,
        pbx_call_id=call.call_id,
        call_id=call.call_id,
        place=0,
        rule="phone_before",
        certainty="likely",
        gap_ms=300_000,
    )
