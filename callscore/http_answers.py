"""What servers say in status and headers, read the same way everywhere. Pure."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime
from typing import Final

__all__ = ["PASSING_STATUS", "parse_http_date", "retry_after_s", "whole_seconds"]

PASSING_STATUS: Final = (408, 425, 429, 500, 502, 503, 504)
"""Trying again later may help."""


def parse_http_date(text: str) -> datetime | None:
    """Return the moment of a date in a header (RFC 9110, 5.6.7), aware UTC; None where it is none.

    >>> parse_http_date("Wed, 21 Oct 2026 07:28:00 GMT")
    datetime.datetime(2026, 10, 21, 7, 28, tzinfo=datetime.timezone.utc)
    """
    try:
        at = email.utils.parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return None if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def whole_seconds(text: str) -> float | None:
    """Return the seconds that a header names; None where it is empty, a date, or no sensible number.

    >>> whole_seconds("2"), whole_seconds("Wed, 21 Oct 2026 07:28:00 GMT"), whole_seconds("-1"), whole_seconds("²")
    (2.0, None, None, None)
    """
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def retry_after_s(text: str) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); None for neither."""
    seconds = whole_seconds(text.strip())
    if seconds is not None:
        return seconds
    at = parse_http_date(text.strip())
    return None if at is None else max(0.0, (at - datetime.now(UTC)).total_seconds())
