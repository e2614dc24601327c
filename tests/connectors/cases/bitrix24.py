"""A portal of Bitrix24 with the story's deals: filters, pages, rights and errors as its documentation has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.bitrix24 import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

CODE = "secretcodeofthewebhook"
STAGES = (
    {"ID": "1", "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "NEW", "NAME": "Новая"},
    {"ID": "2", "ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "WON", "NAME": "Сделка успешна"},
    {"ID": "3", "ENTITY_ID": "DEAL_STAGE_2", "STATUS_ID": "C2:WON", "NAME": "Оплачено"},
    {"ID": "4", "ENTITY_ID": "STATUS", "STATUS_ID": "NEW", "NAME": "Не обработан"},
)


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FIXTURES / "bitrix24" / name).read_text(encoding="utf-8"))


def deals() -> list[Any]:
    """Return the story's deals. The fixture leaves out when they were changed; the planned day lies ahead."""
    rows = fixture("orders_deal_list.json")["result"]
    return [{**row, "DATE_MODIFY": row["MOVED_TIME"] if row["CLOSED"] == "Y" else row["DATE_CREATE"]} for row in rows]


@dataclass
class Portal:
    """The portal: its rows by method, and the methods that the webhook may not use. Tests change what it holds."""

    rows: dict[str, list[Any]] = field(
        default_factory=lambda: {
            "crm.deal.list": deals(),
            "crm.contact.list": fixture("contacts.json")["result"],
            "crm.company.list": [],
            "crm.status.list": list(STAGES),
            "user.get": fixture("users.json")["result"],
            "voximplant.statistic.get": fixture("calls_page1.json")["result"] + fixture("calls_page2.json")["result"],
        }
    )
    refused: set[str] = field(default_factory=set)
    page_size: int = 2
    url: str = ""

    def answer(self, asked: Asked) -> Reply:
        """Answer one method."""
        assert asked.method == "POST"
        folder, _, method = asked.path.rpartition("/")
        if folder != f"/rest/1/{CODE}":
            return Reply(fixture("error_token.json"), status=401)
        if method in self.refused:
            return Reply(fixture("error_scope.json"), status=403)
        if method not in self.rows:
            return Reply({"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}, status=404)
        params = {name.lower(): value for name, value in asked.json().items()}
        return self.page([row for row in self.rows[method] if fits(row, params.get("filter", {}))], params, method)

    def page(self, rows: list[Any], params: Mapping[str, Any], method: str) -> Reply:
        """Return one page; with start -1 nothing is counted, and where more rows lie is not told."""
        wraps = method == "crm.item.list"
        if rows and method in ("crm.deal.list", "crm.item.list"):
            ((name, way),) = params["order"].items()
            assert way == "ASC"
            rows = sorted(rows, key=lambda row: int(row[name]) if str(row[name]).isdigit() else 0)
        start = params.get("start", 0)
        found = rows[max(start, 0) : max(start, 0) + self.page_size]
        body: dict[str, Any] = {"result": {"items": found} if wraps else found, "time": {"operating": 0.1}}
        if start >= 0:
            body["total"] = len(rows)
            if start + self.page_size < len(rows):
                body["next"] = start + self.page_size
        if method in ("crm.contact.list", "crm.company.list", "user.get") and start <= 0:
            body["result"] = rows[:50]  # asked for by id, at most 50 of them
            body.pop("next", None)
        return Reply(body)

    def settings(self, **changes: Any) -> Settings:
        """Return settings that lead here."""
        return Settings(webhook=Secret("env:BITRIX24_WEBHOOK"), **changes)


def fits(row: Mapping[str, Any], conditions: Mapping[str, Any]) -> bool:
    """Tell whether a row meets all conditions of a filter."""
    return all(_meets(row, name, wanted) for name, wanted in conditions.items())


def _meets(row: Mapping[str, Any], name: str, wanted: Any) -> bool:
    operator = next((sign for sign in (">=", "<=", ">", "<", "=", "@") if name.startswith(sign)), "")
    value = row.get(name.removeprefix(operator))
    if value is None:
        return False
    if isinstance(wanted, list):
        return str(value) in {str(item) for item in wanted}
    try:
        left, right = _comparable(value), _comparable(wanted)
        return bool(
            {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}.get(operator, left == right)
        )
    except (TypeError, ValueError):
        return True  # a value that makes no sense is not what the filter is tested with


def _comparable(value: Any) -> Any:
    text = str(value)
    return datetime.fromisoformat(text) if "T" in text else int(text) if text.isdigit() else text


@contextmanager
def playing(portal: Portal) -> Iterator[ApiServer]:
    """Let the portal answer, and the environment hold its webhook."""
    with serving(portal.answer) as server, pytest.MonkeyPatch.context() as patch:
        portal.url = server.url
        patch.setenv("BITRIX24_WEBHOOK", f"{server.url}/rest/1/{CODE}/")
        yield server


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open the story as Bitrix24 tells it."""
    del folder
    portal = Portal()
    with playing(portal) as server:
        crm = open_crm("sales", portal.settings(), tools)
        try:
            yield CrmCase(crm=crm, server=server, secret=CODE)
        finally:
            crm.close()
