"""Files on an SFTP server: sign-in by key, and only to a server whose own key is known.

Written on paramiko itself, because fsspec's SFTP trusts whatever key an unknown server shows.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from callscore.errors import ConfigError, RecordingError, SourceAuthError, SourceError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError, ask_patiently
from callscore.outside.secret import Secret
from callscore.sources.far_files import FarFile

if TYPE_CHECKING:
    import paramiko

__all__ = ["SftpFiles", "SftpPlace"]

logging.getLogger("paramiko").setLevel(logging.CRITICAL)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpPlace:
    """A server, a user and the keys; `known_hosts` None: the user's own file."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path | None = None
    passphrase: Secret | None = None


class SftpFiles:
    """The files of a server; see FarFiles. One connection, made anew after it broke."""

    clock_skew_s: float | None = None

    def __init__(self, place: SftpPlace, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    @property
    def host(self) -> str:
        """See FarFiles.host."""
        return self._place.host

    def iter_files(self, folder: str) -> Iterator[FarFile]:
        """See FarFiles.iter_files; links are not followed, so that a loop cannot hang the night."""
        folders = [folder]
        while folders:
            at = folders.pop()
            for row in self._list(at):
                mode, name = row.st_mode or 0, f"{at}{row.filename}"
                if stat.S_ISDIR(mode):
                    folders.append(f"{name}/")
                elif stat.S_ISREG(mode):
                    yield _file(name, row)

    def stat(self, key: str) -> FarFile | None:
        """See FarFiles.stat."""
        try:
            return _file(key, self._ask("looking at a file", lambda sftp: sftp.stat(key)))
        except FileNotFoundError:
            return None
        except PermissionError:
            raise RecordingError("the server refuses the recording: the user needs the right to read it") from None

    def read(self, key: str, start: int, end: int) -> bytes:
        """See FarFiles.read."""

        def piece(sftp: paramiko.SFTPClient) -> bytes:
            with sftp.open(key, "rb") as stream:
                stream.seek(start)
                stream.prefetch(end)
                return stream.read(end - start)

        try:
            return self._ask("reading a file", piece)
        except FileNotFoundError:
            raise RecordingError("the recording is no longer there") from None
        except PermissionError:
            raise RecordingError("the server refuses the recording: the user needs the right to read it") from None

    def close(self) -> None:
        """See FarFiles.close."""
        if self._client is not None:
            self._client.close()
        self._client = self._sftp = None

    def _list(self, folder: str) -> list[Any]:
        try:
            rows = self._ask("listing files", lambda sftp: sftp.listdir_attr(folder or "."))
        except FileNotFoundError:
            return []
        except PermissionError:
            hint = "give the user the right to list the folder of recordings"
            raise SourceAuthError("the folder may not be listed", where=self.host, hint=hint) from None
        except UnicodeDecodeError:
            raise SourceError("a file name in the folder is no UTF-8", where=self.host, hint="rename it there") from None
        return sorted(rows, key=lambda row: str(row.filename))

    def _ask(self, what: str, act: Callable[[paramiko.SFTPClient], _T]) -> _T:
        def ask() -> _T:
            import paramiko

            try:
                return act(self._connected())
            except (FileNotFoundError, PermissionError, UnicodeDecodeError):
                raise
            except (paramiko.SSHException, EOFError, OSError) as exc:
                self.close()
                raise TryLaterError(_reason(exc)) from exc

        return ask_patiently(what, self.host, self._patience, ask)

    def _connected(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            self._client = self._connect()
            self._sftp = self._client.open_sftp()
            channel = self._sftp.get_channel()
            if channel is not None:
                channel.settimeout(self._patience.timeout_s)
        return self._sftp

    def _connect(self) -> paramiko.SSHClient:
        try:
            import paramiko
        except ImportError as exc:
            raise ConfigError("paramiko is not installed", hint="pip install 'callscore[sftp]'") from exc
        place, timeout_s = self._place, self._patience.timeout_s
        key = _private_key(place)
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            if place.known_hosts is None:
                client.load_system_host_keys()
            else:
                client.load_host_keys(str(place.known_hosts))
        except OSError as exc:
            raise ConfigError(f"known_hosts cannot be read: {exc.strerror}", where=str(place.known_hosts)) from exc
        try:
            client.connect(
                place.host, place.port, place.user, pkey=key, allow_agent=False, look_for_keys=False,
                timeout=timeout_s, banner_timeout=timeout_s, auth_timeout=timeout_s,
            )  # fmt: skip
        except BaseException as exc:
            client.close()
            raise _refusal(exc, place) from exc
        return client


def _private_key(place: SftpPlace) -> paramiko.PKey:
    """Return the key to sign in with; files do not tell reliably of which kind it is."""
    import paramiko

    where = str(place.key_file)
    passphrase = place.passphrase.reveal() if place.passphrase else None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(where, passphrase)
        except OSError as exc:
            raise ConfigError(f"the key file cannot be read: {exc.strerror}", where=where) from exc
        except paramiko.PasswordRequiredException:
            raise SourceAuthError("the key file needs its passphrase", where=where, hint="set key_passphrase") from None
        except (paramiko.SSHException, ValueError):
            continue
    hint = "check key_file and key_passphrase; ed25519, ECDSA and RSA are known"
    raise ConfigError("the key file holds no private key that can be used", where=where, hint=hint)


def _refusal(error: BaseException, place: SftpPlace) -> BaseException:
    """Return what a failed connection is to the user; what may pass stays as it is."""
    import paramiko

    if isinstance(error, paramiko.BadHostKeyException):
        hint = "somebody may be in between: ask the server's administrator before you change known_hosts"
        return SourceError("the server shows another key than the one in known_hosts", where=place.host, hint=hint)
    if isinstance(error, paramiko.AuthenticationException):
        hint = "check the user in url, key_file, and that the server knows the key"
        return SourceAuthError("the sign-in was refused", where=place.host, hint=hint)
    if isinstance(error, paramiko.SSHException) and "not found in known_hosts" in str(error):
        hint = f"compare its key with its administrator, then: ssh-keyscan -p {place.port} {place.host} >> known_hosts"
        return SourceError("the server's key is not in known_hosts", where=place.host, hint=hint)
    return error


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "time-out"
    return "no connection" if isinstance(error, OSError) else type(error).__name__


def _file(key: str, row: Any) -> FarFile:
    seconds = int(row.st_mtime or 0)
    return FarFile(key=key, n_bytes=int(row.st_size or 0), changed_at=datetime.fromtimestamp(seconds, UTC), mark=str(seconds))
