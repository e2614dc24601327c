"""1С: a folder with the files of an exchange, and a shop that gives them by HTTP."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from callscore.crm.commerceml import Settings, open_crm
from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.case import CrmCase
from tests.connectors.story import FIXTURES

FILES = FIXTURES / "onec" / "commerceml"
UNKNOWN = frozenset({"closed_at", "extension"})
"""The standard has no element for either; a shop may write requisites, which the first order has and the others lack."""
PASSWORD = "exchange-password-7"


class Shop:
    """A shop's exchange; `answers` are what it gives to `query`, one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Reply] = [Reply((FILES / "orders_page1.xml").read_bytes())]
        self.n_progress = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        mode, wanted = asked.query["mode"], base64.b64encode(f"обмен:{PASSWORD}".encode()).decode()
        assert asked.query["type"] == "sale"
        if asked.headers.get("authorization") != f"Basic {wanted}":
            return Reply((FILES / "exchange_failure.txt").read_text(encoding="utf-8").encode("windows-1251"))
        if mode == "checkauth":
            return Reply((FILES / "exchange_checkauth.txt").read_bytes() + b"\nsessid=abc1\ntimestamp=1\nmode=success")
        if asked.headers.get("cookie") != "PHPSESSID=examplecookievalue" or asked.query.get("sessid") != "abc1":
            return Reply("failure\nНет сессии")
        if mode == "init":
            return Reply((FILES / "exchange_init.txt").read_bytes())
        assert mode == "query"
        if self.n_progress:
            self.n_progress -= 1
            return Reply("progress\r\nГотовлю".encode("windows-1251"))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def open_folder(folder: Path, tools: Tools, *names: str, **options: Any) -> Iterator[CrmCase]:
    """Open a folder that holds copies of those fixtures."""
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copyfile(FILES / name, folder / name)
    crm = open_crm("1c", Settings(**{"path": folder, **options}), tools)
    try:
        yield CrmCase(crm=crm, unknown=UNKNOWN)
    finally:
        crm.close()


@contextmanager
def open_shop(tools: Tools, shop: Shop) -> Iterator[CrmCase]:
    """Open a shop's exchange."""
    with pytest.MonkeyPatch.context() as patch, serving(shop) as server:
        patch.setenv("EXCHANGE_TEST_PASSWORD", PASSWORD)
        url = f"{server.url}/index.php?route=export/exchange1c"
        settings = Settings(url=url, username="обмен", password=Secret("env:EXCHANGE_TEST_PASSWORD"))
        crm = open_crm("1c", settings, tools)
        try:
            yield CrmCase(
                crm=crm, server=server, unknown=UNKNOWN, secret=base64.b64encode(f"обмен:{PASSWORD}".encode()).decode()
            )
        finally:
            crm.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open a folder that tells the story."""
    with open_folder(folder / "exchange", tools, "orders_page1.xml", "orders_page2_from_1c.xml") as case:
        yield case
