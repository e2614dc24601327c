"""Calls in vCon files (IETF): all drafts from 0.0.1 on, packed or signed, with recordings inside or behind links."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from callscore.errors import RecordingError, SourceError
from callscore.outside.checkup import check_calls, check_sound, last_days
from callscore.outside.links import Link, audio_ending, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.phones import parse_phone
from callscore.outside.rows import RowError
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.records import CallRecord, RecordingLink
from callscore.sources.vcon_call import vcon_call
from callscore.sources.vcon_dialogs import Reading
from callscore.sources.vcon_file import Vcon, content_bytes, content_hashes, open_vcon

__all__ = ["Settings", "VconSource", "open_source"]

ENDINGS: Final = (".vcon", ".vcon.gz", ".json", ".json.gz")
FILES_PER_PAGE: Final = 200
MAX_FILE_BYTES: Final = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """A [sources.NAME] table of kind "vcon"."""

    folder: Path = need("/data/vcon", "folder with .vcon and .json files, packed or not, searched with subfolders")
    audio_folder: Path | None = setting(None, "where recordings lie that a vCon only names by file")
    our_phones: tuple[str, ...] = setting((), "our own numbers: they tell the client where a vCon tells no roles")


def open_source(name: str, settings: Settings, tools: Tools) -> VconSource:
    """Return the source; nothing is read yet."""
    return VconSource(name, settings, tools)


class VconSource:
    """The calls in a folder of vCon files; see Source."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        phones = (parse_phone(phone, tools.region).e164 for phone in settings.our_phones)
        self._reading = Reading(
            account=name,
            timezone=tools.timezone,
            region=tools.region,
            our_phones=frozenset(phone for phone in phones if phone),
            has_audio_folder=settings.audio_folder is not None,
        )

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages. Of several versions of a vCon the last counts, and the fuller one before the redacted."""
        records: list[CallRecord] = []
        rejects: list[Reject] = []
        calls = _Versions()
        for number, path in enumerate(self._paths(), 1):
            try:
                vcon = _read(path)
                call_id = calls.call_id(vcon)
                if call_id is not None:
                    record = vcon_call(vcon, self._name(path), call_id, self._reading)
                    records += [record] if window.holds(record.started_at) else []
            except RowError as exc:
                rejects.append(Reject(where=self._name(path), reason=str(exc)))
            if number % FILES_PER_PAGE == 0:
                yield CallPage(records=tuple(records), rejects=tuple(rejects))
                records, rejects = [], []
        yield CallPage(records=tuple(records), rejects=tuple(rejects), covered_until=window.end)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; what comes must have the hash that the vCon tells."""
        name, _, number = recording.rec_id.rpartition("#")
        path = self._settings.folder / name
        if not path.resolve().is_relative_to(self._settings.folder.resolve()):
            raise RecordingError("the recording's vCon lies outside the folder")
        try:
            item = _read(path).body["dialog"][int(number)]
            hashes = content_hashes(item)
            data = content_bytes(item)
        except (RowError, ValueError, IndexError) as exc:
            raise RecordingError(f"the recording cannot be taken out of its vCon: {exc}") from exc
        stem = recording_stem(folder, call.call_id, number)
        if data is None and not item.get("url"):
            return self._beside(item, hashes)
        found = self._fetched(item, stem) if data is None else _written(data, stem)
        if not _is_right(found, hashes):
            found.unlink()
            raise RecordingError("the recording is not the one whose hash the vCon tells")
        return found

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        n_files = n_signed = n_unhashed = 0
        for path in self._paths():
            n_files += 1
            try:
                vcon = _read(path)
            except RowError:
                continue
            n_signed += vcon.is_signed
            n_unhashed += any(item.get("url") and not _hashes(item) for item in vcon.body["dialog"])
        yield Finding(level=Level.FINE, subject="sign-in", text=f"{n_files} files can be listed")
        if n_signed:
            text = f"{n_signed} files are signed; signatures are not checked: whoever can write into the folder is trusted"
            yield Finding(
                level=Level.ADVICE, subject="signatures", text=text, hint="let only the maker of the files write there"
            )
        if n_unhashed:
            text = f"{n_unhashed} files lead to recordings without a hash that could be checked"
            yield Finding(level=Level.ADVICE, subject="hashes", text=text, hint="let the maker write content_hash")
        pages = list(self.iter_pages(last_days(self._settings.first_days)))
        calls = [call for page in pages for call in page.records]
        yield from check_calls(calls, sum(len(page.rejects) for page in pages), f"the last {self._settings.first_days} days")
        n_sideless = sum(call.direction is None for call in calls)
        if n_sideless:
            text = f"{n_sideless} calls do not tell who is the client: the one who began is taken for it"
            yield Finding(level=Level.ADVICE, subject="parties", text=text, hint="list your numbers in our_phones")
        yield from check_sound(calls, self.fetch, "let the recorder write the parties on two channels")

    def close(self) -> None:
        """See Source.close."""

    def _paths(self) -> list[Path]:
        """Return the files, those written first first, so that a later version of a vCon is read later."""
        root = self._settings.folder
        if not root.is_dir():
            raise SourceError("there is no such folder", where=str(root), hint="check folder")
        found = []
        try:
            for folder, subfolders, names in os.walk(root, onerror=_stop):
                subfolders[:] = [name for name in subfolders if not name.startswith(".")]
                paths = (Path(folder, name) for name in names if name.lower().endswith(ENDINGS) and not name.startswith("."))
                found += [(path.stat().st_mtime_ns, path) for path in paths if path.is_file()]
        except OSError as exc:
            raise SourceError(f"the folder cannot be read: {exc.strerror}", where=str(exc.filename)) from exc
        return [path for _, path in sorted(found)]

    def _name(self, path: Path) -> str:
        return path.relative_to(self._settings.folder).as_posix()

    def _beside(self, item: Any, hashes: tuple[tuple[str, bytes], ...]) -> Path:
        name = PurePath(str(item.get("filename") or "")).name
        if self._settings.audio_folder is None or not name:
            raise RecordingError("the vCon neither holds nor leads to its recording")
        path = self._settings.audio_folder / name
        if not path.is_file():
            raise RecordingError("the recording that the vCon names is not in audio_folder")
        if not _is_right(path, hashes):
            raise RecordingError("the recording in audio_folder is not the one whose hash the vCon tells")
        return path

    def _fetched(self, item: Any, stem: Path) -> Path:
        url, trusted = str(item["url"]), self._settings.allow_hosts
        try:
            parts = urlsplit(url)
            is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in trusted)
        except ValueError:
            is_safe = False
        if not is_safe:
            raise RecordingError("the vCon leads to its recording by another way than https")
        return fetch_link(Link(url=url, trusted_hosts=trusted), stem, self._tools.patience)


class _Versions:
    """Which call a vCon is of, where several versions of it lie in the folder."""

    def __init__(self) -> None:
        self._roots: dict[str, str] = {}
        self._full: set[str] = set()
        self._updated: dict[str, str] = {}

    def call_id(self, vcon: Vcon) -> str | None:
        """Return the id of the call: that of the first version; None for a version that tells less than one seen before."""
        prior = vcon.prior_uuid or vcon.fuller_uuid
        root = self._roots.get(prior, prior) if prior and prior != vcon.uuid else vcon.uuid
        self._roots[vcon.uuid] = root
        updated = str(vcon.body.get("updated_at") or vcon.body.get("created_at") or "")
        is_redacted = bool(vcon.fuller_uuid)
        if (is_redacted and root in self._full) or (not vcon.prior_uuid and updated < self._updated.get(vcon.uuid, "")):
            return None
        self._updated[vcon.uuid] = updated
        self._full |= set() if is_redacted else {root}
        return root


def _read(path: Path) -> Vcon:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RowError("the file is larger than 1 GiB")
        return open_vcon(path.read_bytes())
    except OSError as exc:
        raise RowError(f"the file cannot be read: {exc.strerror}") from exc


def _hashes(item: Any) -> bool:
    try:
        return bool(content_hashes(item))
    except RowError:
        return False


def _is_right(path: Path, hashes: tuple[tuple[str, bytes], ...]) -> bool:
    for name, digest in hashes:
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, name).digest() != digest:
                return False
    return True


def _written(data: bytes, stem: Path) -> Path:
    stem.parent.mkdir(parents=True, exist_ok=True)
    part = stem.with_name(f"{stem.name}.part")
    part.write_bytes(data)
    ending = audio_ending(part)
    if not ending:
        part.unlink()
        raise RecordingError("the vCon holds a text instead of sound")
    return part.replace(stem.with_name(stem.name + ending))


def _stop(error: OSError) -> None:
    raise error
