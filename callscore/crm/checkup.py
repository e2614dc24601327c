"""What checks of sources of orders say alike: how many orders there are, what they lack, how their statuses are understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from callscore.outside.pages import Finding, Level, Reject
from callscore.records import OrderRecord

__all__ = ["check_orders"]

ENOUGH: Final = 4
"""From so many orders on, none with a phone is no chance but a missing right."""
_SHOWN_STATUSES: Final = 20


def check_orders(orders: Sequence[OrderRecord], rejects: Sequence[Reject], period: str) -> Iterator[Finding]:
    """Tell about some orders; `period` says which, such as "the last 7 days"."""
    if not orders:
        hint = "is that so, or does the login see no orders?"
        yield Finding(level=Level.ADVICE, subject="orders", text=f"no orders in {period}", hint=hint)
    else:
        yield Finding(level=Level.FINE, subject="orders", text=f"{len(orders)} orders in {period}")
    if rejects:
        text = f"{len(rejects)} rows cannot be read; the first: {rejects[0].where}: {rejects[0].reason}"
        yield Finding(level=Level.ADVICE, subject="rows", text=text, hint="they are left out")
    if orders:
        yield from _check_phones(orders)
        yield from _check_names(orders)
        yield from _check_statuses(orders)


def _check_phones(orders: Sequence[OrderRecord]) -> Iterator[Finding]:
    n_lacking = sum(not order.client_phones for order in orders)
    if n_lacking:
        yield Finding(
            level=Level.PROBLEM if n_lacking == len(orders) >= ENOUGH else Level.ADVICE,
            subject="phones",
            text=f"{n_lacking} of {len(orders)} orders have no phone of the client; those join no call",
            hint="the login needs the right to see clients and their phones",
        )


def _check_names(orders: Sequence[OrderRecord]) -> Iterator[Finding]:
    n_lacking = sum(order.responsible_name is None for order in orders)
    if n_lacking:
        text = f"{n_lacking} of {len(orders)} orders name nobody responsible"
        yield Finding(level=Level.ADVICE, subject="names", text=text, hint="the login needs the right to see colleagues")


def _check_statuses(orders: Sequence[OrderRecord]) -> Iterator[Finding]:
    counted = Counter((order.status_raw, order.outcome) for order in orders)
    shown = ", ".join(f"{status or '-'} = {outcome}" for (status, outcome), _ in counted.most_common(_SHOWN_STATUSES))
    hint = "where that is wrong, set won_statuses, lost_statuses or open_statuses"
    yield Finding(level=Level.FINE, subject="statuses", text=f"understood as: {shown}", hint=hint)
