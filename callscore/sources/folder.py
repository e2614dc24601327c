"""Recordings in files and folders, with metadata from a table, a sidecar or the file name."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from callscore.errors import ConfigError, SourceError
from callscore.outside.settings import need, setting
from callscore.records import CallInfo, RecordedCall, Recording
from callscore.sources.base import Found, Problem
from callscore.sources.metadata import COLUMNS, MetadataOptions, Row, parse_info, read_table

__all__ = ["AUDIO_EXTENSIONS", "FolderSettings", "FolderSource"]

# In a folder these are recordings and everything else is ignored; a file named by the user is always tried.
AUDIO_EXTENSIONS: Final = frozenset(
    (
        *(".wav", ".wave", ".mp3", ".mp2", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".mp4", ".aac", ".amr", ".awb", ".3gp"),
        *(".webm", ".mkv", ".mka", ".wma", ".spx", ".aif", ".aiff", ".aifc", ".au", ".snd", ".sph", ".caf", ".gsm", ".g722"),
        *(".g729", ".al", ".alaw", ".ul", ".ulaw", ".mulaw", ".s16", ".sln", ".sln16", ".raw", ".pcm", ".vox"),
    )
)
# Codes of AudioError and CallError: a recording that cannot be read, and facts about a call that cannot be understood.
CODE_UNREADABLE: Final = 21
CODE_FACTS: Final = 20
SIDECAR_LIMIT_BYTES: Final = 1024 * 1024
_ID_SAFE: Final = re.compile(r"[^\w.@+-]+")


@dataclass(frozen=True, slots=True)
class _File:
    """A recording as found on disk; `name` is its path below the folder it was found in."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """A [sources.NAME] table of kind "folder"."""

    path: Path = need("/var/spool/asterisk/monitor", "folder with recordings, searched with subfolders")
    metadata: Path | None = setting(None, "what the PBX knows: CSV, XLSX, JSONL or Parquet")


class FolderSource:
    """Files and folders of recordings, searched with subfolders; hidden files and folders are skipped."""

    def __init__(self, name: str, paths: Sequence[Path], metadata: Path | None, options: MetadataOptions) -> None:
        self.name = name
        self._paths = tuple(paths)
        self._metadata = metadata
        self._options = options

    def find_calls(self, since: datetime | None) -> Found:
        """See Source.find_calls; each recording is read once for its sha256."""
        files = tuple(self._iter_files())
        rows, missing = self._match_rows(files)
        calls: list[RecordedCall] = []
        problems = list(missing)
        remarks: list[str] = []
        seen: dict[str, RecordedCall] = {}
        for file in files:
            found = self._read(file, rows.get(file.path))
            if isinstance(found, Problem):
                problems.append(found)
                continue
            started = found.info.started_at
            if since is not None and started is not None and started < since:
                continue
            twin = seen.get(found.info.call_id)
            if twin is None:
                seen[found.info.call_id] = found
                calls.append(found)
            elif twin.recording.sha256 == found.recording.sha256:
                remarks.append(f"{found.recording.name} is the same recording as {twin.recording.name}: taken once")
            else:
                raise ConfigError(
                    f"two recordings have the call_id {found.info.call_id!r}: {twin.recording.name} and {found.recording.name}",
                    where=str(self._metadata or file.path.parent),
                    hint="give each call its own call_id in the metadata",
                )
        return Found(calls=tuple(calls), problems=tuple(problems), remarks=tuple(remarks))

    def _iter_files(self) -> Iterator[_File]:
        yielded: set[Path] = set()
        for given in self._paths:
            root = _absolute(given)
            if not root.exists():
                raise SourceError("there is no such file or folder", where=str(given), hint="check the path")
            if not root.is_dir() and not root.is_file():
                raise SourceError("this is neither a folder nor a regular file", where=str(given), hint="check the path")
            if not os.access(root, os.R_OK):
                raise SourceError("no permission to read", where=str(given), hint="check the owner and mode of the path")
            for file in _walk(root) if root.is_dir() else (_File(root, root.name),):
                if file.path not in yielded:
                    yielded.add(file.path)
                    yield file

    def _read(self, file: _File, row: Row | None) -> RecordedCall | Problem:
        try:
            with file.path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
                n_bytes = stream.tell()
        except OSError as exc:
            message = f"the recording cannot be read: {exc.strerror or exc}"
            return Problem(
                source=self.name,
                call_id=_ID_SAFE.sub("_", file.name),
                recording=file.name,
                code=CODE_UNREADABLE,
                message=message,
            )
        default_id = f"{_ID_SAFE.sub('_', file.path.stem)[:80]}-{sha256[:8]}"
        recording = Recording(path=str(file.path), name=file.name, source=self.name, sha256=sha256, n_bytes=n_bytes)
        try:
            return RecordedCall(info=self._info(file, row, default_id), recording=recording)
        except ConfigError as error:
            return Problem(
                source=self.name,
                call_id=default_id,
                recording=file.name,
                code=CODE_FACTS,
                message=f"{error.message} ({error.where})",
            )

    def _problem(self, *, call_id: str, recording: str, code: int, message: str) -> Problem:
        return Problem(source=self.name, call_id=call_id, recording=recording, code=code, message=message)

    def _info(self, file: _File, row: Row | None, default_id: str) -> CallInfo:
        """Merge what is known: the file name is weakest, then the sidecar, then the table."""
        values: dict[str, str] = {}
        where = str(file.path)
        if self._options.file_name_pattern and (found := re.search(self._options.file_name_pattern, file.path.stem)):
            values.update({key: value for key, value in found.groupdict().items() if value})
        values.update(_read_sidecar(file.path))
        if row is not None:
            where = row.where
            values.update({key: value for key, value in row.values.items() if value})
        return parse_info(values, values.get("call_id", "").strip() or default_id, self._options, where)

    def _match_rows(self, files: Sequence[_File]) -> tuple[Mapping[Path, Row], tuple[Problem, ...]]:
        """Return the table's row for each file, and a problem for each row whose recording exists nowhere."""
        if self._metadata is None:
            return {}, ()
        metadata = self._metadata
        by_path = {file.path: file for file in files}
        by_name: dict[str, list[_File]] = {}
        for file in files:
            for key in {file.name, file.path.name}:
                by_name.setdefault(key, []).append(file)
        bases = [_absolute(metadata).parent, *(_absolute(path) for path in self._paths if path.is_dir())]
        matched: dict[Path, Row] = {}
        missing: list[Problem] = []
        for row in read_table(metadata):
            name = row.values.get("file", "").strip()
            if not name:
                raise ConfigError("a row names no file", where=row.where)
            candidates = {_absolute(base / name) for base in bases}
            hits = [by_path[path] for path in candidates if path in by_path] or by_name.get(name, [])
            for file in hits:
                if file.path in matched:
                    raise ConfigError(
                        f"two rows name the recording {name!r}", where=f"{matched[file.path].where} and {row.where}"
                    )
                matched[file.path] = row
            if not hits and not any(_exists(path) for path in candidates):
                call_id = row.values.get("call_id", "").strip() or _ID_SAFE.sub("_", name)
                message = f"the recording named in the metadata does not exist ({row.where})"
                missing.append(self._problem(call_id=call_id, recording=name, code=CODE_UNREADABLE, message=message))
        _check_ids(matched.values())
        return matched, tuple(missing)


def _absolute(path: Path) -> Path:
    """Return the path without `..`, links left alone, so that one file has one name."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps the dots, Path.resolve follows links


def _walk(root: Path) -> Iterator[_File]:
    def stop(error: OSError) -> None:
        raise SourceError(f"the folder cannot be read: {error.strerror}", where=str(error.filename)) from error

    # Links are not followed: a loop must not hang the night.
    for folder, subfolders, names in os.walk(root, onerror=stop, followlinks=False):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix.lower() in AUDIO_EXTENSIONS and not name.startswith(".") and path.is_file():
                yield _File(path, str(path.relative_to(root)))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _read_sidecar(recording: Path) -> dict[str, str]:
    """Read `<recording>.json` beside a recording; only the known columns count, so that a transcript there is no harm."""
    path = recording.with_name(recording.name + ".json")
    try:
        if not path.is_file() or path.stat().st_size > SIDECAR_LIMIT_BYTES:
            return {}
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as exc:
        raise ConfigError("the sidecar is not valid JSON", where=str(path), hint="mend or remove it") from exc
    if not isinstance(content, dict):
        return {}
    known = {key: value for key, value in content.items() if key in COLUMNS and isinstance(value, str | int | float)}
    return {key: str(value) for key, value in known.items()}


def _check_ids(rows: Iterable[Row]) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        call_id = row.values.get("call_id", "").strip()
        if call_id and seen.setdefault(call_id, row.where) != row.where:
            raise ConfigError(
                f"two recordings have the call_id {call_id!r}",
                where=f"{seen[call_id]} and {row.where}",
                hint="give each call its own call_id",
            )
