"""One table, or all tables of a folder or a pattern, read one after the other with their columns understood."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from callscore.errors import SourceError
from callscore.outside.columns import ColumnError, Columns, Dictionary
from callscore.outside.pages import Reject
from callscore.outside.table import ENDINGS, Row, Sheet, TableError, TableOptions, is_table, read_sheets

__all__ = ["TableFiles", "TablePart"]

_MAGIC: Final = "*?["


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """One sheet or file: what its columns mean, when the file was last written, and its rows, to be read at once."""

    columns: Columns
    label: str
    written_at: datetime
    rows: Iterator[Row | Reject]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """Tables of one kind; `lacks` says what is missing among the columns of a table that cannot be used, else ""."""

    path: Path
    dictionary: Dictionary
    lacks: Callable[[Columns], str]
    given: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""

    @property
    def root(self) -> Path:
        """The folder in which the tables lie; that of a pattern is what stands before it."""
        if self._is_pattern():
            steps = self.path.parts
            return Path(*steps[: next(n for n, step in enumerate(steps) if set(step) & set(_MAGIC))])
        return self.path if self.path.is_dir() else self.path.parent

    def find(self) -> list[Path]:
        """Return the files, by name.

        Raises:
            SourceError: if there is none.
        """
        try:
            if self._is_pattern():
                names = glob.glob(str(self.path), recursive=True)  # noqa: PTH207 - Path.glob takes no whole pattern
                files = [Path(name) for name in names if is_table(Path(name)) and Path(name).is_file()]
            elif self.path.is_dir():
                files = [path for path in self.path.iterdir() if is_table(path) and path.is_file()]
            else:
                files = [self.path] if self.path.is_file() else []
        except OSError as exc:
            raise SourceError(f"the tables cannot be listed: {exc.strerror or exc}", where=str(self.path)) from exc
        if not files:
            hint = f"check path; tables end with {', '.join(ENDINGS[:-1])}"
            raise SourceError("there is no table", where=str(self.path), hint=hint)
        return sorted(files)

    def iter_parts(self) -> Iterator[TablePart]:
        """Yield what can be read of all files. A file among several that cannot be read is a Reject, and the others go on.

        Raises:
            SourceError: if there is no table, or none that can be read; also while rows are read, if the only one is damaged.
        """
        files = self.find()
        failed: list[TableError] = []
        for path in files:
            label = self._label(path)
            options = TableOptions(rate=self._rate, sheet=self.sheet, label=label)
            try:
                for sheet, columns in self._usable(path, options):
                    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    rows = self._guarded(sheet.rows, label, is_only=len(files) == 1)
                    yield TablePart(columns=columns, label=label, written_at=written_at, rows=rows)
            except (TableError, OSError) as exc:
                error = exc if isinstance(exc, TableError) else TableError(f"cannot be read: {exc.strerror or exc}")
                failed.append(error)
                if len(failed) == len(files):
                    raise _source_error(failed[0], self._label(files[0])) from exc
                yield TablePart(
                    columns=Columns({}, ()), label=label, written_at=datetime.now(UTC), rows=iter([_reject(error, label)])
                )

    def _usable(self, path: Path, options: TableOptions) -> Iterator[tuple[Sheet, Columns]]:
        """Yield the first sheet with the columns that are needed, and those with the same header (a sheet for each month)."""
        lacking: TableError | None = None
        header: tuple[str, ...] = ()
        for sheet in read_sheets(path, options):
            try:
                columns = self.dictionary.guess(sheet.header, self.given)
                lack = self.lacks(columns)
            except ColumnError as exc:
                columns, lack = Columns({}, ()), str(exc)
            if lack:
                shown = ", ".join(heading[:40] for heading in sheet.header[:30])
                hint = f"its columns are: {shown}; set columns, `callscore map --guess {path.name}` helps"
                lacking = lacking or TableError(lack, hint)
            elif not header or sheet.header == header:
                header = sheet.header
                yield sheet, columns
        if not header:
            raise lacking or TableError("is empty")

    def _rate(self, cells: Sequence[str]) -> int:
        return self.dictionary.count(cells, self.given)

    def _guarded(self, rows: Iterator[Row | Reject], label: str, *, is_only: bool) -> Iterator[Row | Reject]:
        try:
            yield from rows
        except TableError as exc:
            if is_only:
                raise _source_error(exc, label) from exc
            yield _reject(exc, label)

    def _label(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def _is_pattern(self) -> bool:
        return bool(set(str(self.path)) & set(_MAGIC)) and not self.path.exists()


def _reject(error: TableError, label: str) -> Reject:
    return Reject(where=label, reason=f"the table {error.reason}" + (f" ({error.hint})" if error.hint else ""))


def _source_error(error: TableError, label: str) -> SourceError:
    return SourceError(f"the table {error.reason}", where=label, hint=error.hint)
