"""Reviews by people put into a test's store, told by a few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from callscore.store import open_store
from tests.store.build import START


@dataclass(frozen=True, kw_only=True)
class Review:
    """A person's verdict on a criterion of a call."""

    call: str
    criterion: str
    verdict: str
    sample: str | None = "random"
    reviewer: str = "lead"
    at: datetime = START + timedelta(days=30)
    rubric: str = "incoming_sale"
    version: int = 1
    session: str | None = None


def add_reviews(path: Path, reviews: Iterable[Review]) -> None:
    """Store the reviews and let readers see them."""
    with duckdb.connect(str(path)) as connection:
        (n_before,) = connection.execute("SELECT count(*) FROM reviews").fetchall()[0]
        for number, one in enumerate(reviews, n_before):
            values = {
                "review_id": f"v{number:06d}",
                "call_id": one.call,
                "rubric": one.rubric,
                "rubric_version": one.version,
                "criterion": one.criterion,
                "verdict": one.verdict,
                "reviewer": one.reviewer,
                "reason": "",
                "reviewed_at": one.at.replace(tzinfo=None),
                "sample": one.sample,
                "session": one.session,
            }
            names = ", ".join(values)
            places = ", ".join(f"${name}" for name in values)
            connection.execute(f"INSERT INTO reviews ({names}) VALUES ({places})", values)
    with open_store(path) as writer:
        writer.publish()
