"""Stored calls -> vCon files, one per call, each whole or not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from callscore.export.call_files import chosen_calls, write_whole
from callscore.export.vcon import Sound, VconOptions, build_vcon
from callscore.store.entries import StoredCall
from callscore.store.read import StoreReader

__all__ = ["Exported", "VconJob", "export_vcons"]

ENDING: Final = ".vcon"


@dataclass(frozen=True, slots=True, kw_only=True)
class VconJob:
    """Which calls go where. Without ids: all that were heard, those since `since`; `is_dry`: nothing is written."""

    folder: Path
    call_ids: tuple[str, ...] = ()
    since: datetime | None = None
    with_audio: bool = False
    is_dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written; `has_sound` tells whether the recording was found and is the one that was heard."""

    call_id: str
    path: Path
    has_sound: bool


def export_vcons(reader: StoreReader, job: VconJob, options: VconOptions) -> Iterator[Exported]:
    """Write the vCons one by one and yield each; a file that is there already is replaced.

    Raises:
        NothingToDoError: if a call is not stored, or none matches.
        ConfigError: if the folder cannot be written.
    """
    for call in chosen_calls(reader, job.call_ids, job.since):
        sound = None if options.is_masked else _sound(reader, call, with_audio=job.with_audio)
        vcon = build_vcon(call, sound, options)
        path = job.folder / f"{vcon['uuid']}{ENDING}"
        if not job.is_dry:
            write_whole(path, json.dumps(vcon, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
        yield Exported(call_id=call.info.call_id, path=path, has_sound=sound is not None)


def _sound(reader: StoreReader, call: StoredCall, *, with_audio: bool) -> Sound | None:
    """Return the recording of a call; None if it is gone, or another file has its place by now."""
    place = reader.recording_file(call.info.call_id)
    if place is None:
        return None
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    pieces = []
    try:
        with place.path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                sha256.update(piece)
                sha512.update(piece)
                if with_audio:
                    pieces.append(piece)
    except OSError:
        return None
    if sha256.hexdigest() != place.sha256:
        return None
    return Sound(name=place.path.name, sha512=sha512.digest(), data=b"".join(pieces) if with_audio else None)
