"""E-mail by SMTP: encrypted unless the settings say otherwise, and never a password without encryption."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final

from callscore.errors import CallscoreError, ConfigError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.secret import Secret
from callscore.tls import TRUST_HINT, tls_context

__all__ = ["Letter", "MailServer", "parse_addresses", "send_letter"]

_ADDRESS: Final = re.compile(r"""[^\s@<>()\[\],;:"\\]+@[^\s@<>()\[\],;:"\\]+""")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server: `security` is starttls, ssl or none; without `user` nobody signs in."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter in plain text and as HTML, with a page attached; `sent_at` is aware."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    page: str
    page_name: str
    sent_at: datetime


def parse_addresses(text: str, where: str) -> tuple[str, ...]:
    """Return the addresses of a list with commas.

    Raises:
        ConfigError: for one that is no address such as lead@shop.example.
    """
    found = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
    for address in found:
        if not _ADDRESS.fullmatch(address):
            raise ConfigError(f"{address!r} is no e-mail address", where=where, hint="name@shop.example, several with commas")
    return found


def send_letter(letter: Letter, server: MailServer) -> None:
    """Hand a letter to the server.

    Raises:
        ConfigError: if a password would travel without encryption, or is missing.
        SourceAuthError: if the server refuses the sign-in.
        SourceUnavailableError: if it cannot be reached, or asks to come again.
        SourceError: if it refuses the letter or its recipient.
    """
    if server.user and server.security == "none":
        raise ConfigError(
            "a password is not sent without encryption",
            where="digest.smtp_security",
            hint='set it to "starttls" or "ssl", or leave digest.smtp_user empty',
        )
    with _told(server), _connect(server) as session:
        if server.user:
            session.login(server.user, Secret(server.password).reveal())
        session.send_message(_message(letter))


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.security == "ssl":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=tls_context())
    session = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)
    if server.security == "starttls":
        try:
            session.starttls(context=tls_context())
        except BaseException:
            session.close()
            raise
    return session


def _message(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(letter.subject.split())
    message["From"] = letter.sender
    message["To"] = letter.recipient
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = make_msgid(domain=letter.sender.rpartition("@")[2])
    # Mail programs answer "out of office" to letters of people only.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message.add_attachment(letter.page, subtype="html", filename=letter.page_name)
    return message


@contextmanager
def _told(server: MailServer) -> Iterator[None]:
    """Turn what can go wrong into errors that name the server; its own words may hold addresses and are left out."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except CallscoreError:
        raise
    except smtplib.SMTPAuthenticationError as exc:
        raise SourceAuthError(
            f"the mail server refused the sign-in ({exc.smtp_code})",
            where=where,
            hint="check digest.smtp_user and its password",
        ) from exc
    except smtplib.SMTPRecipientsRefused as exc:
        codes = ", ".join(sorted({str(code) for code, _ in exc.recipients.values()}))
        raise SourceError(f"the mail server refused the recipient ({codes})", where=where, hint="check digest.mail_to") from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise SourceError(f"the mail server cannot do what the settings want: {exc}", where=where) from exc
    except smtplib.SMTPResponseException as exc:
        kind = SourceUnavailableError if 400 <= exc.smtp_code < 500 else SourceError
        raise kind(f"the mail server refused the letter ({exc.smtp_code})", where=where) from exc
    except (smtplib.SMTPException, OSError) as exc:
        if "CERTIFICATE_VERIFY_FAILED" in str(exc):
            raise SourceError("the mail server's certificate is not trusted", where=where, hint=TRUST_HINT) from exc
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else type(exc).__name__
        raise SourceUnavailableError(f"the mail server cannot be reached: {reason}", where=where) from exc
