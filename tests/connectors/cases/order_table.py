"""A table of orders as a shop's manager keeps it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callscore.crm.order_table import Settings, open_crm
from callscore.outside.pages import Tools
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Yield the source."""
    path = Path(shutil.copy(FIXTURES / "csv_excel" / "orders.csv", folder))
    yield CrmCase(crm=open_crm("shop", Settings(path=path), tools))
