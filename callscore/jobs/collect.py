"""Which calls a run is about: those of the paths and sources that were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from callscore.config import Config, SourceConfig
from callscore.errors import CallError, ConfigError, NothingToDoError, nearest
from callscore.records import RecordedCall
from callscore.rubric import RubricBook
from callscore.sources import FolderSource, Found, MetadataOptions, Problem

__all__ = ["IngestRequest", "collect_calls", "refuse_unknown_types"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """What the user asked for: paths or names of configured sources, and what narrows or adds to them."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...] = ()
    metadata: Path | None = None
    since: datetime | None = None
    rubric: Path | None = None


def collect_calls(config: Config, request: IngestRequest) -> Found:
    """Return the calls of the named paths and sources, or of every configured source if none is named.

    Raises:
        ConfigError: an unknown source, metadata that cannot be used, two calls with one call_id.
        NothingToDoError: nothing is named and nothing configured.
        SourceError: a place cannot be read.
    """
    options = MetadataOptions(timezone=config.metadata.timezone, file_name_pattern=config.metadata.file_name_pattern)
    sources: list[FolderSource] = []
    if request.paths:
        sources.append(FolderSource("folder", request.paths, request.metadata, options))
    sources += [
        FolderSource(source.name, (source.path,), request.metadata or source.metadata, options)
        for source in _named_sources(config, request)
    ]
    if not sources:
        raise NothingToDoError(
            "nothing was named to ingest",
            hint="callscore ingest <folder with recordings>, or a [sources.<name>] table in callscore.toml",
        )
    found = [source.find_calls(request.since) for source in sources]
    return Found(
        calls=_without_twins(_with_language(call, config) for part in found for call in part.calls),
        problems=tuple(problem for part in found for problem in part.problems),
        remarks=tuple(remark for part in found for remark in part.remarks),
    )


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
            Problem(call_id=call.info.call_id, recording=call.recording.name, code=CallError.exit_code, message=message)
        )
    return Found(calls=tuple(calls), problems=tuple(problems), remarks=found.remarks)


def _named_sources(config: Config, request: IngestRequest) -> Sequence[SourceConfig]:
    by_name = {source.name: source for source in config.sources}
    for name in request.sources:
        if name not in by_name:
            raise ConfigError(
                f"there is no source {name!r}",
                hint=f"configured are: {', '.join(by_name)}" if by_name else f"add [sources.{name}] to callscore.toml",
            )
    if request.sources:
        return [by_name[name] for name in request.sources]
    return () if request.paths else config.sources


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
