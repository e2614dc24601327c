"""A real SFTP server on this machine that shows a folder to one user with one key."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_PERMISSION_DENIED

USER = "records"


@dataclass
class SftpSite:
    """What the server shows and how to reach it. `drops`: so many connections still to come end at their first request."""

    root: Path
    client_key: paramiko.PKey
    host_key: paramiko.PKey
    port: int = 0
    drops: int = 0
    reads: list[tuple[str, int]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def known_hosts(self, path: Path, key: paramiko.PKey | None = None) -> Path:
        """Write the file in which the server is known by its key, or by another one."""
        shown = key or self.host_key
        path.write_text(f"[127.0.0.1]:{self.port} {shown.get_name()} {shown.get_base64()}\n", encoding="utf-8")
        return path


class _SignIn(paramiko.ServerInterface):
    def __init__(self, site: SftpSite) -> None:
        self._site = site

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        is_right = username == USER and key == self._site.client_key
        return AUTH_SUCCESSFUL if is_right else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        del username
        return "publickey"


class _Handle(paramiko.SFTPHandle):
    site: SftpSite
    name: str

    def read(self, offset: int, length: int) -> bytes | int:
        self.site.reads.append((self.name, offset))
        return super().read(offset, length)


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: Any, *args: Any, site: SftpSite, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        self._site = site

    def _real(self, path: str) -> Path:
        return self._site.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        if self._site.drops:
            self._site.drops -= 1
            raise EOFError
        try:
            with os.scandir(self._real(path)) as entries:
                return [paramiko.SFTPAttributes.from_stat(e.stat(follow_symlinks=False), e.name) for e in entries]
        except OSError as exc:
            return paramiko.SFTPServer.convert_errno(exc.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as exc:
            return paramiko.SFTPServer.convert_errno(exc.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        del attr
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            self._site.changes.append(path)
            return SFTP_PERMISSION_DENIED
        try:
            stream = self._real(path).open("rb")
        except OSError as exc:
            return paramiko.SFTPServer.convert_errno(exc.errno or 0)
        handle = _Handle(flags)
        handle.site, handle.name = self._site, path
        handle.readfile = stream  # type: ignore[attr-defined]
        return handle

    def remove(self, path: str) -> int:
        self._site.changes.append(path)
        return SFTP_PERMISSION_DENIED


@contextmanager
def serving_sftp(root: Path) -> Iterator[SftpSite]:
    """Run a server that shows `root`; it is never written to."""
    site = SftpSite(root, paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate())
    listener = socket.create_server(("127.0.0.1", 0))
    site.port = listener.getsockname()[1]
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transports.append(transport)
            transport.add_server_key(site.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, site=site)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_SignIn(site))

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield site
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
        thread.join()
