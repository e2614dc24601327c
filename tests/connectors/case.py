"""How a connector is put to the contract tests: a configured source and the system that plays against it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from callscore.connectors import CONNECTORS
from callscore.crm.base import Crm
from callscore.outside.pages import Tools
from callscore.sources.base import Source
from tests.connectors.api_server import ApiServer


@dataclass(frozen=True, kw_only=True)
class SourceCase:
    """A source that tells the story.

    `unknown` names the fields of StoryCall that the system does not tell; `operators` maps an operator's id or name in this
    system to the extension in the story, where `extension` itself is not told. `secret` must never be seen in a message.
    `server` is None for systems of files.
    """

    source: Source
    server: ApiServer | None = None
    unknown: frozenset[str] = frozenset()
    operators: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True, kw_only=True)
class CrmCase:
    """A source of orders that tells the story; `unknown` names the fields of StoryOrder that the system does not tell.

    "1004.client_phone" is unknown for that order only: another order shows that the system can tell it.
    `order_ids` maps the system's id to the story's where they differ; `operators` maps a responsible's id or name to the
    extension in the story, where the name is not told.
    """

    crm: Crm
    server: ApiServer | None = None
    unknown: frozenset[str] = frozenset()
    operators: Mapping[str, str] = field(default_factory=dict)
    order_ids: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


Opener = Callable[[Path, Tools], AbstractContextManager[SourceCase | CrmCase]]

CALL_KINDS = tuple(kind for kind, connector in CONNECTORS.items() if not connector.has_orders)
ORDER_KINDS = tuple(kind for kind, connector in CONNECTORS.items() if connector.has_orders)


@contextmanager
def open_source_case(kind: str, folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open the case of a kind: tests/connectors/cases/<kind>.py has `open_case(folder, tools)`."""
    with _opener(kind)(folder, tools) as case:
        yield cast("SourceCase", case)


@contextmanager
def open_crm_case(kind: str, folder: Path, tools: Tools) -> Iterator[CrmCase]:
    """Open the case of a kind of CRM."""
    with _opener(kind)(folder, tools) as case:
        yield cast("CrmCase", case)


def _opener(kind: str) -> Opener:
    module = importlib.import_module(f"tests.connectors.cases.{kind.replace('-', '_')}")
    return cast("Opener", module.open_case)
