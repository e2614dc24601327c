"""1С over OData as it answers: $metadata, filters, orders and pages of a query, catalogs by reference, Basic sign-in."""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.odata import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

ANSWERS = FIXTURES / "onec" / "odata"
PASSWORD = "onec-password-7"
LOGIN = base64.b64encode(f"Робот:{PASSWORD}".encode()).decode()
ROOT = "/unf/odata/standard.odata/"
ORDERS = "Document_ЗаказПокупателя"
STATES = "Catalog_СостоянияЗаказовПокупателей"
ROW = dict[str, Any]


def rows(name: str) -> list[Any]:
    """Return the rows of a fixture."""
    return list(json.loads((ANSWERS / name).read_bytes())["value"])


class Base:
    """A published infobase; `sets` holds its rows by entity, the rest says how it behaves."""

    def __init__(self) -> None:
        self.sets: dict[str, list[Any]] = {
            ORDERS: [*rows("zakaz_pokupatelya_page1.json"), *rows("zakaz_pokupatelya_page2.json")],
            "Catalog_Контрагенты": rows("kontragenty.json"),
            "Catalog_Сотрудники": rows("sotrudniki.json"),
            STATES: rows("sostoyaniya.json"),
            "Catalog_Валюты": [{"Ref_Key": "c0ffee00-0000-4000-8000-000000000002", "Code": "643", "Description": "руб."}],
        }
        self.targets = {"Ответственный": "Catalog_Сотрудники", "Контрагент": "Catalog_Контрагенты", "СостояниеЗаказа": STATES}
        self.has_metadata = True
        self.refuses: tuple[str, ...] = ()
        self.refusal = Reply((ANSWERS / "error.json").read_bytes(), status=400)
        self.page_limit = 1000
        self.counts = True

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        if asked.headers.get("authorization") != f"Basic {LOGIN}":
            data = (ANSWERS / "error_401.txt").read_bytes()
            return Reply(data, status=401, headers={"WWW-Authenticate": 'Basic realm="1C:Enterprise 8.3"'})
        assert asked.path.startswith(ROOT)
        entity, _, key = asked.path.removeprefix(ROOT).partition("(guid'")
        if entity == "$metadata" and self.has_metadata:
            return Reply(self.metadata(), headers={"Content-Type": "application/xml"})
        if entity not in self.sets:
            return Reply((ANSWERS / "error.json").read_bytes(), status=404)
        assert asked.query["$format"] == "json"
        assert "+" not in asked.raw_query
        if key:
            return Reply(next(row for row in self.sets[entity] if row["Ref_Key"] == key.removesuffix("')")))
        if any(word in asked.raw_query for word in self.refuses):
            return self.refusal
        return self._list(entity, asked.query)

    def metadata(self) -> bytes:
        """Return $metadata as 1С writes it."""
        types, links, sets = [], [], []
        for entity, items in self.sets.items():
            names = {name for item in items if isinstance(item, dict) for name in item}
            fields = "".join(f'<Property Name="{name}" Type="Edm.String"/>' for name in sorted(names))
            mine = self.targets if entity == ORDERS else {}
            ways = "".join(
                f'<NavigationProperty Name="{name}" Relationship="StandardODATA.{entity}_{name}" ToRole="End"/>'
                for name in mine
            )
            key = '<Key><PropertyRef Name="Ref_Key"/></Key>'
            types.append(f'<EntityType Name="{entity}">{key}{fields}{ways}</EntityType>')
            links += [
                f'<Association Name="{entity}_{name}"><End Role="Begin" Type="StandardODATA.{entity}" Multiplicity="*"/>'
                f'<End Role="End" Type="StandardODATA.{target}" Multiplicity="0..1"/></Association>'
                for name, target in mine.items()
            ]
            sets.append(f'<EntitySet Name="{entity}" EntityType="StandardODATA.{entity}"/>')
        schema = "".join([*types, *links, f'<EntityContainer Name="EnterpriseV8">{"".join(sets)}</EntityContainer>'])
        return (
            '<?xml version="1.0" encoding="UTF-8"?><edmx:Edmx Version="1.0" '
            'xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>'
            f'<Schema Namespace="StandardODATA" xmlns="http://schemas.microsoft.com/ado/2009/11/edm">{schema}</Schema>'
            "</edmx:DataServices></edmx:Edmx>"
        ).encode()

    def _list(self, entity: str, query: Mapping[str, str]) -> Reply:
        found = [row for row in self.sets[entity] if _passes(row, query.get("$filter", ""))]
        for name in reversed(query.get("$orderby", "").split(",")):
            if name:
                field, _, way = name.partition(" ")
                found.sort(key=lambda row, field=field: str(row.get(field)), reverse=way == "desc")  # type: ignore[misc]
        skip, top = int(query.get("$skip", "0")), min(int(query.get("$top", "1000000")), self.page_limit)
        wanted = query["$select"].split(",") if "$select" in query else None
        page = [
            {name: value for name, value in copy.deepcopy(row).items() if wanted is None or name in wanted}
            for row in found[skip : skip + top]
        ]
        count = {"odata.count": str(len(found))} if self.counts and query.get("$inlinecount") == "allpages" else {}
        return Reply({"odata.metadata": f"https://1c.example.ru{ROOT}$metadata#{entity}", **count, "value": page})


def _passes(row: Mapping[str, Any], condition: str) -> bool:
    """Tell whether a row passes a filter of the two sorts that are sent."""
    keys = re.findall(r"Ref_Key eq guid'([^']+)'", condition)
    dates = re.findall(r"Date (ge|lt) datetime'([^']+)'", condition)
    assert bool(condition) == bool(keys or dates)
    fits = [row["Date"] >= at if sign == "ge" else row["Date"] < at for sign, at in dates]
    return (not keys or row.get("Ref_Key") in keys) and all(fits)


@contextmanager
def open_base(tools: Tools, base: Base, **options: Any) -> Iterator[CrmCase]:
    """Open an infobase that `base` plays."""
    with pytest.MonkeyPatch.context() as patch, serving(base) as server:
        patch.setenv("ONEC_TEST_PASSWORD", PASSWORD)
        url = f"{server.url}/unf"
        crm = open_crm("1c", Settings(url=url, username="Робот", password=Secret("env:ONEC_TEST_PASSWORD"), **options), tools)
        ids = {f"c0ffee00-0000-4000-8000-00000000{number}": number for number in ("1001", "1002", "1004", "1005")}
        try:
            # 1С has no time of closing: it keeps the state of an order, and not when it changed.
            yield CrmCase(crm=crm, server=server, unknown=frozenset({"closed_at"}), order_ids=ids, secret=LOGIN)
        finally:
            crm.close()


def story_base() -> Base:
    """Return an infobase that tells the whole story: the fixtures lack one phone and one name, which 1С could well tell."""
    base = Base()
    client = next(row for row in base.sets["Catalog_Контрагенты"] if row["Ref_Key"].endswith("5104"))
    client["КонтактнаяИнформация"].append({"Тип": "Телефон", "Представление": "900 000-01-04", "НомерТелефона": ""})
    base.sets[ORDERS][2]["Ответственный_Key"] = base.sets[ORDERS][0]["Ответственный_Key"]
    return base


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open an infobase that tells the story."""
    with open_base(tools, story_base()) as case:
        yield case
