"""Which calls led to which order: by call id where the CRM carries one, else by the client's number in time. Pure.

A call leads to the first order that its client made after it, within a window of days; a call between creation and closing
of an order (a confirmation, a reminder) belongs to that order where no newer order of the client was made before the call.
So a call leads to one order at most, and an order has only calls that led to it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from callscore.store.feeds import JoinableCall, JoinableOrder

__all__ = ["Certainty", "JoinOptions", "Joined", "JoinedCall", "Rule", "join_orders"]

_DIGITS: Final = 10


class Rule(StrEnum):
    """How a call was found, or why none was."""

    CALL_ID = "call_id"
    PHONE_BEFORE = "phone_before"
    PHONE_AFTER = "phone_after"
    DIGITS_BEFORE = "digits_before"
    DIGITS_AFTER = "digits_after"
    NO_PHONE = "no_phone"
    NO_CALL = "no_call"
    OTHER_ORDER = "other_order"


class Certainty(StrEnum):
    """`certain`: the CRM names the call; `likely`: the client's number, nearest; `possible`: by ten digits, or not nearest."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinOptions:
    """`days`: how long before an order a call may lie; `grace`: how much later than its creation a call may have begun.

    Clocks of systems differ by minutes, and an order is often made while the client is still on the line.
    """

    days: int = 14
    grace: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedCall:
    """A call that led to an order; `gap` is from the call's start to the order's creation, negative after it."""

    call: JoinableCall
    rule: Rule
    certainty: Certainty
    gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An order with its calls, nearest first; `reason` says why there are none."""

    outcome_id: str
    calls: tuple[JoinedCall, ...]
    reason: Rule | None = None


@dataclass(frozen=True, slots=True)
class _Client:
    """The orders of one number in order of creation."""

    orders: tuple[JoinableOrder, ...]
    created: tuple[datetime, ...]


def join_orders(orders: Sequence[JoinableOrder], calls: Iterable[JoinableCall], options: JoinOptions) -> tuple[Joined, ...]:
    """Return each order with the calls that led to it, in the given order of orders."""
    named = {call_id: order for order in orders for call_id in order.call_ids}
    by_phone = _clients(orders, lambda phone: phone)
    by_digits = _clients(orders, _last_digits)
    found: dict[str, list[JoinedCall]] = defaultdict(list)
    taken: set[str] = set()
    for call in calls:
        order, rule = _order_of(call, named, by_phone, by_digits, options)
        taken.update(_rivals(call, by_phone, options) if rule is not None else ())
        if order is not None and rule is not None:
            certainty = _certainty(rule)
            found[order.outcome_id].append(
                JoinedCall(call=call, rule=rule, certainty=certainty, gap=order.created_at - call.started_at)
            )
    return tuple(_joined(order, found.get(order.outcome_id, []), taken) for order in orders)


def _order_of(
    call: JoinableCall,
    named: dict[str, JoinableOrder],
    by_phone: dict[str, _Client],
    by_digits: dict[str, _Client],
    options: JoinOptions,
) -> tuple[JoinableOrder | None, Rule | None]:
    for call_id in call.ids:
        if call_id in named:
            return named[call_id], Rule.CALL_ID
    if not call.client_phone:
        return None, None
    exact = by_phone.get(call.client_phone)
    if exact is not None:
        order, is_before = _nearest(call, exact, options)
        return order, None if order is None else Rule.PHONE_BEFORE if is_before else Rule.PHONE_AFTER
    loose = by_digits.get(_last_digits(call.client_phone))
    if loose is not None:
        order, is_before = _nearest(call, loose, options)
        return order, None if order is None else Rule.DIGITS_BEFORE if is_before else Rule.DIGITS_AFTER
    return None, None


def _nearest(call: JoinableCall, client: _Client, options: JoinOptions) -> tuple[JoinableOrder | None, bool]:
    """Return the order that a call led to, and whether the call came before it."""
    next_one = bisect_left(client.created, call.started_at - options.grace)
    if next_one < len(client.orders):
        order = client.orders[next_one]
        if order.created_at - call.started_at <= timedelta(days=options.days):
            return order, True
    if next_one > 0:
        order = client.orders[next_one - 1]
        is_open = order.closed_at is None and call.started_at - order.created_at <= timedelta(days=options.days)
        if is_open or (order.closed_at is not None and call.started_at <= order.closed_at):
            return order, False
    return None, False


def _rivals(call: JoinableCall, by_phone: dict[str, _Client], options: JoinOptions) -> set[str]:
    """Return the later orders of the same client in whose window the call lies: another order got it."""
    client = by_phone.get(call.client_phone or "")
    if client is None:
        return set()
    limit = timedelta(days=options.days)
    return {order.outcome_id for order in client.orders if timedelta(0) <= order.created_at - call.started_at <= limit}


def _joined(order: JoinableOrder, calls: list[JoinedCall], taken: set[str]) -> Joined:
    if not calls:
        lost = Rule.OTHER_ORDER if order.outcome_id in taken else Rule.NO_CALL
        return Joined(outcome_id=order.outcome_id, calls=(), reason=lost if order.phones or order.call_ids else Rule.NO_PHONE)
    # Calls before the order come first: they led to it; those after it only accompanied it.
    nearest = sorted(calls, key=lambda c: (c.rule is not Rule.CALL_ID, c.gap < timedelta(0), abs(c.gap), c.call.call_id))
    return Joined(
        outcome_id=order.outcome_id,
        calls=tuple(
            call
            if place == 0 or call.certainty is Certainty.CERTAIN
            else JoinedCall(call=call.call, rule=call.rule, certainty=Certainty.POSSIBLE, gap=call.gap)
            for place, call in enumerate(nearest)
        ),
    )


def _certainty(rule: Rule) -> Certainty:
    if rule is Rule.CALL_ID:
        return Certainty.CERTAIN
    return Certainty.LIKELY if rule is Rule.PHONE_BEFORE else Certainty.POSSIBLE


def _clients(orders: Sequence[JoinableOrder], key: Callable[[str], str]) -> dict[str, _Client]:
    grouped: dict[str, dict[str, JoinableOrder]] = defaultdict(dict)
    for order in orders:
        for phone in order.phones:
            if key(phone):
                grouped[key(phone)][order.outcome_id] = order
    clients: dict[str, _Client] = {}
    for phone, found in grouped.items():
        ordered = sorted(found.values(), key=lambda order: (order.created_at, order.outcome_id))
        clients[phone] = _Client(tuple(ordered), tuple(order.created_at for order in ordered))
    return clients


def _last_digits(phone: str) -> str:
    """Return the last ten digits, by which numbers are compared where one could not be parsed; empty for shorter ones."""
    digits = "".join(filter(str.isdigit, phone))
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""
