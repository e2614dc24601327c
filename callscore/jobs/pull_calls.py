"""Read a telephony system into the store, page by page, and fetch the recordings it names at once: links expire."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.config import Config, SourceConfig
from callscore.errors import CallscoreError, RecordingError, SourceError
from callscore.jobs.feeds import KEEP_WANTED, feed_settings, new_watermark, open_calls, reading_window
from callscore.outside.pages import CallPage, Patience
from callscore.records import CallInfo, CallRecord, Direction, Disposition, RecordedCall, Recording
from callscore.sources import Found, Problem, Source
from callscore.store import StoreWriter
from callscore.store.feeds import Feed, FeedBatch, FetchState, KnownRecording

__all__ = ["Pull", "SourceFailure", "pull_calls", "source_failure"]

_LOG = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 3
"""Runs that try to fetch an old recording before it is given up."""
SOON: Final = timedelta(hours=1)
"""Providers need minutes to an hour until a recording can be had; before that its absence is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailure:
    """A source that could not be read to the end; what came before is kept and is gone on from next time."""

    source: str
    code: int
    message: str


@dataclass(slots=True, kw_only=True)
class Pull:
    """What reading a source is given: where to write, whom to tell, since when to read, and whether somebody asks to stop."""

    config: Config
    writer: StoreWriter
    note: Callable[[str], None]
    since: datetime | None = None
    patience: Patience | None = None
    is_stopped: Callable[[], bool] = field(default=lambda: False)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def pull_calls(source: SourceConfig, pull: Pull) -> tuple[Found, SourceFailure | None]:
    """Bring a source up to date and return the recordings to hear, with what went wrong.

    Raises:
        ConfigError: if its settings cannot be used.
        StoreError: if the store cannot be written.
        KeyboardInterrupt: if somebody asks to stop; what was read is stored.
    """
    connector, settings = feed_settings(source)
    feed = Feed(source=source.name, kind=connector.kind)
    progress = pull.writer.reader().feed_progress(source.name, pull.now - KEEP_WANTED)
    window = reading_window(settings, progress, pull.since, pull.now)
    failure: SourceFailure | None = None
    n_calls = n_rejects = 0
    with open_calls(source, pull.config, pull.patience) as opened:
        try:
            for page in opened.iter_pages(window):
                until = new_watermark(page.covered_until, window, progress, pull.now)
                pull.writer.save_batch(_batch(feed, page, pull.now, until))
                n_calls, n_rejects = n_calls + len(page.records), n_rejects + len(page.rejects)
                _fetch_page(opened, feed, page, pull)
                pull.note(f"{source.name}: {n_calls} calls read")
                if pull.is_stopped():
                    raise KeyboardInterrupt
        except SourceError as error:
            failure = source_failure(source.name, error)
            pull.writer.save_batch(FeedBatch(feed=feed, at=pull.now, error=failure.message))
    found = _found(feed, pull, window.start)
    remarks = (f"{source.name}: {n_rejects} rows could not be used; `callscore report health` names them",) if n_rejects else ()
    return Found(calls=found.calls, problems=found.problems, remarks=(*found.remarks, *remarks)), failure


def source_failure(name: str, error: CallscoreError) -> SourceFailure:
    """Return the failure of a source as the summary tells it."""
    text = " ".join(part for part in (error.message, f"({error.hint})" if error.hint else "") if part)
    return SourceFailure(source=name, code=error.exit_code, message=text)


def _batch(feed: Feed, page: CallPage, now: datetime, until: datetime | None) -> FeedBatch:
    return FeedBatch(
        feed=feed,
        at=now,
        calls=page.records,
        rejects=tuple((reject.where, reject.reason) for reject in page.rejects),
        covered_until=until,
    )


def _fetch_page(opened: Source, feed: Feed, page: CallPage, pull: Pull) -> None:
    """Fetch what the page's calls have recorded and what is not here yet."""
    calls = {call.call_id: call for call in page.records if _is_conversation(call)}
    if not calls:
        return
    oldest = min(call.started_at for call in calls.values())
    for known in pull.writer.reader().recordings(feed.source, oldest):
        call = calls.get(known.pbx_call_id)
        if pull.is_stopped():
            raise KeyboardInterrupt
        is_here = known.status == "fetched" and known.path is not None and Path(known.path).is_file()
        if call is not None and not is_here and known.status != "missing":
            pull.writer.save_fetch(_fetch(opened, call, known, feed, pull))


def _fetch(opened: Source, call: CallRecord, known: KnownRecording, feed: Feed, pull: Pull) -> FetchState:
    state = FetchState(source=feed.source, pbx_call_id=known.pbx_call_id, recording_no=known.recording_no, status="fetched")
    folder = _recordings_dir(pull.config) / feed.source / f"{call.started_at:%Y-%m}"
    try:
        path = opened.fetch(call, call.recordings[known.recording_no], folder)
    except (RecordingError, OSError) as error:
        reason = error.message if isinstance(error, RecordingError) else f"it cannot be written: {error.strerror or error}"
        _LOG.info("the recording of call %s could not be fetched", known.call_id)
        is_given_up = pull.now - call.started_at > KEEP_WANTED and known.attempts + 1 >= MOST_ATTEMPTS
        status = "missing" if is_given_up else "wanted"
        return replace(state, status=status, reason=reason)
    return replace(state, path=str(path.absolute()))


def _found(feed: Feed, pull: Pull, since: datetime) -> Found:
    """Return the recordings of a source as calls to hear."""
    calls: list[RecordedCall] = []
    problems: list[Problem] = []
    n_soon = 0
    for known in pull.writer.reader().recordings(feed.source, since):
        if known.direction is Direction.INTERNAL or (known.attempts == 0 and known.status == "wanted"):
            continue
        path = Path(known.path) if known.path else None
        if known.status == "fetched" and path is not None and path.is_file():
            calls.append(_recorded(feed, known, path))
        elif known.status == "wanted" and pull.now - known.started_at < SOON:
            n_soon += 1
        else:
            problems.append(
                Problem(
                    source=feed.source,
                    call_id=known.call_id,
                    recording=f"{feed.source}: {known.call_id}",
                    code=RecordingError.exit_code,
                    message="the recording could not be fetched; `callscore report health` tells why",
                )
            )
    remarks = (f"{feed.source}: {n_soon} recordings are not ready yet; the next run fetches them",) if n_soon else ()
    return Found(calls=tuple(calls), problems=tuple(problems), remarks=remarks)


def _recorded(feed: Feed, known: KnownRecording, path: Path) -> RecordedCall:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        n_bytes = stream.tell()
    direction = Direction.OUTBOUND if known.direction is Direction.CALLBACK else known.direction
    info = CallInfo(
        call_id=known.call_id,
        started_at=known.started_at,
        direction=direction,
        operator=known.operator,
        extension=known.extension,
        client_phone=known.client_phone,
        did=known.did,
        queue=known.queue,
        wait_ms=known.wait_ms,
        transferred_to=known.transferred_to,
        operator_channel=None if known.client_channel is None else 1 - known.client_channel,
    )
    recording = Recording(path=str(path), name=path.name, source=feed.source, sha256=sha256, n_bytes=n_bytes)
    return RecordedCall(info=info, recording=recording)


def _is_conversation(call: CallRecord) -> bool:
    """Tell whether a client talked with somebody; voice mail and internal talks are not scored."""
    return bool(call.recordings) and call.direction is not Direction.INTERNAL and call.disposition is not Disposition.VOICEMAIL


def _recordings_dir(config: Config) -> Path:
    return config.telephony.recordings_dir or config.store.db.parent / "recordings"
