"""Recordings in S3 or on an SFTP server; what is known of the calls comes from tables beside them, sidecars or file names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from callscore.errors import ConfigError, RecordingError
from callscore.outside.checkup import check_calls, check_clock, check_sound, last_days
from callscore.outside.links import audio_ending, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Tools, Window
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.records import CallRecord, RecordingLink
from callscore.sources.bucket_facts import FOLDER_DATE, Reading
from callscore.sources.bucket_folder import Sorted, sort_files
from callscore.sources.bucket_page import PageMaker
from callscore.sources.far_files import FarFiles, download
from callscore.sources.far_s3 import S3Files, S3Place
from callscore.sources.far_sftp import SftpFiles, SftpPlace

__all__ = ["BucketSource", "Settings", "open_source"]

BUILT_IN: Final = (
    (
        r"(?P<type>in|out|q|rg|internal|external|exten|conf|ondemand|parked|generic)-(?P<dest>[^-/]*)-(?P<from>[^-/]*)"
        r"-(?P<ymd>\d{8})-(?P<hms>\d{6})-(?P<uniqueid>\d+\.\d+)\.\w+$"
    ),
    (
        r"(?P<y>\d{4})[-/]?(?P<m>\d{2})[-/]?(?P<d>\d{2})/(?P<hms>\d{6})_(?P<direction>in|out)_(?P<client>\+?\d{10,15})"
        r"(?:_(?P<ext>\d+))?\.\w+$"
    ),
)
"""Names as FreePBX gives them, and times, directions, clients and extensions in folders of days."""
_STYLES: Final = ("auto", "path", "virtual")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """A [sources.NAME] table of kind "bucket"."""

    url: str = need("s3://callscore-records", "s3://BUCKET/PREFIX or sftp://USER@HOST:PORT/FOLDER")
    folder: str = setting(
        "%Y/%m/%d", 'folders of recordings below url; with %Y, %m, %d only the days asked for are listed; "": everything is'
    )
    endpoint: str = setting("", 'address of the S3 store, such as "https://storage.yandexcloud.net"; "": Amazon')
    region: str = setting("", 'region of the S3 store, such as "ru-central1"')
    style: str = setting("auto", "how S3 is asked for a bucket: path, virtual (bucket.host) or auto")
    access_key: Secret | None = setting(None, "access key of S3; without it, profile or the AWS variables count")
    secret_key: Secret | None = setting(None, "secret key of S3")
    profile: str = setting("", "profile in ~/.aws/credentials")
    key_file: Path | None = setting(None, "private key for SFTP")
    key_passphrase: Secret | None = setting(None, "passphrase of the private key")
    known_hosts: Path | None = setting(None, "keys of known SFTP servers; none: ~/.ssh/known_hosts")
    tables: tuple[str, ...] = setting(
        ("manifest.csv", "manifest.json", "calls.csv", "calls.json"),
        'tables of calls with a column "file": names in the folders, or paths (with %Y, %m, %d) that have a "/"',
    )
    patterns: tuple[str, ...] = setting((), "file names as regular expressions with named groups, see README")
    patterns_file: Path | None = setting(None, 'the same as JSON: {"patterns": [{"name": "...", "regex": "..."}]}')
    min_age_min: int = setting(5, "files changed less than so many minutes ago may not be whole yet and are left for later")

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("s3", "sftp") or not parts.hostname or parts.password or parts.query:
            raise ValueError("url must look like s3://BUCKET or sftp://USER@HOST:PORT, without a password")
        if parts.scheme == "sftp" and (not parts.username or self.key_file is None):
            raise ValueError("SFTP needs a user in url and a key_file")
        if self.style not in _STYLES:
            raise ValueError(f"style must be one of {', '.join(_STYLES)}")
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key belong together")


def open_source(name: str, settings: Settings, tools: Tools) -> BucketSource:
    """Return the source; nothing is sent yet.

    Raises:
        ConfigError: if a pattern or the file of patterns cannot be used.
    """
    parts = urlsplit(settings.url)
    files: FarFiles
    if parts.scheme == "s3":
        keys = (settings.access_key, settings.secret_key)
        place = S3Place(
            bucket=parts.netloc,
            endpoint=settings.endpoint,
            region=settings.region,
            style=settings.style,
            profile=settings.profile,
            keys=(keys[0], keys[1]) if keys[0] and keys[1] else None,
        )
        files = S3Files(place, tools.patience)
        root = parts.path.strip("/")
    else:
        server = SftpPlace(
            host=parts.hostname or "",
            port=parts.port or 22,
            user=unquote(parts.username or ""),
            key_file=settings.key_file or Path(),
            known_hosts=settings.known_hosts,
            passphrase=settings.key_passphrase,
        )
        files = SftpFiles(server, tools.patience)
        root = parts.path.rstrip("/")
    return BucketSource(name, settings, tools, files, f"{root}/" if root else "")


class BucketSource:
    """The calls of a bucket or server; see Source."""

    def __init__(self, name: str, settings: Settings, tools: Tools, files: FarFiles, root: str) -> None:
        self._settings = settings
        self._files = files
        self._root = root
        self._reading = Reading(account=name, tools=tools)
        self._maker = PageMaker(files, root, self._reading, _patterns(settings))

    def __repr__(self) -> str:
        return f"BucketSource({self._reading.account!r})"

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages; a page per folder of a day, or one of everything."""
        for folder, days, covered_until in self._folders(window):
            records, rejects = self._maker.read(self._sorted(folder, days), days)
            yield CallPage(
                records=tuple(record for record in records if window.holds(record.started_at)),
                rejects=rejects,
                covered_until=covered_until,
            )

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; a file that was fetched before and has not changed is not fetched again."""
        file = self._files.stat(recording.rec_id)
        if file is None:
            raise RecordingError("the recording is no longer there")
        identity = hashlib.sha256(f"{file.key}\n{file.n_bytes}\n{file.mark}".encode()).hexdigest()[:16]
        stem = recording_stem(folder, call.call_id, identity)
        target = stem.with_name(stem.name + PurePosixPath(file.key).suffix.lower())
        if target.is_file() and target.stat().st_size == file.n_bytes:
            return target
        download(self._files, file, target)
        if not audio_ending(target):
            target.unlink()
            raise RecordingError("the file holds no sound but a text, such as an error page")
        return target

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        pages = list(self.iter_pages(last_days(self._settings.first_days)))
        yield Finding(level=Level.FINE, subject="sign-in", text=f"{self._files.host}: files can be listed")
        calls = [call for page in pages for call in page.records]
        n_rejects = sum(len(page.rejects) for page in pages)
        yield from check_calls(calls, n_rejects, f"the last {self._settings.first_days} days")
        n_bare = sum(FOLDER_DATE in call.tags for call in calls)
        if n_bare:
            yield Finding(
                level=Level.ADVICE,
                subject="facts",
                text=f"{n_bare} recordings are known by the date of their folder only: no time, client or operator",
                hint="give a table, sidecars, or a pattern that fits the file names",
            )
        yield from check_sound(calls, self.fetch, "let the PBX record the parties on two channels")
        yield from check_clock(self._files.clock_skew_s)

    def close(self) -> None:
        """See Source.close."""
        self._files.close()

    def _folders(self, window: Window) -> Iterator[tuple[str, tuple[date, ...], datetime]]:
        """Yield each folder to list, its days, and until when all is known once it and those before are read.

        One more day at either side: the folder may go by another zone, by the end of the call, or by the day of the upload.
        """
        zone = ZoneInfo(self._reading.zone)
        first = window.start.astimezone(zone).date() - timedelta(days=1)
        n_days = (window.end.astimezone(zone).date() - first).days + 2
        by_folder: dict[str, list[date]] = {}
        for day in (first + timedelta(days=n) for n in range(n_days)):
            folder = f"{self._root}{day.strftime(self._settings.folder).strip('/')}".rstrip("/")
            by_folder.setdefault(f"{folder}/" if folder else "", []).append(day)
        for number, (folder, days) in enumerate(by_folder.items(), 1):
            midnight = datetime.combine(days[-1], time(), zone).astimezone(UTC)
            is_last = number == len(by_folder)
            yield folder, tuple(days), window.end if is_last else min(max(midnight, window.start), window.end)

    def _sorted(self, folder: str, days: tuple[date, ...]) -> Sorted:
        files = {file.key: file for file in self._files.iter_files(folder)}
        names = [name for name in self._settings.tables if "/" not in name]
        whole_before = datetime.now(UTC) - timedelta(minutes=self._settings.min_age_min)
        found = sort_files(files.values(), names, whole_before)
        keys = {f"{self._root}{day.strftime(name)}" for name in self._settings.tables if "/" in name for day in days}
        elsewhere = (self._files.stat(key) for key in sorted(keys))
        return replace(found, other_tables=tuple(file for file in elsewhere if file is not None))


def _patterns(settings: Settings) -> tuple[re.Pattern[str], ...]:
    texts = list(settings.patterns)
    if settings.patterns_file is not None:
        try:
            given = json.loads(settings.patterns_file.read_text(encoding="utf-8-sig"))
            texts += [item["regex"] for item in given["patterns"]]
        except (OSError, ValueError, TypeError, KeyError) as exc:
            hint = 'write it as {"patterns": [{"name": "...", "regex": "..."}]}'
            raise ConfigError("the patterns cannot be read", where=str(settings.patterns_file), hint=hint) from exc
    try:
        return tuple(re.compile(text) for text in (*texts, *BUILT_IN))
    except (re.error, TypeError) as exc:
        raise ConfigError(f"a pattern is no regular expression: {exc}", where="patterns") from exc
