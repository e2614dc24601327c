"""Мегаплан as it answers: tokens that grow old, JSON as the query, pages after a deal, objects written out only once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.megaplan import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

ANSWERS = FIXTURES / "megaplan"
PASSWORD = "megaplan-password-7"
USER = "callscore@example.ru"


def answer(name: str) -> Any:
    """Return a fixture."""
    return json.loads((ANSWERS / name).read_bytes())


class Site:
    """An account with deals; `tokens` are those it takes, `page_limit` the most it gives at once."""

    def __init__(self) -> None:
        self.deals: list[Any] = [*answer("deals_page1.json")["data"], *answer("deals_page2.json")["data"]]
        self.objects = dict(_objects(self.deals))
        self.tokens: set[str] = set()
        self.renewals: set[str] = set()
        self.page_limit = 3
        self.refuses_filter = False
        self.hides: set[str] = set()

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        if asked.path == "/api/v3/auth/access_token":
            return self._sign_in(asked)
        if asked.headers.get("authorization", "") not in {f"Bearer {token}" for token in self.tokens}:
            return Reply(answer("error_401.json"), status=401)
        if asked.path == "/api/v3/deal":
            return self._list(json.loads(asked.raw_query or "{}"))
        _, _, _, kind, number = asked.path.split("/")
        found = self.objects.get((f"{kind[:1].upper()}{kind[1:]}", number))
        if found is None or kind in self.hides:
            return Reply(answer("error_403.json"), status=403)
        return Reply({"meta": {"status": 200, "errors": []}, "data": found})

    def _sign_in(self, asked: Asked) -> Reply:
        assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
        body = asked.body.decode()
        if 'name="grant_type"\r\n\r\nrefresh_token\r\n' in body:
            is_welcome = any(f'name="refresh_token"\r\n\r\n{token}\r\n' in body for token in self.renewals)
        else:
            is_welcome = f'name="password"\r\n\r\n{PASSWORD}\r\n' in body and f'name="username"\r\n\r\n{USER}\r\n' in body
        if not is_welcome:
            return Reply({"error": "invalid_grant", "error_description": body}, status=400)
        token, renewal = f"token-{len(self.tokens)}", f"renewal-{len(self.renewals)}"
        self.tokens, self.renewals = self.tokens | {token}, {renewal}
        return Reply({**answer("token.json"), "access_token": token, "refresh_token": renewal})

    def _list(self, query: Mapping[str, Any]) -> Reply:
        if "filter" in query and self.refuses_filter:
            return Reply(answer("error_422.json"), status=422)
        sort = query["sortBy"][0]
        rows = sorted(self.deals, key=lambda deal: str(deal[sort["fieldName"]]["value"]), reverse=sort["desc"])
        rows = [deal for deal in rows if _passes(deal, query.get("filter"))]
        limit, count = min(query["limit"], self.page_limit), len(rows)
        if "pageAfter" in query:
            rows = rows[1 + [deal["id"] for deal in rows].index(query["pageAfter"]["id"]) :]
        pagination = {"contentType": "Pagination", "count": count, "limit": limit}
        return Reply({"meta": {"status": 200, "errors": [], "pagination": pagination}, "data": self._once(rows[:limit])})

    def _once(self, rows: list[dict[str, Any]]) -> list[Any]:
        """Write objects out where they come first and as bare links after that."""
        seen: set[tuple[str, str]] = set()

        def write(value: Any) -> Any:
            if isinstance(value, list):
                return [write(item) for item in value]
            if not isinstance(value, dict):
                return value
            key = (str(value.get("contentType")), str(value.get("id")))
            if "id" in value and key in seen:
                return {"contentType": key[0], "id": key[1]}
            seen.add(key)
            whole = {**self.objects.get(key, {}), **value} if "id" in value else value
            return {name: write(item) for name, item in whole.items()}

        return [write(row) for row in rows]


def _objects(value: Any) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield what is written out anywhere but the deals themselves."""
    for item in value if isinstance(value, list) else value.values():
        if isinstance(item, dict | list):
            yield from _objects(item)
        if isinstance(item, dict) and len(item) > 2 and "id" in item and item["contentType"] != "Deal":
            yield (item["contentType"], item["id"]), item


def _passes(deal: Mapping[str, Any], condition: Mapping[str, Any] | None) -> bool:
    """Tell whether a deal passes a filter by days; months in it are counted from 0."""
    if condition is None:
        return True
    assert condition["contentType"] == "TradeFilter"
    (term,) = condition["config"]["termGroup"]["terms"]
    days = [date(day["year"], day["month"] + 1, day["day"]) for day in (term["value"]["from"], term["value"]["to"])]
    return days[0] <= datetime.fromisoformat(deal[term["field"]]["value"]).date() <= days[1]


@contextmanager
def open_site(tools: Tools, site: Site, **options: Any) -> Iterator[CrmCase]:
    """Open an account that `site` plays."""
    with pytest.MonkeyPatch.context() as patch, serving(site) as server:
        patch.setenv("MEGAPLAN_TEST_PASSWORD", PASSWORD)
        settings = Settings(url=server.url, username=USER, password=Secret("env:MEGAPLAN_TEST_PASSWORD"), **options)
        crm = open_crm("sales", settings, tools)
        try:
            yield CrmCase(crm=crm, server=server, secret=PASSWORD)
        finally:
            crm.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open an account that tells the story."""
    with open_site(tools, Site()) as case:
        yield case
