"""The morning digest: what a manager wants to know of yesterday, short enough for a phone. Pure: records to view records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from callscore.report.cells import bound, count, decimal, part_of, score, share, when
from callscore.report.form import form_of
from callscore.report.labels import flag_text, label
from callscore.report.view import Cell, Column, Report, Section, Unit, ViewOptions, cell, facts_section, in_form
from callscore.stats.levels import Level, LevelVerdict, dispersion, judge_level
from callscore.stats.usual import Usual, judge_mean
from callscore.store.entries import FeedRow, RunRow
from callscore.store.missed import MissedRow
from callscore.store.morning import WEEKS, DayFigures, Trouble, Urgent

__all__ = ["DigestOptions", "Morning", "digest_lines", "digest_report", "masked_phone"]

_SCORE_SPREAD = 1.0
_SHARE_SPREAD = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """Everything the digest is made of; `history` are the same weekdays of earlier weeks."""

    day: date
    runs: tuple[RunRow, ...]
    troubles: tuple[Trouble, ...]
    feeds: tuple[FeedRow, ...]
    figures: DayFigures
    history: tuple[DayFigures, ...]
    flags: dict[int, int]
    urgent: tuple[Urgent, ...]
    missed: tuple[MissedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOptions:
    """How many calls are named; whether phones are masked; whether what was said may be told."""

    max_rows: int
    is_masked: bool
    with_words: bool


def digest_report(morning: Morning, shown: DigestOptions, options: ViewOptions) -> Report:
    """Return the digest; sections without rows are left out."""
    changes, is_known = _changes(morning)
    sections = (
        _totals(morning, len(changes), options, is_known=is_known),
        _sources(morning.feeds, options),
        _troubles(morning.troubles, options),
        _change_section(changes, options),
        _urgent(morning.urgent[: shown.max_rows], shown, options),
        _waiting(morning.missed, shown, options),
    )
    kept = tuple(section for section in sections if section.rows)
    title = label("g_title", options.language, day=form_of(options.language).day(morning.day))
    return Report(kept, "totals", (label("g_note", options.language, weeks=WEEKS),), title=title)


def digest_lines(report: Report, options: ViewOptions) -> tuple[str, ...]:
    """Return the digest as lines of plain text, as a letter or a message holds them."""
    shown = in_form(report, form_of(options.language))
    lines = [shown.title, ""]
    for section in shown.sections:
        if section.is_facts:
            lines += [f"{title.text}: {fact.text}" for _, title, fact in section.rows]
        else:
            lines.append(f"{section.title}:")
            lines += [f"- {_line(section, row)}" for row in section.rows]
        lines.append("")
    return (*lines, *shown.notes)


def masked_phone(phone: str | None) -> str | None:
    """Return a phone number of which only the end can be recognised.

    >>> masked_phone("+79001234567")
    '+7…4567'
    """
    if phone is None:
        return None
    digits = re.sub(r"\D", "", phone)
    return f"{phone[:2] if phone.startswith('+') else ''}…{digits[-4:]}" if len(digits) > 6 else "…"


def _line(section: Section, row: Sequence[Cell]) -> str:
    return " · ".join(
        entry.text
        for entry, column in zip(row, section.columns, strict=True)
        if column.is_shown and entry.text not in ("", "-")
    )


def _totals(morning: Morning, n_changes: int, options: ViewOptions, *, is_known: bool) -> Section:
    def say(key: str, **values: object) -> str:
        return label(key, options.language, **values)

    figures = morning.figures
    facts = [("runs", say("g_runs"), _runs(morning.runs, options)), ("calls", say("g_calls"), count(figures.calls or 0))]
    if figures.score is not None:
        facts.append(("score", say("g_score"), decimal(figures.score)))
    if figures.inbound is not None:
        back = sum(row.answered_at is not None and row.answered_direction != "inbound" for row in morning.missed)
        came = sum(row.answered_at is not None and row.answered_direction == "inbound" for row in morning.missed)
        facts += [
            ("inbound", say("g_inbound"), count(figures.inbound)),
            ("missed", say("g_missed"), count(len(morning.missed))),
            ("called_back", say("g_called_back"), count(back)),
            ("came_through", say("g_came"), count(came)),
            ("open", say("g_open"), count(len(morning.missed) - back - came)),
        ]
        if figures.answered:
            facts.append(("ordered", say("g_same_day"), part_of(figures.ordered, figures.answered, options)))
    facts.append(("flags_today", say("g_flags"), count(morning.flags.get(3, 0))))
    facts.append(("flags_week", say("g_flags_week"), count(morning.flags.get(2, 0))))
    if not n_changes:
        facts.append(("usual", say("g_usual"), cell(say("g_nothing" if is_known else "g_too_new"))))
    return facts_section("totals", say("g_totals"), tuple(facts))


def _runs(runs: Sequence[RunRow], options: ViewOptions) -> Cell:
    if not runs:
        return Cell(label("g_no_run", options.language), "none", "fail")
    texts = [
        label(
            "g_run",
            options.language,
            status=label(f"run_{run.status}", options.language),
            done=run.done or 0,
            failed=run.failed or 0,
        )
        for run in runs[:3]
    ]
    is_fine = all(run.status == "done" and not run.failed for run in runs)
    return Cell("; ".join(texts), "; ".join(run.status for run in runs), "" if is_fine else "fail")


def _sources(feeds: Sequence[FeedRow], options: ViewOptions) -> Section:
    columns = (
        Column("source", label("source", options.language)),
        Column("covered_until", label("h_covered", options.language), unit=Unit.TIME),
        Column("error", label("h_error", options.language)),
    )
    rows = tuple((cell(feed.source), when(feed.covered_until, options), cell(feed.error)) for feed in feeds if feed.error)
    return Section("sources", label("g_sources", options.language), columns, rows)


def _troubles(troubles: Sequence[Trouble], options: ViewOptions) -> Section:
    columns = (
        Column("failures", label("g_n_recordings", options.language), is_number=True, unit=Unit.COUNT),
        Column("code", "", is_shown=False, unit=Unit.COUNT),
        Column("message", label("message", options.language)),
    )
    rows = tuple((count(trouble.count), count(trouble.code), cell(trouble.message)) for trouble in troubles[:3])
    return Section("failures", label("g_troubles", options.language), columns, rows)


def _changes(morning: Morning) -> tuple[list[tuple[str, Usual | Level]], bool]:
    """Return what is beyond chance, and whether there are enough weeks to tell at all."""
    now, past = morning.figures, morning.history
    found: list[tuple[str, Usual | Level | None]] = []
    for key, value in (("g_inbound", now.inbound), ("g_calls", now.calls if now.inbound is None else None)):
        counts = [n for day in past if (n := day.inbound if key == "g_inbound" else day.calls) is not None]
        if value is not None:
            level = judge_level(value, counts, dispersion([counts]))
            found.append((key, None if level.verdict is LevelVerdict.NEW else level))
    if now.score is not None:
        found.append(("g_score", judge_mean(now.score, [day.score for day in past if day.score is not None], _SCORE_SPREAD)))
    if now.answered:
        shares = [day.ordered / day.answered for day in past if day.answered]
        # The share of a single day is no surer than its number of calls allows.
        middle = sum(shares) / len(shares) if shares else 0.0
        spread = max(_SHARE_SPREAD, (middle * (1 - middle) / now.answered) ** 0.5)
        found.append(("g_same_day", judge_mean(now.ordered / now.answered, shares, spread)))
    odd = [(key, judged) for key, judged in found if judged is not None and _is_beyond(judged)]
    return odd, any(judged is not None for _, judged in found)


def _is_beyond(judged: Usual | Level) -> bool:
    if isinstance(judged, Usual):
        return judged.is_beyond
    return judged.verdict in (LevelVerdict.FEWER, LevelVerdict.MORE, LevelVerdict.SILENT)


def _change_section(changes: Sequence[tuple[str, Usual | Level]], options: ViewOptions) -> Section:
    columns = (
        Column("figure", label("g_what", options.language)),
        Column("now", label("g_now", options.language), is_number=True, unit=Unit.NUMBER),
        Column("usual", label("g_before", options.language), is_number=True, unit=Unit.NUMBER),
        Column("low", "", is_shown=False, unit=Unit.NUMBER),
        Column("high", "", is_shown=False, unit=Unit.NUMBER),
    )
    rows = tuple(_change(key, judged, options) for key, judged in changes)
    return Section("changes", label("g_changes", options.language), columns, rows)


def _change(key: str, judged: Usual | Level, options: ViewOptions) -> tuple[Cell, ...]:
    name = Cell(label(key, options.language), key.removeprefix("g_"))
    if isinstance(judged, Level):
        figures = (count(judged.count), decimal(judged.usual, 0), bound(judged.low), bound(judged.high))
    elif key == "g_score":
        figures = (decimal(judged.value), decimal(judged.usual), bound(judged.low), bound(judged.high))
    else:
        figures = (share(judged.value), share(judged.usual), bound(judged.low), bound(judged.high))
    return (name, *figures)


def _urgent(urgent: Sequence[Urgent], shown: DigestOptions, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("severity", say("severity")),
        Column("operator", say("operator")),
        Column("started_at", say("started"), unit=Unit.TIME),
        Column("reason", say("reason")),
        Column("detail", say("detail"), is_shown=shown.with_words),
        Column("score", say("score"), is_number=True, unit=Unit.SCORE),
        Column("call_id", say("call")),
    )
    rows = tuple(
        (
            Cell(say(f"severity_{call.severity}"), call.severity),
            cell(call.operator),
            when(call.started_at, options),
            Cell(flag_text(call.reason, options.language), call.reason),
            cell(call.detail if shown.with_words else None),
            score(call.score, None, None),
            cell(_call_id(call, shown)),
        )
        for call in urgent
    )
    return Section("urgent", say("g_urgent"), columns, rows)


def _call_id(call: Urgent, shown: DigestOptions) -> str:
    """Return the id of a call; where file names became ids they may hold the client's number."""
    digits = re.sub(r"\D", "", call.client_phone or "")[-10:]
    if shown.is_masked and len(digits) == 10:
        return call.call_id.replace(digits, f"…{digits[-4:]}")
    return call.call_id


def _waiting(missed: Sequence[MissedRow], shown: DigestOptions, options: ViewOptions) -> Section:
    columns = (
        Column("started_at", label("started", options.language), unit=Unit.TIME),
        Column("did", label("fact_line", options.language)),
        Column("client_phone", label("fact_client", options.language)),
    )
    latest: dict[str, MissedRow] = {}
    for row in missed:
        if row.answered_at is None and row.client_phone:
            latest.setdefault(row.client_phone, row)
    rows = tuple(
        (when(row.started_at, options), cell(row.did), cell(masked_phone(phone) if shown.is_masked else phone))
        for phone, row in list(latest.items())[: shown.max_rows]
    )
    return Section("waiting", label("g_waiting", options.language), columns, rows)
