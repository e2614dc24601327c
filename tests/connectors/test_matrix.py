"""Any telephony with any CRM: the same calls lead to the same orders, through a real store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callscore.config import load_config
from callscore.jobs.pull_orders import join_stored
from callscore.outside.pages import CallPage, OrderPage
from callscore.store import open_store
from callscore.store.feeds import Feed, FeedBatch
from tests.connectors.case import CALL_KINDS, ORDER_KINDS, open_crm_case, open_source_case
from tests.connectors.story import ORDER_WINDOW, ORDERS, WINDOW, quick_tools

NOW = datetime(2026, 3, 8, tzinfo=UTC)
JOINED = """
SELECT o.outcome_id, p.client_phone, o.join_certainty, (SELECT count(*) FROM outcome_calls c WHERE c.outcome_id = o.outcome_id)
FROM outcomes o JOIN pbx_calls p ON p.call_id = o.call_id
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[CallPage, ...]]:
    """Return the pages of each telephony system, read once."""
    pages: dict[str, tuple[CallPage, ...]] = {}
    for kind in CALL_KINDS:
        with open_source_case(kind, tmp_path_factory.mktemp(kind), quick_tools()) as case:
            pages[kind] = tuple(case.source.iter_pages(WINDOW))
    return pages


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, str], tuple[OrderPage, ...]]]:
    """Return the ids and pages of each CRM, read once."""
    pages: dict[str, tuple[dict[str, str], tuple[OrderPage, ...]]] = {}
    for kind in ORDER_KINDS:
        with open_crm_case(kind, tmp_path_factory.mktemp(kind), quick_tools()) as case:
            pages[kind] = dict(case.order_ids), tuple(case.crm.iter_pages(ORDER_WINDOW))
    return pages


@pytest.mark.parametrize("crm", ORDER_KINDS)
@pytest.mark.parametrize("pbx", CALL_KINDS)
def test_the_same_calls_join_the_same_orders(
    pbx: str,
    crm: str,
    calls: dict[str, tuple[CallPage, ...]],
    orders: dict[str, tuple[dict[str, str], tuple[OrderPage, ...]]],
    tmp_path: Path,
) -> None:
    """Each order of the story finds the one call of its client, whoever tells of either."""
    names, order_pages = orders[crm]
    config = load_config(environ={}, cwd=tmp_path).config
    with open_store(config.store.db) as writer:
        for page in calls[pbx]:
            writer.save_batch(FeedBatch(feed=Feed(source="pbx", kind=pbx), at=NOW, calls=page.records))
        for order_page in order_pages:
            writer.save_batch(FeedBatch(feed=Feed(source="crm", kind=crm), at=NOW, orders=order_page.records))
        join_stored(writer, config)
        found = {names.get(str(row[0]), str(row[0])): row[1:] for row in writer.reader().query(JOINED).rows}
    for order in ORDERS:
        phone, certainty, n_calls = found[order.order_id]
        assert (phone, n_calls) == (order.client_phone, 1)
        assert certainty in ("certain", "likely")
