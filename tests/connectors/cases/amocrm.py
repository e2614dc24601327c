"""An account of amoCRM with the story's leads: pages, filters, 204 for nothing, and errors as its clients know them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from callscore.crm.amocrm import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

TOKEN = "secret-long-lived-token"
ROOT = "/api/v4/"


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FIXTURES / "amocrm" / name).read_text(encoding="utf-8"))


def rows(kind: str, *names: str) -> list[Any]:
    """Return the rows of some fixtures."""
    return [row for name in names for row in fixture(name)["_embedded"][kind]]


@dataclass
class Account:
    """The account: its rows by path, and the paths that the token may not read. Tests change what it holds."""

    rows: dict[str, list[Any]] = field(
        default_factory=lambda: {
            "leads": rows("leads", "leads_page1.json", "leads_page2.json"),
            "leads/pipelines": rows("pipelines", "pipelines.json"),
            "leads/notes": [],
            "contacts/notes": rows("notes", "calls_page1.json", "calls_page2.json"),
            "contacts": rows("contacts", "contacts.json"),
            "companies": [],
            "users": rows("users", "users.json"),
        }
    )
    refused: set[str] = field(default_factory=set)
    page_size: int = 2
    promises_more: bool = False

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        assert asked.method == "GET"
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(fixture("error_401.json"), status=401)
        path = asked.path.removeprefix(ROOT)
        if path in self.refused:
            return Reply({"title": "Forbidden", "status": 403, "detail": ""}, status=403)
        if path == "account":
            return Reply({"id": 900, "subdomain": "shop", "currency": "RUB"})
        if path not in self.rows:
            return Reply({"title": "Not Found", "status": 404}, status=404)
        return self.page(path, parse_qs(asked.raw_query))

    def page(self, path: str, query: Mapping[str, list[str]]) -> Reply:
        """Return one page of the rows that meet the filters."""
        limit = min(int(query.get("limit", ["50"])[0]), 250 if path == "contacts" else self.page_size)
        page = int(query.get("page", ["1"])[0])
        found = [row for row in self.rows[path] if _fits(row, query)]
        if "order[id]" in query:
            found.sort(key=lambda row: str(row["id"]))
        shown = found[(page - 1) * limit : page * limit]
        if not shown:
            return Reply(status=204)
        links: dict[str, Any] = {"self": {"href": f"https://shop.amocrm.ru{ROOT}{path}?page={page}"}}
        if self.promises_more or page * limit < len(found):
            links["next"] = {"href": f"https://shop.amocrm.ru{ROOT}{path}?page={page + 1}"}
        return Reply({"_page": page, "_links": links, "_embedded": {path.rpartition("/")[2]: shown}})

    def settings(self, server: ApiServer, **changes: Any) -> Settings:
        """Return settings that lead here."""
        return Settings(url=server.url, token=Secret("env:AMOCRM_TOKEN"), **changes)


def _fits(row: Any, query: Mapping[str, list[str]]) -> bool:
    if not isinstance(row, Mapping):
        return True
    ids, kinds = query.get("filter[id][]"), query.get("filter[note_type][]")
    if ids is not None and str(row.get("id")) not in ids:
        return False
    owners = query.get("filter[entity_id][]")
    if owners is not None and str(row.get("entity_id")) not in owners:
        return False
    if kinds is not None and row.get("note_type") not in kinds:
        return False
    updated_at = row.get("updated_at")
    since = int(query.get("filter[updated_at][from]", ["0"])[0])
    return not isinstance(updated_at, int) or updated_at >= since


@contextmanager
def playing(account: Account) -> Iterator[ApiServer]:
    """Let the account answer, and the environment hold its token."""
    with serving(account.answer) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMOCRM_TOKEN", TOKEN)
        yield server


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open the story as amoCRM tells it."""
    del folder
    account = Account()
    with playing(account) as server:
        crm = open_crm("sales", account.settings(server), tools)
        try:
            yield CrmCase(crm=crm, server=server, secret=TOKEN)
        finally:
            crm.close()
