"""Which runs and which time a check looks at. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callscore.records import Role
from callscore.rubric.schema import Said, Window
from callscore.scoring.view import CallView, Hit, Run
from callscore.units import Span

__all__ = ["Searched", "find_said", "select_window"]

_FEW_TURNS = 3
_SENTENCE_ENDS = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Searched:
    """The runs a check looks at, and the time they stand for; a match counts if it starts inside `span`.

    `is_bound` tells that it is a certain place of the call, such as its first turns, not all that a role says.
    """

    runs: tuple[Run, ...]
    span: Span
    is_bound: bool = False


def select_window(view: CallView, roles: Sequence[Role], window: Window) -> Searched:
    """Return what `window` leaves of the call for `roles`; the span may be empty, and so may the runs."""
    runs = view.of_roles(roles)
    start, end = 0, max(view.dialogue.duration_ms, runs[-1].span.end_ms if runs else 0)
    if window.first_turns is not None and len(runs) > window.first_turns:
        runs = runs[: window.first_turns]
        end = runs[-1].span.end_ms
    if window.last_turns is not None and len(runs) > window.last_turns:
        runs = runs[-window.last_turns :]
        start = runs[0].span.start_ms
    start, end = _by_time(view, window, start, end)
    start, end = _by_events(view, window, start, end)
    span = Span(min(start, end), end)
    inside = tuple(run for run in runs if run.span.start_ms < span.end_ms and run.span.end_ms > span.start_ms)
    return Searched(inside, span, is_bound=_is_narrow(window))


def _is_narrow(window: Window) -> bool:
    """Tell whether the window is one place of the call: a few turns at an end of it, or what goes before a moment."""
    turns = window.first_turns or window.last_turns or window.until_client_turn
    return turns is not None and turns <= _FEW_TURNS


def _by_time(view: CallView, window: Window, start: int, end: int) -> tuple[int, int]:
    spoken = [run.span for run in view.runs]
    if not spoken:
        return start, end
    if window.first_ms is not None:
        end = min(end, spoken[0].start_ms + window.first_ms)
    if window.last_ms is not None:
        start = max(start, max(span.end_ms for span in spoken) - window.last_ms)
    if window.until_client_turn is not None:
        client = view.of_roles((Role.CLIENT,))
        if len(client) >= window.until_client_turn:
            end = min(end, client[window.until_client_turn - 1].span.end_ms)
    return start, end


def _by_events(view: CallView, window: Window, start: int, end: int) -> tuple[int, int]:
    """`before` ends at the first such event, `after` begins with its end; without the event nothing is cut."""
    if window.before is not None:
        end = min([end, *(event.span.start_ms for event in view.of_kind(window.before) if event.is_heard)])
    if window.after is not None:
        start = max([start, *(event.span.end_ms for event in view.of_kind(window.after)[:1] if event.is_heard)])
    return start, end


def find_said(view: CallView, said: Said, searched: Searched | None = None) -> tuple[Hit, ...]:
    """Return the matches of `said` in its window (or in `searched`), in order of time."""
    area = searched or select_window(view, said.roles, said.window)
    hits = (hit for run in area.runs for hit in view.hits(run, said.phrases))
    inside = [hit for hit in hits if area.span.start_ms <= hit.match.span.start_ms < area.span.end_ms]
    if said.is_question:
        inside = [hit for hit in inside if _is_asked(hit)]
    return tuple(sorted(inside, key=lambda hit: hit.match.span.start_ms))


def _is_asked(hit: Hit) -> bool:
    """Tell whether the sentence of a match ends with a question mark."""
    for word in hit.run.words[hit.match.last_word :]:
        if word.text.endswith(_SENTENCE_ENDS):
            return word.text.endswith("?")
    return False
