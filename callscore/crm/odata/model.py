"""What an infobase publishes, by its $metadata: entities, their fields, and where their references lead."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

__all__ = ["Model", "parse_model"]

_KEPT: Final = ("Catalog_", "Document_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`fields` of each published entity, tables included; `targets`: the entity that a reference field leads to."""

    fields: Mapping[str, frozenset[str]]
    targets: Mapping[tuple[str, str], str]

    def select(self, entity: str, wanted: tuple[str, ...]) -> dict[str, str]:
        """Return the option that limits an answer to the wanted fields that exist: an unknown one is an error.

        Nothing where the fields are not told.
        """
        found = [name for name in wanted if name in self.fields.get(entity, ())]
        return {"$select": ",".join(found)} if "Ref_Key" in found else {}


def parse_model(data: bytes) -> Model | None:
    """Return what a $metadata document says; None if it is something else."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    fields: dict[str, frozenset[str]] = {}
    links: dict[tuple[str, str], tuple[str, str]] = {}
    ends: dict[tuple[str, str], str] = {}
    root = ""
    try:
        for event, element in iterparse(io.BytesIO(data), ("start", "end"), forbid_dtd=True):
            name = _local(element)
            if event == "start":
                root = root or name
            elif name == "EntityType":
                owner = element.get("Name", "")
                if owner.startswith(_KEPT):
                    fields[owner] = frozenset(item.get("Name", "") for item in element if _local(item) == "Property")
                    links.update({(owner, item.get("Name", "")): _link(item) for item in element if _is_link(item)})
                element.clear()
            elif name == "Association":
                for end in element:
                    ends[element.get("Name", ""), end.get("Role", "")] = _short(end.get("Type", ""))
                element.clear()
            elif name == "EntitySet":
                fields.setdefault(element.get("Name", ""), frozenset())
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return None
    targets = {field: ends[link] for field, link in links.items() if link in ends}
    return Model(fields=fields, targets=targets) if root.lower() == "edmx" else None


def _is_link(element: Element) -> bool:
    return _local(element) == "NavigationProperty"


def _link(element: Element) -> tuple[str, str]:
    return _short(element.get("Relationship", "")), element.get("ToRole", "")


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
