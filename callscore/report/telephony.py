"""Orders as managers read them. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.report.cells import count, money, when
from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.view import (
    Cell,
    Column,
    Report,
    Section,
    Unit,
    ViewOptions,
    cell,
    facts_section,
    figure,
)
from callscore.store.telephony import OutcomeRow

__all__ = ["outcomes_report"]


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
