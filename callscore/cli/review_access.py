"""`callscore review users|link`: who may open the trainer's desk."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Final

import click
from rich.table import Table
from rich.text import Text

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stdout_console
from callscore.errors import ConfigError, NothingToDoError, nearest
from callscore.report.text import local_time
from callscore.review.journal import reviews_folder
from callscore.review.users import LINK_PATH, UserRole, Users
from callscore.store import open_reader
from callscore.store.operators import read_call_names

__all__ = ["link", "users"]

_DAYS: Final = 14
_stdin_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not the terminal.")


@click.group()
def users() -> None:
    """Say who may sign in at the trainer's desk beyond this machine, and as what.

    \b
    Example:
      callscore review users add olga --role trainer
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@users.command()
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in UserRole]), required=True, help="What the person may do.")
@click.option("--operator", metavar="NAME", help="The name that calls have for the person; for the role operator.")
@_stdin_option
@with_app
def add(app: App, login: str, role: str, operator: str | None, password_stdin: bool) -> None:
    """Add a user; the password is asked for and kept as an argon2id hash only.

    A trainer corrects verdicts, a manager reads, an operator sees the own calls and appeals.

    \b
    Example:
      callscore review users add ivanova --role operator --operator "Иванова А."
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    password = _password(password_stdin)
    user = Users(reviews_folder(app.db)).add(login, password, UserRole(role), now=datetime.now(UTC), operator=operator)
    message(f"added: {user.login}, {user.role}")


@users.command("list")
@json_option
@with_app
def list_(app: App, as_json: bool) -> None:
    """List who may sign in.

    \b
    Example:
      callscore review users list
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    found = Users(reviews_folder(app.db)).all()
    if not found:
        raise NothingToDoError("there is no user", hint="callscore review users add LOGIN --role trainer")
    if as_json:
        print_json([{"login": user.login, "role": user.role, "operator": user.operator} for user in found])
        return
    table = Table("login", "role", "operator", "password set", box=None, pad_edge=False)
    for user in found:
        set_at = local_time(user.changed_at, app.config.report.timezone)
        table.add_row(*map(Text, (user.login, user.role, user.operator or "-", set_at)))
    stdout_console().print(table)


@users.command()
@click.argument("login")
@with_app
def remove(app: App, login: str) -> None:
    """Remove a user, who is out at once; what the person wrote stays on record.

    \b
    Example:
      callscore review users remove ivanova
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    Users(reviews_folder(app.db)).remove(login)
    message(f"removed: {login}")


@users.command()
@click.argument("login")
@_stdin_option
@with_app
def passwd(app: App, login: str, password_stdin: bool) -> None:
    """Give a user another password; who is signed in with the old one is out at once.

    \b
    Example:
      callscore review users passwd olga
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    Users(reviews_folder(app.db)).set_password(login, _password(password_stdin), now=datetime.now(UTC))
    message(f"password set: {login}")


@click.command()
@click.argument("operator")
@click.option("--days", type=click.IntRange(1, 365), default=_DAYS, show_default=True, help="How long the link is good for.")
@click.option("--address", default="http://127.0.0.1:8050", show_default=True, help="Where the operator reaches the page.")
@click.option("--revoke", is_flag=True, help="Make every link of the operator void instead.")
@with_app
def link(app: App, operator: str, days: int, address: str, revoke: bool) -> None:
    """Make a link that opens an operator's own calls, to see verdicts and contest them, without a password.

    Only this once is the link shown; the store of links holds a digest of it.

    \b
    Example:
      callscore review link "Иванова А."
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    book, now = Users(reviews_folder(app.db)), datetime.now(UTC)
    if revoke:
        message(f"links made void: {book.revoke_links(operator, now=now)}")
        return
    _check_operator(app, operator)
    made, token = book.make_link(operator, now=now, days=days)
    click.echo(f"{address.rstrip('/')}{LINK_PATH}{token}")
    message(f"good until {local_time(made.expires_at, app.config.report.timezone)}; callscore review link --revoke ends it")


def _password(is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _check_operator(app: App, operator: str) -> None:
    """Refuse a name that no call has: its link would open nothing."""
    with open_reader(app.db) as reader, reader.asking() as queries:
        names = {row.name for row in read_call_names(queries)}
    if operator not in names:
        near = nearest(operator, names)
        raise ConfigError(
            f"no call is of an operator {operator[:80]!r}",
            hint=f"did you mean {near!r}?" if near else "callscore operators list",
        )
