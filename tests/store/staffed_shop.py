"""A shop with telephony, orders and a list of operators, built through the store; calls are told by a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, OrderRecord, Outcome
from callscore.store import open_store
from callscore.store.feeds import Feed, FeedBatch, JoinRow
from callscore.store.operators import OperatorEntry

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PBX = Feed(source="pbx", kind="asterisk")
CRM = Feed(source="crm", kind="order-table")


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A call: when it began, who talked (None: nobody), and the amount of the sale that came of it (None: no sale)."""

    at: datetime
    operator: str | None
    extension: str | None = None
    talk_s: int = 60
    sale: float | None = None
    currency: str = "RUB"
    queue: str | None = "sales"
    did: str | None = "74950000001"
    direction: Direction = Direction.INBOUND
    is_answered: bool = True
    in_vain: tuple[str, ...] = ()
    """Extensions that were rung for 20 s and did not answer, before."""


def staff(operator: str, *names: str, hour: str | None = None, call: str | None = None, **given: object) -> OperatorEntry:
    """Return a row of the list; costs as text."""
    entry = OperatorEntry(
        operator=operator,
        names=(operator.lower(), *names),
        cost_per_hour=Decimal(hour) if hour else None,
        cost_per_call=Decimal(call) if call else None,
    )
    return replace(entry, **given)  # type: ignore[arg-type]


def record(number: int, talk: Talk) -> CallRecord:
    """Return the call of a telephony system."""
    end = talk.at + timedelta(seconds=talk.talk_s)
    vain = tuple(
        CallLeg(
            kind=LegKind.RING,
            extension=extension,
            offered_at=talk.at - timedelta(seconds=60),
            ended_at=talk.at - timedelta(seconds=40),
            result=Disposition.NO_ANSWER,
        )
        for extension in talk.in_vain
    )
    own = CallLeg(
        kind=LegKind.TALK if talk.is_answered else LegKind.RING,
        operator_name=talk.operator,
        extension=talk.extension,
        offered_at=talk.at,
        answered_at=talk.at if talk.is_answered else None,
        ended_at=end,
        result=Disposition.ANSWERED if talk.is_answered else Disposition.NO_ANSWER,
    )
    return CallRecord(
        source=PBX.kind,
        account=PBX.source,
        call_id=f"k{number:07d}",
        started_at=talk.at,
        direction=talk.direction,
        disposition=Disposition.ANSWERED if talk.is_answered else Disposition.ABANDONED,
        ended_at=end,
        line_phone=talk.did,
        operator_name=talk.operator,
        extension=talk.extension,
        queue=talk.queue,
        talk_ms=1000 * talk.talk_s if talk.is_answered else 0,
        legs=(*vain, own) if talk.operator or talk.extension else vain,
    )


def fill_shop(db: Path, talks: Sequence[Talk], entries: Sequence[OperatorEntry] = ()) -> None:
    """Store the calls, an order per sale joined to its call, and the list of operators."""
    orders, joins = [], []
    for number, talk in enumerate(talks):
        if talk.sale is None:
            continue
        orders.append(
            OrderRecord(
                source=CRM.kind,
                account=CRM.source,
                order_id=f"o{number:07d}",
                created_at=talk.at,
                closed_at=talk.at,
                outcome=Outcome.WON,
                amount=talk.sale,
                currency=talk.currency,
            )
        )
        joins.append(
            JoinRow(
                outcome_id=f"o{number:07d}",
                source=PBX.source,
                pbx_call_id=f"k{number:07d}",
                call_id=f"k{number:07d}",
                place=0,
                rule="call_id",
                certainty="certain",
                gap_ms=0,
            )
        )
    records = tuple(record(number, talk) for number, talk in enumerate(talks))
    with open_store(db) as writer:
        writer.save_batch(FeedBatch(feed=PBX, at=NOW, calls=records))
        writer.save_batch(FeedBatch(feed=CRM, at=NOW, orders=tuple(orders)))
        writer.replace_joins(joins, ())
        writer.save_operators(entries)
