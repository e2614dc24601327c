"""Which calls a run is about: those of the paths and sources that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callscore.config import Config, SourceConfig
from callscore.errors import CallError, ConfigError, NothingToDoError, nearest
from callscore.jobs.feeds import FOLDER, feed_settings, named_sources
from callscore.jobs.pull_calls import Pull, SourceFailure, pull_calls
from callscore.outside.settings import read_settings
from callscore.records import RecordedCall
from callscore.rubric import RubricBook
from callscore.sources import FolderSettings, FolderSource, Found, MetadataOptions, Problem

__all__ = ["Collected", "Folders", "IngestRequest", "collect_calls", "find_folders", "refuse_unknown_types"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """What the user asked for: paths or names of configured sources, and what narrows or adds to them."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...] = ()
    metadata: Path | None = None
    since: datetime | None = None
    rubric: Path | None = None


@dataclass(frozen=True, slots=True)
class Folders:
    """What lies in folders on this machine, and the configured systems that are still to be read."""

    found: tuple[Found, ...]
    systems: tuple[SourceConfig, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """What there is to hear, and the sources that could not be read to the end."""

    found: Found
    failures: tuple[SourceFailure, ...]


def find_folders(config: Config, request: IngestRequest) -> Folders:
    """Return the calls of the named paths and folders, and the systems to read, before anything is opened for writing.

    Without names every configured source of calls is meant.

    Raises:
        ConfigError: an unknown source, settings of a source or metadata that cannot be used.
        NothingToDoError: nothing is named and nothing configured, or the named folders are empty.
        SourceError: a folder cannot be read.
    """
    options = MetadataOptions(timezone=config.metadata.timezone, file_name_pattern=config.metadata.file_name_pattern)
    configured = () if request.paths and not request.sources else named_sources(config, request.sources, with_orders=False)
    if not request.paths and not configured:
        raise NothingToDoError(
            "nothing was named to ingest",
            hint="callscore ingest <folder with recordings>, or a [sources.<name>] table in callscore.toml",
        )
    folders = [FolderSource(FOLDER, request.paths, request.metadata, options)] if request.paths else []
    systems: list[SourceConfig] = []
    for source in configured:
        if source.kind == FOLDER:
            settings = read_settings(FolderSettings, source.table, source.base, source.where)
            folders.append(FolderSource(source.name, (settings.path,), request.metadata or settings.metadata, options))
        else:
            feed_settings(source)
            systems.append(source)
    found = tuple(folder.find_calls(request.since) for folder in folders)
    if not systems and not any(part.calls or part.problems for part in found):
        raise NothingToDoError("there are no recordings", where=", ".join(map(str, request.paths)), hint="check the path")
    return Folders(found, tuple(systems))


def collect_calls(config: Config, folders: Folders, pull: Pull) -> Collected:
    """Read the systems into the store, page by page, and return every call to hear.

    Raises:
        ConfigError: two calls with one call_id, a secret that is missing.
        StoreError: the store cannot be written.
        KeyboardInterrupt: somebody asks to stop.
    """
    pulled = [pull_calls(source, pull) for source in folders.systems]
    found = (*folders.found, *(part for part, _ in pulled))
    together = Found(
        calls=_without_twins(_with_language(call, config) for part in found for call in part.calls),
        problems=tuple(problem for part in found for problem in part.problems),
        remarks=tuple(remark for part in found for remark in part.remarks),
    )
    return Collected(together, tuple(failure for _, failure in pulled if failure is not None))


def refuse_unknown_types(found: Found, book: RubricBook) -> Found:
    """Return `found` with each call whose metadata name a call type that the book does not know turned into a problem."""
    known = sorted({name for kind in book.call_types for name in (kind.id, *kind.aliases)})
    calls: list[RecordedCall] = []
    problems = list(found.problems)
    for call in found.calls:
        kind = call.info.call_type
        if kind is None or kind in known:
            calls.append(call)
            continue
        near = nearest(kind, known)
        hint = f"did you mean {near}?" if near else f"known are: {', '.join(known)}"
        message = f"there is no call type {kind!r} ({hint})"
        problems.append(
            Problem(
                source=call.recording.source,
                call_id=call.info.call_id,
                recording=call.recording.name,
                code=CallError.exit_code,
                message=message,
            )
        )
    return Found(calls=tuple(calls), problems=tuple(problems), remarks=found.remarks)


def _with_language(call: RecordedCall, config: Config) -> RecordedCall:
    """Return the call with the language of its line, if its metadata name none."""
    line = "".join(filter(str.isdigit, call.info.did or ""))
    language = dict(config.transcribe.line_languages).get(line)
    if call.info.language or not language:
        return call
    return replace(call, info=replace(call.info, language=language))


def _without_twins(calls: Iterable[RecordedCall]) -> tuple[RecordedCall, ...]:
    kept: dict[str, RecordedCall] = {}
    for call in calls:
        twin = kept.setdefault(call.info.call_id, call)
        if twin.recording.sha256 != call.recording.sha256:
            raise ConfigError(
                f"two sources have the call_id {call.info.call_id!r}: {twin.recording.source} and {call.recording.source}",
                hint="give each call its own call_id in the metadata",
            )
    return tuple(kept.values())
