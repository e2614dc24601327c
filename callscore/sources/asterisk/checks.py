"""What a check of an Asterisk finds: calls, the meaning of their times, names, recordings."""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.errors import RecordingError
from callscore.outside.pages import Finding, Level, Window
from callscore.records import CallRecord, Disposition
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.log import Log
from callscore.sources.asterisk.logs import Logs
from callscore.sources.asterisk.settings import PbxSettings
from callscore.sources.base import Source

__all__ = ["check_logs"]

_LAST: Final = timedelta(days=2)


def check_logs(source: Source, settings: PbxSettings, logs: Logs) -> Iterator[Finding]:
    """Read the last two days that the logs hold, and tell what is fine and what is missing; `logs` are closed."""
    try:
        newest = max((at for at in (logs.newest_row, logs.newest_event) if at is not None), default=None)
        if logs.cdr is not None:
            yield from _check_times(logs.cdr, settings)
    finally:
        logs.close()
    if newest is None:
        yield Finding(level=Level.PROBLEM, subject="calls", text="no call is found", hint="check the paths, or the table")
        return
    calls, n_rejects, reason = _read(source, newest)
    text = f"{len(calls)} calls in the last 2 days of the logs, until {newest:%Y-%m-%d %H:%M}"
    yield Finding(level=Level.FINE if calls else Level.PROBLEM, subject="calls", text=text)
    if n_rejects:
        yield Finding(level=Level.ADVICE, subject="lines", text=f"{n_rejects} lines cannot be read, the first: {reason}")
    yield from _check_staff(calls)
    yield from _check_recordings(source, settings, calls)


def _read(source: Source, newest: datetime) -> tuple[list[CallRecord], int, str]:
    window = Window(start=newest - _LAST, end=newest + timedelta(minutes=1))
    pages = list(source.iter_pages(window))
    rejects = [reject for page in pages for reject in page.rejects]
    reason = f"{rejects[0].where}: {rejects[0].reason}" if rejects else ""
    return [record for page in pages for record in page.records], len(rejects), reason


def _check_times(cdr: Log[CdrRow], settings: PbxSettings) -> Iterator[Finding]:
    """Compare what is set, or settled by itself, with the seconds in the uniqueids."""
    n_gmt, n_told = sum(cdr.told), len(cdr.told)
    if not n_told:
        hint = 'set cdr_times = "gmt" if cdr.conf has usegmtime=yes, else "local"'
        if settings.cdr_times == "auto" and cdr.zone_offset:
            yield Finding(level=Level.ADVICE, subject="clock", text="the rows do not tell whether times are local", hint=hint)
        return
    told = "gmt" if n_gmt * 2 > n_told else "local"
    if settings.cdr_times not in ("auto", told):
        text = f"times look like {told}, by the uniqueids of {n_told} rows"
        yield Finding(level=Level.PROBLEM, subject="clock", text=text, hint=f'set cdr_times = "{told}" or "auto"')
    else:
        yield Finding(level=Level.FINE, subject="clock", text=f"times are {told}, by the uniqueids of {n_told} rows")


def _check_staff(calls: Sequence[CallRecord]) -> Iterator[Finding]:
    legs = [leg for call in calls for leg in call.legs]
    unknown = {leg.operator_name for leg in legs if leg.operator_name and leg.extension is None}
    if unknown:
        text = f"{len(unknown)} members of queues have no extension that CDR tells"
        yield Finding(level=Level.ADVICE, subject="operators", text=text, hint='list them in operators, such as "101=name"')


def _check_recordings(source: Source, settings: PbxSettings, calls: Sequence[CallRecord]) -> Iterator[Finding]:
    if settings.recordings is None:
        hint = "set recordings to the folder of MixMonitor"
        yield Finding(level=Level.ADVICE, subject="recordings", text="no folder of recordings is set", hint=hint)
        return
    answered = [call for call in calls if call.disposition is Disposition.ANSWERED]
    recorded = [call for call in answered if call.recordings]
    level = Level.FINE if recorded or not answered else Level.PROBLEM
    text = f"{len(recorded)} of {len(answered)} answered calls have a recording"
    hint = "" if recorded else "check the folder, and that names hold the uniqueid"
    yield Finding(level=level, subject="recordings", text=text, hint=hint)
    if recorded:
        yield _check_head(source, recorded[-1])


def _check_head(source: Source, call: CallRecord) -> Finding:
    link = call.recordings[0]
    if link.client_channel is not None:
        side = "left" if link.client_channel == 0 else "right"
        text = f"recordings have both parties apart; the client is {side} on a call that is {call.direction}"
        return Finding(level=Level.FINE, subject="stereo", text=text, hint="listen to one; if it is wrong, set channel_side")
    try:
        with tempfile.TemporaryDirectory() as folder, wave.open(str(source.fetch(call, link, Path(folder))), "rb") as file:
            n_channels = file.getnchannels()
    except RecordingError as error:
        return Finding(level=Level.PROBLEM, subject="stereo", text=error.message, hint=error.hint)
    except (wave.Error, EOFError, OSError):
        n_channels = 0
    if n_channels == 2:
        return Finding(level=Level.FINE, subject="stereo", text="recordings have two channels")
    hint = "record both legs: MixMonitor(name.wav,r(name-rx.wav)t(name-tx.wav)), or option D with a name in .raw"
    return Finding(level=Level.ADVICE, subject="stereo", text="recordings are mixed: who speaks has to be guessed", hint=hint)
