"""Send the morning digest where the settings say: each place once a day, whatever failed or was run twice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from callscore.config import DigestConfig
from callscore.errors import CallscoreError, ConfigError, SourceAuthError, SourceError
from callscore.outside.letters import Letter, MailServer, parse_addresses, send_letter
from callscore.outside.pages import Patience
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web
from callscore.report.digest import digest_lines
from callscore.report.formats import format_of, write_report
from callscore.report.html import html_text, letter_html
from callscore.report.render import json_value
from callscore.report.view import About, Report, ViewOptions
from callscore.whole_file import whole_file

__all__ = ["Post", "Sent", "send_digest"]

_KEPT_DAYS: Final = 60
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A digest to be sent: of `day`, made now (aware); `memory` is the file that says what was sent already."""

    report: Report
    day: date
    now: datetime
    memory: Path
    options: ViewOptions
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one place; `error` None: it was sent, or `was_sent` before."""

    place: str
    was_sent: bool = False
    error: CallscoreError | None = None


def send_digest(post: Post, settings: DigestConfig) -> Iterator[Sent]:
    """Send to every place of the settings and yield what became of each; one that fails does not stop the others.

    Raises:
        ConfigError: if the settings name no place, or a wrong one.
    """
    ways = _ways(post, settings)
    if not ways:
        raise ConfigError(
            "the settings do not say where the digest goes", where="[digest]", hint="set file, mail_to or webhook_url"
        )
    for place, send in ways.items():
        if not post.again and place in _read(post.memory).get(post.day.isoformat(), {}):
            yield Sent(place=place, was_sent=True)
            continue
        try:
            send()
        except CallscoreError as error:
            yield Sent(place=place, error=error)
            continue
        # At once: a run that is killed now must not send this one twice.
        _remember(post, place)
        yield Sent(place=place)


def _ways(post: Post, settings: DigestConfig) -> dict[str, Callable[[], None]]:
    ways: dict[str, Callable[[], None]] = {}
    if settings.file is not None:
        file = settings.file
        ways[f"file {file}"] = lambda: _write(post, file)
    recipients = parse_addresses(settings.mail_to, "digest.mail_to")
    if recipients:
        senders = parse_addresses(settings.mail_from, "digest.mail_from")
        if len(senders) != 1 or not settings.smtp_host:
            raise ConfigError("e-mail needs a server and a sender", where="[digest]", hint="set smtp_host and mail_from")
        for recipient in recipients:
            ways[f"mail {recipient}"] = lambda recipient=recipient: _mail(post, settings, senders[0], recipient)  # type: ignore[misc]
    if settings.webhook_url:
        host = urlsplit(settings.webhook_url).hostname or ""
        ways[f"webhook {host}"] = lambda: _call(post, settings)
    return ways


def _write(post: Post, file: Path) -> None:
    with whole_file(file) as stream:
        write_report(post.report, format_of(file), stream, About(made_at=post.now), post.options)


def _mail(post: Post, settings: DigestConfig, sender: str, recipient: str) -> None:
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout_s=settings.timeout_s,
    )
    letter = Letter(
        sender=sender,
        recipient=recipient,
        subject=post.report.title,
        text="\n".join(digest_lines(post.report, post.options)) + "\n",
        html=letter_html(post.report, post.options),
        page=html_text(post.report, About(made_at=post.now), post.options),
        page_name=f"callscore-{post.day.isoformat()}.html",
        sent_at=post.now,
    )
    send_letter(letter, server)


def _call(post: Post, settings: DigestConfig) -> None:
    parts = urlsplit(settings.webhook_url)
    if parts.scheme != "https" and parts.hostname not in _LOCAL and not settings.webhook_http:
        raise ConfigError(
            "the digest is not sent without encryption", where="digest.webhook_url", hint="use https://, or set webhook_http"
        )
    token = Secret(settings.webhook_token) if settings.webhook_token else None
    body = {
        "version": 1,
        "day": post.day.isoformat(),
        "language": post.options.language,
        "title": post.report.title,
        "text": "\n".join(digest_lines(post.report, post.options)),
        "report": json_value(post.report),
    }
    patience = Patience(attempts=3, longest_wait_s=60.0, timeout_s=float(settings.timeout_s))

    def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {token.reveal()}"} if token else {}

    with Web(settings.webhook_url, patience, headers=headers) as web:
        web.ask(Request(what="the morning digest", method="POST", json=body), _accepted)


def _accepted(response: Response) -> None:
    if response.status_code in (401, 403):
        raise SourceAuthError(f"the address refused the token (HTTP {response.status_code})", where=response.url.host)
    if response.status_code >= 400:
        raise SourceError(f"the address refused the digest (HTTP {response.status_code})", where=response.url.host)


def _read(memory: Path) -> dict[str, dict[str, str]]:
    """Return what was sent by day and place; a file that cannot be read counts as empty: better twice than never."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {day: places for day, places in found.items() if isinstance(places, dict)} if isinstance(found, dict) else {}


def _remember(post: Post, place: str) -> None:
    known = _read(post.memory)
    known.setdefault(post.day.isoformat(), {})[place] = post.now.isoformat()
    oldest = (post.day - timedelta(days=_KEPT_DAYS)).isoformat()
    kept = {day: places for day, places in sorted(known.items()) if day >= oldest}
    with whole_file(post.memory) as stream:
        stream.write(json.dumps(kept, ensure_ascii=False, indent=2).encode())
    with contextlib.suppress(OSError):
        # It names people's addresses.
        post.memory.chmod(0o600)
