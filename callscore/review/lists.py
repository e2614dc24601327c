"""Lists of calls at the desk: the queue, the random sample, an operator's own calls, and what their filters offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callscore.review.chosen import Chosen, day_start
from callscore.review.desk import Desk, NotAllowedError, WrongInputError
from callscore.review.entries import CallSeen, SampleDrawn, VerdictGiven
from callscore.review.queue import QueueItem, effective_scores, queue_page, read_tail
from callscore.review.sample import SampleWanted, draw, sample_progress
from callscore.review.viewer import Viewer
from callscore.store import open_reader
from callscore.store.entries import CallFilter
from callscore.store.review_call import read_call_infos, read_operators, read_reasons
from callscore.store.review_queue import APPEAL, LOST_ORDER, QueueFilter, QueueReason
from callscore.store.review_sample import SampleFilter

__all__ = [
    "Choices",
    "DeskQueue",
    "DeskRow",
    "DeskSample",
    "day_of",
    "draw_new_sample",
    "list_calls",
    "list_choices",
    "list_sample",
]

_MOST_OWN_CALLS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A call in a list, as it stands; `seen_by` are the logins of those who reviewed it.

    In a sample `left` counts criteria that still want a verdict, None elsewhere.
    """

    call_id: str
    operator: str | None
    started_at: datetime | None
    duration_ms: int | None
    score: float | None
    reasons: tuple[QueueReason, ...]
    seen_by: tuple[str, ...]
    left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskQueue:
    """A page of a list, and how many calls it has in all."""

    rows: tuple[DeskRow, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSample:
    """The sample drawn last: a page of its calls, those to be judged first, and how many are done; None: none was drawn."""

    drawn: SampleDrawn | None
    rows: tuple[DeskRow, ...]
    total: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the queue's filters offer; rubrics and criteria with their titles."""

    operators: tuple[str, ...]
    reasons: tuple[str, ...]
    rubrics: tuple[tuple[str, str], ...]
    criteria: tuple[tuple[str, str], ...]


def list_calls(desk: Desk, viewer: Viewer, chosen: Chosen, *, page: int, per_page: int) -> DeskQueue:
    """Return a page of the queue, most urgent first; operators get their own calls, newest first.

    Raises:
        WrongInputError: if a filter is no date or no number.
    """
    if viewer.operator is not None:
        return _own_calls(desk, viewer.operator, page, per_page)
    wanted = _filter(desk, chosen, limit=per_page, offset=(page - 1) * per_page)
    with open_reader(desk.settings.db) as reader:
        tail = read_tail(reader, desk.known.journal)
        found = queue_page(reader, wanted, tail, desk.known.every(), reader.criteria())
    return DeskQueue(rows=tuple(_row(desk, item) for item in found.items), total=found.total)


def list_sample(desk: Desk, viewer: Viewer, *, page: int, per_page: int) -> DeskSample:
    """Return the sample that was drawn last, calls that are done behind the others; their order is by lot."""
    _trainers_only(desk, viewer)
    drawn = desk.sample()
    if drawn is None:
        return DeskSample(drawn=None, rows=(), total=0, done=0)
    with open_reader(desk.settings.db) as reader:
        progress = [one for one in sample_progress(reader, drawn, desk.known.every()) if not one.is_gone]
        shown = sorted(progress, key=lambda one: one.is_done)[(page - 1) * per_page : page * per_page]
        with reader.asking() as queries:
            infos = read_call_infos(queries, [one.call_id for one in shown])
    rows = tuple(
        DeskRow(
            call_id=one.call_id,
            operator=infos[one.call_id][0].operator,
            started_at=infos[one.call_id][0].started_at,
            duration_ms=infos[one.call_id][1],
            # The machine's score would tell the reviewer what to find.
            score=None,
            reasons=(),
            seen_by=_seen_by(desk, one.call_id),
            left=one.asked - one.answered,
        )
        for one in shown
        if one.call_id in infos
    )
    return DeskSample(drawn=drawn, rows=rows, total=len(progress), done=sum(one.is_done for one in progress))


def draw_new_sample(desk: Desk, viewer: Viewer, width: str, since: str, until: str) -> None:
    """Draw a new sample: `width` is half of the 95 % interval wanted, percentage points; days as people type them.

    Raises:
        WrongInputError: if a value is no number or date, or the width is not within 0.5 to 50.
        NothingToDoError: if there are no calls to draw from.
    """
    _trainers_only(desk, viewer)
    try:
        half_width = float(width.replace(",", ".")) / 100
    except ValueError:
        raise WrongInputError("error_number") from None
    if not 0.005 <= half_width <= 0.5:
        raise WrongInputError("error_number")
    calls = SampleFilter(since=day_of(desk, since), until=day_of(desk, until))
    with open_reader(desk.settings.db) as reader:
        entry = draw(reader, SampleWanted(calls=calls, half_width=half_width), who=viewer.login, now=datetime.now(UTC))
    desk.known.append(entry)


def list_choices(desk: Desk) -> Choices:
    """Return what the filters offer: criteria and rubrics once each, by their newest titles."""
    return desk.keep("choices", lambda: _ask_choices(desk))


def _ask_choices(desk: Desk) -> Choices:
    with open_reader(desk.settings.db) as reader:
        with reader.asking() as queries:
            operators, reasons = read_operators(queries), read_reasons(queries)
        rubrics = {rubric: title for (rubric, _), title in sorted(reader.rubric_titles().items())}
        criteria = {entry.criterion: desk.title(entry, entry.criterion) for _, entry in sorted(reader.criteria().items())}
    return Choices(
        operators=operators,
        reasons=(*(reason for reason in (APPEAL, LOST_ORDER) if reason not in reasons), *reasons),
        rubrics=tuple(rubrics.items()),
        criteria=tuple(sorted(criteria.items(), key=lambda item: item[1])),
    )


def _filter(desk: Desk, chosen: Chosen, *, limit: int, offset: int) -> QueueFilter:
    if chosen.severity not in {"", "1", "2", "3"}:
        raise WrongInputError("error_number")
    return QueueFilter(
        since=day_of(desk, chosen.since),
        until=day_of(desk, chosen.until),
        operator=chosen.operator or None,
        reason=chosen.reason or None,
        severity=int(chosen.severity or 1),
        criterion=chosen.criterion or None,
        rubric=chosen.rubric or None,
        is_open=chosen.unreviewed,
        big_order=desk.settings.big_order,
        limit=limit,
        offset=offset,
    )


def day_of(desk: Desk, text: str) -> datetime | None:
    """Return midnight of a day that a person typed, None for none; raises WrongInputError if it is no date."""
    try:
        return day_start(text, desk.settings.timezone)
    except (ValueError, OverflowError):
        raise WrongInputError("error_date") from None


def _row(desk: Desk, item: QueueItem) -> DeskRow:
    return DeskRow(
        call_id=item.row.call_id,
        operator=item.row.operator,
        started_at=item.row.started_at,
        duration_ms=item.row.duration_ms,
        score=next((score.score.score for score in item.scores), None),
        reasons=item.row.reasons,
        seen_by=_seen_by(desk, item.row.call_id),
    )


def _seen_by(desk: Desk, call_id: str) -> tuple[str, ...]:
    entries = desk.known.of_call(call_id)
    return tuple(dict.fromkeys(entry.who for entry in entries if isinstance(entry, CallSeen | VerdictGiven)))


def _own_calls(desk: Desk, operator: str, page: int, per_page: int) -> DeskQueue:
    with open_reader(desk.settings.db) as reader:
        calls = reader.calls(CallFilter(operator=operator, limit=_MOST_OWN_CALLS))
        by_id = {call.call_id: call for call in calls}
        shown = list(by_id.values())[(page - 1) * per_page : page * per_page]
        ids: Sequence[str] = [call.call_id for call in shown]
        scores = effective_scores(reader, ids, desk.known.every(), reader.criteria())
    rows = tuple(
        DeskRow(
            call_id=call.call_id,
            operator=call.operator,
            started_at=call.started_at,
            duration_ms=call.duration_ms,
            score=next((score.score.score for score in scores.get(call.call_id, ())), None),
            reasons=(),
            seen_by=(),
        )
        for call in shown
    )
    return DeskQueue(rows=rows, total=len(by_id))


def _trainers_only(desk: Desk, viewer: Viewer) -> None:
    if not desk.rights(viewer).corrects:
        raise NotAllowedError("error_trainers_only")
