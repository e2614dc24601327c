"""Missed calls, lines and orders as managers read them. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.report.labels import label
from callscore.report.text import local_time, long_duration, minutes, percent
from callscore.report.view import Cell, Column, Report, Section, ViewOptions, cell, facts_section
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
        ("missed", say("missed_calls"), Cell(str(len(shown)), len(shown))),
        ("out_of_hours", say("out_of_hours"), _count(sum(call.out_of_hours for call in shown))),
        ("called_back", say("called_back"), _share(len(back), len(shown), options)),
        ("client_came_through", say("came_through"), _share(len(again), len(shown), options)),
        ("nobody_talked", say("nobody_talked"), _share(len(shown) - len(back) - len(again), len(shown), options)),
    )
    columns = (
        Column("started_at", say("started")),
        Column("call_id", say("call")),
        Column("did", say("fact_line")),
        Column("queue", say("fact_queue")),
        Column("client_phone", say("fact_client")),
        Column("wait_ms", say("waited"), is_number=True),
        Column("disposition", say("missed_why")),
        Column("missed_reason", "", is_shown=False),
        Column("out_of_hours", say("out_of_hours")),
        Column("answered_at", say("talked_after")),
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
        Column("created_at", say("created")),
        Column("outcome_id", say("order")),
        Column("source", say("source")),
        Column("outcome", say("outcome")),
        Column("status", say("status")),
        Column("amount", say("amount"), is_number=True),
        Column("currency", "", is_shown=False),
        Column("operator", say("responsible")),
        Column("closed_at", say("closed")),
        Column("call_id", say("call")),
        Column("rule", say("join_rule")),
        Column("certainty", say("certainty")),
    )
    rows = tuple(_outcome_row(order, options) for order in shown)
    matched = sum(order.call_id is not None for order in shown)
    facts: tuple[tuple[str, str, Cell], ...] = (
        ("orders", say("orders"), _count(len(shown))),
        ("matched", say("matched"), _share(matched, len(shown), options)),
        *(
            (f"no_call_{rule}", say(f"rule_{rule}"), _count(sum(order.rule == rule for order in shown)))
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
        Cell(local_time(call.started_at, options.timezone), call.started_at.isoformat()),
        cell(call.call_id),
        cell(call.did),
        cell(call.queue),
        cell(call.client_phone),
        Cell(minutes(call.wait_ms), call.wait_ms),
        Cell(say(f"missed_{call.disposition}"), call.disposition),
        cell(call.missed_reason),
        Cell(say("yes") if call.out_of_hours else "", call.out_of_hours),
        Cell(long_duration(after), None if call.answered_at is None else call.answered_at.isoformat()),
        Cell("" if call.answered_direction is None else say(f"talked_{call.answered_direction}"), call.answered_direction),
        cell(call.answered_by),
    )


def _line_section(kind: str, lines: Sequence[LineRow], options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("name", say("fact_line" if kind == "line" else "origin")),
        Column("calls", say("n_calls"), is_number=True),
        Column("answered", say("answered"), is_number=True),
        Column("missed", say("missed_in_hours"), is_number=True),
        Column("missed_out_of_hours", say("missed_out_of_hours"), is_number=True),
        Column("median_wait_ms", say("median_wait"), is_number=True),
        Column("orders", say("orders"), is_number=True),
        Column("won", say("won"), is_number=True),
        Column("amount", say("amount"), is_number=True),
    )
    rows = tuple(
        (
            cell(line.name),
            _count(line.calls),
            Cell(label("share_of", options.language, share=percent(line.answered, line.calls), base=line.calls), line.answered),
            _count(line.missed),
            _count(line.missed_out_of_hours),
            Cell(minutes(line.median_wait_ms), line.median_wait_ms),
            _count(line.orders),
            _count(line.won),
            Cell(_amount(line.amount), line.amount),
        )
        for line in lines
    )
    return Section(kind, say("lines" if kind == "line" else "origins"), columns, rows)


def _outcome_row(order: OutcomeRow, options: ViewOptions) -> tuple[Cell, ...]:
    def say(key: str, value: str | None) -> Cell:
        return Cell("-" if value is None else label(f"{key}_{value}", options.language), value)

    money = "-" if order.amount is None else f"{_amount(order.amount)} {order.currency or ''}".strip()
    return (
        Cell(local_time(order.created_at, options.timezone), order.created_at.isoformat() if order.created_at else None),
        Cell(order.number or order.outcome_id, order.outcome_id),
        cell(order.source),
        say("outcome", order.outcome),
        cell(order.status),
        Cell(money, order.amount),
        cell(order.currency),
        cell(order.operator),
        Cell(local_time(order.closed_at, options.timezone), order.closed_at.isoformat() if order.closed_at else None),
        cell(order.call_id),
        say("rule", order.rule),
        say("certainty", order.certainty),
    )


def _amount(value: float) -> str:
    """Return a sum of money with blanks between thousands, as it is written in Russian."""
    return f"{value:,.0f}".replace(",", "\u00a0")


def _count(value: int) -> Cell:
    return Cell(str(value), value)


def _share(part: int, whole: int, options: ViewOptions) -> Cell:
    text = label("share_of", options.language, share=percent(part, whole), base=whole) if whole else "0"
    return Cell(text, part)
