"""An account of RetailCRM with the story's orders: filters by day, pages, and errors as its clients know them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.retailcrm import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

KEY = "SecretKeyOfTheAccount"
ROOT = "/api/v5/"


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FIXTURES / "retailcrm" / name).read_text(encoding="utf-8"))


@dataclass
class Account:
    """The account: its rows by path, the sizes of pages it takes, and the paths the key may not read. Tests change these."""

    rows: dict[str, list[Any]] = field(
        default_factory=lambda: {
            "orders": fixture("orders_page1.json")["orders"] + fixture("orders_page2.json")["orders"],
            "users": fixture("users.json")["users"],
        }
    )
    references: dict[str, Any] = field(
        default_factory=lambda: {
            "reference/statuses": fixture("statuses.json"),
            "reference/status-groups": fixture("status_groups.json"),
        }
    )
    refused: set[str] = field(default_factory=set)
    limits: tuple[str, ...] = ("20", "50", "100")
    page_size: int = 2

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        assert asked.method == "GET"
        path = asked.path.removeprefix(ROOT)
        if asked.headers.get("x-api-key") != KEY or path in self.refused:
            return Reply(fixture("error_key.json"), status=403)
        if path in self.references:
            return Reply(self.references[path])
        if path not in self.rows:
            return Reply({"success": False, "errorMsg": "API method not found"}, status=404)
        if asked.query.get("limit", "20") not in self.limits:
            return Reply(fixture("error_validation.json"), status=400)
        return self.page(path, asked.query)

    def page(self, path: str, query: Mapping[str, str]) -> Reply:
        """Return one page, the newest rows first; a real page has at least 20."""
        rows = [row for row in reversed(self.rows[path]) if _fits(row, query)]
        page = int(query.get("page", "1"))
        pagination = {
            "limit": 20,
            "totalCount": len(rows),
            "currentPage": page,
            "totalPageCount": -(-len(rows) // self.page_size),
        }
        shown = rows[(page - 1) * self.page_size : page * self.page_size]
        return Reply({"success": True, "pagination": pagination, path: shown})

    def settings(self, server: ApiServer, **changes: Any) -> Settings:
        """Return settings that lead here."""
        return Settings(url=server.url, api_key=Secret("env:RETAILCRM_KEY"), **changes)


def _fits(row: Any, query: Mapping[str, str]) -> bool:
    """Tell whether a row lies within the days asked for, both included."""
    for name in ("createdAt", "statusUpdatedAt"):
        first, last = query.get(f"filter[{name}From]"), query.get(f"filter[{name}To]")
        if first and last and isinstance(row.get(name), str) and not first <= row[name][:10] <= last:
            return False
    return True


@contextmanager
def playing(account: Account) -> Iterator[ApiServer]:
    """Let the account answer, and the environment hold its key."""
    with serving(account.answer) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETAILCRM_KEY", KEY)
        yield server


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open the story as RetailCRM tells it."""
    del folder
    account = Account()
    with playing(account) as server:
        crm = open_crm("shop", account.settings(server), tools)
        try:
            # Nobody has taken order 1004 yet: managerId is null.
            yield CrmCase(crm=crm, server=server, secret=KEY, unknown=frozenset({"1004.extension"}))
        finally:
            crm.close()
