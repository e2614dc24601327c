"""Stores of calls with verdicts and orders, told by a few lines: what a test changes is all that is odd about its shop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from callscore.store import open_store
from callscore.store.maintain import publish_store

__all__ = ["SoldCall", "make_calls", "store_calls"]

START = datetime(2026, 9, 1, 7, 0)  # noqa: DTZ001 - the store's times are UTC without a zone


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldCall:
    """A call with its verdicts by criterion, and the orders it led to: pairs of outcome and amount."""

    call_id: str
    operator: str | None
    started_at: datetime
    verdicts: dict[str, str]
    orders: tuple[tuple[str, float], ...] = ()
    did: str = "74950000001"
    queue: str | None = None
    direction: str = "inbound"
    call_type: str = "sale"
    phone: str = ""
    version: int = 1
    score: float | None = field(default=80.0)


def make_calls(
    n: int,
    *,
    n_operators: int = 8,
    effect: float = 0.0,
    seed: int = 1,
    change: Callable[[int, SoldCall], SoldCall] | None = None,
) -> list[SoldCall]:
    """Return `n` calls of which three in ten sell, more by `effect` where criterion "offer" is met; `change` alters each."""
    rng = np.random.default_rng(seed)
    calls = []
    for i in range(n):
        is_met = bool(rng.random() < 0.6)
        is_sold = bool(rng.random() < 0.3 + effect * is_met)
        call = SoldCall(
            call_id=f"c{i}",
            operator=f"operator{i % n_operators}",
            started_at=START + timedelta(minutes=23 * i),
            verdicts={"offer": "pass" if is_met else "fail"},
            orders=(("won", 1000.0),) if is_sold else (),
            phone=f"+7900{i:07d}",
            score=100.0 if is_met else 60.0,
        )
        calls.append(change(i, call) if change else call)
    return calls


def store_calls(db: Path, calls: Sequence[SoldCall], *, is_joined: bool = True) -> Path:
    """Make a database of these calls; an order per call at least tells how far orders are known, unless none has any."""
    with open_store(db):
        pass
    orders = [
        (f"{call.call_id}-{n}", call, outcome, amount) for call in calls for n, (outcome, amount) in enumerate(call.orders)
    ]
    tables = {
        "calls": [
            {
                "call_id": call.call_id,
                "source": "office",
                "status": "done",
                "started_at": call.started_at,
                "direction": call.direction,
                "call_type": call.call_type,
                "operator": call.operator,
                "client_phone": call.phone or None,
                "did": call.did,
                "queue": call.queue,
                "wait_ms": 8000,
                "duration_ms": 60000,
            }
            for call in calls
        ],
        "verdicts": [
            {
                "call_id": call.call_id,
                "rubric": "sale",
                "rubric_version": call.version,
                "criterion": name,
                "criterion_no": n,
                "verdict": verdict,
                "confidence": 0.9,
                "points": 0.0,
                "max_points": 1.0,
                "critical": False,
                "reason": "-",
                "decided_by": "machine",
            }
            for call in calls
            for n, (name, verdict) in enumerate(call.verdicts.items())
        ],
        "call_scores": [
            {
                "call_id": call.call_id,
                "rubric": "sale",
                "rubric_version": call.version,
                "rubric_sha256": "0" * 64,
                "points": 1.0,
                "max_points": 1.0,
                "score": call.score,
                "score_low": call.score,
                "score_high": call.score,
                "critical_failed": False,
                "n_verdicts": 1,
                "n_unsure": 0,
            }
            for call in calls
        ],
        "outcomes": [
            {
                "outcome_id": key,
                "source": "crm",
                "status": outcome,
                "outcome": outcome,
                "amount": Decimal(str(amount)),
                "created_at": call.started_at + timedelta(minutes=5),
            }
            for key, call, outcome, amount in orders
        ],
        "outcome_calls": [
            {
                "outcome_id": key,
                "source": "office",
                "call_id": call.call_id,
                "place": 0,
                "rule": "phone_before",
                "certainty": "likely",
                "gap_ms": 300_000,
            }
            for key, call, _, _ in orders
            if is_joined
        ],
    }
    with duckdb.connect(str(db)) as connection:
        for table, rows in tables.items():
            if rows:
                connection.register("batch", pa.Table.from_pylist(rows))
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")
                connection.unregister("batch")
    publish_store(db)
    return db
