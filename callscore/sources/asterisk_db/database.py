"""A database that is only read: which columns a table has, its rows by time, and errors that tell no secret."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from callscore.errors import ConfigError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Patience
from callscore.outside.secret import Secret

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Database", "Table"]

MOST_ROWS_A_MOMENT: Final = 1_000_000
_T = TypeVar("_T")
# Codes and words with which databases refuse a user, or a table to him.
_REFUSED_CODES: Final = (1044, 1045, 1142, 1698)
_REFUSED_STATES: Final = ("28", "42501")
_REFUSED_WORDS: Final = ("access denied", "authentication failed", "permission denied", "no password supplied")
Moment = datetime | date | str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is: `names` are its columns by their lower-case names, `has_times` those that hold real times."""

    name: str
    schema: str | None
    names: Mapping[str, str]
    has_times: frozenset[str]
    has_zones: frozenset[str]


class Database:
    """One database; each question is a short SELECT on a connection of its own."""

    def __init__(self, url: str, password: Secret | None, patience: Patience, page_size: int) -> None:
        """Prepare; nothing is connected yet.

        Raises:
            ConfigError: SQLAlchemy or the driver is not installed, or does not know the address.
            SourceError: there is no such file.
        """
        self._patience = patience
        self._page_size = page_size
        try:
            import sqlalchemy as sa
        except ImportError as exc:
            raise ConfigError("sqlalchemy is not installed", hint="pip install 'callscore[database]'") from exc
        try:
            address = sa.make_url(url)
            if password is not None:
                address = address.set(password=password.reveal())
            self.where = address.host or Path(address.database or "").name or address.get_backend_name()
            self._engine = _engine(address, patience.timeout_s)
        except ImportError as exc:
            hint = "pip install pymysql (or psycopg for PostgreSQL), as url names it"
            raise ConfigError("the driver of the database is not installed", where=self.where, hint=hint) from exc
        except sa.exc.ArgumentError as exc:
            raise ConfigError("url is no address that SQLAlchemy knows", hint="such as mysql+pymysql://user@host/db") from exc

    def __repr__(self) -> str:
        """Return no more than where it is."""
        return f"Database({self.where})"

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def table(self, name: str) -> Table:
        """Return a table with its columns.

        Raises:
            SourceError: there is none, or as `_ask` raises it.
        """
        import sqlalchemy as sa

        schema, _, plain = name.rpartition(".")
        found = self._ask(lambda link: _columns(sa.inspect(link), plain, schema or None))
        if not found:
            hint = "check url and table, and that the user may read it"
            raise SourceError(f"there is no table {name}", where=self.where, hint=hint)
        names = {column["name"].lower(): column["name"] for column in found}
        times = {column["name"].lower(): column["type"] for column in found if isinstance(column["type"], sa.DateTime)}
        # SQLite keeps times as texts, whatever the column is declared as.
        real = frozenset(times) if self._engine.dialect.name != "sqlite" else frozenset()
        zoned = frozenset(each for each in real if getattr(times[each], "timezone", False))
        return Table(plain, schema or None, names, real, zoned)

    def check_columns(self, table: Table, needs: Sequence[str]) -> None:
        """Raise SourceError unless a table has the columns in `needs`: lower-case names, of each "a|b" one."""
        for need in needs:
            if not set(need.split("|")) & set(table.names):
                raise SourceError(f"the table {table.name} has no column {need.replace('|', ' or ')}", where=self.where)

    def rows(self, table: Table, at: str, start: Moment, end: Moment) -> Iterator[dict[str, Any]]:
        """Yield the rows with `start` <= `at` < `end` by lower-case column names, in order of time.

        A page ends between two moments: rows of one moment have no order that a next page could go on from, since a row of CDR
        has no key of its own.

        Raises:
            SourceError: as `_ask`.
        """
        limit = self._page_size
        while True:
            page = self._page(table, at, (start, end), limit)
            if len(page) < limit:
                yield from page
                return
            last = page[-1][at]
            whole = [row for row in page if row[at] != last]
            if whole:
                yield from whole
                start, limit = last, self._page_size
            elif limit >= MOST_ROWS_A_MOMENT:
                raise SourceError(f"more than {limit} rows of {table.name} have the same time", where=self.where)
            else:
                limit *= 2

    def last_rows(self, table: Table, at: str, n_rows: int) -> list[dict[str, Any]]:
        """Return the newest rows, the last one first."""
        columns = _selectable(table)
        time = columns.c[table.names[at]]
        return self._mappings(columns.select().where(time.is_not(None)).order_by(time.desc()).limit(n_rows), table)

    def count(self, table: Table, at: str, start: Moment, end: Moment) -> int:
        """Return how many rows there are from `start` up to `end`."""
        import sqlalchemy as sa

        columns = _selectable(table)
        time = columns.c[table.names[at]]
        statement = sa.select(sa.func.count()).select_from(columns).where(time >= start, time < end)
        return int(self._ask(lambda link: link.execute(statement).scalar()) or 0)

    def _page(self, table: Table, at: str, span: tuple[Moment, Moment], limit: int) -> list[dict[str, Any]]:
        columns = _selectable(table)
        time = columns.c[table.names[at]]
        ties = [columns.c[table.names[name]] for name in ("uniqueid", "sequence", "id") if name in table.names]
        chosen = columns.select().where(time >= span[0], time < span[1]).order_by(time, *ties).limit(limit)
        return self._mappings(chosen, table)

    def _mappings(self, statement: sa.Select[Any], table: Table) -> list[dict[str, Any]]:
        lower = tuple(table.names)
        return self._ask(lambda link: [dict(zip(lower, row, strict=True)) for row in link.execute(statement)])

    def _ask(self, question: Callable[[sa.Connection], _T]) -> _T:
        """Return the answer to a question; what may pass (a lost connection, a lock) is tried again.

        Raises:
            SourceAuthError: the user or the password is refused.
            SourceUnavailableError: the database stays away.
            SourceError: the question is refused.
        """
        import sqlalchemy as sa

        reason = ""
        for attempt in range(self._patience.attempts):
            if attempt:
                pause_s = self._patience.first_wait_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
                self._patience.sleep(min(pause_s, self._patience.longest_wait_s))
            try:
                with self._engine.connect() as link:
                    return question(link)
            except (sa.exc.OperationalError, sa.exc.InterfaceError) as exc:
                if _is_refusal(exc.orig):
                    raise SourceAuthError(
                        "the database refuses the user", where=self.where, hint="check url, password, and the right to SELECT"
                    ) from None
                reason = type(exc.orig).__name__
            except sa.exc.SQLAlchemyError as exc:
                # Its text holds the statement with its values, and may hold the address.
                if _is_refusal(getattr(exc, "orig", None)):
                    raise SourceAuthError("the database refuses the user", where=self.where, hint="grant SELECT") from None
                raise SourceError(f"the database cannot be read ({type(exc).__name__})", where=self.where) from None
        raise SourceUnavailableError(
            f"the database does not answer after {self._patience.attempts} attempts ({reason})",
            where=self.where,
            hint="check url; run it again later, what was read is kept",
        )


def _engine(address: sa.URL, timeout_s: float) -> sa.Engine:
    """Return an engine whose connections cannot write."""
    import sqlalchemy as sa

    backend = address.get_backend_name()
    if backend == "sqlite":
        path = Path(address.database or "")
        if not path.is_file():
            raise SourceError("there is no such file", where=str(path), hint="check url: sqlite:////absolute/path/cdr.db")
        place = f"file:{quote(str(path.absolute()))}?mode=ro"

        def connect() -> sqlite3.Connection:
            link = sqlite3.connect(place, uri=True, timeout=timeout_s, check_same_thread=False)
            # A name in another encoding must not cost the rows around it.
            link.text_factory = lambda text: text.decode("utf-8", "replace")
            return link

        return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    knows_timeout = backend in ("mysql", "mariadb", "postgresql")
    options = {"connect_timeout": max(1, min(int(timeout_s), 20))} if knows_timeout else {}
    engine = sa.create_engine(address, connect_args=options, poolclass=sa.NullPool, hide_parameters=True)
    if backend in ("mysql", "mariadb"):

        def forbid(link: Any, _: object) -> None:
            with link.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")

        sa.event.listen(engine, "connect", forbid)
    return engine.execution_options(postgresql_readonly=True) if backend == "postgresql" else engine


def _columns(inspector: sa.Inspector, name: str, schema: str | None) -> Sequence[Any] | None:
    import sqlalchemy as sa

    try:
        return inspector.get_columns(name, schema=schema)
    except sa.exc.NoSuchTableError:
        return None


def _selectable(table: Table) -> sa.TableClause:
    """Return the table with columns without types: values come as they are, and one bad value spoils its own row only."""
    import sqlalchemy as sa
    from sqlalchemy.sql import quoted_name

    columns: list[sa.ColumnClause[Any]] = [sa.column(quoted_name(name, quote=True)) for name in table.names.values()]
    return sa.table(quoted_name(table.name, quote=True), *columns, schema=table.schema)


def _is_refusal(error: object) -> bool:
    arguments = getattr(error, "args", ())
    state = str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
    return (
        bool(arguments and arguments[0] in _REFUSED_CODES)
        or state.startswith(_REFUSED_STATES)
        or any(word in str(error).lower() for word in _REFUSED_WORDS)
    )
