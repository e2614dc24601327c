"""What checks of sources say alike: the calls of the last days, the sound of one recording, the system's clock."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.errors import RecordingError
from callscore.outside.channels import count_channels
from callscore.outside.pages import Finding, Level, Window
from callscore.records import CallRecord, RecordingLink

__all__ = ["check_calls", "check_clock", "check_sound", "last_days"]

MOST_SKEW_S: Final = 120
Fetch = Callable[[CallRecord, RecordingLink, Path], Path]


def last_days(n_days: int) -> Window:
    """Return the window that ends now."""
    now = datetime.now(UTC)
    return Window(start=now - timedelta(days=n_days), end=now)


def check_calls(calls: Sequence[CallRecord], n_rejects: int, period: str) -> Iterator[Finding]:
    """Tell how many calls there were and how many rows could not be read."""
    n_recorded = sum(bool(call.recordings) for call in calls)
    text = f"{len(calls)} calls in {period}, {n_recorded} with a recording"
    if not calls:
        yield Finding(level=Level.ADVICE, subject="calls", text=text, hint="is that so, or does the login see no calls?")
    else:
        yield Finding(level=Level.FINE, subject="calls", text=text)
    if n_rejects:
        yield Finding(level=Level.ADVICE, subject="rows", text=f"{n_rejects} rows cannot be read", hint="they are left out")


def check_sound(calls: Sequence[CallRecord], fetch: Fetch, stereo_hint: str) -> Iterator[Finding]:
    """Fetch the last recording and tell whether the parties are on channels of their own.

    `stereo_hint` says what to do about one channel.

    Raises:
        SourceError: as `fetch` raises it.
    """
    call = max((call for call in calls if call.recordings), key=lambda call: call.started_at, default=None)
    if call is None:
        yield Finding(
            level=Level.ADVICE,
            subject="recordings",
            text="no call has one to look at",
            hint="switch recording on in the system",
        )
        return
    with tempfile.TemporaryDirectory(prefix="callscore-") as folder:
        try:
            n_channels = count_channels(fetch(call, call.recordings[-1], Path(folder)))
        except RecordingError as exc:
            yield Finding(
                level=Level.ADVICE,
                subject="recordings",
                text=f"call {call.call_id}: {exc.message}",
                hint="it may come later; if it stays so, check that calls are recorded and that the login may hear them",
            )
            return
    if n_channels == 1:
        yield Finding(level=Level.ADVICE, subject="recordings", text="mono: both parties on one channel", hint=stereo_hint)
    else:
        text = "stereo" if n_channels else "can be fetched; whether they are stereo is told when they are heard"
        yield Finding(level=Level.FINE, subject="recordings", text=text)


def check_clock(skew_s: float | None) -> Iterator[Finding]:
    """Tell when the system's clock and ours differ so much that calls and orders may be joined wrongly."""
    if skew_s is not None and abs(skew_s) > MOST_SKEW_S:
        side = "ahead of" if skew_s > 0 else "behind"
        text = f"the system's clock is {abs(skew_s) / 60:.0f} min {side} this computer's"
        yield Finding(level=Level.ADVICE, subject="clock", text=text, hint="set both by NTP")
