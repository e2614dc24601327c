"""What a system with orders must do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from callscore.outside.pages import Finding, OrderPage, Window

__all__ = ["Crm"]


class Crm(Protocol):
    """A system that knows orders or deals. It is only read: nothing there is ever changed or deleted.

    To add one: write crm/<kind>.py with a `Settings` dataclass (a subclass of OrderSettings) and
    `open_crm(name, settings, tools) -> Crm`, add its line to connectors.py, its fixtures to tests/connectors/fixtures/ and a
    case to tests/connectors/cases/<kind>.py; tests/connectors/test_contract.py then finds it.
    """

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the orders that were created or changed within `window`; repeatable.

        Raises:
            SourceAuthError: the sign-in is refused.
            SourceUnavailableError: the system stays away; pages given before it are good.
            SourceError: it answers with what cannot be understood.
        """
        ...

    def check(self) -> Iterator[Finding]:
        """Sign in, read one page, and tell what is fine and what is missing.

        Raises:
            SourceError: as for iter_pages.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...
