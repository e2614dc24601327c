"""Every kind of source by its name in callscore.toml; the module of a kind is imported when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, cast

from callscore.crm.base import Crm
from callscore.outside.pages import Tools
from callscore.outside.settings import ConnectorSettings
from callscore.sources.base import Source

__all__ = ["CONNECTORS", "Connector"]


@dataclass(frozen=True, slots=True)
class Connector:
    """One kind: its name, what people call it, and the module that speaks with it; `has_orders`: orders instead of calls."""

    kind: str
    title: str
    module: str
    has_orders: bool = False

    @property
    def settings(self) -> type[ConnectorSettings]:
        """The dataclass of its settings."""
        return cast("type[ConnectorSettings]", self._load().Settings)

    def open_source(self, name: str, settings: ConnectorSettings, tools: Tools) -> Source:
        """Return the configured source of calls; nothing is sent yet."""
        return cast("Source", cast("Any", self._load()).open_source(name, settings, tools))

    def open_crm(self, name: str, settings: ConnectorSettings, tools: Tools) -> Crm:
        """Return the configured source of orders; nothing is sent yet."""
        return cast("Crm", cast("Any", self._load()).open_crm(name, settings, tools))

    def _load(self) -> ModuleType:
        return importlib.import_module(self.module)


_ALL: Final = (
    Connector("asterisk", "Asterisk and FreePBX: files", "callscore.sources.asterisk"),
    Connector("asterisk-db", "Asterisk and FreePBX: CDR database", "callscore.sources.asterisk_db"),
    Connector("mikopbx", "MikoPBX", "callscore.sources.mikopbx"),
    Connector("freeswitch", "FreeSWITCH", "callscore.sources.freeswitch"),
    Connector("onlinepbx", "onlinePBX", "callscore.sources.onlinepbx"),
    Connector("comagic", "CoMagic and UIS", "callscore.sources.comagic"),
    Connector("telphin", "Телфин", "callscore.sources.telphin"),
    Connector("moizvonki", "Мои Звонки", "callscore.sources.moizvonki"),
    Connector("mango", "MANGO OFFICE", "callscore.sources.mango"),
    Connector("table", "a folder of recordings with a CSV or XLSX table of calls", "callscore.sources.call_table"),
    Connector("bucket", "S3 or SFTP", "callscore.sources.bucket"),
    Connector("vcon", "vCon files", "callscore.sources.vcon"),
    Connector("megaplan", "Мегаплан", "callscore.crm.megaplan", has_orders=True),
    Connector("commerceml", "1С: CommerceML files", "callscore.crm.commerceml", has_orders=True),
    Connector("odata", "1С: OData", "callscore.crm.odata", has_orders=True),
    Connector("bitrix24", "Bitrix24", "callscore.crm.bitrix24", has_orders=True),
    Connector("amocrm", "amoCRM", "callscore.crm.amocrm", has_orders=True),
    Connector("retailcrm", "RetailCRM", "callscore.crm.retailcrm", has_orders=True),
    Connector("order-table", "orders in a CSV or XLSX table", "callscore.crm.order_table", has_orders=True),
)
CONNECTORS: Final[Mapping[str, Connector]] = {connector.kind: connector for connector in _ALL}
"""By the `kind` of a [sources.NAME] table."""
