"""Missed calls, lines and orders as managers read them. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.report.cells import count, duration, money, when
from callscore.report.form import Form
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
    figure,
)
from callscore.store.telephony import LineRow, MissedRow, OutcomeRow

__all__ = ["lines_report", "missed_report", "outcomes_report"]


def missed_report(calls: Sequence[MissedRow], options: ViewOptions, *, limit: int | None = None) -> Report:
    """Return the missed calls with who talked to the client afterwards; `limit` says how many of `calls` to show."""

    def say(key: str) -> str:
        return label(key, options.language)

    shown = calls if limit is None else calls[:limit]
    back = [call for call in shown if call.answered_at is not None and call.answered_direction != "inbound"]
    again = [call for call in shown if call.answered_direction == "inbound"]
    facts = (
        ("missed", say("missed_calls"), count(len(shown))),
        ("out_of_hours", say("out_of_hours"), count(sum(call.out_of_hours for call in shown))),
        ("called_back", say("called_back"), _share(len(back), len(shown), options)),
        ("client_came_through", say("came_through"), _share(len(again), len(shown), options)),
        ("nobody_talked", say("nobody_talked"), _share(len(shown) - len(back) - len(again), len(shown), options)),
    )
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
    rows = tuple(_missed_row(call, options) for call in shown)
    notes = (label("note_more", options.language, limit=len(shown)),) if len(calls) > len(shown) else ()
    sections = (facts_section("totals", say("missed"), facts), Section("missed", say("missed"), columns, rows))
    return Report(sections, "missed", notes)


def lines_report(lines: Sequence[LineRow], options: ViewOptions) -> Report:
    """Return the lines that were called and the advertising sources, with missed calls and orders."""
    sections = tuple(
        _line_section(kind, [line for line in lines if line.kind == kind], options)
        for kind in ("line", "origin")
        if kind == "line" or any(line.kind == kind for line in lines)
    )
    return Report(sections, "line", (label("note_lines", options.language),))


def outcomes_report(orders: Sequence[OutcomeRow], options: ViewOptions, *, limit: int | None = None) -> Report:
    """Return the orders with the calls that led to them, and why none did."""

    def say(key: str) -> str:
        return label(key, options.language)

    shown = orders if limit is None else orders[:limit]
    columns = (
        Column("created_at", say("created"), unit=Unit.TIME),
        Column("outcome_id", say("order")),
        Column("source", say("source")),
        Column("outcome", say("outcome")),
        Column("status", say("status")),
        Column("amount", say("amount"), is_number=True, unit=Unit.MONEY),
        Column("currency", "", is_shown=False),
        Column("operator", say("responsible")),
        Column("closed_at", say("closed"), unit=Unit.TIME),
        Column("call_id", say("call")),
        Column("rule", say("join_rule")),
        Column("certainty", say("certainty")),
    )
    rows = tuple(_outcome_row(order, options) for order in shown)
    matched = sum(order.call_id is not None for order in shown)
    facts: tuple[tuple[str, str, Cell], ...] = (
        ("orders", say("orders"), count(len(shown))),
        ("matched", say("matched"), _share(matched, len(shown), options)),
        *(
            (f"no_call_{rule}", say(f"rule_{rule}"), count(sum(order.rule == rule for order in shown)))
            for rule in ("no_phone", "no_call", "other_order")
        ),
    )
    notes = (label("note_more", options.language, limit=len(shown)),) if len(orders) > len(shown) else ()
    sections = (facts_section("totals", say("orders"), facts), Section("outcomes", say("orders"), columns, rows))
    return Report(sections, "outcomes", notes)


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


def _line_section(kind: str, lines: Sequence[LineRow], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("name", say("fact_line" if kind == "line" else "origin")),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("answered", say("answered"), is_number=True, unit=Unit.COUNT),
        Column("missed", say("missed_in_hours"), is_number=True, unit=Unit.COUNT),
        Column("missed_out_of_hours", say("missed_out_of_hours"), is_number=True, unit=Unit.COUNT),
        Column("median_wait_ms", say("median_wait"), is_number=True, unit=Unit.DURATION),
        Column("orders", say("orders"), is_number=True, unit=Unit.COUNT),
        Column("won", say("won"), is_number=True, unit=Unit.COUNT),
        Column("amount", say("amount"), is_number=True, unit=Unit.MONEY),
    )
    rows = tuple(
        (
            cell(line.name),
            count(line.calls),
            _share(line.answered, line.calls, options),
            count(line.missed),
            count(line.missed_out_of_hours),
            duration(line.median_wait_ms),
            count(line.orders),
            count(line.won),
            money(line.amount),
        )
        for line in lines
    )
    chart = Chart(kind=ChartKind.BARS, along="name", series=("answered", "missed", "missed_out_of_hours"))
    return Section(kind, say("lines" if kind == "line" else "origins"), columns, rows, chart=chart)


def _outcome_row(order: OutcomeRow, options: ViewOptions) -> tuple[Cell, ...]:
    def say(key: str, value: str | None) -> Cell:
        return Cell("-" if value is None else label(f"{key}_{value}", options.language), value)

    return (
        when(order.created_at, options),
        Cell(order.number or order.outcome_id, order.outcome_id),
        cell(order.source),
        say("outcome", order.outcome),
        cell(order.status),
        money(order.amount, order.currency),
        cell(order.currency),
        cell(order.operator),
        when(order.closed_at, options),
        cell(order.call_id),
        say("rule", order.rule),
        say("certainty", order.certainty),
    )


def _share(part: int, whole: int, options: ViewOptions) -> Cell:
    """Return a number of calls or orders as a share of all; the value is the number."""

    def write(form: Form) -> str:
        return label("share_of", options.language, share=form.percent(part / whole), base=form.number(whole))

    return figure(part, write) if whole else count(part)
