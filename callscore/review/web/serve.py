"""The server: one process, answering this machine unless it is told otherwise."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from callscore.errors import ConfigError
from callscore.review.desk import Desk, DeskSettings
from callscore.review.journal import reviews_folder
from callscore.review.users import Users
from callscore.store import open_reader

__all__ = ["Address", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and under which further names to answer (`allow_hosts`, without ports)."""

    host: str
    port: int
    allow_hosts: tuple[str, ...] = ()

    @property
    def is_lone(self) -> bool:
        """Whether only this machine gets there, under no other name."""
        return _is_loopback(self.host) and not self.allow_hosts

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


def serve(settings: DeskSettings, address: Address, on_start: Callable[[str], None]) -> None:
    """Answer until Ctrl+C.

    Args:
        settings: of the desk.
        address: where to listen.
        on_start: called with the address to open, once the port is ours.

    Raises:
        ConfigError: if others could come in and there are no users, or the port is taken.
        StoreError: if there is no database to show.
    """
    if not address.is_lone and not Users(reviews_folder(settings.db)).all():
        raise ConfigError(
            "others than this machine would get in, and there are no users",
            where=f"--host {address.host}",
            hint="callscore review users add LOGIN --role trainer, then start it again",
        )
    with open_reader(settings.db):
        pass
    import uvicorn

    from callscore.review.web.app import LOCAL_HOSTS, make_app

    hosts = (*LOCAL_HOSTS, *address.allow_hosts, *(() if address.host in {"0.0.0.0", "::"} else (address.host,)))  # noqa: S104
    app = make_app(Desk(settings), hosts=hosts, is_lone=address.is_lone)
    # X-Forwarded-* count only from a proxy on this machine.
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        limit_concurrency=200,
        timeout_keep_alive=15,
        ws="none",
    )
    try:
        listener = config.bind_socket()
    except SystemExit as exc:  # what uvicorn does about a port it cannot have
        raise ConfigError(
            f"port {address.port} on {address.host} cannot be used", hint="is callscore review running already? else --port N"
        ) from exc
    on_start(address.url)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
