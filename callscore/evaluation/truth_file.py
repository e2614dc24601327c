"""Reads labelled calls: JSON lines of whole calls, or a plain table of file, criterion and verdict. The edge to the disk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from callscore.errors import ConfigError, nearest
from callscore.evaluation.truth import Truth, TruthCall
from callscore.evaluation.truth_values import Spot, call_type_of, key_of, label_of, labels_of, turns_of

__all__ = ["read_truth"]

MAX_BYTES: Final = 256 * 1024 * 1024
_TABLES: Final = (".csv", ".tsv")
_LINES: Final = (".jsonl", ".ndjson", ".json")
_WHOLE: Final = ("labels", "turns", "type")
_Key = tuple[str | None, str | None]


def read_truth(path: Path) -> Truth:
    """Read labelled calls from JSON lines (.jsonl) or a table (.csv, .tsv).

    A line is a whole call (`file` or `call_id`, `labels` by criterion, optional `type` and `turns`), or, like a row of a table,
    one label: `file` or `call_id`, `criterion`, `verdict`. Labels are pass, fail or na; rows with an empty verdict are counted
    and left out, so that a half-filled table can be used.

    Raises:
        ConfigError: for anything unreadable, unknown or labelled twice, with file and line.
    """
    suffix = path.suffix.lower()
    if suffix not in (*_TABLES, *_LINES):
        raise ConfigError("labelled calls must be in a .jsonl or .csv file", where=str(path))
    rows = _table_rows(_text(path, "cp1251"), path) if suffix in _TABLES else _line_rows(_text(path), path)
    calls, n_blank = _collect(rows)
    if not calls:
        raise ConfigError("the file holds no labelled calls", where=str(path))
    return Truth(calls=calls, file=str(path), n_blank=n_blank)


def _text(path: Path, fallback: str = "") -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"the file is larger than {MAX_BYTES // 2**20} MiB", where=str(path))
        raw = path.read_bytes()
    except OSError as exc:
        raise ConfigError(f"the labelled calls cannot be read: {exc.strerror or exc}", where=str(path)) from exc
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        if fallback:  # what a Russian spreadsheet program saves as "CSV"
            return raw.decode(fallback, errors="replace")
        line = raw[: exc.start].count(b"\n") + 1
        raise ConfigError("the file is not UTF-8 text", where=f"{path}:{line}", hint="save it as UTF-8") from exc


def _line_rows(text: str, path: Path) -> Iterator[tuple[Mapping[str, Any], Spot]]:
    # Not splitlines: it also parts lines at signs that may stand inside a JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        spot = Spot(f"{path}:{number}")
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_unique)
        except json.JSONDecodeError as exc:
            raise spot.error(f"the line is no JSON object: {exc.msg}, column {exc.colno}") from exc
        except (ValueError, RecursionError) as exc:
            raise spot.error(f"the line is no JSON object: {exc}") from exc
        if not isinstance(row, dict):
            raise spot.error("the line is no JSON object", hint='{"file": "a.wav", "labels": {"greeting": "pass"}}')
        yield row, spot


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _table_rows(text: str, path: Path) -> Iterator[tuple[Mapping[str, Any], Spot]]:
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            spot = Spot(f"{path}:{reader.line_num}")
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip().lower() for cell in cells]
                _check_header(header, spot)
            elif any(cell.strip() for cell in cells[len(header) :]):
                raise spot.error("the row has more cells than the header")
            else:
                yield dict(zip(header, cells, strict=False)), spot
    except csv.Error as exc:
        raise ConfigError(f"the table cannot be read: {exc}", where=f"{path}:{reader.line_num}") from exc


def _check_header(header: list[str], spot: Spot) -> None:
    wanted = ["criterion", "verdict"] if {"file", "call_id"} & set(header) else ["file", "criterion", "verdict"]
    for name in wanted:
        if name not in header:
            like = nearest(name, header)
            hint = f"did you mean that by {like!r}?" if like else f"its columns are: {', '.join(header)}"
            raise spot.error(f"the table has no column {name!r}", hint=hint)
    for name in ("file", "call_id", *wanted):
        if header.count(name) > 1:
            raise spot.error(f"the column {name!r} stands twice")


def _collect(rows: Iterator[tuple[Mapping[str, Any], Spot]]) -> tuple[tuple[TruthCall, ...], int]:
    calls: dict[_Key, TruthCall] = {}
    alone: dict[_Key, dict[str, Any]] = {}
    n_blank = 0
    for row, spot in rows:
        key = key_of(row, spot)
        if "criterion" not in row:
            _refuse_second(calls, key, spot)
            calls[key] = _whole_call(row, key, spot)
            continue
        name, verdict = label_of(row, spot)
        if key not in calls:
            alone[key] = {}
            calls[key] = TruthCall(call_id=key[0], file=key[1], labels=alone[key], where=spot.where)
        elif key not in alone:
            _refuse_second(calls, key, spot)
        if name in alone[key]:
            raise spot.error(f"criterion {name!r} of call {calls[key].name!r} is labelled twice")
        if verdict is None:
            n_blank += 1
        else:
            alone[key][name] = verdict
    return tuple(call for key, call in calls.items() if key not in alone or alone[key]), n_blank


def _whole_call(row: Mapping[str, Any], key: _Key, spot: Spot) -> TruthCall:
    if not any(name in row for name in _WHOLE):
        raise spot.error("the line labels nothing", hint="it needs labels, or criterion and verdict")
    return TruthCall(
        call_id=key[0],
        file=key[1],
        labels=labels_of(row, spot),
        where=spot.where,
        call_type=call_type_of(row, spot),
        turns=turns_of(row, spot),
    )


def _refuse_second(calls: Mapping[_Key, TruthCall], key: _Key, spot: Spot) -> None:
    if key in calls:
        raise spot.error(f"call {calls[key].name!r} is labelled before, in {calls[key].where}")
