"""Missed calls as managers read them: why and when, who talked to the clients afterwards, how long they waited. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.report.cells import count, decimal, duration, part_of, share, when
from callscore.report.labels import label
from callscore.report.text import long_duration
from callscore.report.view import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Report,
    Section,
    Unit,
    ViewOptions,
    cell,
    facts_section,
)
from callscore.store.contacts import Contacts
from callscore.store.missed import AFTERWARDS_MINUTES, MissedGroup, MissedRow, MissedTotals, Waiting

__all__ = ["MISSED_GROUPS", "MissedAnswers", "MissedNorms", "missed_report"]

MISSED_GROUPS: Final = ("reason", "hour", "line", "queue")
_MOST_ROWS: Final = 30
"""A shop may have hundreds of numbers; the list of lines is for those that matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedNorms:
    """What the numbers are told with: the service level's seconds, the days of a repeat, and the hour of the morning's end."""

    service_s: int
    repeat_days: int
    morning_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedAnswers:
    """What the store answered; `calls` are the newest missed ones."""

    calls: Sequence[MissedRow]
    waiting: Waiting
    totals: Sequence[MissedTotals]
    groups: Sequence[MissedGroup]
    contacts: Contacts


def missed_report(
    found: MissedAnswers,
    norms: MissedNorms,
    options: ViewOptions,
    *,
    by: Collection[str] = MISSED_GROUPS,
    limit: int | None = None,
) -> Report:
    """Return the missed calls: totals, what came of them, groups named in `by`, then the list cut to `limit`."""
    shown = found.calls if limit is None else found.calls[:limit]
    sections = (
        _totals(found, norms, options),
        _afterwards(found.totals, options),
        _contacts(found.contacts, norms, options),
        *(
            _group(kind, [group for group in found.groups if group.kind == kind], options)
            for kind in MISSED_GROUPS
            if kind in by
        ),
        _list(shown, options),
    )
    notes = []
    if found.totals:
        notes.append(label("m_note_after", options.language))
    if found.waiting.sources > 1:
        notes.append(label("m_note_sources", options.language, n=found.waiting.sources))
    if len(found.calls) > len(shown):
        notes.append(label("note_more", options.language, limit=len(shown)))
    return Report(sections, "missed", tuple(notes))


def _totals(found: MissedAnswers, norms: MissedNorms, options: ViewOptions) -> Section:
    waiting = found.waiting

    def add(of: str) -> int:
        return sum(getattr(total, of) for total in found.totals)

    missed = add("missed")
    facts: tuple[tuple[str, str, dict[str, object], Cell], ...] = (
        ("calls", "m_calls", {}, count(waiting.calls)),
        ("missed", "missed_calls", {}, part_of(missed, waiting.calls, options)),
        ("out_of_hours", "out_of_hours", {}, count(sum(total.missed for total in found.totals if total.out_of_hours))),
        ("called_back", "called_back", {}, part_of(add("called_back"), missed, options)),
        ("client_came_through", "came_through", {}, part_of(add("came_through"), missed, options)),
        ("tried_in_vain", "m_tried", {}, part_of(add("tried"), missed, options)),
        ("nobody_talked", "m_nobody", {}, part_of(add("nobody"), missed, options)),
        ("by_morning", "m_by_morning", {"until": norms.morning_until}, part_of(add("by_morning"), add("due"), options)),
        ("answered_median_ms", "m_answered_median", {}, duration(waiting.answered_median_ms)),
        ("answered_p90_ms", "m_answered_p90", {}, duration(waiting.answered_p90_ms)),
        ("gave_up_median_ms", "m_gave_up_median", {}, duration(waiting.gave_up_median_ms)),
        ("gave_up_p90_ms", "m_gave_up_p90", {}, duration(waiting.gave_up_p90_ms)),
        ("service_level", "m_service", {"seconds": norms.service_s}, part_of(waiting.service, waiting.service_base, options)),
    )
    named = tuple((key, label(title, options.language, **values), value) for key, title, values, value in facts)
    return facts_section("totals", label("missed", options.language), named)


def _afterwards(totals: Sequence[MissedTotals], options: ViewOptions) -> Section:
    def say(key: str, **values: object) -> str:
        return label(key, options.language, **values)

    columns = (
        Column("when", say("m_when")),
        Column("missed", say("missed_calls"), is_number=True, unit=Unit.COUNT),
        Column("clients", say("m_clients"), is_number=True, unit=Unit.COUNT),
        Column("called_back", say("m_back"), is_number=True, unit=Unit.SHARE),
        Column("came_through", say("m_came"), is_number=True, unit=Unit.SHARE),
        Column("tried", say("m_tried_short"), is_number=True, unit=Unit.SHARE),
        Column("nobody", say("m_nobody_short"), is_number=True, unit=Unit.SHARE),
        Column("median_back_ms", say("m_back_median"), is_number=True, unit=Unit.DURATION),
        *(
            Column(f"back_within_{minutes}", say("m_within", minutes=minutes), is_number=True, unit=Unit.SHARE)
            for minutes in AFTERWARDS_MINUTES
        ),
    )
    rows = tuple(
        (
            Cell(
                say("out_of_hours" if total.out_of_hours else "m_in_hours"),
                "out_of_hours" if total.out_of_hours else "in_hours",
            ),
            count(total.missed),
            count(total.clients),
            share(total.called_back / total.missed),
            share(total.came_through / total.missed),
            share(total.tried / total.missed),
            share(total.nobody / total.missed),
            Cell(long_duration(total.median_back_ms), total.median_back_ms),
            *(share(back / base if base else None) for back, base in total.back_within),
        )
        for total in totals
    )
    return Section("afterwards", say("m_afterwards"), columns, rows)


def _contacts(contacts: Contacts, norms: MissedNorms, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language, days=norms.repeat_days)

    per_call = contacts.transfers / contacts.transfer_base if contacts.transfer_base else None
    per_order = contacts.order_calls / contacts.orders if contacts.orders else None
    facts = (
        ("clients", say("m_all_clients"), count(contacts.clients)),
        ("repeat_share", say("m_repeats"), part_of(contacts.repeats, contacts.repeat_base, options)),
        ("first_contact_share", say("m_first_contact"), part_of(contacts.first_enough, contacts.first_base, options)),
        ("transferred_share", say("m_transferred"), part_of(contacts.transferred, contacts.transfer_base, options)),
        ("transfers_per_call", say("m_transfers"), decimal(per_call, 2)),
        ("calls_per_order", say("m_per_order"), decimal(per_order, 1)),
    )
    return facts_section("contacts", say("m_contacts"), facts)


def _group(kind: str, groups: Sequence[MissedGroup], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("name", say(f"m_by_{kind}")),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT, is_shown=kind != "reason"),
        Column("missed", say("missed_calls"), is_number=True, unit=Unit.COUNT),
        Column("missed_share", say("m_share"), is_number=True, unit=Unit.SHARE, is_shown=kind != "reason"),
        Column("missed_in_hours", say("m_in_hours"), is_number=True, unit=Unit.COUNT),
        Column("talked_share", say("m_talked"), is_number=True, unit=Unit.SHARE),
        Column("nobody_share", say("m_nobody_short"), is_number=True, unit=Unit.SHARE),
        Column("gave_up_ms", say("m_gave_up"), is_number=True, unit=Unit.DURATION),
    )
    rows = tuple(
        (
            _name(group, options),
            count(group.calls),
            count(group.missed),
            share(group.missed / group.calls if group.calls else None),
            count(group.missed_in_hours),
            share(group.talked / group.missed if group.missed else None),
            share(group.nobody / group.missed if group.missed else None),
            duration(group.gave_up_ms),
        )
        for group in groups[:_MOST_ROWS]
    )
    chart = Chart(kind=ChartKind.BARS, along="name", series=("missed",)) if kind == "hour" else None
    return Section(f"by_{kind}", say(f"m_title_{kind}"), columns, rows, chart=chart)


def _name(group: MissedGroup, options: ViewOptions) -> Cell:
    if group.kind == "reason" and group.name is not None:
        return Cell(label(f"missed_{group.name}", options.language), group.name)
    return Cell(f"{group.name}:00", group.name) if group.kind == "hour" and group.name else cell(group.name)


def _list(shown: Sequence[MissedRow], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("started_at", say("started"), unit=Unit.TIME),
        Column("call_id", say("call")),
        Column("did", say("fact_line")),
        Column("queue", say("fact_queue")),
        Column("client_phone", say("fact_client")),
        Column("wait_ms", say("waited"), is_number=True, unit=Unit.DURATION),
        Column("disposition", say("missed_why")),
        Column("missed_reason", "", is_shown=False),
        Column("out_of_hours", say("out_of_hours"), unit=Unit.YES_NO),
        Column("answered_at", "", is_shown=False, unit=Unit.TIME),
        Column("answered_after_ms", say("talked_after"), unit=Unit.DURATION),
        Column("answered_direction", say("talked_how")),
        Column("answered_by", say("talked_by")),
    )
    return Section("missed", say("m_list"), columns, tuple(_missed_row(call, options) for call in shown))


def _missed_row(call: MissedRow, options: ViewOptions) -> tuple[Cell, ...]:
    def say(key: str) -> str:
        return label(key, options.language)

    after = None if call.answered_at is None else round((call.answered_at - call.started_at).total_seconds() * 1000)
    return (
        when(call.started_at, options),
        cell(call.call_id),
        cell(call.did),
        cell(call.queue),
        cell(call.client_phone),
        duration(call.wait_ms),
        Cell(say(f"missed_{call.disposition}"), call.disposition),
        cell(call.missed_reason),
        Cell(say("yes") if call.out_of_hours else "", call.out_of_hours),
        when(call.answered_at, options),
        Cell(long_duration(after), after),
        Cell("" if call.answered_direction is None else say(f"talked_{call.answered_direction}"), call.answered_direction),
        cell(call.answered_by),
    )
