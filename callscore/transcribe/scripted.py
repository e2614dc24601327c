"""The `scripted` engine: transcripts made elsewhere, found beside the recording, in place of a recogniser and its weights."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from callscore.errors import TranscribeError
from callscore.records import MonoAudio, Provenance, Transcript, TurnKind, VoiceActivity
from callscore.transcribe.base import Channel
from callscore.transcribe.script import Script
from callscore.transcribe.script_json import is_segments, parse_json, parse_segments, parse_turns
from callscore.transcribe.subtitles import parse_subtitles
from callscore.units import intersect_spans, merge_spans

__all__ = ["ScriptedTranscriber", "load_script"]

log = logging.getLogger(__name__)

VERSION: Final = 1
TRUTH_NAME: Final = "truth.jsonl"
# Two hours of words with times and probabilities are about 5 MB of JSON.
_MAX_BYTES: Final = 64 * 1024 * 1024
# Turns rarely begin and end where a voice detector says so; a stretch of speech this far from any turn has no script.
_REACH_MS: Final = 500
_MAX_BEYOND_MS: Final = 2000


def load_script(recording: Path, script: Path | None = None) -> Script:
    """Return the transcript of a recording.

    Without `script` it is looked for beside the recording, in this order: `<stem>.turns.json`, `<name>.turns.json`,
    `<stem>.srt`, `<stem>.vtt`, `<stem>.whisper.json`, `<stem>.json` if it has segments, and the line of `truth.jsonl` whose
    `file` is the recording. `<name>` is the file name with its ending, `<stem>` without.

    Args:
        recording: the recording; need not exist.
        script: one file for it (.json, .srt, .vtt), or for many recordings (.jsonl, matched by `file`).

    Raises:
        TranscribeError: if there is no script for the recording or it cannot be read; names file and position.
    """
    if script is not None:
        if not _is_file(script):
            raise TranscribeError("there is no such script file", where=str(script), hint="check transcribe.script")
        return _load_from_lines(recording, script) if script.suffix == ".jsonl" else _load_file(script)
    for path, is_kind in _candidates(recording):
        if _is_file(path):
            found = _load_if(path, is_kind)
            if found is not None:
                return found
    truth = recording.parent / TRUTH_NAME
    if _is_file(truth):
        return _load_from_lines(recording, truth)
    names = ", ".join(dict.fromkeys(path.name for path, _ in _candidates(recording)))
    raise TranscribeError(
        "there is no script for this recording",
        where=str(recording),
        hint=f"put one of these beside it: {names}, or a line with its name into {TRUTH_NAME}",
    )


class ScriptedTranscriber:
    """Gives the words of a script instead of recognising; made for one call, needs no weights."""

    name: str = "scripted"

    def __init__(self, script: Script) -> None:
        self._script = script

    def provenance(self) -> Provenance:
        """Return the engine with the hash of what the script says."""
        return Provenance(engine=self.name, parameters=f"{VERSION}-{self._script.sha256[:16]}")

    def transcribe(self, channels: Sequence[Channel], language: str) -> tuple[Transcript, ...]:
        """Return the words that the script puts on each channel or on none; speech far from any turn is unrecognised.

        Raises:
            TranscribeError: if the script goes on after the end of the recording: it belongs to another one.
        """
        return tuple(self._transcript(channel.audio, channel.activity, language) for channel in channels)

    def _transcript(self, audio: MonoAudio, activity: VoiceActivity, language: str) -> Transcript:
        turns = [t for t in self._script.turns if t.kind is TurnKind.SPEECH and t.channel in (None, audio.channel)]
        words = sorted((w for turn in turns for w in turn.words), key=lambda w: (w.span.start_ms, w.span.end_ms))
        if words and words[-1].span.start_ms > audio.duration_ms + _MAX_BEYOND_MS:
            raise TranscribeError(
                f"the script goes on to {words[-1].span.start_ms / 1000:.1f} s, the recording ends at "
                f"{audio.duration_ms / 1000:.1f} s",
                hint="is it the script of another recording?",
            )
        near = [turn.span.padded(_REACH_MS, audio.duration_ms) for turn in turns]
        silent = tuple(span for span in merge_spans(activity.speech) if not intersect_spans([span], near))
        return Transcript(
            channel=audio.channel,
            words=tuple(words),
            language=self._script.language or language,
            unrecognised=silent,
            rejected=(),
            provenance=self.provenance(),
        )


def _candidates(recording: Path) -> Iterator[tuple[Path, Callable[[Any], bool]]]:
    """Yield sidecars in order of preference, each with a test of whether its JSON is meant."""
    for name in (recording.stem, recording.name):
        yield recording.with_name(f"{name}.turns.json"), _always
    for ending in ("srt", "vtt"):
        yield recording.with_name(f"{recording.stem}.{ending}"), _always
    yield recording.with_name(f"{recording.stem}.whisper.json"), _always
    # A sidecar <stem>.json may also hold what the PBX knows; then it is no script.
    yield recording.with_name(f"{recording.stem}.json"), is_segments


def _is_file(path: Path) -> bool:
    """Tell whether there is a file; a name too long for the file system is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _always(_: Any) -> bool:
    return True


def _load_if(path: Path, is_kind: Callable[[Any], bool]) -> Script | None:
    if path.suffix != ".json":
        return parse_subtitles(_read_text(path), str(path))
    data = parse_json(_read_text(path), str(path))
    return _parse_data(data, str(path)) if is_kind(data) else None


def _load_file(path: Path) -> Script:
    if path.suffix in (".srt", ".vtt"):
        return parse_subtitles(_read_text(path), str(path))
    return _parse_data(parse_json(_read_text(path), str(path)), str(path))


def _parse_data(data: Any, where: str) -> Script:
    if is_segments(data) or isinstance(data, list):
        return parse_segments(data, where)
    return parse_turns(data, where)


def _read_text(path: Path) -> str:
    """Return the text of a script in UTF-8 with or without a mark, in UTF-16 with one, or in cp1251 as old tools write."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise TranscribeError(f"a script must be under {_MAX_BYTES // 2**20} MB", where=str(path))
        content = path.read_bytes()
    except OSError as exc:
        raise TranscribeError(f"the script cannot be read: {exc.strerror}", where=str(path)) from exc
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1251"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TranscribeError("this is no text", where=str(path), hint="save the script as UTF-8")


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where in a truth.jsonl each recording's line starts, by `file`, and the numbers of lines that could not be read."""

    starts: Mapping[str, tuple[int, int]]
    twice: frozenset[str]
    broken: tuple[int, ...]


def _load_from_lines(recording: Path, path: Path) -> Script:
    """Return the script in the line of a truth.jsonl whose `file` is the recording, with or without its last folders."""
    try:
        stat = path.stat()
        lines = _index_lines(path, stat.st_mtime_ns, stat.st_size)
        parts = recording.parts
        names = [recording.as_posix(), *("/".join(parts[-n:]) for n in range(len(parts), 0, -1))]
        name = next((name for name in names if name in lines.starts), None)
        if name is None:
            hint = f'add a line with "file": "{recording.name}"'
            if lines.broken:
                hint = f"these lines cannot be read: {', '.join(map(str, lines.broken[:10]))}"
            raise TranscribeError("there is no script for this recording", where=f"{path} ({recording.name})", hint=hint)
        offset, number = lines.starts[name]
        if name in lines.twice:
            raise TranscribeError("two lines name the same recording", where=f"{path}:{number}")
        with path.open("rb") as file:
            file.seek(offset)
            raw = file.readline(_MAX_BYTES)
    except OSError as exc:
        raise TranscribeError(f"the script cannot be read: {exc.strerror}", where=str(path)) from exc
    return parse_turns(parse_json(raw.decode("utf-8-sig"), f"{path}:{number}"), f"{path}:{number}")


@functools.lru_cache(maxsize=8)
def _index_lines(path: Path, mtime_ns: int, size: int) -> _Lines:
    """Return where each line starts; read once while the file stays the same."""
    del mtime_ns, size  # only part of the key
    starts: dict[str, tuple[int, int]] = {}
    twice: set[str] = set()
    broken: list[int] = []
    offset = 0
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(_MAX_BYTES), b""), 1):
            if raw.strip():
                name = _file_of(raw)
                if name is None:
                    broken.append(number)
                elif starts.setdefault(name, (offset, number)) != (offset, number):
                    twice.add(name)
            offset += len(raw)
    if broken:
        log.warning("%d lines of %s cannot be read as scripts, the first is line %d", len(broken), path.name, broken[0])
    return _Lines(starts, frozenset(twice), tuple(broken))


def _file_of(raw: bytes) -> str | None:
    """Return the recording that a line is about, None if the line is no such object."""
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    name = data.get("file") if isinstance(data, dict) else None
    return name.replace("\\", "/") if isinstance(name, str) and name else None
